"""Proves that Sagescene cuts out images as MXNet 1.9.1's reader does; its argument is MXNet's Python."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from sagescene_model.pictures import Fit, decode

SIDE = 32
FORMS = [(channels, resize) for channels in (3, 1) for resize in (0, 36)]


def draw_pictures(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Draw images of every kind; name each, and how far a pixel may lie from MXNet's in colour and in gray."""
    random = np.random.default_rng(4)
    rows, columns = np.mgrid[0:38, 0:45]
    waves = np.stack([128 + 90 * np.sin(rows / 9 + columns / 5), 128 + 90 * np.cos(rows / 4), rows * 3 + columns], 2)
    photo = Image.fromarray((waves + random.uniform(0, 30, waves.shape)).astype(np.uint8))  # nosec B311
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    wide = Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 256 + 77)
    clear = photo.convert("RGBA")
    clear.putalpha(photo.convert("L"))
    clear_gray = photo.convert("LA")
    clear_gray.putalpha(clear.getchannel("A").transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    kinds: tuple[tuple[str, Image.Image, dict[str, Any], int, int], ...] = (
        ("photo.jpg", photo, {}, 0, 0),
        ("progressive.jpg", photo, {"progressive": True}, 0, 0),
        ("turned.jpg", photo, {"exif": turned}, 0, 0),
        ("gray.jpg", photo.convert("L"), {}, 0, 0),
        ("cmyk.jpg", photo.convert("CMYK"), {}, 1, 2),
        ("photo.png", photo, {}, 0, 1),
        ("palette.png", photo.convert("P"), {}, 0, 1),
        ("alpha.png", clear, {}, 0, 1),
        ("gray.png", photo.convert("L"), {}, 0, 0),
        ("sixteen bits.png", wide, {}, 0, 0),
        ("photo.bmp", photo, {}, 0, 1),
        ("photo.tiff", photo, {}, 0, 1),
        ("lzw.tiff", photo, {"compression": "tiff_lzw"}, 0, 1),
        ("packbits.tiff", photo, {"compression": "packbits"}, 0, 1),
        *((f"turned {way}.tiff", photo, {"tiffinfo": {ExifTags.Base.Orientation: way}}, 0, 1) for way in range(2, 9)),
        ("palette.tiff", photo.convert("P"), {}, 0, 1),
        ("alpha.tiff", clear, {}, 0, 1),
        ("gray.tiff", photo.convert("L"), {}, 0, 0),
        ("gray alpha.tiff", clear_gray, {}, 0, 0),
        ("one bit.tiff", photo.convert("1"), {"compression": "group4"}, 0, 0),
        ("sixteen bits.tiff", wide, {}, 0, 0),
        ("cmyk.tiff", photo.convert("CMYK"), {}, 0, 1),
        ("small.png", photo.crop((0, 0, 20, 27)), {}, 2, 3),
        ("flat.png", photo.crop((0, 0, 40, 11)), {}, 2, 3),
    )
    for name, image, options, colour, gray in kinds:
        image.save(folder / name, **options)
        yield name, colour, gray


def check_pictures(python: str, folder: Path) -> None:
    """Hold images as we cut them out against MXNet's reader, in colour and in gray, resized and not.

    Raises:
        SystemExit: if a pixel differs by more than it may.
    """
    drawn = list(draw_pictures(folder))
    entries = [
        {"name": name, "shape": (channels, SIDE, SIDE), "resize": resize, "target": f"{name} {channels} {resize}.npy"}
        for name, *_ in drawn
        for channels, resize in FORMS
    ]
    description = folder / "pictures.json"
    description.write_text(json.dumps(entries))
    command = [python, "-W", "ignore", "-m", "scripts.mxnet_models", "read", str(folder), str(description)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603 # noqa: S603 - our own words
    if done.returncode:
        sys.exit(f"MXNet failed: {' '.join(command)}\n{done.stderr}")
    for name, colour, gray in drawn:
        for channels, resize in FORMS:
            ours = decode((folder / name).read_bytes(), (channels, SIDE, SIDE), Fit.CROP, resize=resize or None)
            difference = np.abs(ours - np.load(folder / f"{name} {channels} {resize}.npy")).max()
            if difference > (gray if channels == 1 else colour) + (resize > 0):
                sys.exit(f"{name}, {channels} channels, resize {resize}: a pixel differs by {difference:.0f} of 255")
        print(f"  agrees: {name}, within {colour} of 255 in colour and {gray} in gray, and 1 more where it is resized")


if __name__ == "__main__":
    print("Images that MXNet's reader and Sagescene cut out:")
    with tempfile.TemporaryDirectory() as place:
        check_pictures(sys.argv[1], Path(place))
