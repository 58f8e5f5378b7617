"""From a picture's bytes to the numbers the network sees: decode, crop to the image shape, average down."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sagescene_trainer.failures import AlgorithmFault, CustomerFault

# A picture is averaged down to at most this many pixels a side: enough to tell shapes and glyphs apart, small enough
# that an image shape of 3,224,224 trains in seconds on a laptop.
SIDE = 16
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Averaging:
    """The windows of pixels that are averaged, as height and width: how large one is, and how far it is to the next."""

    kernel: tuple[int, int]
    stride: tuple[int, int]


def choose_averaging(shape: tuple[int, int, int]) -> Averaging:
    """Choose the windows for an image shape (channels, height, width), so that each pixel lies within one."""
    _, *lengths = shape
    height, width = (-(-length // SIDE) for length in lengths)
    # Windows overlap where the strides do not fill a side: none may reach over its end, where nothing is to average.
    kernel = (height + lengths[0] % height, width + lengths[1] % width)
    return Averaging(kernel=kernel, stride=(height, width))


def measure_features(picture: bytes, shape: tuple[int, int, int], *, resize: int | None = None) -> NDArray[np.float32]:
    """Turn one JPEG or PNG into averages from 0 to 255, as an array of channels, rows and columns.

    `shape` is channels, height, width; `resize` the length of the shorter side before the crop. The crop is the central
    one: random crops and the other augmentations of the real algorithm are left out. The averages are not rounded, so
    that MXNet's Pooling gives the same.

    Raises:
        CustomerFault: the picture is smaller than the shape.
        AlgorithmFault: the bytes are no picture.
    """
    channels, height, width = shape
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            image = opened.convert(_MODES[channels])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        raise AlgorithmFault(f"Invalid image: the record's bytes cannot be decoded ({broken})") from broken
    if resize is not None:
        scale = resize / min(image.size)
        image = image.resize((max(resize, round(image.width * scale)), max(resize, round(image.height * scale))))
    if image.width < width or image.height < height:
        # MXNet's text, to which the two sizes are added so that a person finds the picture.
        raise CustomerFault(
            f"input image size smaller than input shape "
            f"(image {image.height} x {image.width}, image_shape {channels},{height},{width})"
        )
    left, top = (image.width - width) // 2, (image.height - height) // 2
    crop = np.asarray(image.crop((left, top, left + width, top + height))).reshape(height, width, channels)
    averaging = choose_averaging(shape)
    windows = np.lib.stride_tricks.sliding_window_view(crop, averaging.kernel, axis=(0, 1))
    averages = windows[:: averaging.stride[0], :: averaging.stride[1]].mean(axis=(3, 4))
    return averages.transpose(2, 0, 1).astype(np.float32)
