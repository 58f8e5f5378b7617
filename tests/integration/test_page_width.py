"""Pages on a phone and on a desk: nothing of them lies beside the screen, and no table is cut."""

import shutil
import subprocess
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from sagescene.files.classnames import ClassNames
from sagescene.messages import page
from sagescene_evaluation import page as evaluation_page
from sagescene_evaluation.evaluation import EvaluatedFile
from tests.unit.evaluation.test_document import balanced, evaluate
from tests.unit.messages.test_report_page import SOUND

CHROMIUM = shutil.which("chromium")
PHONE = 360  # pixels
UNBROKEN = {label: f"Antennaria_microphylla_subspecies_rosea_{label:02}" for label in range(45)}
# Cells with words that reach out of the box in which their table is shown.
CUT = """[...shown.querySelectorAll('.scroll :is(th, td)')].filter(cell => cell.innerText.trim()).filter(cell => {
  const text = shown.createRange();
  text.selectNodeContents(cell);
  const [within, box] = [text.getBoundingClientRect(), cell.closest('.scroll').getBoundingClientRect()];
  return within.left < box.left - 1 || within.right > box.right + 1 || within.top < box.top - 1;
}).length"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH")


def measure(content: str, width: int, expression: str, folder: Path) -> int:
    """Give what an expression comes to in a page, `shown`, of a width in pixels."""
    frame = f'<iframe width="{width}" height="900" srcdoc="{escape(content)}"></iframe>'
    script = (
        f"onload = () => {{ const shown = document.querySelector('iframe').contentDocument; "
        f"document.title = {expression} }}"
    )
    (folder / "frame.html").write_text(f"{frame}<script>{script}</script>")
    browser = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={folder}/p"]
    shown = subprocess.run(
        [*map(str, browser), (folder / "frame.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(shown.stdout.partition("<title>")[2].partition("<")[0])


def test_a_page_is_no_wider_than_a_phone(tmp_path: Path) -> None:
    names = ClassNames(source="classes.txt", names={0: "a-rather-long-name-of-a-class", 1: "another " * 9})
    content = page.render(replace(SOUND, class_names=names))
    assert 0 < measure(content, PHONE, "shown.documentElement.scrollWidth", tmp_path) <= PHONE


@pytest.mark.parametrize("width", [400, 1200])
def test_no_table_of_an_evaluation_is_cut_by_names_without_blanks(width: int, tmp_path: Path) -> None:
    artifact = EvaluatedFile("models/sagescene--pets--0123456789ab/output/model.tar.gz", f'"{32 * "0"}"')
    names = ClassNames.of(UNBROKEN, "classes.txt")
    few = evaluate(balanced(400, 60), class_names=names, artifact=artifact)
    many = replace(few, classes=45, pairs=tuple((label, label + 1, 2) for label in range(20)))
    many = replace(many, paths={(0, image): f"{UNBROKEN[3]}/{image:04}.jpg" for image in range(400)})
    for evaluation, kind in ((few, "matrix named"), (many, "pairs")):
        content = evaluation_page.render(evaluation)
        assert f'class="{kind}"' in content
        assert 'class="doubtful"' in content
        assert measure(content, width, CUT, tmp_path) == 0
