"""Draws photographs to pack: `python -m benchmarks.photos FOLDER COUNT`, on the Python that has Pillow."""

import random
import sys
from pathlib import Path

from PIL import Image

CLASSES = 10
SIZES = ((500, 375), (375, 500), (500, 333), (640, 480))  # as ImageNet's are


def draw(folder: Path, count: int) -> None:
    """Draw so many photographs, a folder a class: soft shapes under fine grain, about 60 KB each as JPEG."""
    chance = random.Random(count)  # nosec B311 # noqa: S311 - a fixed seed is the point
    for number in range(count):
        path = folder / f"class{number % CLASSES}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = SIZES[number % len(SIZES)]
        shapes = Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3)).resize(size, Image.Resampling.BICUBIC)
        grain = Image.effect_noise(size, 20).convert("RGB")
        Image.blend(shapes, grain, 0.3).save(path, "JPEG", quality=90)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), int(sys.argv[2]))
