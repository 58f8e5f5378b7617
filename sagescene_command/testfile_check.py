"""A look at the test files of a set before it is dropped: no job reads them, but its model is evaluated on them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from sagescene.dataset import StoredObject
from sagescene.files import listrows, lists, recordscan
from sagescene.files.classnames import ClassNames
from sagescene.files.recordimages import TRAINED_AS_GREY, TRAINING_FAILS
from sagescene.findings import Finding, Severity
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.reading import Reader


class LookAtTests(NamedTuple):
    """How many images there are to test with, as far as the files can be read, and what is wrong with the files."""

    images: int
    findings: tuple[Finding, ...]


def look_at_tests(
    tests: Iterable[StoredObject], objects: Iterable[StoredObject], reader: Reader, names: ClassNames
) -> LookAtTests:
    """Read test files to their ends, each held against the list beside it; `names` are those of the classes."""
    by_key = {stored.key: stored for stored in objects}
    looked_at = [_look_at(each, by_key.get(each.key.removesuffix(".rec") + ".lst"), reader, names) for each in tests]
    found = (finding for files in looked_at for finding in files.findings())
    return LookAtTests(images=sum(files.records.records for files in looked_at), findings=tuple(map(as_warning, found)))


def _look_at(records: StoredObject, listed: StoredObject | None, reader: Reader, names: ClassNames) -> ChannelFiles:
    summary = rows = None
    if listed:
        summary = lists.refuse_by_size(listed.size, file=listed.key)
        summary = summary or lists.summarize(reader.whole(listed), file=listed.key, complete=False)
        rows = listrows.read(reader.whole(listed)) if summary.is_read else None
    return ChannelFiles(
        listed=summary,
        list_file=listed.key if listed else "",
        records=recordscan.scan(reader.whole(records), file=records.key, rows=rows, complete=False),
        records_file=records.key,
        is_training=False,
        names=names,
    )


def as_warning(finding: Finding) -> Finding:
    """Give what was found in a test file as what it is to the set: nothing that keeps a job from being started."""
    message = finding.message.replace(TRAINING_FAILS, "").replace(TRAINED_AS_GREY, "")
    if finding.severity is not Severity.ERROR:
        return replace(finding, message=message)
    use = "test images are named by it" if finding.file.endswith(".lst") else "its model is tested on it"
    message = f"{message.removesuffix('.')}; no job reads this file, but {use}."
    return replace(finding, severity=Severity.WARNING, message=message)
