"""What packing an image and asking a model about it have in common; needs Pillow alone."""

import re
import zlib

from PIL import Image

from sagescene.files.images import PNG_SIGNATURE

# Pillow holds four bytes a pixel, and an image that is converted up to four times, in a function of 3 GB beside the
# network. `sagescene pack` takes larger ones, so that it can scale them down.
LARGEST_IN_PIXELS = 100_000_000
# libjpeg walks over all blocks of a JPEG once for each scan, though a few bytes be all of it: 0.1 seconds for 100
# million pixels. A progressive file has about 10, and 18 in CMYK; libtiff takes 100 as well.
MOST_SCANS = 100
MOST_PIXELS_OF_SCANS = 4_000_000_000  # 25 scans of the largest image that is packed
# What sets a JPEG upright, by the orientation of EXIF; 1 is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_START_OF_IMAGE = b"\xff\xd8"
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_LONE_MARKER = 0x01  # without a length behind it
BEHIND_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # within a scan FF is followed by 00 or the number of a restart


def has_too_many_scans(jpeg: bytes, pixels: int) -> bool:
    """Tell whether decoding a JPEG of so many pixels would take long for its scans, however few bytes they are.

    Only markers are counted, and not what a camera writes into segments or behind the end, such as a film.
    """
    most = min(MOST_SCANS, MOST_PIXELS_OF_SCANS // max(1, pixels))
    scans, position = 0, len(_START_OF_IMAGE)
    if jpeg.count(bytes((0xFF, _START_OF_SCAN))) <= most:
        return False
    while scans <= most and (found := BEHIND_SCAN.search(jpeg, position)):
        marker, position = jpeg[found.start() + 1], found.end()
        if marker == _END_OF_IMAGE:
            break
        scans += marker == _START_OF_SCAN
        if marker != _LONE_MARKER:
            position += max(2, int.from_bytes(jpeg[position : position + 2]))
    return scans > most


def drop_optional_parts(png: bytes, *, only_damaged: bool = False) -> bytes:
    """Leave out of a PNG file the chunks that a reader may pass over, or only those whose checksum is wrong.

    libpng, by which MXNet decodes, passes over the latter; Pillow refuses the image for them.
    """
    view = memoryview(png)
    kept, position = [view[: len(PNG_SIGNATURE)]], len(PNG_SIGNATURE)
    while position < len(png):
        kind, end = png[position + 4 : position + 8], position + 12 + int.from_bytes(view[position : position + 4])
        is_optional = kind.isalpha() and kind[:1].islower() and end <= len(png)  # what is no chunk is left to Pillow
        if not is_optional or (only_damaged and _is_sound(view[position + 4 : end])):
            kept.append(view[position:end])
        position = end
    return b"".join(kept)


def _is_sound(chunk: memoryview) -> bool:
    return zlib.crc32(chunk[:-4]) == int.from_bytes(chunk[-4:])
