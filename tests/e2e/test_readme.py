"""The README shows what `make run` prints, but for times, accuracies and names that a run makes up."""

import re
import subprocess
import sys
from pathlib import Path

from tests.stack_template import ROOT

SAGESCENE = Path(sys.executable).with_name("sagescene")


def mask(output: str) -> list[str]:
    """Give the lines with their numbers and fingerprints masked, and blanks between words made one."""
    masked = re.sub(r"\d+(\.\d+)?", "0", re.sub(r"--[0-9a-f]{12,30}\b", "--fingerprint", output))
    return [" ".join(line.split()) for line in masked.splitlines()]


def test_the_run_that_the_readme_shows_is_what_a_person_sees() -> None:
    shown = (ROOT / "README.md").read_text().partition("```text\n")[2].partition("```")[0]
    done = subprocess.run([SAGESCENE, "run"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    printed = iter(mask(done.stdout))
    missing = [line for line in mask(shown) if line not in printed]  # an iterator: the order counts, too
    assert missing == [], done.stdout
