"""Writes `docs/findings.md`, the page of everything that can be found in a data set, from the codes themselves."""

from collections.abc import Iterator
from pathlib import Path

from sagescene.findings import Code, Family

PAGE = Path(__file__).parents[1] / "docs/findings.md"
INTRODUCTION = """\
# Findings

<!-- Written by `make findings` from layers/core/sagescene/findings.py. -->

What can be found in a data set before a job is paid for. An error stops the job (a missing file delays it), a warning
does not. The code is the same in reports, logs and the metric `DatasetRefused`; each finding adds the place, one
sentence and a remedy. What is marked as a judgement can be accepted, by `"accept": ["code"]` in `training.json`, and
then is a warning.
"""


def render_page() -> str:
    """Return the page's text: a table for each family."""
    return "\n".join([INTRODUCTION, *("\n".join(_render_family(family)) for family in Family)])


def _render_family(family: Family) -> Iterator[str]:
    yield from (f"## {family}", "", "| code | severity | what it means |", "|---|---|---|")
    for code in (code for code in Code if code.family is family):
        yield f"| `{code}` | {code.severity}{' (judgement)' * code.is_judgement} | {code.meaning} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
