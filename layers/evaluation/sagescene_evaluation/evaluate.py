"""Runs a model over test files, from where a tally stopped until all is read or the time is up."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sagescene.files.framing import RecordError
from sagescene_evaluation.counting import count
from sagescene_evaluation.seen import TrainingImages
from sagescene_evaluation.sources import RecordSource, StoredImage
from sagescene_evaluation.tally import Tally
from sagescene_model.params import Array
from sagescene_model.pictures import Fit, PictureRefused, decode_fits

BATCH_IN_IMAGES = 16
_BATCH_IN_BYTES = 16 << 20  # of one fit; what the network makes of it is several times as much
_BATCH_OF_FILES_IN_BYTES = 32 << 20  # or one image more: 16 photographs of 2 MB, held beside what is decoded of them
_CAUTION = 1.5  # how much longer than the longest batch so far the next may take


class Model(Protocol):
    """What answers: a `Classifier`."""

    shape: tuple[int, int, int]
    classes: int
    is_multi_label: bool

    def probabilities(self, batch: Array) -> Array:
        """Return a row of probabilities an image."""


@dataclass(slots=True, kw_only=True)
class _Batch:
    """Images that are decoded: `position` is where reading goes on behind them, None at the file's end."""

    images: list[StoredImage] = field(default_factory=list)
    pictures: list[dict[Fit, Array]] = field(default_factory=list)
    damages: list[str] = field(default_factory=list)
    fault: str = ""
    position: int | None = None


def continue_tally(
    tally: Tally,
    classifier: Model,
    sources: Sequence[RecordSource],
    *,
    remaining: Callable[[], float],
    resize: int | None = None,
    trained_on: TrainingImages | None = None,
) -> Tally:
    """Go on with a tally, which is changed and returned; `sources` are the same files in the same order each time.

    It ends when all is read, or when `remaining()` seconds would no longer hold another batch: what is to be done
    afterwards is the caller's to keep time for. After an exception the tally stands behind the last whole batch, so
    that it can be kept. `resize` is as in `decode`. Each image is looked for in `trained_on`, if that is given. Memory
    is two batches and one record.

    Raises:
        ValueError: if the tally is of a model with other classes.
        ModelRefused: if the model's answers are no numbers.
    """
    if (tally.classes, tally.is_multi_label) != (classifier.classes, classifier.is_multi_label):
        raise ValueError(f"a tally of {tally.classes} classes cannot go on with a model of {classifier.classes}")
    longest = 0.0
    while tally.file < len(sources):
        source = sources[tally.file]
        # One batch is read and decoded while the model answers for the one before it.
        with ThreadPoolExecutor(1, "decode") as reader:
            batches = _read_batches(source, tally.position, classifier.shape, resize)
            coming = reader.submit(next, batches)
            while True:
                if remaining() <= _CAUTION * longest:
                    return tally
                started = time.monotonic()
                batch = coming.result()
                is_last = batch.position is None
                if not is_last:
                    coming = reader.submit(next, batches)
                _count_batch(tally, classifier, batch, source.name, trained_on)
                elapsed = time.monotonic() - started
                tally.seconds += elapsed
                longest = max(longest, elapsed)
                if batch.position is None:
                    break
                tally.position = batch.position
        tally.file, tally.position = tally.file + 1, 0
    tally.is_complete = True
    return tally


def _read_batches(
    source: RecordSource, position: int, shape: tuple[int, int, int], resize: int | None
) -> Iterator[_Batch]:
    """Read and decode; the last batch, empty or not, has no position."""
    most = max(1, min(BATCH_IN_IMAGES, _BATCH_IN_BYTES // (4 * int(np.prod(shape)))))
    batch = _Batch()
    try:
        for image in source.read(position):
            _add(batch, image, shape, resize)
            is_large = sum(len(each.content) for each in batch.images) >= _BATCH_OF_FILES_IN_BYTES
            if is_large or len(batch.images) + len(batch.damages) >= most:
                batch.position = image.following
                yield batch
                batch = _Batch()
    except RecordError as error:
        batch.fault = error.message.rstrip(".")
    yield batch


def _add(batch: _Batch, image: StoredImage, shape: tuple[int, int, int], resize: int | None) -> None:
    if not image.fault:
        try:
            batch.pictures.append(decode_fits(image.content, shape, resize=resize))
        except PictureRefused as refused:
            image = image._replace(fault=str(refused).partition(". ")[0])
        else:
            batch.images.append(image)
            return
    batch.damages.append(f"byte {image.offset:,}: {image.fault}")


def _count_batch(tally: Tally, classifier: Model, batch: _Batch, file: str, trained_on: TrainingImages | None) -> None:
    answers: list[dict[Fit, Array]] = [{} for _ in batch.images]
    for fit in Fit:
        places = [place for place, pictures in enumerate(batch.pictures) if fit in pictures]
        if places:
            found = classifier.probabilities(np.stack([batch.pictures[place][fit] for place in places]))
            for place, probabilities in zip(places, found, strict=True):
                answers[place][fit] = probabilities
    for image, answer in zip(batch.images, answers, strict=True):
        count(tally, image, answer, trained_on)
    for damage in batch.damages:
        tally.note_damage(f"{file}, {damage}")
    if batch.fault:
        tally.note_fault(f"{file}: {batch.fault}")
