"""The files of a packed set that a model is held against: its test files, or else its validation files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from sagescene.dataset import StoredObject, find_test_records
from sagescene.errors import SagesceneError
from sagescene.parts import DATASETS, Part, part_of
from sagescene_command.places import Place
from sagescene_command.progress import Progress
from sagescene_evaluation.evaluation import Role
from sagescene_evaluation.sources import StreamedRecords


class NothingToTestError(SagesceneError):
    """A set that holds no file which a model could be held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutFiles:
    """Files of one role, each with its list if there is one; `class_names` is the set's `classes.txt`."""

    role: Role
    records: tuple[StoredObject, ...]
    lists: tuple[StoredObject | None, ...]
    class_names: StoredObject | None


def choose_files(objects: Iterable[StoredObject], place: str) -> HeldOutFiles:
    """Choose the files by their names, test files first.

    Raises:
        NothingToTestError: if there are none.
    """
    objects = sorted(objects, key=lambda stored: stored.key)
    by_part: dict[Part | None, list[StoredObject]] = {}
    for stored in objects:
        by_part.setdefault(part_of(stored.key), []).append(stored)
    test_lists = [stored for stored in by_part.get(Part.TEST, []) if stored.key.endswith(".lst")]
    for role, records, lists in (
        (Role.TEST, find_test_records(objects), test_lists),
        (Role.VALIDATION, by_part.get(Part.VALIDATION_RECORDS, []), by_part.get(Part.VALIDATION_LIST, [])),
    ):
        if records:
            by_stem = {PurePosixPath(each.key).with_suffix(""): each for each in lists}
            return HeldOutFiles(
                role=role,
                records=tuple(records),
                lists=tuple(by_stem.get(PurePosixPath(each.key).with_suffix("")) for each in records),
                class_names=next(iter(by_part.get(Part.CLASS_NAMES, [])), None),
            )
    raise NothingToTestError(
        f"{place} holds neither test nor validation records: give a folder or s3://BUCKET/datasets/SET/ with a .rec "
        "file called test or validation, or whose name ends in _test or _val."
    )


def find_copies(place: Place, files: HeldOutFiles) -> tuple[str, ...]:
    """Name the test files that hold what the validation file does; of a folder's files the bytes tell."""
    validation = [stored for stored in place.objects if part_of(stored.key) is Part.VALIDATION_RECORDS]
    return tuple(
        name_shown(place, stored.key)
        for stored in files.records
        if files.role is Role.TEST and any(_is_copy(place, stored, other) for other in validation)
    )


def _is_copy(place: Place, stored: StoredObject, other: StoredObject) -> bool:
    if place.bucket:
        return stored.is_copy_of(other)
    return stored.size == other.size and _digest(place, stored) == _digest(place, other)


def _digest(place: Place, stored: StoredObject) -> bytes:
    digest = sha256()
    for piece in place.reader.whole(stored):
        digest.update(piece)
    return digest.digest()


def name_shown(place: Place, key: str) -> str:
    """Name a file as the person who asked knows it."""
    return place.prefix + key.removeprefix(f"{DATASETS}{place.name}/")


def open_records(place: Place, files: HeldOutFiles, progress: Progress) -> list[StreamedRecords]:
    """Give what reads the files; `progress` is called with the bytes read and those of all files."""
    total, done = sum(stored.size for stored in files.records), 0

    def open_one(stored: StoredObject, position: int) -> Iterator[bytes]:
        nonlocal done
        passed = 0
        for piece in place.reader.whole(stored):
            if passed + len(piece) > position:
                yield piece[max(0, position - passed) :]
            passed += len(piece)
            done += len(piece)
            progress(done, total)

    def open_at(stored: StoredObject) -> StreamedRecords:
        return StreamedRecords(name=name_shown(place, stored.key), open=lambda position: open_one(stored, position))

    return [open_at(stored) for stored in files.records]
