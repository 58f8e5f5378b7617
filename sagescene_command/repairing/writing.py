"""The repaired copy of a folder, which appears whole or not at all."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sagescene.errors import SagesceneError
from sagescene.files import recordio
from sagescene_command.packing.shortage import find_remedy
from sagescene_command.repairing.planning import RepairPlan

_CHUNK = 1 << 20


class RepairError(SagesceneError):
    """A copy that cannot be made; the message says what to change."""


def refuse_target(source: Path, target: Path, *, force: bool) -> None:
    """Refuse a folder for the copy that holds something, or lies within the set or around it.

    Raises:
        RepairError: with what to give instead.
    """
    inner, outer = target.resolve(), source.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise RepairError(f"{target} and {source} lie in each other: give a folder beside the data set.")
    if target.exists() and not target.is_dir():
        raise RepairError(f"{target} is a file: give a folder that is not there yet.")
    if not force and target.is_dir() and any(target.iterdir()):
        raise RepairError(f"{target} is not empty; choose another folder, or replace its files with --force.")


def write_copy(files: Mapping[str, Path], target: Path, plan: RepairPlan, progress: Callable[[int, int], None]) -> None:
    """Copy files, by their paths from the folder on, into `target`, with what the plan changes.

    Files of other names in `target` stay. `progress` is called with the bytes done and those of all files.

    Raises:
        RepairError: `target` has no room, or may not be written.
        OSError: a file cannot be read.
    """
    try:
        _write_copy(files, target, plan, progress)
    except OSError as error:
        remedy = find_remedy(error, target, "a folder")
        if not remedy:
            raise
        raise RepairError(f"{target} cannot take the copy ({error.strerror}): {remedy}.") from error


def _write_copy(
    files: Mapping[str, Path], target: Path, plan: RepairPlan, progress: Callable[[int, int], None]
) -> None:
    total = sum(path.stat().st_size for path in files.values())
    done = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        for name, path in files.items():
            copy = Path(scratch, "copy", name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if name in plan.texts:
                copy.write_bytes(plan.texts[name])
            elif name in plan.relabelled:
                _relabel(path, copy, plan.labels)
            elif name not in plan.indexed.values():
                shutil.copyfile(path, copy)
            done += path.stat().st_size
            progress(done, total)
        for records, index in plan.indexed.items():
            _write_index(Path(scratch, "copy", records), Path(scratch, "copy", index))
        if not target.exists():
            Path(scratch, "copy").rename(target)
            return
        for name in files:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            Path(scratch, "copy", name).replace(place)


def _relabel(source: Path, copy: Path, labels: Mapping[float, float]) -> None:
    with source.open("rb") as read, copy.open("wb") as written:
        for record in recordio.read(iter(lambda: read.read(_CHUNK), b"")):
            written.write(recordio.pack(replace(record, labels=tuple(labels[label] for label in record.labels))))


def _write_index(records: Path, index: Path) -> None:
    with ExitStack() as stack:
        read, written = stack.enter_context(records.open("rb")), stack.enter_context(index.open("w", newline="\n"))
        for offset, record in recordio.read_with_offsets(iter(lambda: read.read(_CHUNK), b"")):
            written.write(recordio.index_line(record.identifier, offset))
