"""A small data set that needs no download: scikit-learn's 1,797 handwritten digits as a folder of PNG files a class."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image


def write_digits(folder: Path, *, side: int = 32, progress: Callable[[int, int], None] | None = None) -> int:
    """Write each digit as `folder/<digit>/<number>.png`, `side` x `side` pixels in RGB, and return their number.

    The digits are 8 x 8 pixels of 17 shades (UCI "Optical Recognition of Handwritten Digits", test part); they are
    enlarged, because the algorithm's smallest networks are made for images of about 28 x 28.
    """
    from sklearn.datasets import load_digits  # half a second to import, and only needed here

    digits = load_digits()
    for number, (shades, digit) in enumerate(zip(digits.images, digits.target, strict=True)):
        small = Image.fromarray((shades * (255 / 16)).round().astype("uint8"))
        target = folder / str(digit) / f"{number:04}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        small.resize((side, side), Image.Resampling.BICUBIC).convert("RGB").save(target)
        if progress:
            progress(number + 1, len(digits.target))
    return len(digits.target)
