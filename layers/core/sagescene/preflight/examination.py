"""The examination of a data set: its files read through once, wherever they lie, and judged in one report."""

from collections.abc import Callable
from datetime import datetime

from sagescene.bounds import LARGEST_ON_ONE_CONNECTION_IN_BYTES
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.instances import storage_of
from sagescene.parts import Part
from sagescene.preflight.reading import Examination, Reader, Reading
from sagescene.preflight.reading_time import NotReadInTimeError, ReadingTime, unlimited
from sagescene.preflight.report import Conditions, Report, Verdict
from sagescene.settings import StartSettings


def examine(
    assembled: DataSet | IncompleteSet | AmbiguousSet,
    reader: Reader,
    conditions: Conditions,
    *,
    written: datetime,
    largest_whole_in_bytes: int,
    seconds_left: Callable[[], float] = unlimited,
    is_compared_later: bool = True,
) -> Examination:
    """Read a data set and judge it.

    The `.rec` files are read whole as long as they have at most `largest_whole_in_bytes` together, the smaller one
    first; beyond that in samples, which the report says. So are those with an `.idx` file, and very large ones, when
    `seconds_left` do not suffice to read them whole; a set for which they do not suffice either way is refused, in time
    to report it.
    What tells the training images is kept only if the set `is_compared_later` with another content. Memory does not
    grow with the files.

    Raises:
        Exception: whatever `reader` raises.
    """
    match assembled:
        case IncompleteSet():
            findings = tuple(_miss(part, assembled.likely.get(part, "")) for part in assembled.missing)
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
            whole = _choose_whole(assembled, largest_whole_in_bytes)
            return _read_in_time(assembled, reader, conditions, written, whole, seconds_left, is_compared_later)


def _miss(part: Part, likely: str) -> Finding:
    channel = part.partition(" ")[0]
    ending = "val" if channel == "validation" else channel  # as im2rec and sagescene pack name files
    return Code.FILE_MISSING.found(
        file="",
        message=f"There is no {part}.",
        remedy=f"Add the {part}, in a folder named {channel} or with a name that ends in _{ending}. {likely}".rstrip(),
    )


def _read_in_time(
    data_set: DataSet,
    reader: Reader,
    conditions: Conditions,
    written: datetime,
    whole: set[StoredObject],
    seconds_left: Callable[[], float],
    is_compared_later: bool,
) -> Examination:
    never_sampled = {each for each in whole - _with_index(data_set) if each.size <= LARGEST_ON_ONE_CONNECTION_IN_BYTES}
    may_sample = whole != never_sampled
    time = ReadingTime(seconds_left, keeps_time_to_sample=may_sample)
    reading = Reading(data_set, reader, whole, time, is_compared_later=is_compared_later)
    try:
        try:
            return reading.run(conditions, written)
        except NotReadInTimeError:
            if not may_sample:
                raise
        time = ReadingTime(seconds_left)
        reading = Reading(data_set, reader, never_sampled, time, is_compared_later=is_compared_later)
        return reading.run(conditions, written)
    except NotReadInTimeError as fault:
        report = Report(
            data_set=data_set.name,
            fingerprint=data_set.fingerprint,
            digest=data_set.digest,
            written=written,
            verdict=Verdict.REFUSED,
            conditions=conditions,
            findings=(fault.as_finding(_name_way_on(fault.stored, never_sampled, data_set)), *reading.found),
        )
        return Examination(report=report)


def _with_index(data_set: DataSet) -> set[StoredObject]:
    files = (
        (data_set.train_records, data_set.train_index),
        (data_set.validation_records, data_set.validation_index),
    )
    return {records for records, index in files if index}


def _name_way_on(stored: StoredObject, never_sampled: set[StoredObject], data_set: DataSet) -> str:
    if stored in never_sampled:
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
        prices=settings.prices,
        max_job_cost_usd=settings.max_job_cost_usd,
        hyperparameters=settings.hyperparameters,
        companions=companions(assembled),
    )


def companions(assembled: DataSet | IncompleteSet | AmbiguousSet) -> dict[str, str]:
    """Give the ETags by key of the files that describe a data set and are no part of its fingerprint."""
    if not isinstance(assembled, DataSet):
        return {}
    files = (assembled.train_index, assembled.validation_index, assembled.validation_list, assembled.class_names)
    return {stored.key: stored.etag for stored in files if stored}


def _choose_whole(data_set: DataSet, largest_in_bytes: int) -> set[StoredObject]:
    whole, room = set(), largest_in_bytes
    for records in sorted((data_set.train_records, data_set.validation_records), key=lambda records: records.size):
        if records.size <= room:
            whole.add(records)
            room -= records.size
    return whole
