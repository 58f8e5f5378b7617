"""Images as a model takes them: red, green, blue (or gray) from 0 to 255, channel by channel, without any mean.

`CROP` gives what MXNet 1.9.1's ImageRecordIter trains on without augmentation, to the byte for images in colour and
JPEG in gray; up to 2 of 255 beside it for other images in gray and in CMYK, and where one is resized.
What a cut JPEG lacks is grey here, and left to chance there.
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from sagescene.errors import SagesceneError
from sagescene.files.images import PNG_SIGNATURE
from sagescene_model.params import Array
from sagescene_model.photographs import (
    LARGEST_IN_PIXELS,
    TURNS,
    drop_optional_parts,
    has_too_many_scans,
)

type Size = tuple[int, int]  # height and width
type Window = tuple[range, range]  # rows and columns

warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # for there is this bound; Pillow warns at 89 million
warnings.filterwarnings("ignore", module="PIL.TiffImagePlugin")  # of what is damaged, which is refused, or is but a tag
# Of as many pixels as are allowed, one takes up to 1.1 GB. Most cameras write up to 24 million; what has more waits
# until no other such image is held, in whatever thread.
_LARGE_IN_PIXELS = 32_000_000
_ALONE = threading.Lock()
_FORMATS = ("JPEG", "PNG", "BMP", "TIFF")
_END_OF_JPEG = b"\xff\xd9"

# Pillow has turned a TIFF already; MXNet's reader leaves one on its side, and only flips it.
_TURNS_OF_TIFF = {
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.TRANSVERSE,
    7: Image.Transpose.TRANSPOSE,
    8: Image.Transpose.TRANSVERSE,
}


class Fit(StrEnum):
    """How an image of another size comes to the model's: the centre is cut out, or all of it is resized."""

    CROP = "crop"
    SQUASH = "squash"


class PictureRefused(SagesceneError):
    """An image that cannot be decoded, or is too large."""


def decode(content: bytes, shape: tuple[int, int, int], fit: Fit, *, resize: int | None = None) -> Array:
    """Return an image as an array of `shape`: channels (1 or 3), height, width.

    `resize` is what the shorter side is first resized to, as the hyperparameter of that name; SQUASH needs none.

    Raises:
        PictureRefused: if it is no JPEG, PNG, BMP or TIFF, is damaged, or has more than 100 million pixels or so many
            scans that decoding would take long.
    """
    with _refusing(), _reading(content, _mode_of(shape)) as image:
        return _fit(image, shape, fit, resize)


def decode_fits(content: bytes, shape: tuple[int, int, int], *, resize: int | None = None) -> dict[Fit, Array]:
    """Return an image under both fits, decoded once; without SQUASH where that is what CROP gives.

    Raises:
        PictureRefused: as `decode`.
    """
    _, height, width = shape
    with _refusing(), _reading(content, _mode_of(shape)) as image:
        is_same = image.size == (width, height) and resize in (None, 0, min(height, width))
        return {fit: _fit(image, shape, fit, resize) for fit in Fit if fit is Fit.CROP or not is_same}


def make_thumbnail(content: bytes, side: int) -> bytes:
    """Return an image as a JPEG in colour of at most `side` pixels a side.

    Raises:
        PictureRefused: as `decode`.
    """
    with _refusing(), _reading(content, "RGB") as image:
        image.thumbnail((side, side))
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=80)
    return stream.getvalue()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        # Pillow names the object it read from, which says nothing to people.
        reason = "it is no JPEG, PNG, BMP or TIFF" if isinstance(error, UnidentifiedImageError) else error
        raise PictureRefused(
            f"The image cannot be decoded ({reason}). Take it out of the set, or replace it."
        ) from error


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(f"The image has more than {LARGEST_IN_PIXELS:,} pixels. Make it smaller.")


def _mode_of(shape: tuple[int, int, int]) -> str:
    return "L" if shape[0] == 1 else "RGB"


@contextmanager
def _reading(content: bytes, mode: str) -> Iterator[Image.Image]:
    with ExitStack() as held:
        yield _read_image(content, mode, held)


