"""What measures a model: handed in by the function that has the libraries for it, which this layer does without."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sagescene.dataset import StoredObject
from sagescene.files.classnames import ClassNames
from sagescene.files.setimages import ImagesOfSet
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.reading import Reader
from sagescene.preflight.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which model is measured on which files, and what identifies that; `report` is of the look before training.

    `beside` are the indices and lists that lie beside `files`, `trained_on` what tells the images that the job was
    trained on, None where nothing does; it is read for measuring only. `copies` are the keys of test files that hold
    what the validation file does.
    """

    job: TrainingJob
    data_set: str
    artifact: StoredObject
    files: tuple[StoredObject, ...]
    beside: tuple[StoredObject, ...]
    role: Literal["test", "validation"]
    identity: str
    report: Report | None
    trained_on: ImagesOfSet | None = None
    copies: tuple[str, ...] = ()

    @property
    def class_names(self) -> ClassNames:
        """Give the names of the classes, as far as they were known before training."""
        return self.report.class_names if self.report else ClassNames()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationProgress:
    """What has been counted of so many images; `is_whole` once all are read.

    `fault` says what was first found wrong with the files, and is empty where nothing was.
    """

    tally: Mapping[str, Any]
    images: int
    is_whole: bool
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opponent:
    """The version that is approved, by the documents of its evaluations; version 0 is none."""

    version: int = 0
    documents: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeVerdict:
    """What holding a model against its opponent came to, in a word and in sentences.

    `hindrances` are why it may not be approved without anybody looking at it.
    """

    outcome: str
    said: str
    hindrances: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What came of an evaluation: its document and page, and what a notice says of it, a sentence or more.

    The document holds the key and ETag of the `artifact` and of each of the `files`. `figures` are what the registry
    shows, by their names; `challenge` is None where there was no opponent to be looked for.
    """

    document: Mapping[str, Any]
    page: str
    summary: str
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)
    challenge: ChallengeVerdict | None = None


class Evaluator(Protocol):
    """Reads models and images, and counts."""

    def measure(
        self,
        assignment: Assignment,
        tally: Mapping[str, Any] | None,
        reader: Reader,
        remaining: Callable[[], float],
    ) -> EvaluationProgress:
        """Go on from a tally until all is read or no seconds remain.

        Raises:
            SagesceneError: the model or its files cannot be measured; the message says why.
            ObjectReplacedError: a file is another by now.
        """

    def conclude(
        self,
        assignment: Assignment,
        tally: Mapping[str, Any],
        reader: Reader,
        written: datetime,
        opponent: Opponent | None,
        training_log: Callable[[str], Iterable[str]],
        remaining: Callable[[], float],
    ) -> Conclusion:
        """Give the figures of a tally: of a sample, and it says so, where the time was over before all was read.

        `training_log` gives the lines of the job's log that hold a word, or raises UnreadableLogError. What only names
        images is read while seconds remain.

        Raises:
            ObjectReplacedError: a file is another by now.
        """
