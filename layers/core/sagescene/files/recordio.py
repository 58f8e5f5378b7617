"""Records of images in `.rec` files and their `.idx`: read and write them, streamed in flat memory."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from sagescene.bounds import LARGEST_RECORD_IN_BYTES, LONGEST_INDEX_LINE
from sagescene.files.framing import (
    FIRST,
    HEADER,
    LAST,
    MAGIC,
    WHOLE,
    RecordError,
    Source,
    UnpackableRecordError,
    frame,
    read_header,
    read_parts,
)
from sagescene.finding_codes import Code

_TOO_LARGE = 1 << 64  # an id is a 64-bit number without a sign, and so is the offset that MXNet reads
_MOST_DIGITS = 20  # that are read as a number at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One image with its labels and its id, the index of its row in the list."""

    identifier: int
    labels: tuple[float, ...]
    image: bytes


def read(chunks: Iterable[bytes]) -> Iterator[Record]:
    """Read the records of a file given as consecutive pieces of any size; memory is one record.

    Raises:
        RecordError: at the first bytes that are no record, or a record that is too long to be held.
    """
    return (record for _, record in read_with_offsets(chunks))


def read_with_offsets(chunks: Iterable[bytes]) -> Iterator[tuple[int, Record]]:
    """Read the records as `read` does, each with the byte at which it starts."""
    for offset, record in read_past_long_ones(chunks):
        if record is None:
            message = f"the record has more than {LARGEST_RECORD_IN_BYTES >> 20} MiB."
            raise RecordError(Code.IMAGE_TOO_LARGE, offset, message)
        yield offset, record


def read_past_long_ones(chunks: Iterable[bytes]) -> Iterator[tuple[int, Record | None]]:
    """Read the records as `read_with_offsets` does, but give None for one that is too long to be held."""
    for start, payload in read_payloads(Source(chunks)):
        if payload is None:
            yield start, None
        else:
            identifier, labels, image = read_header(payload, start)
            yield start, Record(identifier=identifier, labels=labels, image=payload[image:])


def read_payloads(source: Source) -> Iterator[tuple[int, bytes | None]]:
    """Read where each record starts, and its payload of one part or several: None for one too long to be held.

    After each, `source` stands behind it.

    Raises:
        RecordError: at the first bytes that do not belong to the format.
    """
    parts: list[bytes] = []
    start = 0
    for part in read_parts(source, LARGEST_RECORD_IN_BYTES):
        if part.flag in (WHOLE, FIRST):
            parts, start = [], part.offset
        # In the file, so that empty parts count as well; of a record picked by its place so much is asked for.
        is_too_long = source.offset - start > LARGEST_RECORD_IN_BYTES
        if not is_too_long:
            parts.append(bytes(part.head))
        if part.flag in (WHOLE, LAST):
            yield start, None if is_too_long else MAGIC.join(parts)


def pack(record: Record) -> bytes:
    """Return the bytes of one record in a `.rec` file; one label is written as im2rec does without --pack-label.

    Raises:
        UnpackableRecordError: if the record has no label, or an id or length that the format cannot hold.
    """
    width = len(record.labels)
    if not width or not 0 <= record.identifier < 1 << 64:
        raise UnpackableRecordError(f"Record {record.identifier} lacks a label or a valid id.")
    if width == 1:
        header = HEADER.pack(0, record.labels[0], record.identifier, 0)
    else:
        header = HEADER.pack(width, 0.0, record.identifier, 0) + struct.pack(f"<{width}f", *record.labels)
    return frame(header + record.image)


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """Return the bytes of a `.rec` file, one piece a record."""
    return map(pack, records)


def index_line(identifier: int, offset: int) -> str:
    """Return the line of a `.idx` file for the record that starts at byte `offset`."""
    return f"{identifier}\t{offset}\n"


def read_index(chunks: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Read (id, offset) of each line of a `.idx` file, without its malformed lines."""
    rest = b""
    for chunk in chain(chunks, [b"\n"]):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: LONGEST_INDEX_LINE + 1]  # so that a file without line feeds is not held
        for line in lines:
            fields = line.split() if len(line) <= LONGEST_INDEX_LINE else []
            if len(fields) == 2 and all(field.isdigit() and len(field) <= _MOST_DIGITS for field in fields):
                identifier, offset = map(int, fields)
                if max(identifier, offset) < _TOO_LARGE:
                    yield identifier, offset
