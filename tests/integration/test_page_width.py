"""The page of a report on a phone: nothing of it lies beside the screen."""

import shutil
import subprocess
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from sagescene.files.classnames import ClassNames
from sagescene.messages import page
from tests.unit.messages.test_report_page import SOUND

CHROMIUM = shutil.which("chromium")
PHONE = 360  # pixels


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH")
def test_a_page_is_no_wider_than_a_phone(tmp_path: Path) -> None:
    names = ClassNames(source="classes.txt", names={0: "a-rather-long-name-of-a-class", 1: "another " * 9})
    content = escape(page.render(replace(SOUND, class_names=names)))
    frame = f'<iframe width="{PHONE}" height="900" srcdoc="{content}"></iframe>'
    measure = "document.title = document.querySelector('iframe').contentDocument.documentElement.scrollWidth"
    (tmp_path / "phone.html").write_text(f"{frame}<script>onload = () => {{ {measure} }}</script>")
    browser = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={tmp_path}/p"]
    shown = subprocess.run(
        [*map(str, browser), (tmp_path / "phone.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    width = int(shown.stdout.partition("<title>")[2].partition("<")[0])
    assert 0 < width <= PHONE
