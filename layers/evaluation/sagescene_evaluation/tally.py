"""What has been counted of an evaluation so far: kept as JSON between invocations, and bounded whatever is read."""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sagescene_evaluation.answers import Answers
from sagescene_evaluation.cases import Case
from sagescene_evaluation.label_sample import LabelSample
from sagescene_evaluation.repeated_images import RepeatedImages
from sagescene_evaluation.seen import Seen
from sagescene_model.pictures import Fit

VERSION = 1
BINS = 10
MOST_PAIRS = 20_000  # of classes taken for each other; some 400 KB, and the classes' own counts go on
MOST_NAMED = 20  # damaged images, labels of no class, and files that end early

type Counts = Counter[int]


@dataclass(slots=True)
class Bin:
    """Answers of about one probability: how many, the sum of their probabilities, how many of them were right."""

    answers: int = 0
    probability: float = 0.0
    right: int = 0


@dataclass(slots=True, kw_only=True)
class FitTally:
    """What the model made of the images under one fit; classes are labels, or columns where images have several.

    `right` counts images whose every label was found, `found` how often each class was answered, `hits` how often
    rightly, `pairs` which class was given and which found instead (one label an image only). `entries` counts the
    labels that were right where images have several. `bins` are of the answers' probabilities, a tenth each.
    """

    images: int = 0
    right: int = 0
    entries: int = 0
    found: Counts = field(default_factory=Counter)
    hits: Counts = field(default_factory=Counter)
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)
    bins: list[Bin] = field(default_factory=lambda: [Bin() for _ in range(BINS)])

    def as_json(self) -> dict[str, Any]:
        """Give the counts as plain values."""
        return {
            "images": self.images,
            "right": self.right,
            "entries": self.entries,
            "found": sorted(self.found.items()),
            "hits": sorted(self.hits.items()),
            "pairs": [[*pair, images] for pair, images in sorted(self.pairs.items())],
            "bins": [[each.answers, each.probability, each.right] for each in self.bins],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        bins = [Bin(int(answers), float(total), int(right)) for answers, total, right in document["bins"]]
        if len(bins) != BINS:
            raise ValueError(f"{len(bins)} bins are not {BINS}")
        return cls(
            images=int(document["images"]),
            right=int(document["right"]),
            entries=int(document["entries"]),
            found=_read_counts(document["found"]),
            hits=_read_counts(document["hits"]),
            pairs=Counter({(int(given), int(found)): int(images) for given, found, images in document["pairs"]}),
            bins=bins,
        )


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has been counted, and where it goes on: record `position` of file `file`, as its source counts.

    `given` counts the images of each class, `confidences` adds up the probability of their labels. `strangers` counts
    the labels that are of no class of the model, by their words; `strange` all their images. `damaged` counts images
    that could not be read, with the places of the first; `faults` says which files end early and why. `same` counts
    the images that both fits leave alike. `answers` are those of the first fit, `seen` has what was trained on,
    `repeats` what is there more than once, `labels` those of some records.
    `thumbnails` are small JPEGs by file and byte. `seconds` were spent so far.
    """

    classes: int
    is_multi_label: bool
    file: int = 0
    position: int = 0
    is_complete: bool = False
    seconds: float = 0.0
    fits: dict[Fit, FitTally] = field(default_factory=lambda: {fit: FitTally() for fit in Fit})
    given: Counts = field(default_factory=Counter)
    confidences: dict[int, float] = field(default_factory=dict)
    strange: int = 0
    strangers: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    damages: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    same: int = 0
    answers: Answers = field(default_factory=Answers)
    seen: Seen = field(default_factory=Seen)
    repeats: RepeatedImages = field(default_factory=RepeatedImages)
    labels: LabelSample = field(default_factory=LabelSample)
    mistakes: list[Case] = field(default_factory=list)
    doubtful: list[Case] = field(default_factory=list)
    thumbnails: dict[tuple[int, int], bytes] = field(default_factory=dict)
    epoch: int | None = None

    @classmethod
    def start(cls, *, classes: int, is_multi_label: bool) -> Self:
        """Begin with nothing counted."""
        return cls(classes=classes, is_multi_label=is_multi_label)

    @property
    def images(self) -> int:
        """Count the images that the model has answered."""
        return self.fits[Fit.CROP].images

    def mean_confidences(self) -> dict[int, float]:
        """Give the mean probability of the label over the images of each class; of all, where they have several."""
        images = dict.fromkeys(self.confidences, self.images - self.strange) if self.is_multi_label else self.given
        return {label: total / images[label] for label, total in self.confidences.items() if images[label]}

    def note_damage(self, place: str) -> None:
        """Count an image that cannot be read, and keep the place of the first few."""
        self.damaged += 1
        if len(self.damages) < MOST_NAMED:
            self.damages.append(place)

    def note_fault(self, fault: str) -> None:
        """Keep why a file ends early."""
        if len(self.faults) < MOST_NAMED:
            self.faults.append(fault)

    def as_json(self) -> dict[str, Any]:
        """Give the tally as plain values: about 1 MB at most, with 1,000 classes."""
        return {
            "version": VERSION,
            "classes": self.classes,
            "is_multi_label": self.is_multi_label,
            "file": self.file,
            "position": self.position,
            "is_complete": self.is_complete,
            "seconds": self.seconds,
            "fits": {str(fit): counted.as_json() for fit, counted in self.fits.items()},
            "given": sorted(self.given.items()),
            "confidences": sorted(self.confidences.items()),
            "strange": self.strange,
            "strangers": dict(self.strangers),
            "damaged": self.damaged,
            "damages": self.damages,
            "faults": self.faults,
            "same": self.same,
            "answers": self.answers.as_json(),
            "seen": self.seen.as_json(),
            "repeats": self.repeats.as_json(),
            "labels": self.labels.as_json(),
            "mistakes": [list(case) for case in self.mistakes],
            "doubtful": [list(case) for case in self.doubtful],
            "thumbnails": [
                [*place, base64.b64encode(image).decode()] for place, image in sorted(self.thumbnails.items())
            ],
            "epoch": self.epoch,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: if it is something else, such as one of another version.
        """
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']} is not {VERSION}")
        return cls(
            classes=int(document["classes"]),
            is_multi_label=bool(document["is_multi_label"]),
            file=int(document["file"]),
            position=int(document["position"]),
            is_complete=bool(document["is_complete"]),
            seconds=float(document["seconds"]),
            fits={fit: FitTally.from_json(document["fits"][str(fit)]) for fit in Fit},
            given=_read_counts(document["given"]),
            confidences={int(label): float(total) for label, total in document["confidences"]},
            strange=int(document["strange"]),
            strangers=Counter({str(label): int(images) for label, images in document["strangers"].items()}),
            damaged=int(document["damaged"]),
            damages=list(map(str, document["damages"])),
            faults=list(map(str, document["faults"])),
            same=int(document["same"]),
            # One of an earlier version has none; they are then fewer than the images, and are not paired.
            answers=Answers.from_json(document["answers"]) if "answers" in document else Answers(),
            seen=Seen.from_json(document["seen"]) if "seen" in document else Seen(),
            repeats=RepeatedImages.from_json(document["repeats"]) if "repeats" in document else RepeatedImages(),
            labels=LabelSample.from_json(document["labels"]) if "labels" in document else LabelSample(),
            mistakes=list(map(Case.from_json, document["mistakes"])),
            doubtful=list(map(Case.from_json, document["doubtful"])),
            thumbnails={
                (int(file), int(offset)): base64.b64decode(image, validate=True)
                for file, offset, image in document["thumbnails"]
            },
            epoch=None if document["epoch"] is None else int(document["epoch"]),
        )


def _read_counts(pairs: Any) -> Counts:  # noqa: ANN401
    return Counter({int(label): int(images) for label, images in pairs})
