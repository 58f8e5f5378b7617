"""Writes `docs/troubleshooting.md`, what AWS says when there is no model and what to do, from the code's own tables.

The examples are the texts of public reports by which tests reach every row.
"""

import re
import runpy
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from textwrap import shorten
from typing import Any

from sagescene.jobs import failures, refusals
from sagescene.triggers import WaitCause
from sagescene.workflow import waits

ROOT = Path(__file__).parents[1]
FAILURE_REASONS = ROOT / "tests/unit/jobs/test_failures.py"
REFUSED_REQUESTS = ROOT / "tests/unit/jobs/test_refusals.py"
LONGEST_CELL = 240
TYPE_WITH_DISKS = "ml.g4dn.xlarge"
PAGE = ROOT / "docs/troubleshooting.md"
INTRODUCTION = """\
# Troubleshooting

<!-- Written by `make docs` from layers/core/sagescene/jobs/failures.py and refusals.py, and their tests. -->

Why a sound data set has no model: look for the words of the notice, of the job's `FailureReason` in the console, or of
`sagescene status SET`. The cause is the one that notices, outcomes and the metric `TrainingFailed` name. What is wrong
with the files themselves is in [findings](findings.md); alarms are in [operations](operations.md).
"""


def render_page() -> str:
    """Return the page's text: failed jobs, stopped ones, refused requests and waits that lasted too long."""
    return "\n".join(
        [
            INTRODUCTION,
            *_render_failures(),
            *_render_stops(),
            *_render_refusals(),
            *_render_waits(),
        ]
    )


def _render_failures() -> Iterator[str]:
    said = [reason for reason, _ in _read_cases(FAILURE_REASONS, "test_a_failure_reason_is_explained") if reason]
    yield from _begin(
        "A training job failed",
        "What finds no capacity is tried on the next of the stack's `InstanceTypes`, `MaxCapacityTries` times at\n"
        "most; nothing else is tried again by itself. The job's own log is `sagescene logs JOB`.",
        ("FailureReason, for example", "cause", "what to do"),
    )
    for failure in [*(failure for _, failure in failures._KNOWN), failures._UNKNOWN]:
        example = next((reason for reason in said if failures.explain_failure(reason) is failure), None)
        if example is None:
            raise LookupError(f"No case of {FAILURE_REASONS.name} reaches this row: {failure.remedy}")
        yield _row(example, failure.cause, failure.remedy)
        with_disks = failures.explain_failure(example, TYPE_WITH_DISKS)
        if with_disks is not failure:
            yield _row("the same, of a type with disks of its own: g4dn, g5", with_disks.cause, with_disks.remedy)
    yield ""


def _render_stops() -> Iterator[str]:
    yield from _begin(
        "A training job was stopped",
        "What it learned until then is not made into a model.",
        ("SecondaryStatus", "cause", "what to do"),
    )
    stops = [
        *((f"`{status}`", failure) for status, failure in failures._STOPPED.items()),
        ("`MaxWaitTimeExceeded` before it had instances: a lack of capacity", failures._NO_SPOT_INSTANCES),
        ("`Stopped`", failures._STOPPED_BY_A_PERSON),
    ]
    for status, failure in stops:
        yield _row(status, failure.cause, failure.remedy)
    yield ""


def _render_refusals() -> Iterator[str]:
    test = "test_a_refusal_is_told_by_its_code_and_where_that_means_several_things_by_its_words"
    faults = [fault for fault, *_ in _read_cases(REFUSED_REQUESTS, test)]
    yield from _begin(
        "SageMaker refused to start the job or to make the model",
        "Any other answer, such as `InternalFailure`, is AWS's own fault and is waited out.",
        ("SageMaker's answer, for example", "cause", "what to do", "the stack"),
    )
    for kind in refusals._KINDS:
        remedy = re.escape(kind.remedy).replace(re.escape("{quota}"), ".+")
        shown = (
            (fault, refusal)
            for fault in faults
            if (refusal := refusals.explain_refusal(fault.code, fault.message))
            and re.fullmatch(remedy, refusal.failure.remedy)
        )
        fault, refusal = next(shown, (None, None))
        if fault is None or refusal is None:
            raise LookupError(f"No case of {REFUSED_REQUESTS.name} reaches this row: {kind.remedy}")
        if refusal.waits_for:
            meanwhile = f"waits ({refusal.waits_for})"
        else:
            meanwhile = "tries the next of its InstanceTypes" if refusal.is_of_type else "gives up"
        yield _row(f"`{fault.code}`: {fault.message}", refusal.failure.cause, refusal.failure.remedy, meanwhile)
    yield ""


def _render_waits() -> Iterator[str]:
    chain, service = _hours(waits.LONGEST_CHAIN), _hours(waits.longest(WaitCause.SERVICE))
    upload, files = _hours(waits.LONGEST_UPLOAD), _hours(waits.longest(WaitCause.FILES))
    yield from _begin(
        "A wait lasted too long",
        f"""\
The set is given up with a notice; drop it again, or run `sagescene start SET`, when the cause is mended. Waits that
follow each other, whatever they are for, end after {waits.MOST_HOPS:,} messages or {chain} in all. What ends otherwise:

- An upload that nobody completes counts for {upload}; then the set is judged without it.
- A set that lacks files is reminded of after {files}, and trained on when they come.
- For capacity there are `MaxCapacityTries` tries.
- AWS's own faults are waited out for {service}. Then the queue tries a few times more and gives the upload to its
  dead letters: an alarm says so, and `sagescene redrive` brings it back.""",
        ("what was waited for", "how long at most", "cause", "what to do"),
    )
    for cause, failure in failures.WAITED_TOO_LONG.items():
        longest = chain if cause is WaitCause.FILES else _hours(waits.longest(cause))
        yield _row(cause.value, longest, failure.cause, failure.remedy)
    yield ""


def _hours(duration: timedelta) -> str:
    return f"{duration / timedelta(hours=1):g} h"


def _begin(heading: str, introduction: str, columns: tuple[str, ...]) -> Iterator[str]:
    yield from (f"## {heading}", "", introduction, "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|")


def _row(*cells: str) -> str:
    return f"| {' | '.join(shorten(cell, LONGEST_CELL, placeholder=' …').replace('|', '\\|') for cell in cells)} |"


def _read_cases(module: Path, test: str) -> Iterable[tuple[Any, ...]]:
    # Run by its path: libraries have packages named tests, too.
    function: Callable[..., None] = runpy.run_path(str(module))[test]
    (parametrize,) = function.pytestmark  # type: ignore[attr-defined]
    cases: Iterable[tuple[Any, ...]] = parametrize.args[1]
    return cases


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
