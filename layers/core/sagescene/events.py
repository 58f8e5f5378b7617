"""What has happened, read from the events that reach the functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from sagescene.errors import SagesceneError
from sagescene.triggers import Trigger, Uploaded, read_message, write_message

type Event = Mapping[str, Any]


class UnreadableEventError(SagesceneError):
    """An event of a kind that the function is not meant for."""

    def __init__(self, event: object) -> None:
        """Show the beginning of the event."""
        super().__init__(f"This is no event the function understands: {json.dumps(event, default=str)[:200]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded:
    """A training job may have ended; only DescribeTrainingJob knows how."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStruck:
    """It is time to look for ended jobs whose event was lost."""


def read_triggers(event: Event) -> list[Trigger]:
    """Read the triggers in an SQS batch, an EventBridge event, a direct S3 notification or a message of our own.

    Forms: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, and for direct notifications
    notification-content-structure.html beside it.

    Raises:
        UnreadableEventError: the event is anything else.
    """
    try:
        match event:
            case {"Records": list(records)}:
                return [trigger for record in records for trigger in _read_record(record)]
            case {"Event": "s3:TestEvent"}:
                return []
            case {"source": "aws.s3", "detail-type": "Object Created", "time": time, "detail": detail}:
                # EventBridge carries the key as it is; only direct notifications encode it.
                bucket, key = detail["bucket"]["name"], detail["object"]["key"]
                return [Uploaded(bucket=bucket, key=key, time=datetime.fromisoformat(time))]
            case {"source": "sagescene"}:
                return [read_message(event)]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableEventError(event) from error
    raise UnreadableEventError(event)


def _read_record(record: Event) -> list[Trigger]:
    match record:
        case {"eventSource": "aws:sqs", "body": body}:
            return read_triggers(json.loads(body))
        case {"eventSource": "aws:s3", "eventTime": time, "s3": s3}:
            key = unquote_plus(s3["object"]["key"])
            return [Uploaded(bucket=s3["bucket"]["name"], key=key, time=datetime.fromisoformat(time))]
    raise UnreadableEventError(record)


def revive(body: str, now: datetime) -> str:
    """Give the body of a dead letter as it goes back to its queue: whoever waits begins to wait anew."""
    try:
        message = json.loads(body)
        (trigger,) = read_triggers(message)
    except (ValueError, UnreadableEventError):
        return body
    if not trigger.waiting:
        return body
    waiting = replace(trigger.waiting, since=now, hops=0, began=now)
    return json.dumps(write_message(replace(trigger, waiting=waiting)))


def read_end(event: Event) -> JobEnded | ClockStruck:
    """Read what reached the function that finishes training: a job's state change or the schedule.

    Form: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html. Nothing but
    the job's name is taken from it.

    Raises:
        UnreadableEventError: the event is anything else.
    """
    match event:
        case {"detail-type": "SageMaker Training Job State Change", "detail": {"TrainingJobName": str(job)}}:
            return JobEnded(job=job)
        case {"detail-type": "Scheduled Event"}:
            return ClockStruck()
    raise UnreadableEventError(event)
