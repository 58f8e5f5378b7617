"""Format, size and soundness of an image file: JPEG markers (ITU T.81) and PNG chunks, walked and never decoded.

The judge is MXNet 1.9.1's reader (OpenCV 3.4.2), which trains on these images: it reads a JPEG that is cut within its
only scan, and refuses one that has no scan, or that has several and no end; it refuses a PNG without pixels or an end.
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
_SEGMENT, _SIDES = struct.Struct(">BBH"), struct.Struct(">HH")
_END_OF_IMAGE = b"\xff\xd9"
_START_OF_SCAN = 0xDA
# Every start of frame; C4, C8 and CC between them are tables and an extension.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_NO_LENGTH = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
# Segments of which nothing is read.
_SKIPPED = frozenset(range(0x02, 0xFF)) - _NO_LENGTH - _FRAMES - {0xD9, _START_OF_SCAN}


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
    if signature == PNG_SIGNATURE and head[12:16] == b"IHDR" and len(head) >= 24:
        size = ImageSize("png", int.from_bytes(head[20:24]), int.from_bytes(head[16:20]))
        return Image(size, _inspect_chunks(head, missing, remainder)) if size.height and size.width else None
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
            height, width = _SIDES.unpack_from(head, position + 5)
            if not height or not width:
                return None
            frame, components = marker, head[position + 9]
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
        else:  # no scan before the end, or no frame before the scan
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


def _inspect_chunks(head: bytes | memoryview, missing: int, remainder: Remainder | None) -> Soundness:
    position, windows, has_pixels = len(PNG_SIGNATURE), 0, False
    while True:
        if position + 12 > len(head):
            if not remainder or not remainder.left or windows == MOST_WINDOWS:
                break
            windows += 1
            head, position = _read_on(head, position, remainder)
            continue
        kind = head[position + 4 : position + 8]
        if kind == b"IEND":
            return Soundness.SOUND if has_pixels else Soundness.BROKEN
        has_pixels = has_pixels or kind == b"IDAT"
        position += 12 + int.from_bytes(head[position : position + 4])
    return Soundness.SOUND if (remainder.left if remainder else missing) else Soundness.BROKEN


def _read_on(head: bytes | memoryview, position: int, remainder: Remainder) -> tuple[bytes, int]:
    """Give the bytes from `position` on, which counts from the head's start and may lie behind it."""
    remainder.skip(position - len(head))
    return bytes(head[position:]) + remainder.take(_WINDOW_BYTES), 0
