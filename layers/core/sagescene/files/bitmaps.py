"""BMP and TIFF files in records: MXNet 1.9.1's reader takes most of them, though AWS documents JPEG and PNG alone.

What is told here of a file was tried with that reader (OpenCV 3.4.2): depths and compressions that it takes, those
that it refuses or makes a black picture of, and that it refuses a file which ends before its pixels do.
"""

import struct
from typing import NamedTuple

_LONGEST_SIDE = 1 << 20  # OpenCV's
_BITFIELDS, _RLE8, _RLE4 = 3, 1, 2
_BMP_READ = {
    *((depth, 0) for depth in (1, 4, 8, 16, 24, 32)),
    (16, _BITFIELDS),
    (32, _BITFIELDS),
    (4, _RLE4),
    (8, _RLE8),
}
_MASKS = {(0x7C00, 0x3E0, 0x1F), (0xF800, 0x7E0, 0x1F)}
_OLD_HEADER, _SHORTEST_HEADER = 12, 36
BMP_HEADER_BYTES = 66  # to the end of the masks

_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_WIDTH, _HEIGHT, _DEPTH, _COMPRESSION, _STRIP, _STRIP_BYTES, _SAMPLE_FORMAT = 256, 257, 258, 259, 273, 279, 339
_SHORT = 3
_NUMBERS = {_SHORT: "H", 4: "I"}
# No compression, those of fax machines, LZW, PackBits. Zstandard's pixels become black, the others are refused.
_TIFF_READ = {1, 2, 3, 4, 5, 32773}
_DEPTHS_READ = {1, 2, 4, 8, 16}  # bits of a sample
_FLOATS = 3
TIFF_HEADER_BYTES = 8
TIFF_DIRECTORY_BYTES = 2 + 12 * 64  # writers have some 20 entries, and behind them what is too long for an entry


class Bitmap(NamedTuple):
    """Height and width in pixels, and whether all of the pixels are there as far as that is known."""

    height: int
    width: int
    is_whole: bool = True


def read_bmp(head: bytes, length: int) -> Bitmap | None:
    """Read the header of a BMP file of `length` bytes; None for one that the reader does not take."""
    if len(head) < _OLD_HEADER + 14:
        return None
    offset, header = struct.unpack_from("<II", head, 10)
    compression, is_masked = 0, False
    if header == _OLD_HEADER:
        width, height, _, depth = struct.unpack_from("<HHHH", head, 18)
    elif header >= _SHORTEST_HEADER and len(head) >= 34:
        width, height, _, depth, compression = struct.unpack_from("<iiHHI", head, 18)
        is_masked = depth == 16 and compression == _BITFIELDS
    else:
        return None
    height = abs(height)  # rows from the top down have a negative one
    if (depth, compression) not in _BMP_READ or not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE):
        return None
    if is_masked and (len(head) < BMP_HEADER_BYTES or struct.unpack_from("<III", head, 54) not in _MASKS):
        return None
    row = (width * depth + 31) // 32 * 4
    return Bitmap(height, width, compression in (_RLE4, _RLE8) or offset + row * height <= length)


def find_tiff_directory(head: bytes) -> int | None:
    """Give the offset of a TIFF file's first directory; None if these bytes do not begin one."""
    order = _TIFF_ORDERS.get(head[:4])
    return int(struct.unpack_from(f"{order}I", head, 4)[0]) if order and len(head) >= TIFF_HEADER_BYTES else None


def read_tiff(head: bytes, directory: bytes, position: int, length: int) -> Bitmap | None:
    """Read the first directory, at `position`, of a TIFF file of `length` bytes; None for one that is not taken.

    Where pixels are in several strips, it is not looked whether all of them are there. Depths and formats of several
    samples are looked for in the bytes of `directory`, where writers put them, and taken for usual ones elsewhere.
    """
    order = _TIFF_ORDERS[head[:4]]
    values = {_DEPTH: 1, _COMPRESSION: 1}
    entries = struct.unpack_from(f"{order}H", directory)[0] if len(directory) > 1 else 0
    for start in range(2, min(2 + 12 * entries, len(directory) - 11), 12):
        tag, kind, count = struct.unpack_from(f"{order}HHI", directory, start)
        if count == 1 and (number := _NUMBERS.get(kind)):
            values[tag] = struct.unpack_from(order + number, directory, start + 8)[0]
        elif tag in (_DEPTH, _SAMPLE_FORMAT) and kind == _SHORT:  # one a sample: two fit in the entry
            at = start + 8 if count == 2 else struct.unpack_from(f"{order}I", directory, start + 8)[0] - position
            if 0 <= at <= len(directory) - 2:
                values[tag] = struct.unpack_from(f"{order}H", directory, at)[0]
    height, width = values.get(_HEIGHT, 0), values.get(_WIDTH, 0)
    is_taken = (
        values[_COMPRESSION] in _TIFF_READ and values[_DEPTH] in _DEPTHS_READ and values.get(_SAMPLE_FORMAT) != _FLOATS
    )
    if not is_taken or not (0 < height <= _LONGEST_SIDE and 0 < width <= _LONGEST_SIDE):
        return None
    return Bitmap(height, width, values.get(_STRIP, 0) + values.get(_STRIP_BYTES, 0) <= length)
