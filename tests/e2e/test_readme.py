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


def looks_like(shown: str, printed: str) -> bool:
    """Tell whether a line is the one that is shown, in which dots stand for what is left out."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), printed) is not None


def test_the_run_that_the_readme_shows_is_what_a_person_sees(tmp_path: Path) -> None:
    shown = (ROOT / "README.md").read_text().partition("```text\n")[2].partition("```")[0]
    command: list[str | Path] = [SAGESCENE, "run", "--save", tmp_path / "run"]  # as `make run` has it
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    printed = iter(mask(done.stdout))
    # Of an iterator each line is taken once: the order counts, too.
    missing = [line for line in mask(shown) if not any(looks_like(line, other) for other in printed)]
    assert missing == [], done.stdout
