"""A data set that costs as little as one can: two classes of coloured noise, trained on for one epoch."""

import json
import random
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

from PIL import Image

from sagescene_command.packing import pack

CLASSES: Mapping[str, tuple[int, int, int]] = {"blue": (0, 40, 160), "red": (160, 40, 0)}  # darkest colours, in RGB
IMAGES_OF_A_CLASS = 40
SIDE = 64  # pixels
VALIDATION_SHARE = 0.2
_SPREAD = 80  # of each colour above its darkest: no two images are alike
# The batch reaches every GPU of the largest type that the template offers, and both parts hold as many images.
HYPERPARAMETERS: Mapping[str, object] = {
    "epochs": 1,
    "image_shape": f"3,{SIDE},{SIDE}",
    "learning_rate": 0.01,
    "mini_batch_size": 16,
    "num_layers": 18,
}


def make_set(scratch: Path, name: str) -> tuple[Path, ...]:
    """Pack the set in a folder of its name below `scratch`; give its files in the order in which to upload them.

    The records come last: the stack takes a set for complete once they are there.
    """
    images, folder = scratch / "images", scratch / name
    _write_images(images)
    packed = pack.pack(images, folder / name, validation_share=VALIDATION_SHARE)
    training = folder / "training.json"
    training.write_text(json.dumps(HYPERPARAMETERS))
    return tuple(sorted((*packed.files, training), key=lambda path: (path.suffix == ".rec", path.name)))


def _write_images(folder: Path) -> None:
    chance = random.Random(1)  # nosec B311 # noqa: S311 - a fixed seed is the point
    for name, darkest in CLASSES.items():
        (folder / name).mkdir(parents=True)
        for number in range(IMAGES_OF_A_CLASS):
            noise = zip(cycle(darkest), chance.randbytes(SIDE * SIDE * len(darkest)), strict=False)
            pixels = bytes(level + byte % _SPREAD for level, byte in noise)
            Image.frombytes("RGB", (SIDE, SIDE), pixels).save(folder / name / f"{number:02}.png")
