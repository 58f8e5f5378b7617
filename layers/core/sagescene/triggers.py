"""What has a data set judged, and the queued messages in which it is put off."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

_SOURCE = "sagescene"
_VERSION = 2


class WaitCause(StrEnum):
    """What a data set waits for; the values stand in queued messages, so they never change."""

    UPLOAD = "upload"
    CHANGES = "changes"
    FILES = "files"
    RATE = "rate"
    QUOTA = "quota"
    CAPACITY = "capacity"
    JOBS_AT_ONCE = "jobs-at-once"
    JOBS_A_DAY = "jobs-a-day"
    SERVICE = "service"


# Room for one more job: whoever waits for one of these may find another in the way, and has waited all the same.
FOR_ROOM = frozenset({WaitCause.QUOTA, WaitCause.JOBS_AT_ONCE, WaitCause.JOBS_A_DAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The waits that a trigger has behind it.

    `since` is when the wait for the present `cause` began, `began` when the first of all did; `hops` counts the
    messages that were sent.
    """

    cause: WaitCause
    since: datetime
    hops: int
    began: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What has a data set judged: `key` names one of its objects, `time` says when it was asked for."""

    bucket: str
    key: str
    time: datetime
    waiting: Waiting | None = None

    def waits_since(self, cause: WaitCause, now: datetime) -> datetime:
        """Say since when this has been waited for; now, when it has not yet."""
        waiting = self.waiting
        is_same = waiting and (waiting.cause is cause or {waiting.cause, cause} <= FOR_ROOM)
        return waiting.since if waiting and is_same else now

    def put_off(self, cause: WaitCause, now: datetime) -> Self:
        """Give the trigger as it comes back after one more wait."""
        waiting = Waiting(
            cause=cause,
            since=self.waits_since(cause, now),
            hops=self.waiting.hops + 1 if self.waiting else 1,
            began=self.waiting.began if self.waiting else now,
        )
        return replace(self, waiting=waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded(Trigger):
    """An object was created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRequested(Trigger):
    """The training job `job` found no capacity and is to be tried again."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequested(Trigger):
    """A person asks for the data set to be judged as if it were uploaded now."""


def write_message(trigger: Trigger) -> dict[str, Any]:
    """Write a trigger as the message that `read_message` reads, in this version of the code and in the next."""
    waiting = trigger.waiting
    return {
        "source": _SOURCE,
        "version": _VERSION,
        "trigger": _KINDS[type(trigger)],
        "bucket": trigger.bucket,
        "key": trigger.key,
        "time": trigger.time.isoformat(),
        **({"job": trigger.job} if isinstance(trigger, RetryRequested) else {}),
        **({"waiting": _write_waiting(waiting)} if waiting else {}),
    }


_KINDS = {Uploaded: "uploaded", RetryRequested: "retry-requested", StartRequested: "start-requested"}


def _write_waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "cause": str(waiting.cause),
        "since": waiting.since.isoformat(),
        "hops": waiting.hops,
        "began": waiting.began.isoformat(),
    }


def read_message(message: Mapping[str, Any]) -> Trigger:
    """Read a message of this version or of the one before it.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    match message:
        case {"version": 2, "trigger": kind, "bucket": bucket, "key": key, "time": time}:
            when = datetime.fromisoformat(time)
            waiting = _read_waiting(message["waiting"]) if "waiting" in message else None
            match kind:
                case "uploaded":
                    return Uploaded(bucket=bucket, key=key, time=when, waiting=waiting)
                case "retry-requested":
                    return RetryRequested(bucket=bucket, key=key, time=when, waiting=waiting, job=message["job"])
                case "start-requested":
                    return StartRequested(bucket=bucket, key=key, time=when, waiting=waiting)
        case {"detail-type": "Upload Postponed", "detail": detail}:
            return _read_first_version(detail)
    raise ValueError(message)


def _read_waiting(waiting: Mapping[str, Any]) -> Waiting:
    return Waiting(
        cause=WaitCause(waiting["cause"]),
        since=datetime.fromisoformat(waiting["since"]),
        hops=int(waiting["hops"]),
        began=datetime.fromisoformat(waiting["began"]),
    )


# The first version said in prose what was waited for; a message of it may lie in a queue for as long as that keeps it.
_CAUSES_IN_PROSE = {
    "an upload under way": WaitCause.UPLOAD,
    "files that change": WaitCause.CHANGES,
    "missing files": WaitCause.FILES,
    "SageMaker's rate limit": WaitCause.RATE,
    "the instance quota": WaitCause.QUOTA,
    "capacity": WaitCause.CAPACITY,
}


def _read_first_version(detail: Mapping[str, Any]) -> Trigger:
    bucket, key, time = detail["bucket"], detail["key"], datetime.fromisoformat(detail["time"])
    job, waiting = detail.get("retry_of"), None
    if detail["waiting_for"]:
        since = datetime.fromisoformat(detail["waiting_since"])
        began = datetime.fromisoformat(detail.get("postponed_since", detail["waiting_since"]))
        cause, hops = _CAUSES_IN_PROSE[detail["waiting_for"]], int(detail.get("hops", 0))
        waiting = Waiting(cause=cause, since=since, hops=hops, began=began)
    if job:  # a redrive emptied what was waited for, and left whose try it is
        return RetryRequested(bucket=bucket, key=key, time=time, waiting=waiting, job=job)
    if not waiting:
        return StartRequested(bucket=bucket, key=key, time=time)
    return Uploaded(bucket=bucket, key=key, time=time, waiting=waiting)
