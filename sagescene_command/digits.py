"""A small data set that needs no download: scikit-learn's 1,797 handwritten digits as a folder of PNG files a class."""

import json
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from rich.console import Console

from sagescene_command.narration import Narrator, show_progress
from sagescene_command.packing import pack

_HYPERPARAMETERS = {"epochs": 8, "learning_rate": 0.05, "mini_batch_size": 32}


def write_digits(folder: Path, *, side: int = 28, progress: Callable[[int, int], None] | None = None) -> int:
    """Write each digit as `folder/<digit>/<number>.png`, `side` x `side` pixels in RGB, and return their number.

    The digits are 8 x 8 pixels of 17 shades (UCI "Optical Recognition of Handwritten Digits", test part); they are
    enlarged, because the algorithm's smallest networks are made for images of at most 28 x 28.
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


def pack_digits(scratch: Path, console: Console, narrator: Narrator) -> Path:
    """Pack the digits and their hyperparameters into a folder of `scratch`, which is given."""
    images, folder = scratch / "images", scratch / "digits"
    with show_progress(console, "drawing the digits") as progress:
        write_digits(images, progress=progress)
    with show_progress(console, "packing the digits") as progress:
        packed = pack.pack(images, folder / "digits", progress=progress)
    (folder / "training.json").write_text(json.dumps(_HYPERPARAMETERS))
    narrator.say(
        "pack",
        f"{packed.train:,} digits to train on, {packed.validation:,} to validate",
    )
    return folder
