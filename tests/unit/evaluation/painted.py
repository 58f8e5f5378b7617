"""A model that reads its answer off the colour of an image, and record files of such images."""

import io
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from PIL import Image

from sagescene.files import recordio, recordscan
from sagescene.files.recordio import Record
from sagescene.files.setimages import ImageCollector
from sagescene_evaluation.seen import TrainingImages
from sagescene_evaluation.sources import StreamedRecords
from sagescene_model.params import Array

SIDE = 4
STEP = 20  # of a colour, between two classes


class PaintedModel:
    """Answers the class that red says, with the probability that green says in percent; the next class has the rest.

    Where it is multi-label, red says the first column that is present and green how many follow; blue is doubt.
    """

    def __init__(self, classes: int, *, is_multi_label: bool = False) -> None:
        self.shape = (3, SIDE, SIDE)
        self.classes = classes
        self.is_multi_label = is_multi_label
        self.batches: list[int] = []

    def probabilities(self, batch: Array) -> Array:
        self.batches.append(len(batch))
        red, green, _ = batch.mean(axis=(2, 3)).T
        found = (red / STEP).round().astype(int)
        if self.is_multi_label:
            columns = np.arange(self.classes)
            return np.where((columns >= found[:, None]) & (columns < (found + green)[:, None]), 0.9, 0.2).astype("<f4")
        answers = np.zeros((len(batch), self.classes), np.float32)
        rows = np.arange(len(batch))
        answers[rows, (found + 1) % self.classes] = 1 - green / 100
        answers[rows, found] = green / 100
        return answers


def paint(found: int, percent: int, *, border: int | None = None) -> bytes:
    """Return a PNG that says a class; with a border it is three times as wide, and that says another at its sides."""
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    pixels[:] = found * STEP, percent, 0
    if border is not None:
        side = np.empty_like(pixels)
        side[:] = border * STEP, percent, 0
        pixels = np.concatenate([side, pixels, side], axis=1)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def pack(images: Iterable[tuple[float | Sequence[float], bytes]]) -> bytes:
    """Return a record file of labels and images, with the ids 0, 1, 2."""
    return b"".join(
        recordio.write(
            Record(identifier=number, labels=tuple(label) if isinstance(label, Sequence) else (label,), image=image)
            for number, (label, image) in enumerate(images)
        )
    )


def train_on(*images: bytes) -> TrainingImages:
    """Give what a look at the training files keeps of these images."""
    collector = ImageCollector()
    recordscan.scan([pack((0, image) for image in images)], file="train.rec", on_image=collector.add)
    return TrainingImages(collector.collected(is_whole=True))


def stream(content: bytes, *, piece: int = 1000, name: str = "test.rec", images: int | None = None) -> StreamedRecords:
    """Give a record file as what is read from storage, in pieces."""

    def open_at(start: int) -> Iterable[bytes]:
        return (content[at : at + piece] for at in range(start, len(content), piece))

    return StreamedRecords(name=name, open=open_at, images=images)


def clock(readings: Iterable[float]) -> Callable[[], float]:
    """Give the remaining seconds one after another."""
    return iter(readings).__next__
