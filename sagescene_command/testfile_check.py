"""A look at the test files of a set before it is dropped: no job reads them, but its model is evaluated on them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from sagescene.dataset import StoredObject
from sagescene.files import recordscan
from sagescene.files.recordimages import TRAINED_AS_GREY, TRAINING_FAILS
from sagescene.findings import Finding, Severity


class LookAtTests(NamedTuple):
    """How many images there are to test with, as far as the files can be read, and what is wrong with the files."""

    images: int
    findings: tuple[Finding, ...]


def look_at_tests(tests: Iterable[StoredObject], read: Callable[[StoredObject], Iterable[bytes]]) -> LookAtTests:
    """Read test files to their ends."""
    summaries = [recordscan.scan(read(stored), file=stored.key, complete=False) for stored in tests]
    found = (finding for summary in summaries for finding in summary.findings)
    return LookAtTests(images=sum(summary.records for summary in summaries), findings=tuple(map(as_warning, found)))


def as_warning(finding: Finding) -> Finding:
    """Give what was found in a test file as what it is to the set: nothing that keeps a job from being started."""
    message = finding.message.replace(TRAINING_FAILS, "").replace(TRAINED_AS_GREY, "")
    if finding.severity is not Severity.ERROR:
        return replace(finding, message=message)
    message = f"{message.removesuffix('.')}; no job reads this file, but its model is tested on it."
    return replace(finding, severity=Severity.WARNING, message=message)
