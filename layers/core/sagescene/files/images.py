"""Format and size of an image from its first bytes: the JPEG frame header (ITU T.81) or the PNG IHDR chunk."""

from typing import NamedTuple

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Every start of frame; C4, C8 and CC between them are tables and an extension.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class ImageSize(NamedTuple):
    """Format ("jpeg" or "png"), height and width in pixels; both are 0 where the first bytes do not reach them."""

    format: str
    height: int
    width: int


def read_size(head: bytes | memoryview) -> ImageSize | None:
    """Return format and size of the image that starts with `head`, or None if that is no JPEG and no PNG.

    A head that ends within the segments before a JPEG's frame gives the size 0 x 0.
    """
    if head[:2] == b"\xff\xd8":
        return _read_jpeg_size(head)
    if head[:8] == PNG_SIGNATURE and head[12:16] == b"IHDR" and len(head) >= 24:
        width, height = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
        return ImageSize("png", height, width) if height and width else None
    return None


def _read_jpeg_size(head: bytes | memoryview) -> ImageSize | None:
    position, end = 2, len(head)
    while position + 9 <= end:
        if head[position] != 0xFF:
            return None
        marker = head[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
        elif marker in _FRAMES:
            height = head[position + 5] << 8 | head[position + 6]
            width = head[position + 7] << 8 | head[position + 8]
            return ImageSize("jpeg", height, width) if height and width else None
        elif marker in _NO_LENGTH:
            position += 2
        else:
            length = head[position + 2] << 8 | head[position + 3]
            if length < 2 or marker in (0x00, 0xD9, 0xDA):  # no frame before the scan or the end
                return None
            position += 2 + length
    return ImageSize("jpeg", 0, 0)
