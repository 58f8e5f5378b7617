"""What libpng, by which MXNet decodes, refuses in a PNG file: checksums, the compressed stream, and the rows in it.

Pillow is no judge of these: it passes over the checksum of pixels and over missing rows, and holds the checksums of
comments, which libpng ignores.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise

from sagescene.errors import SagesceneError
from sagescene.files.images import PNG_SIGNATURE

_KNOWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE = 3
_MOST_FILTER = 4
_PIECE_BYTES = 1 << 20
# Of each pass of Adam7: the first column and row, and the steps between them.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
DAMAGED = "the compressed pixels are damaged"


class RefusedPngError(SagesceneError):
    """A PNG file that libpng refuses; the message is the reason."""


def require_readable(content: bytes) -> None:
    """Read a PNG file as far as libpng must; memory is a piece of 1 MiB of its pixels.

    Raises:
        RefusedPngError: if libpng refuses it.
    """
    chunks = list(_read_chunks(content))
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or kinds[-1] != b"IEND" or kinds.count(b"IHDR") > 1:
        raise RefusedPngError("the parts are out of order")
    header = bytes(chunks[0][1])
    if len(header) != 13 or header[10:12] != b"\0\0" or header[12] > 1 or header[8] not in _DEPTHS.get(header[9], ()):
        raise RefusedPngError("the header is damaged")
    if header[9] == _PALETTE and b"PLTE" not in kinds[: kinds.index(b"IDAT") if b"IDAT" in kinds else None]:
        raise RefusedPngError("the palette is missing")
    if sum(after == b"IDAT" != before for before, after in pairwise(kinds)) > 1:
        raise RefusedPngError("the parts are out of order")
    _check_pixels((data for kind, data in chunks if kind == b"IDAT"), list(_list_passes(header)))


def _read_chunks(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, position = memoryview(content), len(PNG_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length, kind = int.from_bytes(view[position : position + 4]), bytes(view[position + 4 : position + 8])
        end = position + 12 + length
        if end > len(view):
            raise RefusedPngError("the end is missing")
        if not kind.isalpha():
            raise RefusedPngError("a part is of no kind")
        if kind[:1].isupper():  # libpng must understand it
            if kind not in _KNOWN:
                raise RefusedPngError("a part is of an unknown kind")
            if zlib.crc32(view[position + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
                raise RefusedPngError("a checksum is wrong")
        yield kind, view[position + 8 : end - 4]
        position = end


def _list_passes(header: bytes) -> Iterator[tuple[int, int]]:
    """Give the bytes of a row, and of all rows, of each pass over the picture."""
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    bits = header[8] * _CHANNELS[header[9]]
    for left, top, across, down in _ADAM7 if header[12] else ((0, 0, 1, 1),):
        columns, rows = -((left - width) // across), -((top - height) // down)
        if columns > 0 and rows > 0:
            row = (columns * bits + 7) // 8 + 1
            yield row, row * rows


def _check_pixels(compressed: Iterable[memoryview], passes: list[tuple[int, int]]) -> None:
    inflater = zlib.decompressobj()
    position = 0
    for piece in _inflate(inflater, compressed):
        rest = piece
        while rest and passes:
            row, size = passes[0]
            part, rest = rest[: size - position], rest[size - position :]
            if max(part[-position % row :: row], default=0) > _MOST_FILTER:
                raise RefusedPngError(DAMAGED)
            position += len(part)
            if position == size:
                position = 0
                del passes[0]
        if rest:
            return  # libpng passes over what is too much
    if passes:
        raise RefusedPngError("rows are missing")
    if not inflater.eof:
        raise RefusedPngError(DAMAGED)


def _inflate(inflater: "zlib._Decompress", compressed: Iterable[memoryview]) -> Iterator[bytes]:
    for data in compressed:
        waiting: bytes | memoryview = data
        while waiting:
            try:
                piece = inflater.decompress(waiting, _PIECE_BYTES)
            except zlib.error as error:
                raise RefusedPngError(DAMAGED) from error
            yield piece
            if inflater.eof:
                return
            waiting = inflater.unconsumed_tail
