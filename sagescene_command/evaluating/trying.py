"""A few held-out images of a packed set, and what a model says of them: what a run ends with."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagescene.dataset import StoredObject
from sagescene.files import listrows
from sagescene.files.classnames import ClassNames
from sagescene.files.framing import RecordError
from sagescene.foreign_text import printable
from sagescene.grammar import percent
from sagescene_command.evaluating.testfiles import HeldOutFiles, choose_files, open_records
from sagescene_command.places import Place, find_folder
from sagescene_command.predicting.models import load_model
from sagescene_evaluation.label_sample import digest_labels
from sagescene_evaluation.list_look import look_at_list
from sagescene_evaluation.sources import StoredImage
from sagescene_model.inference import Classifier
from sagescene_model.params import Array
from sagescene_model.pictures import Fit, PictureRefused, decode

MOST_IMAGES = 3
MOST_READ_IN_BYTES = 256 << 20  # of each file, in search of another class: a second or so

_DIGITS = 6  # float32 holds no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """An image, the classes that its labels give it, and the one that a model finds most probable.

    `image` is its path in the list, else its id in the records; `probability` is from 0 to 1.
    """

    image: str
    given: tuple[int, ...]
    found: int
    probability: float
    names: ClassNames

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values; a class without a name has null there."""
        return {
            "image": self.image,
            "given": [self._name(label) for label in self.given],
            "found": {**self._name(self.found), "probability": round(self.probability, _DIGITS)},
        }

    def as_words(self) -> str:
        """Write it for people: `cat/7.png is cat (0); the model says dog (1), 93 %`."""
        given = " and ".join(map(self.names.tell, self.given)) or "of no class"
        return printable(
            f"{self.image} is {given}; the model says {self.names.tell(self.found)}, {percent(self.probability)}"
        )

    def _name(self, label: int) -> dict[str, Any]:
        return {"label": label, "name": self.names.names.get(label)}


class _Chosen(NamedTuple):
    file: int
    image: StoredImage
    picture: Array


def try_model(model: Path, data: Path) -> list[Prediction]:
    """Ask a model about three images of a set's test files, or else of its validation file, cut as in training.

    They are the first of different classes, as far as those are found in the first 256 MiB of a file.

    Raises:
        SagesceneError: if the model or the set cannot be used.
    """
    found = load_model(str(model), classes=None, stack_name=None, show_progress=lambda _: nullcontext(_pass_over))
    classifier = Classifier(found.artifact, threads=1)
    place = find_folder(str(data))
    files = choose_files(place.objects, str(data))
    chosen = _choose(place, files, classifier.shape, found.provenance.resize)
    if not chosen:
        return []
    answers = classifier.probabilities(np.stack([each.picture for each in chosen]))
    return [
        Prediction(
            image=_find_path(place, files.lists[each.file], each.image),
            given=_read_labels(each.image, classes=classifier.classes, is_multi_label=classifier.is_multi_label),
            found=int(answer.argmax()),
            probability=float(answer.max()),
            names=found.provenance.class_names,
        )
        for each, answer in zip(chosen, answers, strict=True)
    ]


def _choose(place: Place, files: HeldOutFiles, shape: tuple[int, int, int], resize: int | None) -> list[_Chosen]:
    of_each: dict[tuple[float, ...], _Chosen] = {}
    others: list[_Chosen] = []
    for file, image in _read(place, files):
        is_new = image.labels not in of_each
        if is_new or len(others) < MOST_IMAGES:
            with suppress(PictureRefused):  # the evaluation names it
                chosen = _Chosen(file, image, decode(image.content, shape, Fit.CROP, resize=resize))
                others += [] if is_new else [chosen]
                of_each.setdefault(image.labels, chosen)
        if len(of_each) == MOST_IMAGES:
            break
    return [*of_each.values(), *others][:MOST_IMAGES]


def _read(place: Place, files: HeldOutFiles) -> Iterator[tuple[int, StoredImage]]:
    for number, records in enumerate(open_records(place, files, _pass_over)):
        with suppress(RecordError):  # as above
            for image in records.read(0):
                if image.offset > MOST_READ_IN_BYTES:
                    break
                if not image.fault:
                    yield number, image


def _read_labels(image: StoredImage, *, classes: int, is_multi_label: bool) -> tuple[int, ...]:
    if is_multi_label:
        return tuple(column for column, label in enumerate(image.labels) if label == 1)
    return tuple(int(label) for label in image.labels[:1] if 0 <= label < classes)


def _find_path(place: Place, listed: StoredObject | None, image: StoredImage) -> str:
    rows = listrows.read(place.reader.whole(listed)) if listed else ()
    look = look_at_list(rows, {(image.identifier, digest_labels(image.labels))}, {image.identifier})
    path = "" if look.differing else look.paths.get(image.identifier, "")
    return path or f"id {image.identifier}"


def _pass_over(_done: int, _total: int) -> None:
    """Show nobody how far it is: it takes a moment."""
