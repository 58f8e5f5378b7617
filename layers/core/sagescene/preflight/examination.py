"""The examination of a data set: its files read through once, wherever they lie, and judged in one report."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject
from sagescene.files import listrows, lists, recordio, recordsample, recordscan
from sagescene.files.leaks import Leaks
from sagescene.files.listrows import Row
from sagescene.files.recordcontent import PackedImage, RecordSummary
from sagescene.files.thumbnails import Thumbnail, Thumbnails
from sagescene.findings import Code
from sagescene.instances import storage_of
from sagescene.preflight import judgement
from sagescene.preflight.report import Conditions, Report, Verdict
from sagescene.settings import StartSettings

_LARGEST_TRAINING_JSON = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How files are read: `whole` streams one in pieces, `span` gives `length` bytes of one from an offset on."""

    whole: Callable[[StoredObject], Iterable[bytes]]
    span: Callable[[StoredObject, int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A report, and images to show in it."""

    report: Report
    thumbnails: tuple[Thumbnail, ...] = ()


def examine(
    assembled: DataSet | IncompleteSet | AmbiguousSet,
    reader: Reader,
    conditions: Conditions,
    *,
    written: datetime,
    largest_whole_in_bytes: int,
) -> Examination:
    """Read a data set and judge it.

    The `.rec` files are read whole as long as they have at most `largest_whole_in_bytes` together, the smaller one
    first; beyond that in samples, which the report says. Memory does not grow with the files.

    Raises:
        Exception: whatever `reader` raises.
    """
    match assembled:
        case IncompleteSet():
            findings = tuple(
                Code.FILE_MISSING.found(
                    file="",
                    message=f"There is no {part}.",
                    remedy=f"Upload the {part}, in a folder or with a name that tells its channel.",
                )
                for part in assembled.missing
            )
            report = Report(
                data_set=assembled.name,
                fingerprint="",
                written=written,
                verdict=Verdict.WAITING,
                conditions=conditions,
                findings=findings,
            )
            return Examination(report=report)
        case AmbiguousSet():
            report = Report(
                data_set=assembled.name,
                fingerprint=assembled.fingerprint,
                written=written,
                verdict=Verdict.REFUSED,
                conditions=conditions,
                findings=assembled.findings,
            )
            return Examination(report=report)
        case DataSet():
            return _Reading(assembled, reader, largest_whole_in_bytes).run(conditions, written)


def conditions_of(assembled: DataSet | IncompleteSet | AmbiguousSet, settings: StartSettings) -> Conditions:
    """Give what a verdict on a data set, and the cost of its job, depend on in a stack of these settings."""
    tightest = settings.tightest_instance_type
    return Conditions(
        instance_type=settings.largest_instance_type,
        instance_count=settings.instance_count,
        max_epochs=settings.max_epochs,
        storage_type=tightest,
        storage_in_gb=storage_of(tightest, settings.volume_size_in_gb),
        instance_types=settings.instance_types,
        volume_size_in_gb=settings.volume_size_in_gb,
        max_runtime_in_seconds=settings.max_runtime_in_seconds,
        hyperparameters=settings.hyperparameters,
        companions=companions(assembled),
    )


def companions(assembled: DataSet | IncompleteSet | AmbiguousSet) -> dict[str, str]:
    """Give the ETags by key of the files that describe a data set and are no part of its fingerprint."""
    if not isinstance(assembled, DataSet):
        return {}
    files = (assembled.train_index, assembled.validation_index, assembled.validation_list)
    return {stored.key: stored.etag for stored in files if stored}


class _Reading:
    """One data set while it is read: the training files first, so that validation can be held against them."""

    def __init__(self, data_set: DataSet, reader: Reader, largest_whole_in_bytes: int) -> None:
        self.data_set = data_set
        self.reader = reader
        self.whole = _choose_whole(data_set, largest_whole_in_bytes)
        self.thumbnails = Thumbnails()
        self.leaks = Leaks(
            train_list=data_set.train_list.key,
            train_records=data_set.train_records.key,
            validation_list=data_set.validation_list.key if data_set.validation_list else "",
            validation_records=data_set.validation_records.key,
        )

    def run(self, conditions: Conditions, written: datetime) -> Examination:
        files = self.data_set
        report = judgement.examine(
            data_set=files.name,
            fingerprint=files.fingerprint,
            written=written,
            train_list=lists.summarize(self.reader.whole(files.train_list), file=files.train_list.key),
            train_list_file=files.train_list.key,
            train_records=self._read_records(
                files.train_records,
                files.train_index,
                self.leaks.remember_rows(listrows.read(self.reader.whole(files.train_list))),
                self._take_training_image,
            ),
            train_records_file=files.train_records.key,
            validation_list=lists.summarize(
                self.reader.whole(files.validation_list), file=files.validation_list.key, complete=False
            )
            if files.validation_list
            else None,
            validation_list_file=files.validation_list.key if files.validation_list else "",
            validation_records=self._read_records(
                files.validation_records,
                files.validation_index,
                self.leaks.compare_rows(listrows.read(self.reader.whole(files.validation_list)))
                if files.validation_list
                else None,
                self.leaks.compare_image,
            ),
            validation_records_file=files.validation_records.key,
            leaks=self.leaks.findings(),
            training_json=self._read_training_json(),
            training_json_file=files.training_json.key if files.training_json else "training.json",
            conditions=conditions,
            records_in_bytes=files.train_records.size + files.validation_records.size,
        )
        return Examination(report=report, thumbnails=self.thumbnails.pick())

    def _read_records(
        self,
        records: StoredObject,
        index: StoredObject | None,
        rows: Iterator[Row] | None,
        on_image: Callable[[PackedImage], None],
    ) -> RecordSummary:
        lines = recordio.read_index(self.reader.whole(index)) if index else None
        if records in self.whole:
            chunks = self.reader.whole(records)
            return recordscan.scan(chunks, file=records.key, rows=rows, index=lines, complete=False, on_image=on_image)
        return recordsample.sample(
            lambda offset, length: self.reader.span(records, offset, length),
            records.size,
            file=records.key,
            rows=rows,
            index=lines,
            on_image=on_image,
        )

    def _take_training_image(self, image: PackedImage) -> None:
        self.leaks.remember_image(image)
        self.thumbnails.consider(image)

    def _read_training_json(self) -> bytes | None:
        if not self.data_set.training_json:
            return None
        content = b""
        for chunk in self.reader.whole(self.data_set.training_json):
            content += chunk
            if len(content) > _LARGEST_TRAINING_JSON:  # far more than is read; its length will tell
                break
        return content


def _choose_whole(data_set: DataSet, largest_in_bytes: int) -> set[StoredObject]:
    whole, room = set(), largest_in_bytes
    for records in sorted((data_set.train_records, data_set.validation_records), key=lambda records: records.size):
        if records.size <= room:
            whole.add(records)
            room -= records.size
    return whole
