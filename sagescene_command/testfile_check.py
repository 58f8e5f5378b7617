"""A look at the test files of a set before it is dropped: no job reads them, but its model is evaluated on them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from sagescene.dataset import DataSet, StoredObject
from sagescene.files import listrows, lists, recordscan
from sagescene.files.classnames import ClassNames
from sagescene.files.recordcontent import PackedImage
from sagescene.files.recordimages import TRAINED_AS_GREY, TRAINING_FAILS
from sagescene.files.setimages import digest_of
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import agree, count
from sagescene.preflight import phrases
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.reading import Examination, Reader


class LookAtTests(NamedTuple):
    """How many images there are to test with, as far as the files can be read, and what is wrong with the files."""

    images: int
    findings: tuple[Finding, ...]


def look_at_tests(
    data_set: DataSet, tests: Iterable[StoredObject], objects: Iterable[StoredObject], reader: Reader, read: Examination
) -> LookAtTests:
    """Read test files to their ends, each held against the list beside it, and against what was `read` of the set."""
    by_key = {stored.key: stored for stored in objects}
    digests = frozenset(digest for digest, _ in read.images.pairs()) if read.images else frozenset()
    images, findings = 0, list[Finding]()
    for records in tests:
        shared = _Shared(digests)
        listed = by_key.get(records.key.removesuffix(".rec") + ".lst")
        files = _look_at(records, listed, reader, read.report.class_names, shared)
        images += files.records.records
        findings += map(as_warning, files.findings())
        findings += _hold_against_training(files, shared.images, data_set.train_records.key, read)
    return LookAtTests(images=images, findings=tuple(findings))


class _Shared:
    """Counts the images of a file that are among those trained on."""

    def __init__(self, trained_on: frozenset[bytes]) -> None:
        self._trained_on = trained_on
        self.images = 0

    def look_for(self, image: PackedImage) -> None:
        self.images += digest_of(image.length, image.head) in self._trained_on


def _hold_against_training(tests: ChannelFiles, shared: int, train: str, read: Examination) -> Iterator[Finding]:
    known = read.report.train.classes
    unknown = [label for label, images in tests.classes.items() if images and not known.get(label)]
    if known and unknown and tests.label_width == read.report.train.label_width:
        yield Code.CLASS_NOT_IN_TRAIN.found(
            file=tests.records_file,
            message=f"The file has images of {phrases.classes(unknown, tests.names)}, of which {train} has none.",
            remedy="Add training images of every class, or leave these images out.",
            severity=Severity.WARNING,
        )
    if shared:
        of = count(tests.records.records, "image")
        yield Code.IMAGES_SHARED.found(
            file=tests.records_file,
            message=f"{shared:,} of the {of} {agree(shared, 'is', 'are')} in {train} as well.",
            remedy="Test with images that are not trained on: the accuracy would otherwise promise too much.",
        )


def _look_at(
    records: StoredObject, listed: StoredObject | None, reader: Reader, names: ClassNames, shared: _Shared
) -> ChannelFiles:
    summary = rows = None
    if listed:
        summary = lists.refuse_by_size(listed.size, file=listed.key)
        summary = summary or lists.summarize(reader.whole(listed), file=listed.key, complete=False)
        rows = listrows.read(reader.whole(listed)) if summary.is_read else None
    return ChannelFiles(
        listed=summary,
        list_file=listed.key if listed else "",
        records=recordscan.scan(
            reader.whole(records), file=records.key, rows=rows, complete=False, on_image=shared.look_for
        ),
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
