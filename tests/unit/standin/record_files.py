"""Write small record files for the tests of the algorithm, independently of the product's own writer."""

import io
import json
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

MAGIC = struct.pack("<I", 0xCED7230A)


def frame(data: bytes, flag: int = 0) -> bytes:
    """Return one part of a record."""
    return MAGIC + struct.pack("<I", flag << 29 | len(data)) + data + b"\0" * (-len(data) % 4)


def record(identifier: int, labels: Iterable[float], picture: bytes) -> bytes:
    """Return a record's payload with one label, or with several packed ones."""
    values = tuple(labels)
    if len(values) == 1:
        return struct.pack("<IfQQ", 0, values[0], identifier, 0) + picture
    return struct.pack(f"<IfQQ{len(values)}f", len(values), 0, identifier, 0, *values) + picture


def picture(side: int, *, left_is_bright: bool, seed: int = 0) -> bytes:
    """Return a PNG whose brighter half tells its class."""
    pixels = np.random.default_rng(seed).integers(0, 60, (side, side, 3), dtype=np.uint8)
    pixels[:, : side // 2] += np.uint8(150 if left_is_bright else 0)
    pixels[:, side // 2 :] += np.uint8(0 if left_is_bright else 150)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def two_halves(count: int, side: int = 20, labels: tuple[float, ...] | None = None) -> bytes:
    """Return a record file of images of two classes in turn; `labels` replaces every image's own label."""
    return b"".join(
        frame(record(n, labels or (n % 2,), picture(side, left_is_bright=n % 2 == 1, seed=n))) for n in range(count)
    )


def opt_ml(root: Path, hyperparameters: dict[str, str], train: bytes, validation: bytes) -> Path:
    """Lay out a container's /opt/ml."""
    config = root / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    channels = {name: {"ContentType": "application/x-recordio"} for name in ("train", "validation")}
    (config / "inputdataconfig.json").write_text(json.dumps(channels))
    (root / "model").mkdir()
    for name, content in (("train", train), ("validation", validation)):
        folder = root / "input" / "data" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.rec").write_bytes(content)
    return root
