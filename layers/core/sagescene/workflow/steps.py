"""What can be decided about an upload: every step carries all that carrying it out needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from sagescene.dataset import AmbiguousSet, DataSet
from sagescene.jobs.failures import Failure
from sagescene.jobs.refusals import Refusal
from sagescene.messages.notices import Notice
from sagescene.preflight.estimate import Estimate
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Report
from sagescene.triggers import Trigger, WaitCause
from sagescene.workflow.unfinished import Unfinished


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a trigger writes under `key` before it notifies people."""

    key: str
    upload: str
    time: datetime

    @classmethod
    def of(cls, trigger: Trigger, key: str) -> Self:
        """Give the claim of a trigger to the notice that `key` stands for."""
        return cls(key=key, upload=trigger.key, time=trigger.time)

    def as_json(self) -> dict[str, str]:
        """Give the claim as it is kept."""
        return {"upload": self.upload, "time": self.time.isoformat()}


# --------------------------------------------------------------------------------- an upload becomes a training job


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """Do nothing; `decision` says in a word what this is about, `level` how loudly the log says so."""

    subject: str
    reason: str
    decision: Literal["ignored", "gone", "unknown", "known"] = "ignored"
    level: Literal["debug", "info", "warning"] = "debug"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOfMisplaced:
    """Say where a file that is in no data set belongs."""

    key: str
    right_key: str
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class StandDown:
    """Leave the data set to another trigger, or to what was decided since."""

    data_set: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Have the trigger come back after a delay; of what lasts, people are notified once, under a claim."""

    data_set: str
    cause: WaitCause
    reason: str
    message: Trigger
    delay_in_seconds: int
    notice: tuple[Claim, Notice] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Remind people once of what a data set lacks; the next upload has it judged again."""

    data_set: str
    reason: str
    claim: Claim
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Start no job, because waiting has lasted too long or could not help; `job` is the one that never was."""

    data_set: str
    job: str
    reason: str
    failure: Failure
    claim: Claim
    notice: Notice
    outcome_key: str
    waited_for: WaitCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """Read the data set and judge it, or take the report that stands; `job` is what it would be trained as."""

    data_set: DataSet | AmbiguousSet
    job: str
    instance_type: str
    earlier: Report | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Tell people of every error that was found."""

    examination: Examination
    reason: str
    claim: Claim
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimit:
    """At most `most` jobs hold a slot of a group; where none is free, it is waited for under `cause`.

    A slot is free again when its job has ended (`ends_with_job`), or stays taken as long as there is the group.
    """

    cause: WaitCause
    group: str
    most: int
    ends_with_job: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Start the training job of a data set's content, within the stack's limits.

    `refused` says on which types it could not be started, and why; `estimate` what it may cost, None without prices.
    """

    data_set: str
    content: str
    job: str
    instance_type: str
    request: Mapping[str, Any]
    limits: tuple[JobLimit, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Start nothing, because of what became of the same files before; what differs all the same is told once."""

    subject: str
    decision: Literal["running", "trained", "ended", "refused"]
    reason: str
    notice: tuple[Claim, Notice] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForModel:
    """Have the clock make a model anew that was deleted, because its files were dropped again."""

    unfinished: Unfinished
    reason: str


type StartStep = Ignore | WarnOfMisplaced | StandDown | Wait | Remind | GiveUp | Refuse | Start | Leave | AskForModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about an upload or an ended job, in a word, and why, in a sentence."""

    decision: str
    subject: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Give the decision as the function's result."""
        return {"decision": self.decision, "subject": self.subject, "reason": self.reason}
