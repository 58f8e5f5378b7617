"""The examination of a data set: its files read through once, wherever they lie, and judged in one report."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sagescene.bounds import MOST_OF_TRAINING_JSON_IN_BYTES
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject
from sagescene.files import classnames, listrows, lists, recordio, recordsample, recordscan
from sagescene.files.classnames import ListedNames
from sagescene.files.leaks import Leaks
from sagescene.files.listrows import Row
from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import PackedImage, RecordSummary
from sagescene.files.thumbnails import Thumbnail, Thumbnails
from sagescene.findings import Code, Finding
from sagescene.instances import storage_of
from sagescene.preflight import judgement, naming
from sagescene.preflight.naming import NumberedList
from sagescene.preflight.reading_time import NotReadInTimeError, ReadingTime, unlimited
from sagescene.preflight.report import Conditions, Report, Verdict
from sagescene.settings import StartSettings


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
    seconds_left: Callable[[], float] = unlimited,
) -> Examination:
    """Read a data set and judge it.

    The `.rec` files are read whole as long as they have at most `largest_whole_in_bytes` together, the smaller one
    first; beyond that in samples, which the report says. So are those with an `.idx` file when `seconds_left` do not
    suffice to read them whole; a set for which they do not suffice either way is refused, in time to report it.
    Memory does not grow with the files.

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
                digest=assembled.digest,
                written=written,
                verdict=Verdict.REFUSED,
                conditions=conditions,
                findings=assembled.findings,
            )
            return Examination(report=report)
        case DataSet():
            return _read_in_time(assembled, reader, conditions, written, largest_whole_in_bytes, seconds_left)


def _read_in_time(
    data_set: DataSet,
    reader: Reader,
    conditions: Conditions,
    written: datetime,
    largest_whole_in_bytes: int,
    seconds_left: Callable[[], float],
) -> Examination:
    whole = _choose_whole(data_set, largest_whole_in_bytes)
    unindexed = whole - _with_index(data_set)
    may_sample = whole != unindexed
    reading = _Reading(data_set, reader, whole, ReadingTime(seconds_left, keeps_time_to_sample=may_sample))
    try:
        try:
            return reading.run(conditions, written)
        except NotReadInTimeError:
            if not may_sample:
                raise
        reading = _Reading(data_set, reader, unindexed, ReadingTime(seconds_left))
        return reading.run(conditions, written)
    except NotReadInTimeError as fault:
        report = Report(
            data_set=data_set.name,
            fingerprint=data_set.fingerprint,
            digest=data_set.digest,
            written=written,
            verdict=Verdict.REFUSED,
            conditions=conditions,
            findings=(fault.as_finding(_name_way_on(fault.stored, unindexed, data_set)), *reading.found),
        )
        return Examination(report=report)


def _with_index(data_set: DataSet) -> set[StoredObject]:
    files = (
        (data_set.train_records, data_set.train_index),
        (data_set.validation_records, data_set.validation_index),
    )
    return {records for records, index in files if index}


def _name_way_on(stored: StoredObject, unindexed: set[StoredObject], data_set: DataSet) -> str:
    if stored in unindexed:
        return "Upload its .idx file, by which samples of it are looked at, then the list again; or make it smaller."
    if stored in (data_set.train_list, data_set.validation_list):
        return "Make the list shorter, or give its images fewer labels, and pack again."
    return "Make several smaller data sets of it."


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
    files = (assembled.train_index, assembled.validation_index, assembled.validation_list, assembled.class_names)
    return {stored.key: stored.etag for stored in files if stored}


