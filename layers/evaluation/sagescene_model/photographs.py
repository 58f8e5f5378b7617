"""What packing an image and asking a model about it have in common; needs Pillow alone."""

import zlib

from PIL import Image

# Pillow holds four bytes a pixel, and an image that is converted up to four times, in a function of 3 GB beside the
# network. `sagescene pack` takes larger ones, so that it can scale them down.
LARGEST_IN_PIXELS = 100_000_000
START_OF_PNG = b"\x89PNG\r\n\x1a\n"
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


def drop_optional_parts(png: bytes, *, only_damaged: bool = False) -> bytes:
    """Leave out of a PNG file the chunks that a reader may pass over, or only those whose checksum is wrong.

    libpng, by which MXNet decodes, passes over the latter; Pillow refuses the image for them.
    """
    view = memoryview(png)
    kept, position = [view[: len(START_OF_PNG)]], len(START_OF_PNG)
    while position < len(png):
        kind, end = png[position + 4 : position + 8], position + 12 + int.from_bytes(view[position : position + 4])
        is_optional = kind.isalpha() and kind[:1].islower() and end <= len(png)  # what is no chunk is left to Pillow
        if not is_optional or (only_damaged and _is_sound(view[position + 4 : end])):
            kept.append(view[position:end])
        position = end
    return b"".join(kept)


def _is_sound(chunk: memoryview) -> bool:
    return zlib.crc32(chunk[:-4]) == int.from_bytes(chunk[-4:])
