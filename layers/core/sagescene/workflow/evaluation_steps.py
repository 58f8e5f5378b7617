"""What can be decided about an evaluation: every step carries all that carrying it out needs."""

from dataclasses import dataclass

from sagescene.evaluation_messages import EvaluationRequested, NewTestRecords
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.report import Report
from sagescene.workflow.evaluation_state import EvaluationState
from sagescene.workflow.evaluator import Assignment
from sagescene.workflow.steps import Ignore, StandDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Read the files from where `state` stopped, for at most so many seconds in this invocation."""

    assignment: Assignment
    state: EvaluationState
    hop: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """Keep what was counted, and have the next message bring the rest."""

    assignment: Assignment
    state: EvaluationState
    message: EvaluationRequested


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """Have a trigger come back after a delay: what is read has changed, or AWS fails for now."""

    subject: str
    reason: str
    message: EvaluationRequested | NewTestRecords
    delay_in_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclude:
    """Write the evaluation and its page, then tell people."""

    assignment: Assignment
    state: EvaluationState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUnevaluated:
    """Say why a model cannot be evaluated."""

    job: TrainingJob
    data_set: str
    report: Report | None
    reason: str
    state: EvaluationState


type EvaluationStep = Ignore | StandDown | Measure | GoOn | PutOff | Conclude | RecordUnevaluated