class _Reading:
    """One data set while it is read: the training files first, so that validation can be held against them."""

    def __init__(self, data_set: DataSet, reader: Reader, whole: set[StoredObject], time: ReadingTime) -> None:
        self.data_set = data_set
        self.reader = reader
        self.whole = whole
        self.time = time
        self.found: list[Finding] = []  # in the files that were read to their end
        self.thumbnails = Thumbnails()
        self.leaks = Leaks(
            train_list=data_set.train_list.key,
            train_records=data_set.train_records.key,
            validation_list=data_set.validation_list.key if data_set.validation_list else "",
            validation_records=data_set.validation_records.key,
        )

    def run(self, conditions: Conditions, written: datetime) -> Examination:
        files = self.data_set
        train_list = self._read_list(files.train_list)
        train_records = self._read_records(
            files.train_records,
            files.train_index,
            self.leaks.remember_rows(listrows.read(self._read(files.train_list))) if train_list.is_read else None,
            self._take_training_image,
        )
        validation_list = self._read_list(files.validation_list) if files.validation_list else None
        validation_records = self._read_records(
            files.validation_records,
            files.validation_index,
            self.leaks.compare_rows(listrows.read(self._read(files.validation_list)))
            if files.validation_list and validation_list and validation_list.is_read
            else None,
            self.leaks.compare_image,
        )
        listed = self._read_class_names()
        numbered = self._number_lists()
        names = naming.settle_names(listed.names, *numbered)
        names_file = files.class_names.key if files.class_names else classnames.FILE_NAME
        report = judgement.examine(
            data_set=files.name,
            fingerprint=files.fingerprint,
            digest=files.digest,
            written=written,
            train_list=lists.judge_classes(train_list, names, file=files.train_list.key),
            train_list_file=files.train_list.key,
            train_records=train_records,
            train_records_file=files.train_records.key,
            validation_list=validation_list,
            validation_list_file=files.validation_list.key if files.validation_list else "",
            validation_records=validation_records,
            validation_records_file=files.validation_records.key,
            leaks=self.leaks.findings(),
            class_names=names,
            faults_of_names=(*listed.findings, *naming.find_conflict(listed.names or {}, names_file, *numbered)),
            class_names_file=names_file,
            training_json=self._read_training_json(),
            training_json_file=files.training_json.key if files.training_json else "training.json",
            conditions=conditions,
            records_in_bytes=files.train_records.size + files.validation_records.size,
        )
        return Examination(report=report, thumbnails=self.thumbnails.pick())

    def _read(self, stored: StoredObject) -> Iterator[bytes]:
        return self.time.watch(stored, self.reader.whole(stored))

    def _read_span(self, stored: StoredObject, offset: int, length: int) -> bytes:
        self.time.check(stored, offset)
        return self.reader.span(stored, offset, length)

    def _read_list(self, stored: StoredObject) -> ListSummary:
        # Whose classes are complete is judged once their names are known, by what is learned while records are read.
        summary = lists.refuse_by_size(stored.size, file=stored.key) or lists.summarize(
            self._read(stored), file=stored.key, complete=False
        )
        self.found += summary.findings
        return summary

    def _read_records(
        self,
        records: StoredObject,
        index: StoredObject | None,
        rows: Iterator[Row] | None,
        on_image: Callable[[PackedImage], None],
    ) -> RecordSummary:
        lines = recordio.read_index(self._read(index)) if index else None
        if records in self.whole:
            chunks = self._read(records)
            summary = recordscan.scan(
                chunks, file=records.key, rows=rows, index=lines, complete=False, on_image=on_image
            )
        else:
            summary = recordsample.sample(
                lambda offset, length: self._read_span(records, offset, length),
                records.size,
                file=records.key,
                rows=rows,
                index=lines,
                on_image=on_image,
            )
        self.found += summary.findings
        return summary

    def _take_training_image(self, image: PackedImage) -> None:
        self.leaks.remember_image(image)
        self.thumbnails.consider(image)

    def _read_class_names(self) -> ListedNames:
        stored = self.data_set.class_names
        if not stored:
            return ListedNames(names=None)
        return classnames.read_class_names(self._read(stored), file=stored.key)

    def _number_lists(self) -> tuple[NumberedList, NumberedList | None]:
        files = self.data_set
        train = NumberedList(file=files.train_list.key, numbering=self.leaks.train_numbering)
        if not files.validation_list:
            return train, None
        return train, NumberedList(file=files.validation_list.key, numbering=self.leaks.validation_numbering)

    def _read_training_json(self) -> bytes | None:
        if not self.data_set.training_json:
            return None
        content = b""
        for chunk in self._read(self.data_set.training_json):
            content += chunk
            if len(content) > MOST_OF_TRAINING_JSON_IN_BYTES:  # far more than is read; its length will tell
                break
        return content


def _choose_whole(data_set: DataSet, largest_in_bytes: int) -> set[StoredObject]:
    whole, room = set(), largest_in_bytes
    for records in sorted((data_set.train_records, data_set.validation_records), key=lambda records: records.size):
        if records.size <= room:
            whole.add(records)
            room -= records.size
    return whole
