"""What the functions' logs say of a data set: what it waits for, and when the stack found nothing to start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sagescene.triggers import WaitCause
from sagescene.workflow import waits

LATE = timedelta(minutes=5)  # so much later than announced a look may be heard of
REDELIVERY = timedelta(minutes=30)  # UploadsQueue's VisibilityTimeout, after which a failed message comes back
_STARTING = "start"  # the function that judges uploads
_CONCLUSIONS = {
    "training job started",
    "training job was started already",
    "nothing to start",
    "data set is still incomplete",
    "waited too long",
    "model asked for",
    "not started",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a log: `speaker` is the function or the job, `content` what it wrote as JSON."""

    time: datetime
    speaker: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What a data set waits for: when it is looked at next, and when waiting is given up, if ever."""

    cause: str
    reason: str
    next_look: datetime
    ends: datetime | None


def find_pause(lines: Iterable[LogLine], data_set: str, now: datetime) -> Pause | None:
    """Find what a data set waits for at present, by the log of the function that starts jobs, oldest line first.

    Each upload waits by itself: the newest tells for what, and the earliest look still to come is the next.
    """
    pauses: list[Pause] = []
    for line in lines:
        content = line.content
        if content.get("data_set") != data_set:
            continue
        if content.get("message") == "waiting":
            pauses.append(read_pause(line))
        elif content.get("message") == "function failed" and line.speaker == _STARTING:
            reason = f"the function failed: {content.get('reason')}"
            pauses.append(Pause(cause="failure", reason=reason, next_look=line.time + REDELIVERY, ends=None))
        elif content.get("message") in _CONCLUSIONS or (content.get("level") == "ERROR" and "code" in content):
            pauses.clear()
    pending = [pause for pause in pauses if pause.next_look >= now] or pauses[-1:]
    if not pending or now > pending[-1].next_look + LATE:
        return None
    next_look = min(pause.next_look for pause in pending)
    return replace(
        pauses[-1], next_look=next_look, ends=min((each.ends for each in pending if each.ends), default=None)
    )


def read_pause(line: LogLine) -> Pause:
    """Read what the line of a log says that is waited for."""
    content = line.content
    cause = str(content["cause"])
    policy = waits.POLICIES.get(WaitCause(cause)) if cause in {*WaitCause} else None
    since = content.get("since")
    return Pause(
        cause=cause,
        reason=str(content["reason"]),
        next_look=line.time + timedelta(seconds=content["delay_in_seconds"]),
        ends=datetime.fromisoformat(since) + policy.limit if policy and policy.limit and since else None,
    )


def find_settled(lines: Iterable[LogLine], data_set: str) -> datetime | None:
    """Say when the stack last found that nothing is to be started for a data set."""
    return max(
        (
            line.time
            for line in lines
            if line.content.get("data_set") == data_set and line.content.get("message") == "nothing to start"
        ),
        default=None,
    )
