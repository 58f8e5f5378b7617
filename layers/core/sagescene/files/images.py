"""Format, size and soundness of an image file: JPEG markers (ITU T.81) and PNG chunks, walked and never decoded.

The judge is MXNet 1.9.1's reader (OpenCV 3.4.2), which trains on these images: it reads a JPEG that is cut within its
only scan, and refuses one that has no scan, or that has several and no end; it refuses a PNG without pixels or an end.
Of both formats it lacks kinds that others read, such as a lossless JPEG or one of 12 bits.
"""

import re
import struct
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from sagescene.bounds import IMAGE_END_BYTES, MOST_WINDOWS
from sagescene.files.bitmaps import (
    BMP_HEADER_BYTES,
    TIFF_DIRECTORY_BYTES,
    Bitmap,
    find_tiff_directory,
    read_bmp,
    read_tiff,
)
from sagescene.files.framing import Remainder

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Metadata of 1 GB in full segments, or pixels of 128 MB in the chunks that libpng writes.
_WINDOW_BYTES = 512
_LONGEST_START = 10  # of a JPEG's segment, up to the number of components in its frame
_MARKER = re.compile(b"\xff")
_SEGMENT, _FRAME = struct.Struct(">BBH"), struct.Struct(">BHHB")
_END_OF_IMAGE = b"\xff\xd9"
_START_OF_SCAN = 0xDA
# The starts of frame that are read: Huffman's codes (C0 to C2) or arithmetic ones, of 8 bits, in gray, colour or CMYK.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_PROGRESSIVE = frozenset({0xC2, 0xCA})
_BITS, _COMPONENTS = 8, (3, 1, 4)
_NO_LENGTH = frozenset({0x00, 0x01, *range(0xD0, 0xD8)})
# Tables, applications' segments and comments, of which nothing is read; the reader refuses what it does not know.
_SKIPPED = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE})
# Bits and colours that go together, with the only compression and filters there are, and rows interlaced or not.
_PNG_KINDS = frozenset(
    bytes((depth, colour, 0, 0, interlaced))
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items()
    for depth in depths
    for interlaced in (0, 1)
)
_PALETTE = 3
_BEHIND_HEADER = 33  # where a PNG's second chunk is
_OPTIONAL = 0x20  # of the first letter of a chunk's kind: a reader may pass over it


class Soundness(Enum):
    """What MXNet's reader makes of an image; SOUND also where the bytes at hand do not show a damage."""

    SOUND = "sound"
    CUT = "cut"  # it is read, and what is missing is grey
    BROKEN = "broken"  # it is refused, and training ends


class ImageSize(NamedTuple):
    """Format (jpeg, png, bmp or tiff), height and width in pixels; both are 0 where the bytes at hand do not reach."""

    format: str
    height: int
    width: int


class Image(NamedTuple):
    """Size and soundness of an image file."""

    size: ImageSize
    soundness: Soundness


def read_size(head: bytes | memoryview) -> ImageSize | None:
    """Return format and size of the image that starts with `head`, or None if that is none that MXNet reads.

    A head that ends within the segments before a JPEG's frame gives the size 0 x 0.
    """
    image = inspect(head)
    return image.size if image else None


def inspect(head: bytes | memoryview, missing: int = 0, remainder: Remainder | None = None) -> Image | None:
    """Return size and soundness of the image that starts with `head`, or None if that is none that MXNet reads.

    `missing` bytes of it follow; where there is a `remainder`, they are read on in, by skipping what is of no use.
    """
    signature = bytes(head[:8])
    if signature[:2] == b"\xff\xd8":
        return _inspect_jpeg(head, missing, remainder) if signature[2:3] in (b"\xff", b"") else None
    if signature == PNG_SIGNATURE and head[8:16] == b"\0\0\0\rIHDR" and bytes(head[24:29]) in _PNG_KINDS:
        size = ImageSize("png", int.from_bytes(head[20:24]), int.from_bytes(head[16:20]))
        soundness = _inspect_chunks(head, missing, remainder) if size.height and size.width else None
        return Image(size, soundness) if soundness else None
    if signature[:2] == b"BM":
        return _inspect_bmp(head, missing, remainder)
    if (directory := find_tiff_directory(signature)) is not None:
        return _inspect_tiff(head, directory, missing, remainder)
    return None


def _inspect_bmp(head: bytes | memoryview, missing: int, remainder: Remainder | None) -> Image | None:
    length = len(head) + missing
    if remainder and len(head) < BMP_HEADER_BYTES:
        head, _ = _read_on(head, 0, remainder)
    return _judge_bitmap("bmp", read_bmp(bytes(head[:BMP_HEADER_BYTES]), length))


