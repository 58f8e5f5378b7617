"""From a picture's bytes to the numbers the network sees: decode, crop to the image shape, average down."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sagescene_trainer.failures import AlgorithmFault, CustomerFault

# A picture is averaged down to this many pixels a side: enough to tell shapes and glyphs apart, small enough
# that an image shape of 3,224,224 trains in seconds on a laptop.
SIDE = 16
_MODES = {1: "L", 3: "RGB"}


def measure_features(picture: bytes, shape: tuple[int, int, int], *, resize: int | None = None) -> NDArray[np.float32]:
    """Turn one JPEG or PNG into a flat vector of values from 0 to 1.

    `shape` is channels, height, width; `resize` the length of the shorter side before the crop. The crop is the central
    one: random crops and the other augmentations of the real algorithm are left out.

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
    small = image.resize(
        (min(SIDE, width), min(SIDE, height)),
        Image.Resampling.BOX,
        box=(left, top, left + width, top + height),
    )
    return np.asarray(small, dtype=np.float32).ravel() / np.float32(255)