def _read_image(content: bytes, mode: str, held: ExitStack) -> Image.Image:
    is_jpeg = content[:2] == b"\xff\xd8"
    if is_jpeg:
        content += _END_OF_JPEG  # libjpeg then takes a cut image, as in MXNet's reader, and passes over a second end
    elif content.startswith(PNG_SIGNATURE):  # whose optional parts change no pixel of MXNet's, and Pillow warns of some
        content = drop_optional_parts(content)
    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        pixels = opened.width * opened.height
        if pixels > LARGEST_IN_PIXELS:
            raise _too_many_pixels()
        if pixels > _LARGE_IN_PIXELS:
            held.enter_context(_ALONE)
        if is_jpeg:
            if has_too_many_scans(content, pixels):
                raise PictureRefused("The image is a JPEG of too many scans to be decoded. Save it anew.")
            opened.draft(mode, None)  # in a JPEG, gray is a channel of its own
        is_tiff = opened.format == "TIFF"
        turns = TURNS if is_jpeg else _TURNS_OF_TIFF if is_tiff else {}
        turn = turns.get(_read_orientation(opened)) if turns else None
        image: Image.Image = opened
        if opened.mode.startswith("I"):  # 16 bits
            image = Image.fromarray((np.asarray(opened) >> 8).astype(np.uint8))
        if is_tiff and opened.mode == "RGBA":  # in which what is transparent is black; in a PNG it keeps its colour
            image = Image.merge("RGB", opened.convert("RGBa").split()[:3])
        image.load()
        turned = image if turn is None else image.transpose(turn)
        return turned if turned.mode == mode else turned.convert(mode)


def _fit(image: Image.Image, shape: tuple[int, int, int], fit: Fit, resize: int | None) -> Array:
    channels, height, width = shape
    if fit is Fit.SQUASH:
        pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    else:
        pixels = _cut(image, height, width, resize)
    return pixels.reshape(height, width, channels).transpose(2, 0, 1).astype(np.float32)


def _read_orientation(opened: Image.Image) -> int:
    """Read what a camera says of how it was held; Pillow's own exif_transpose fails where other tags are damaged."""
    try:
        return int(opened.getexif().get(ExifTags.Base.Orientation, 1))
    except (SyntaxError, OSError, ValueError, TypeError, struct.error):
        return 1


def _cut(image: Image.Image, height: int, width: int, resize: int | None) -> NDArray[np.uint8]:
    """Cut out the centre of an image that is resized; of what is resized, only the pixels that are needed are made.

    A line of pixels that is enlarged to a model's size has hundreds of millions of them.
    """
    columns, rows = image.size
    sizes = [(rows, columns), *_find_sizes(rows, columns, height, width, resize)]
    rows, columns = sizes[-1]
    top, left = (rows - height) // 2, (columns - width) // 2
    windows: list[Window] = [(range(top, top + height), range(left, left + width))]
    for size, following in reversed(list(pairwise(sizes))):
        by_row, by_column = windows[0]
        windows.insert(0, (_reach(by_row, size[0], following[0]), _reach(by_column, size[1], following[1])))
    by_row, by_column = windows[0]
    part = np.asarray(image.crop((by_column.start, by_row.start, by_column.stop, by_row.stop)))
    for step, scales in enumerate(pairwise(sizes)):
        part = _interpolate(part, scales, windows[step], windows[step + 1])
    return part


def _find_sizes(rows: int, columns: int, height: int, width: int, resize: int | None) -> Iterator[Size]:
    """Yield what an image is resized to in turn: its shorter side to `resize`, then until the model's size fits in."""
    if resize:
        rows, columns = (resize * rows // columns, resize) if rows > columns else (resize, resize * columns // rows)
        yield rows, columns
    if rows < height:
        rows, columns = height, int(np.float32(height) / np.float32(rows) * np.float32(columns))
        yield rows, columns
    if columns < width:
        yield int(np.float32(width) / np.float32(columns) * np.float32(rows)), width


def _reach(window: range, count: int, size: int) -> range:
    """Give the pixels of `count` that those of a window are made of, once there are `size` of them."""
    first, last = _locate(np.array([window[0], window[-1]]), count, size).astype(int).tolist()
    return range(first, min(last + 2, count))


def _locate(places: NDArray[np.intp], count: int, size: int) -> NDArray[np.float64]:
    """Give where among `count` pixels those lie that stand at certain places once there are `size` of them."""
    return np.clip((places + 0.5) * count / size - 0.5, 0, count - 1)


def _interpolate(part: NDArray[np.uint8], scales: tuple[Size, Size], held: Window, wanted: Window) -> NDArray[np.uint8]:
    """Resize as OpenCV does, between the four nearest pixels also where it shrinks; Pillow would take them all in.

    `part` is the window `held` of an image of the first scale, and what is given the window `wanted` of the second.
    """
    image: NDArray[np.uint8 | np.float32] = part.reshape(*part.shape[:2], -1)
    for axis, (count, size) in enumerate(zip(*scales, strict=True)):
        places = _locate(np.array(wanted[axis]), count, size)
        before = places.astype(np.intp)
        share = (places - before).astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        after = np.minimum(before + 1, count - 1)
        start = held[axis].start
        image = image.take(before - start, axis) * (1 - share) + image.take(after - start, axis) * share
    return (image + np.float32(0.5)).astype(np.uint8)
