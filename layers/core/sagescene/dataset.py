"""Which objects of the bucket make a data set, and what identifies its content."""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sagescene import addresses, foreign
from sagescene.bounds import MOST_OBJECTS
from sagescene.chunks import find_chunks, report_chunks
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding
from sagescene.grammar import name_some
from sagescene.likely_files import advise_placing, advise_surplus, tell_likely
from sagescene.parts import CONTROL_CHARACTERS, DATASETS, Part, part_of

LISTING_DOUBT = timedelta(seconds=1)  # S3 lists whole seconds

# Hexadecimal digits of a digest that stand in names. The longer form is as long as a job's name has room for; two
# contents of one short form are made within a minute by whoever wants them, of the longer one by nobody.
SHORT_FORM = 12
LONGER_FORM = 30

_NAMED_OF_A_SURPLUS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object as a bucket listing shows it; `etag` without quotes, `size` in bytes."""

    key: str
    etag: str
    size: int
    last_modified: datetime

    def is_copy_of(self, other: "StoredObject") -> bool:
        """Tell whether it surely holds the same bytes; with a KMS key, or in other parts, a copy has another ETag."""
        return bool(self.etag) and (self.etag, self.size) == (other.etag, other.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedUpload:
    """A multipart upload that was begun and has not ended."""

    key: str
    id: str
    began: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The objects of one data set, complete enough to train on; its names hold so many digits of its digest."""

    name: str
    train_records: StoredObject
    train_list: StoredObject
    validation_records: StoredObject
    validation_list: StoredObject | None = None
    training_json: StoredObject | None = None
    train_index: StoredObject | None = None
    validation_index: StoredObject | None = None
    class_names: StoredObject | None = None
    digits: int = SHORT_FORM

    @property
    def digest(self) -> str:
        """Identify the content a training job is made of; indices, a validation list and names only describe it."""
        trained_on = (self.train_records, self.train_list, self.validation_records, self.training_json)
        return digest(part for part in trained_on if part)

    @property
    def fingerprint(self) -> str:
        """Give the form of the digest that stands in names."""
        return self.digest[: self.digits]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteSet:
    """A data set that still awaits the files named in `missing`; `digest` is over those it has.

    `likely` says of some of these which files may be meant for them.
    """

    name: str
    missing: tuple[Part, ...]
    digest: str
    likely: Mapping[Part, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Give the form of the digest that stands in names."""
        return self.digest[:SHORT_FORM]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbiguousSet:
    """A data set whose listing alone shows faults; `digits` as in `DataSet`.

    `digest` is over its parts, and over what a job would take along with them or what a misspelt name is meant to be.
    """

    name: str
    findings: tuple[Finding, ...]
    digest: str
    digits: int = SHORT_FORM

    @property
    def fingerprint(self) -> str:
        """Give the form of the digest that stands in names."""
        return self.digest[: self.digits]


def assemble(name: str, objects: Iterable[StoredObject], bucket: str = "") -> DataSet | IncompleteSet | AmbiguousSet:
    """Find the parts of a data set among the objects under its prefix; other files do not count.

    An index is the `.idx` file next to its `.rec`, of the same name. Where a part is missing, files that seem to be it
    in a form that no job takes make the set ambiguous instead of incomplete: what is awaited would never come. So do
    too many files, of which the first ones, by their keys, suffice.
    `bucket` is empty for a folder.
    """
    found: dict[Part, list[StoredObject]] = {part: [] for part in Part}
    by_key = {stored.key: stored for stored in objects}
    if are_too_many(by_key):
        return _refuse_crowd(name, by_key)
    for stored in by_key.values():
        part = part_of(stored.key)
        if part:
            found[part].append(stored)
    channels = [*found[Part.TRAIN_RECORDS], *found[Part.VALIDATION_RECORDS]]
    in_order = sorted(by_key)
    swept = {by_key[key]: records for records in channels for key in _swept_along(records.key, in_order)}
    log = FindingLog(f"{DATASETS}{name}/")
    in_chunks = _report_chunks(log, found, by_key)
    _report_surplus(log, found, in_chunks)
    _report_swept(log, swept)
    misnamed = {key: meant for key, meant in foreign.find_misnamed(by_key).items() if part_of(meant)}
    foreign.report_misnamed(log, misnamed)
    addresses.report_unusable(log, (records.key for records in channels), bucket)
    needed = (Part.TRAIN_RECORDS, Part.TRAIN_LIST, Part.VALIDATION_RECORDS)
    missing = tuple(part for part in needed if not found[part])
    if missing:
        foreign.report_foreign(log, [key for key in by_key if key not in in_chunks])
    findings = log.close()
    if findings:
        return AmbiguousSet(
            name=name,
            findings=findings,
            digest=digest({*_all_of(found), *swept, *(by_key[key] for key in misnamed)}),
        )
    if missing:
        likely = {part: told for part in missing if (told := tell_likely(part, by_key, log.file))}
        return IncompleteSet(name=name, missing=missing, digest=digest(_all_of(found)), likely=likely)
    train_records, validation_records = found[Part.TRAIN_RECORDS][0], found[Part.VALIDATION_RECORDS][0]
    return DataSet(
        name=name,
        train_records=train_records,
        train_list=found[Part.TRAIN_LIST][0],
        validation_records=validation_records,
        validation_list=next(iter(found[Part.VALIDATION_LIST]), None),
        training_json=next(iter(found[Part.TRAINING_JSON]), None),
        train_index=by_key.get(_index_key(train_records)),
        validation_index=by_key.get(_index_key(validation_records)),
        class_names=next(iter(found[Part.CLASS_NAMES]), None),
    )


def are_too_many(objects: Sized) -> bool:
    """Tell whether a set has so many objects that it is refused for that alone; no more of them need be listed."""
    return len(objects) > MOST_OBJECTS


def _refuse_crowd(name: str, by_key: Mapping[str, StoredObject]) -> AmbiguousSet:
    finding = Code.TOO_MANY_FILES.found(
        file=f"{DATASETS}{name}/",
        message=f"The folder holds more than {MOST_OBJECTS:,} files, so none of them is looked at; a job takes one "
        ".rec a channel.",
        remedy=f"Pack images before you upload them ({foreign.PACK}), and delete what is no part of the data set, or "
        f"move it out of {DATASETS}.",
    )
    first = sorted(by_key)[: MOST_OBJECTS + 1]
    return AmbiguousSet(name=name, findings=(finding,), digest=digest(by_key[key] for key in first))


def _index_key(records: StoredObject) -> str:
    return f"{records.key.removesuffix('.rec')}.idx"


def _all_of(found: dict[Part, list[StoredObject]]) -> Iterable[StoredObject]:
    return (stored for parts in found.values() for stored in parts)


def _report_chunks(log: FindingLog, found: dict[Part, list[StoredObject]], present: Container[str]) -> set[str]:
    """Report channels that are in several files, and give the keys of those."""
    crowded = [
        stored.key
        for part, parts in found.items()
        for stored in parts
        if part is Part.UNPLACED or (len(parts) > 1 and part not in (Part.TRAINING_JSON, Part.TEST, Part.FOREIGN))
    ]
    chunks = find_chunks(crowded)
    report_chunks(log, chunks, present, is_of_channel=lambda key: part_of(key) is not Part.UNPLACED)
    return {key for each in chunks for key in each.keys}


def _report_surplus(log: FindingLog, found: dict[Part, list[StoredObject]], told: Collection[str]) -> None:
    present = {part for part, every in found.items() if every}
    for part, every in found.items():
        parts = sorted((stored for stored in every if stored.key not in told), key=lambda stored: stored.last_modified)
        if part is Part.UNPLACED:
            remedy = advise_placing([stored.key for stored in parts], present)
            for stored in parts:
                log.report(
                    Code.FILE_OF_NO_CHANNEL,
                    where="",
                    message="Neither its folder nor its name tells which channel it belongs to.",
                    remedy=remedy,
                    file=stored.key,
                )
        elif part not in (Part.TEST, Part.FOREIGN) and len(parts) > 1:
            newest = " This is the newest." if parts[-1].last_modified > parts[-2].last_modified else ""
            keys = [stored.key for stored in parts]
            log.report(
                Code.SURPLUS_FILE,
                where="",
                message=f"The data set has {len(parts):,} files for its {part}, and takes one: "
                f"{name_some(keys[:_NAMED_OF_A_SURPLUS], len(parts))}.{newest}",
                remedy=advise_surplus(keys, present, log.file),
                file=parts[-1].key,
            )


def _swept_along(records: str, in_order: Sequence[str]) -> Iterator[str]:
    # SageMaker takes a channel's S3 prefix as a bare beginning of keys: it ends at no slash and at no suffix.
    for place in range(bisect_right(in_order, records), len(in_order)):
        if not in_order[place].startswith(records):
            return
        yield in_order[place]


def _report_swept(log: FindingLog, swept: Mapping[StoredObject, StoredObject]) -> None:
    for stored, records in swept.items():
        log.report(
            Code.KEY_SWEPT_INTO_CHANNEL,
            where="",
            message=f"SageMaker would train on it too, because its key begins with {records.key}.",
            remedy="Delete it, or rename it so that its key begins otherwise.",
            file=stored.key,
        )


def find_test_records(objects: Iterable[StoredObject]) -> tuple[StoredObject, ...]:
    """Find the test `.rec` files among the objects of a set, in the order of their keys."""
    tests = (stored for stored in objects if part_of(stored.key) is Part.TEST and stored.key.endswith(".rec"))
    return tuple(sorted(tests, key=lambda stored: stored.key))


def uploaded_after(objects: Iterable[StoredObject], key: str, moment: datetime) -> StoredObject | None:
    """Find another object of the set whose own upload came after this one and will judge the set in its turn.

    Only objects whose upload rings count. S3 lists whole seconds: within one of them it acts, to be safe.
    """
    for stored in objects:
        rings = part_of(stored.key) is not None and stored.key != key
        if rings and stored.last_modified > moment + LISTING_DOUBT:
            return stored
    return None


def _unforgeable(key: str) -> str:
    # A key may spell out the ETag of a shorter one and a second line; only an escaped one begins with a quotation mark.
    return ascii(key) if CONTROL_CHARACTERS.search(key) else key


def digest(objects: Iterable[StoredObject]) -> str:
    """Identify content by keys and ETags: 64 hexadecimal digits that no order of listing changes."""
    # A local file may have a name that is no UTF-8.
    lines = sorted(f"{_unforgeable(stored.key)}\t{stored.etag}\n" for stored in objects)
    return hashlib.sha256("".join(lines).encode(errors="surrogatepass")).hexdigest()
