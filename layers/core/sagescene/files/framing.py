"""How a `.rec` file is framed: the parts that dmlc-core's recordio.h describes, streamed in flat memory.

A file is a sequence of parts, each at a multiple of four bytes:

    uint32 magic    0xced7230a, so the file starts 0a 23 d7 ce
    uint32 length   upper 3 bits: 0 whole record, 1 first, 2 middle, 3 last part; lower 29 bits: bytes of payload
    payload, then zeros up to the next multiple of four

A payload that itself holds the magic at a multiple of four is cut there into parts, and the magic is left out; whoever
joins the parts puts it back. All numbers are little-endian.

A record's payload starts with `uint32 flag, float32 label, uint64 id, uint64 0`; if the flag is k > 0 (im2rec
--pack-label), k labels of 32 bits follow and count instead of the one in the header. The rest is the image file.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sagescene.errors import SagesceneError
from sagescene.files.othercontent import explain_record, explain_record_file
from sagescene.finding_codes import Code

MAGIC = b"\x0a\x23\xd7\xce"
MAGIC_NUMBER = 0xCED7230A
LONGEST_PAYLOAD = (1 << 29) - 1
WHOLE, FIRST, MIDDLE, LAST = range(4)

HEADER = struct.Struct("<IfQQ")

_PREFIX = struct.Struct("<II")
_BEGINNING_BYTES = 1 << 10  # more than tell what else a file is


class RecordError(SagesceneError):
    """Bytes that are not a RecordIO file: `code` is the finding's, `offset` the byte at which they begin.

    `remedy` is empty where nothing more is known than that the file cannot be read.
    """

    def __init__(self, code: Code, offset: int, message: str, remedy: str = "") -> None:
        super().__init__(f"byte {offset}: {message}")
        self.code = code
        self.offset = offset
        self.message = message
        self.remedy = remedy


class UnpackableRecordError(SagesceneError):
    """A record that the format cannot hold."""


class RecordPart(NamedTuple):
    """One part of a record: where it starts, its flag, its payload's length, and the payload's first bytes."""

    offset: int
    flag: int
    length: int
    head: bytes | memoryview


class Source:
    """Consecutive pieces of a file, taken or skipped byte by byte without joining them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._view = memoryview(b"")
        self._position = 0
        self._end = 0
        self._before = 0

    @property
    def offset(self) -> int:
        """Count the bytes taken or skipped so far."""
        return self._before + self._position

    def take(self, size: int) -> bytes | memoryview:
        """Return the next `size` bytes, fewer only at the end of the file; a view where one piece holds them."""
        end = self._position + size
        if end <= self._end:
            view = self._view[self._position : end]
            self._position = end
            return view
        pieces, missing = [], size
        while missing and (self._position < self._end or self._advance()):
            piece = self._view[self._position : self._position + missing]
            self._position += len(piece)
            missing -= len(piece)
            pieces.append(piece)
        return memoryview(b"".join(pieces))  # of which slices are no copies

    def take_whole(self, head_bytes: int, longest: int) -> Iterator[RecordPart]:
        """Take parts as long as they are whole records of at most `longest` bytes and within the piece at hand.

        Most are: they take 0.3 of the time that prefix, head and rest take one by one.
        """
        view, position, last = self._view, self._position, self._end - _PREFIX.size
        while position <= last:
            magic, length = _PREFIX.unpack_from(view, position)
            start = position + 8
            end = start + (length + 3 & ~3)
            if magic != MAGIC_NUMBER or length > longest or end > self._end:  # a flag makes the length longer than any
                return
            self._position = end
            head = view[start : start + (length if length < head_bytes else head_bytes)]
            yield RecordPart(self._before + position, WHOLE, length, head)
            position = end

    def skip(self, size: int) -> int:
        """Pass over the next `size` bytes and return how many there were."""
        end = self._position + size
        if end <= self._end:
            self._position = end
            return size
        missing = size
        while missing and (self._position < self._end or self._advance()):
            step = min(missing, self._end - self._position)
            self._position += step
            missing -= step
        return size - missing

    def _advance(self) -> bool:
        for chunk in self._chunks:
            if chunk:
                self._before += self._end
                self._view, self._position, self._end = memoryview(chunk), 0, len(chunk)
                return True
        return False


class Remainder:
    """What follows the head of a payload, taken or skipped forwards, and never beyond its end."""

    def __init__(self, source: Source, left: int) -> None:
        self._source = source
        self.left = left

    def take(self, size: int) -> bytes | memoryview:
        """Return the next `size` bytes, fewer at the end."""
        taken = self._source.take(min(size, self.left))
        self.left = self.left - len(taken) if taken else 0
        return taken

    def skip(self, size: int) -> None:
        """Pass over the next `size` bytes, fewer at the end, none if `size` is below 1."""
        if size > 0:
            skipped = self._source.skip(min(size, self.left))
            self.left = self.left - skipped if skipped else 0