def _inspect_tiff(head: bytes | memoryview, position: int, missing: int, remainder: Remainder | None) -> Image | None:
    start, length, at = bytes(head[:8]), len(head) + missing, position
    if position >= length:
        return Image(ImageSize("tiff", 0, 0), Soundness.BROKEN)
    if remainder and position + TIFF_DIRECTORY_BYTES > len(head):
        remainder.skip(position - len(head))
        head, position = bytes(head[position:]) + remainder.take(TIFF_DIRECTORY_BYTES), 0
    elif missing and position + TIFF_DIRECTORY_BYTES > len(head):
        return Image(ImageSize("tiff", 0, 0), Soundness.SOUND)
    directory = bytes(head[position : position + TIFF_DIRECTORY_BYTES])
    return _judge_bitmap("tiff", read_tiff(start, directory, at, length))


def _judge_bitmap(kind: str, found: Bitmap | None) -> Image | None:
    if found is None:
        return None
    return Image(ImageSize(kind, found.height, found.width), Soundness.SOUND if found.is_whole else Soundness.BROKEN)


def _inspect_jpeg(head: bytes | memoryview, missing: int, remainder: Remainder | None) -> Image | None:
    position, windows, height, width, frame, components = 2, 0, 0, 0, 0, 0
    last = len(head) - _LONGEST_START
    while True:
        if position > last:
            if not remainder or not remainder.left or windows == MOST_WINDOWS:
                break
            windows += 1
            head, position = _read_on(head, position, remainder)
            last = len(head) - _LONGEST_START
            continue
        begin, marker, length = _SEGMENT.unpack_from(head, position)
        if begin != 0xFF:  # libjpeg passes over it, too
            found = _MARKER.search(head, position)
            position = found.start() if found else len(head)
        elif marker in _SKIPPED and length > 1:
            position += 2 + length
        elif marker in _FRAMES and not frame:
            bits, height, width, components = _FRAME.unpack_from(head, position + 4)
            if bits != _BITS or components not in _COMPONENTS or not height or not width:
                return None
            frame = marker
            position += 2 + length
        elif marker == _START_OF_SCAN and frame:
            has_several_scans = frame in _PROGRESSIVE or head[position + 4] < components
            if _has_end_of_image(head, position, missing, remainder):
                return _sound_jpeg(height, width)
            return _jpeg(height, width, Soundness.BROKEN if has_several_scans else Soundness.CUT)
        elif marker == 0xFF:  # a fill byte
            position += 1
        elif marker in _NO_LENGTH:
            position += 2
        else:  # no scan before the end, no frame before the scan, or what the reader does not know
            return _jpeg(height, width, Soundness.BROKEN) if frame else None
    is_at_end = not (remainder.left if remainder else missing)
    return _jpeg(height, width, Soundness.BROKEN if is_at_end else Soundness.SOUND)


def _jpeg(height: int, width: int, soundness: Soundness) -> Image:
    return Image(ImageSize("jpeg", height, width), soundness)


@lru_cache(1024)  # to make one takes as long as to walk four segments
def _sound_jpeg(height: int, width: int) -> Image:
    return _jpeg(height, width, Soundness.SOUND)


def _has_end_of_image(head: bytes | memoryview, scan: int, missing: int, remainder: Remainder | None) -> bool:
    """Tell whether an end marker follows the scan; where that cannot be seen, it is taken to be there."""
    if missing and not remainder:
        return True
    tail: bytes | memoryview = b""
    if remainder and remainder.left:
        remainder.skip(remainder.left - IMAGE_END_BYTES)
        tail = remainder.take(IMAGE_END_BYTES)
    # Within a scan FF is followed by 00 or the number of a restart, so that FF D9 is its end and nothing else.
    return (tail or head)[-2:] == _END_OF_IMAGE or _END_OF_IMAGE in bytes(head[scan:]) + bytes(tail)


def _inspect_chunks(head: bytes | memoryview, missing: int, remainder: Remainder | None) -> Soundness | None:
    position, windows, has_pixels, lacks_palette = _BEHIND_HEADER, 0, False, head[25] == _PALETTE
    while True:
        if position + 12 > len(head):
            if not remainder or not remainder.left or windows == MOST_WINDOWS:
                break
            windows += 1
            head, position = _read_on(head, position, remainder)
            continue
        kind = head[position + 4 : position + 8]
        if kind == b"IDAT":
            if lacks_palette:
                return None
            has_pixels = True
        elif kind == b"IEND":
            return Soundness.SOUND if has_pixels else Soundness.BROKEN
        elif not kind[0] & _OPTIONAL:
            if kind != b"PLTE":  # a chunk that must be understood, or none
                return None if bytes(kind).isalpha() else Soundness.BROKEN
            lacks_palette = False
        position += 12 + int.from_bytes(head[position : position + 4])
    return Soundness.SOUND if (remainder.left if remainder else missing) else Soundness.BROKEN


def _read_on(head: bytes | memoryview, position: int, remainder: Remainder) -> tuple[bytes, int]:
    """Give the bytes from `position` on, which counts from the head's start and may lie behind it."""
    remainder.skip(position - len(head))
    return bytes(head[position:]) + remainder.take(_WINDOW_BYTES), 0
