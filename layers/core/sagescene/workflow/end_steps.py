"""What can be decided about the end of a job: every step carries all that carrying it out needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagescene.evaluation_messages import EvaluationRequested
from sagescene.jobs.failures import Failure
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages.evaluation_notices import Said
from sagescene.messages.notices import Notice
from sagescene.preflight.report import Report
from sagescene.triggers import RetryRequested
from sagescene.workflow.steps import Ignore
from sagescene.workflow.unfinished import Unfinished


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateModel:
    """Create the model of a completed job; `report` says what was found before, `page_url` shows it to people.

    `asked` is the mark of a person's wish, which is fulfilled with it. With an `evaluation`, people are told after it.
    """

    job: TrainingJob
    data_set: str
    request: Mapping[str, Any]
    report: Report | None
    page_url: str
    asked: Unfinished | None = None
    evaluation: EvaluationRequested | None = None
    evaluations_queue_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteModel:
    """Note that a model that was asked for is there."""

    asked: Unfinished


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveUnfinished:
    """Have the clock try later to make a job's model; people are notified where the failure is a new one."""

    unfinished: Unfinished
    reason: str
    failure: Failure
    notice: Notice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Have a job that found no capacity tried again; without a message its next try exists already."""

    job: TrainingJob
    data_set: str
    reason: str
    failure: Failure
    notice: Notice
    message: RetryRequested | None = None
    delay_in_seconds: int = 0
    next_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFailure:
    """Say why a job left no model; `logs` is where its own log is read."""

    job: TrainingJob
    data_set: str
    reason: str
    failure: Failure
    logs: str
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStop:
    """Say what stopped a job, and what it left."""

    job: TrainingJob
    data_set: str
    failure: Failure
    partial_artifact: str | None
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class TellWithoutFigures:
    """Send the notice of a model whose evaluation has not ended in time; `said` is the reason for people."""

    job: TrainingJob
    report: Report | None
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptOutcome:
    """Note an outcome that an earlier version wrote where outcomes are looked for now."""

    job: TrainingJob
    data_set: str
    former_key: str


type EndStep = (
    Ignore
    | CreateModel
    | TellWithoutFigures
    | NoteModel
    | LeaveUnfinished
    | TryAgain
    | RecordFailure
    | RecordStop
    | AdoptOutcome
)