def read_parts(
    source: Source,
    head_bytes: int = LONGEST_PAYLOAD,
    read_on: Callable[[bytes | memoryview, Remainder], None] | None = None,
) -> Iterator[RecordPart]:
    """Read part after part, each with at most `head_bytes` of its payload; memory is one head and one piece.

    `read_on` is called with the head of each longer record that is whole, and may look at what follows it.

    Raises:
        RecordError: at the first byte that does not belong to the format.
    """
    open_since = -1  # where the record of several parts that is not complete yet starts
    longest = head_bytes if read_on else LONGEST_PAYLOAD
    while True:
        if open_since < 0:
            yield from source.take_whole(head_bytes, longest)
        if not (prefix := source.take(8)):
            break
        offset = source.offset - len(prefix)
        if bytes(prefix[:4]) != MAGIC[: len(prefix)]:
            raise _no_magic(source, offset, bytes(prefix))
        if len(prefix) < 8:
            raise RecordError(Code.TRUNCATED, offset, f"the file ends within a record's first {len(prefix)} bytes.")
        _, word = _PREFIX.unpack(prefix)
        flag, length = word >> 29, word & LONGEST_PAYLOAD
        if flag > LAST or (flag in (WHOLE, FIRST)) != (open_since < 0):
            raise RecordError(Code.PART_OUT_OF_ORDER, offset, f"a part with the flag {flag} cannot stand here.")
        open_since = offset if flag == FIRST else -1 if flag == LAST else open_since
        head = source.take(min(length, head_bytes))
        if read_on and flag == WHOLE and len(head) < length:
            read_on(head, Remainder(source, length - len(head)))
        rest = offset + 8 + (length + 3 & ~3) - source.offset
        if len(head) < min(length, head_bytes) or source.skip(rest) < rest:
            missing = offset + 8 + (length + 3 & ~3) - source.offset
            raise RecordError(Code.TRUNCATED, offset, f"the file ends {missing:,} bytes before the end of this record.")
        yield RecordPart(offset, flag, length, head)
    if open_since >= 0:
        raise RecordError(Code.TRUNCATED, open_since, "the file ends before the last part of this record.")


def read_header(
    payload: bytes | memoryview, offset: int, length: int | None = None
) -> tuple[int, tuple[float, ...], int]:
    """Return a payload's id, its labels, and where its image starts; `offset` is the record's, for the error.

    Where `payload` is only the first bytes of it, `length` is the whole payload's.

    Raises:
        RecordError: if the payload is shorter than its header says, or its labels go beyond those first bytes.
    """
    if len(payload) < HEADER.size:
        raise RecordError(Code.HEADER_TOO_SHORT, offset, f"the record has {len(payload)} bytes of at least 24.")
    flag, label, identifier, _ = HEADER.unpack_from(payload)
    if not flag:
        return identifier, (label,), HEADER.size
    image = HEADER.size + 4 * flag
    if len(payload) < image <= (length or 0):
        most = (len(payload) - HEADER.size) // 4
        raise RecordError(
            Code.TOO_MANY_LABELS, offset, f"the record has {flag:,} labels; at most {most:,} are looked at."
        )
    if len(payload) < image and (other := explain_record(payload)):
        message = f"the record begins with {other.name}, without the header that im2rec gives each."
        raise RecordError(Code.HEADER_TOO_SHORT, offset, message, other.remedy)
    if len(payload) < image:
        raise RecordError(Code.HEADER_TOO_SHORT, offset, f"the record is too short for its {flag:,} labels.")
    return identifier, struct.unpack_from(f"<{flag}f", payload, HEADER.size), image


def frame(payload: bytes) -> bytes:
    """Return a payload as the part or parts that dmlc-core writes.

    Raises:
        UnpackableRecordError: if the payload is 512 MiB or longer.
    """
    if len(payload) > LONGEST_PAYLOAD:
        raise UnpackableRecordError(f"A record of {len(payload):,} bytes is longer than 2^29 - 1.")
    pieces, start = [], 0
    found = payload.find(MAGIC)
    while found >= 0:
        if found % 4 == 0:
            pieces.append(payload[start:found])
            start = found + 4
        found = payload.find(MAGIC, found + 1 if found % 4 else start)
    pieces.append(payload[start:])
    flags = [WHOLE] if len(pieces) == 1 else [FIRST, *[MIDDLE] * (len(pieces) - 2), LAST]
    return b"".join(
        _PREFIX.pack(MAGIC_NUMBER, flag << 29 | len(piece)) + piece + bytes(-len(piece) % 4)
        for flag, piece in zip(flags, pieces, strict=True)
    )


def _no_magic(source: Source, offset: int, prefix: bytes) -> RecordError:
    """Say what stands where a record should: look ahead for the next magic number, as MXNet's reader would."""
    window, position = prefix + bytes(source.take(_BEGINNING_BYTES)), offset
    beginning = window
    while True:
        more = bytes(source.take(1 << 18))
        window += more
        found = window.find(MAGIC)
        while found >= 0 and (position + found) % 4:
            found = window.find(MAGIC, found + 1)
        if found >= 0:
            begins = f"the next record may start at byte {position + found:,}"
            return RecordError(Code.NO_MAGIC_NUMBER, offset, f"no record starts here; {begins}.")
        if not more:
            break
        position += len(window) - 3
        window = window[-3:]
    left = source.offset - offset
    if offset == 0:
        other = explain_record_file(beginning)
        instead = f": the file is {other.name}" if other else ""
        message = f"none of the {left:,} bytes starts a RecordIO record{instead}."
        return RecordError(Code.NOT_A_RECORD_FILE, 0, message, other.remedy if other else "")
    return RecordError(Code.TRAILING_BYTES, offset, f"{left:,} bytes after the last record belong to no record.")
