"""What has a trained model evaluated, and the queued messages that ask for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagescene.events import Event, UnreadableEventError

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequested:
    """The model of a job is to be evaluated, or its evaluation to go on; `hop` counts the messages before this one."""

    job: str
    hop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTestRecords:
    """Test files of a data set were uploaded, whose newest model may be evaluated on them."""

    bucket: str
    key: str
    time: datetime


type EvaluationTrigger = EvaluationRequested | NewTestRecords


def write_trigger(trigger: EvaluationTrigger) -> dict[str, Any]:
    """Write a trigger as the message that `read_evaluation_triggers` reads, in this version and in the next."""
    if isinstance(trigger, NewTestRecords):
        return {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": trigger.time.isoformat(),
            "detail": {"bucket": {"name": trigger.bucket}, "object": {"key": trigger.key}},
        }
    return {"version": _VERSION, "evaluate": {"job": trigger.job, "hop": trigger.hop}}


def read_evaluation_triggers(event: Event) -> list[EvaluationTrigger]:
    """Read the triggers in an SQS batch, an EventBridge event of an upload or a message of our own.

    Raises:
        UnreadableEventError: the event is anything else.
    """
    try:
        match event:
            case {"Records": list(records)}:
                return [_read(json.loads(record["body"])) for record in records]
            case _:
                return [_read(event)]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableEventError(event) from error


def _read(message: Mapping[str, Any]) -> EvaluationTrigger:
    match message:
        case {"version": 1, "evaluate": {"job": str(job), "hop": int(hop)}}:
            return EvaluationRequested(job=job, hop=hop)
        case {"source": "aws.s3", "detail-type": "Object Created", "time": time, "detail": detail}:
            bucket, key = detail["bucket"]["name"], detail["object"]["key"]
            return NewTestRecords(bucket=bucket, key=key, time=datetime.fromisoformat(time))
    raise ValueError(message)
