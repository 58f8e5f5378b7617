"""Data sets of a few tiny images, sound and broken, each content another when its number is."""

import io
import json
from collections.abc import Mapping
from functools import cache

from PIL import Image

from sagescene.files.recordio import Record, write

TRAIN_RECORDS, TRAIN_LIST = "train.rec", "train.lst"
VALIDATION_RECORDS, VALIDATION_LIST = "validation.rec", "validation.lst"
TRAINING_JSON, TEST_LIST, TRAIN_INDEX = "training.json", "test.lst", "train.idx"
ESSENTIAL = (TRAIN_RECORDS, TRAIN_LIST, VALIDATION_RECORDS)


def sound(number: int = 0) -> dict[str, bytes]:
    """Give the six files of a data set that can be trained on; all ring."""
    return {
        TRAIN_LIST: _list("train", number),
        VALIDATION_LIST: _list("validation", number),
        TRAINING_JSON: json.dumps({"epochs": 1 + number % 7}).encode(),
        TEST_LIST: _list("test", number),
        VALIDATION_RECORDS: _records(number, first_image=4),
        TRAIN_RECORDS: _records(number),
    }


def broken(number: int = 0) -> dict[str, bytes]:
    """Give the same with a list that no training can be made of."""
    return {**sound(number), TRAIN_LIST: b"no list at all, number %d\n" % number}


def index(number: int = 0) -> dict[str, bytes]:
    """Give the file that says where the records lie; it does not ring."""
    lengths = [len(record) for record in _packed(number)]
    lines = (f"{position}\t{sum(lengths[:position])}\n" for position in range(len(lengths)))
    return {TRAIN_INDEX: "".join(lines).encode()}


def essential(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave the three files that every data set needs."""
    return {name: files[name] for name in ESSENTIAL}


def _list(channel: str, number: int) -> bytes:
    return "".join(f"{index}\t{index % 2}\t{channel}/{number}-{index}.png\n" for index in range(4)).encode()


def _records(number: int, first_image: int = 0) -> bytes:
    return b"".join(_packed(number, first_image))


def _packed(number: int, first_image: int = 0) -> list[bytes]:
    # Bytes after a picture's end are no part of it, and no two images of a set are the same.
    images = (_picture() + b"%08d" % (10 * number + first_image + index) for index in range(4))
    records = (Record(identifier=index, labels=(float(index % 2),), image=image) for index, image in enumerate(images))
    return [b"".join(write([record])) for record in records]


@cache
def _picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (28, 28)).save(stream, "PNG")
    return stream.getvalue()
