"""Writes `docs/findings.md`, the page of everything that can be found in a data set, from the codes themselves.

The examples are what the code says of the small faulty sets by which tests reach every code.
"""

import runpy
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sagescene.finding_codes import Code, Family
from sagescene.findings import Finding

ROOT = Path(__file__).parents[1]
FAULTY_SETS = ROOT / "tests/unit/preflight/test_examination.py"
DAMAGED_IMAGES = ROOT / "tests/unit/command/test_decode.py"
PAGE = ROOT / "docs/findings.md"
INTRODUCTION = """\
# Findings

<!-- Written by `make findings` from sagescene/finding_codes.py and tests/unit/preflight/test_examination.py. -->

What can be found in a data set before a job is paid for. An error stops the job (a missing file delays it), a warning
does not. The code is the same in reports, logs and the metric `DatasetRefused`; each finding adds the place, one
sentence and a remedy. What is marked as a judgement can be accepted, by `"accept": ["code"]` in `training.json`, and
then is a warning. The examples are of small sets, as the stack and `sagescene check` tell them.
"""


def render_page() -> str:
    """Return the page's text: every code with its meaning and an example, family by family."""
    # Run by their paths: libraries have packages named tests, too.
    cases = runpy.run_path(str(FAULTY_SETS))["CASES"]
    damages = runpy.run_path(str(DAMAGED_IMAGES))["find_each_damage"]()
    examples = {code: _find_example(code, cases[code]().report.findings if code in cases else damages) for code in Code}
    return "\n".join([INTRODUCTION, *("\n".join(_render_family(family, examples)) for family in Family)])


def _render_family(family: Family, examples: Mapping[Code, Finding]) -> Iterator[str]:
    yield from (f"## {family}", "")
    for code in (code for code in Code if code.family is family):
        finding = examples[code]
        place = ", ".join(part for part in (finding.file.rpartition("/")[2], finding.where) if part)
        yield from (
            f"### `{code}`",
            "",
            f"*{code.severity}{' (judgement)' * code.is_judgement}.* {code.meaning}",
            "",
            f"> {f'{place}: ' * bool(place)}{_show(finding.message)}<br>**What to do:** {_show(finding.remedy)}",
            "",
        )


def _find_example(code: Code, findings: Iterable[Finding]) -> Finding:
    return next(finding for finding in findings if finding.code == code)


def _show(text: str) -> str:
    return text.replace("datasets/pets/", "").replace("<", "\\<").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
