"""What an evaluation came to, as one value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import NamedTuple, Self

from sagescene.files.classnames import ClassNames
from sagescene.files.listrows import Row
from sagescene.files.numbering import Numbering
from sagescene_evaluation import measures
from sagescene_evaluation.answers import Answers
from sagescene_evaluation.cases import Case, rank_doubtful, rank_mistakes
from sagescene_evaluation.label_sample import LabelSample, digest_labels
from sagescene_evaluation.list_look import OtherList, find_other_numbers, look_at_list, teach
from sagescene_evaluation.measures import ClassFigures, FitFigures, Proportion
from sagescene_evaluation.seen import Seen
from sagescene_evaluation.sources import RecordSource
from sagescene_evaluation.tally import Tally
from sagescene_model.pictures import Fit

MOST_CLASSES_TOLD = 1_000


class Role(StrEnum):
    """What the files were to the training: never seen, or what the best epoch was chosen by."""

    TEST = "test"
    VALIDATION = "validation"


class SampleKind(StrEnum):
    """Which images were read where not all were: as many of each class as could be, or the first of the files."""

    BALANCED = "balanced"
    FIRST = "first"


class EvaluatedFile(NamedTuple):
    """One object, as it was when it was read."""

    key: str
    etag: str


class EpochAccuracy(NamedTuple):
    """What the job logged of one epoch, counted from 1, each from 0 to 1; None where it logged none."""

    epoch: int
    train: float | None
    validation: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was evaluated: the model of a job, on which files.

    `job_accuracy` is the job's own figure on its validation images, from 0 to 1, which is that of its last epoch;
    `epoch` is the one whose weights it kept, counted from 1. `copies` are the test files that hold what the validation
    file does. `names_of_files` are those that lie beside the files where the model has its own, or another number of
    classes; or those of the model's that the folders of a list have at other numbers. `is_of_training` tells whether
    the model is known to be trained on the data set whose files these are.
    """

    job: str
    data_set: str
    artifact: EvaluatedFile
    role: Role
    files: tuple[EvaluatedFile, ...]
    class_names: ClassNames = field(default_factory=ClassNames)
    names_of_files: ClassNames = field(default_factory=ClassNames)
    job_accuracy: float | None = None
    epochs: tuple[EpochAccuracy, ...] = ()
    epoch: int | None = None
    copies: tuple[str, ...] = ()
    is_of_training: bool = True

    @property
    def kept_accuracy(self) -> float | None:
        """Give what the job logged for the epoch that it kept, on its validation images; None where it is not known."""
        return next((each.validation for each in self.epochs if each.epoch == self.epoch), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that was measured. `per_class`, `pairs` and the cases are of the first fit, the training's own.

    `images` counts those answered, `all_images` those the files hold, None where that is not known; `sample` says
    which they are where they are not all. `answers` are fewer than `images` where an earlier version counted. `seen`
    has those that were trained on, `repeated` counts those that are there once more. `paths` are the list's, by file
    and id, of images that are named; `other_lists` are those of other records, which name none.
    """

    subject: Subject
    written: datetime
    classes: int
    is_multi_label: bool
    images: int
    all_images: int | None
    sample: SampleKind | None
    same: int
    chance: float
    fits: Mapping[Fit, FitFigures]
    per_class: tuple[ClassFigures, ...]
    pairs: tuple[tuple[int, int, int], ...]
    mistakes: tuple[Case, ...]
    doubtful: tuple[Case, ...]
    strange: int = 0
    strangers: Mapping[str, int] = field(default_factory=dict)
    damaged: int = 0
    damages: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    answers: Answers = field(default_factory=Answers)
    seen: Seen = field(default_factory=Seen)
    repeated: int = 0
    paths: Mapping[tuple[int, int], str] = field(default_factory=dict)
    other_lists: tuple[OtherList, ...] = ()

    @classmethod
    def of(cls, tally: Tally, sources: Sequence[RecordSource], *, subject: Subject, written: datetime) -> Self:
        """Measure what was counted of these files; a tally that is not complete is a sample."""
        known = [source.images for source in sources]
        return cls(
            subject=subject,
            written=written,
            classes=tally.classes,
            is_multi_label=tally.is_multi_label,
            images=tally.images,
            all_images=sum(filter(None, known)) if None not in known else None,
            sample=None if tally.is_complete else _name_sample(tally, sources),
            same=tally.same,
            chance=measures.measure_chance(tally),
            fits={fit: measures.measure_fit(tally, fit) for fit in Fit},
            per_class=tuple(measures.rank_classes(list(measures.measure_classes(tally, Fit.CROP)))[:MOST_CLASSES_TOLD]),
            pairs=tuple(measures.rank_pairs(tally, Fit.CROP)),
            mistakes=tuple(rank_mistakes(tally.mistakes)),
            doubtful=tuple(rank_doubtful(tally.doubtful, tally.mean_confidences())),
            strange=tally.strange,
            strangers=dict(tally.strangers.most_common()),
            damaged=tally.damaged,
            damages=tuple(tally.damages),
            faults=tuple(tally.faults),
            answers=tally.answers,
            seen=tally.seen,
            repeated=tally.repeats.images,
        )

    def with_list(self, file: int, rows: Iterable[Row], sample: LabelSample, names: ClassNames) -> Self:
        """Name the cases of one file by the paths of its list, if that gives the images the labels of their records.

        `sample` is the tally's. A list that gives a single one another label is of another packing, or was changed
        since, and any of its paths may be another image's. It is read to its end; later rows of an id win. Where its
        folders give the model's own `names` other numbers, these are `names_of_files`.
        """
        cases = [each for each in (*self.mistakes, *self.doubtful) if each.file == file]
        named = {each.identifier for each in cases}
        named |= {each.identifier for each in self.seen.named if each.file == file}
        known = {*sample.of_file(file)}
        if not self.is_multi_label:  # else a case knows one of its labels only
            known |= {(each.identifier, digest_labels([each.label])) for each in cases}
        numbering = Numbering()
        look = look_at_list(teach(numbering, rows) if names.names else rows, known, named)
        if look.differing:
            other = OtherList(file, look.looked_at, len(look.differing), look.differing[0])
            return replace(self, other_lists=(*self.other_lists, other))
        found = {(file, identifier): path for identifier, path in look.paths.items()}
        listed = PurePosixPath(self.subject.files[file].key).with_suffix(".lst")
        others = find_other_numbers(numbering, names, str(listed)) if look.looked_at else ClassNames()
        subject = replace(self.subject, names_of_files=others) if others.names else self.subject
        return replace(self, subject=subject, paths={**self.paths, **found})

    @property
    def tested(self) -> tuple[ClassFigures, ...]:
        """Give the figures of the classes that some image has."""
        return tuple(each for each in self.per_class if each.support)

    @property
    def accuracy(self) -> Proportion:
        """Give the figure of the first fit."""
        return self.fits[Fit.CROP].accuracy

    @property
    def unseen(self) -> Proportion:
        """Give the figure of the first fit over the images that were not trained on."""
        return Proportion(self.accuracy.right - self.seen.right, self.accuracy.of - self.seen.images)


def _name_sample(tally: Tally, sources: Sequence[RecordSource]) -> SampleKind:
    is_balanced = tally.file < len(sources) and sources[tally.file].is_balanced
    return SampleKind.BALANCED if is_balanced else SampleKind.FIRST
