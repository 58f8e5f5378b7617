"""Models that are still to be made: the mark that says when the clock tries again, and how often it has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sagescene import keys
from sagescene.jobs.failures import Failure
from sagescene.jobs.training_job import TrainingJob
from sagescene.workflow.context import Context

_FIRST_INTERVAL = timedelta(hours=1)  # the clock's own
_LONGEST_INTERVAL = timedelta(days=1)
# A try takes its time, and the clock does not strike to the second: no strike may be missed for that.
_SLACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A completed job without its model, as it is kept under `key`.

    `tries` have failed, the last one for `failure`; without a `next_try` there is none.
    """

    key: str
    job: str
    data_set: str
    tries: int = 0
    next_try: datetime | None = None
    failure: Failure | None = None

    @property
    def is_asked(self) -> bool:
        """Tell whether a person wants a model back: the job then most likely has its outcome."""
        return keys.is_asked_key(self.key)

    @classmethod
    def of(cls, job: TrainingJob, data_set: str) -> Self:
        """Give the mark of a job whose model has never been made, beside its outcome to come."""
        return cls(key=keys.unfinished_key(job.name, job.created), job=job.name, data_set=data_set)

    @classmethod
    def asked(cls, job: TrainingJob, data_set: str, now: datetime) -> Self:
        """Give the mark of a model that a person wants back."""
        return cls(key=keys.asked_key(job.name, now), job=job.name, data_set=data_set, next_try=now)

    @classmethod
    def from_json(cls, key: str, mark: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        return cls(
            key=key,
            job=mark["job"],
            data_set=mark["data_set"],
            tries=mark["tries"],
            next_try=datetime.fromisoformat(mark["next_try"]) if mark["next_try"] else None,
            failure=Failure.from_json(mark["failure"]) if "failure" in mark else None,
        )

    def fulfilled(self) -> Self:
        """Give the mark once the model is there."""
        return replace(self, next_try=None, failure=None)

    def as_json(self) -> dict[str, Any]:
        """Give the mark as plain values."""
        return {
            "job": self.job,
            "status": "Completed",
            "data_set": self.data_set,
            "decision": "unfinished",
            "tries": self.tries,
            "next_try": self.next_try.isoformat() if self.next_try else None,
            **({"failure": self.failure.as_json()} if self.failure else {}),
        }


def is_due(unfinished: Unfinished, now: datetime) -> bool:
    """Tell whether the clock is to try again."""
    return unfinished.next_try is not None and now >= unfinished.next_try


def interval(tries: int) -> timedelta:
    """Choose how long to wait after so many failed tries: it doubles with each, up to a day."""
    return min(_FIRST_INTERVAL * (1 << min(tries - 1, 5)), _LONGEST_INTERVAL) - _SLACK


def mark(unfinished: Unfinished, reason: str, context: Context) -> None:
    """Note a model that is still to be made, or that no longer is, and why."""
    document = unfinished.as_json() | {"written": context.now.isoformat(), "reason": reason}
    context.cloud.write_json(context.settings.data_bucket, unfinished.key, document)
