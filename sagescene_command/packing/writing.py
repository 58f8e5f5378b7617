"""The files of a packed data set: lists, records and indices, which appear together or not at all."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from sagescene.files import recordio
from sagescene.files.recordio import Record
from sagescene_command.packing.source import PackedChannel, PackingError

KINDS = ("lst", "rec", "idx")
CLASSES = "classes.txt"


def settle_prefix(given: str, images: Path) -> Path:
    """Return how the files' names begin; in a folder they are called like it, or like the images' at the root."""
    path = Path(given)
    if given.endswith(os.sep) or path.is_dir():
        return path / (path.resolve().name or images.resolve().name)
    return path


def name_outputs(prefix: Path, channels: Iterable[PackedChannel] = PackedChannel) -> list[Path]:
    """Name the files of these channels under a prefix, such as pets/pets_train.lst, and classes.txt beside them."""
    files = [prefix.with_name(f"{prefix.name}_{channel}.{kind}") for channel in channels for kind in KINDS]
    return [*files, prefix.with_name(CLASSES)]


def name_partial(target: Path) -> Path:
    """Name the file that holds the beginning of another one until that is whole."""
    return target.with_name(f".{target.name}.partial")


def refuse_existing(targets: Sequence[Path]) -> None:
    """Refuse to write over files.

    Raises:
        PackingError: if any of them exists.
    """
    existing = [target for target in targets if os.path.lexists(target)]
    if existing:
        others = f" and {len(existing) - 1} more exist" if len(existing) > 1 else " exists"
        raise PackingError(f"{existing[0]}{others} already; choose another PREFIX, or replace them with --force.")


@contextmanager
def appear_together(targets: Sequence[Path], *, force: bool) -> Iterator[list[BinaryIO]]:
    """Open a temporary file for each target, renamed to it when all went well and removed when not.

    Raises:
        PackingError: if another packing writes these files, or a target exists and there is no `force`.
    """
    with ExitStack() as stack:
        files: list[BinaryIO] = [_open_partial(target, stack) for target in targets]
        yield files
        for file in files:
            file.flush()
            os.fsync(file.fileno())
            file.close()
        if not force:
            refuse_existing(targets)
        for target in targets:
            name_partial(target).replace(target)


def _open_partial(target: Path, stack: ExitStack) -> BinaryIO:
    partial = name_partial(target)
    try:
        file = partial.open("xb")
    except FileExistsError as error:
        raise PackingError(
            f"{partial} is there already: wait for the other packing to end, or delete the file if none runs."
        ) from error
    stack.callback(partial.unlink, missing_ok=True)
    stack.enter_context(file)
    return file


def write_picture(files: Sequence[BinaryIO], record: Record, name: str) -> None:
    """Append a record to its list, records and index, in the order of KINDS."""
    listed, records, index = files
    labels = "\t".join(f"{label:f}" for label in record.labels)
    listed.write(f"{record.identifier}\t{labels}\t{name}\n".encode())
    index.write(recordio.index_line(record.identifier, records.tell()).encode())
    records.write(recordio.pack(record))
