"""What happened, read from the events that reach the functions and told in this project's own words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from sagescene.errors import SagesceneError

type Event = Mapping[str, Any]


class UnreadableEventError(SagesceneError):
    """An event of a kind that the function is not meant for."""

    def __init__(self, event: object) -> None:
        """Show the beginning of the event."""
        super().__init__(f"This is no event the function understands: {json.dumps(event, default=str)[:200]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An object was created; `waiting_since` and `waiting_for` say why its judgment was postponed, if it was.

    `hops` counts how often it was, `postponed_since` says when for the first time. `retry_of` names the training job
    that found no capacity and is to be tried again.
    """

    bucket: str
    key: str
    time: datetime
    waiting_since: datetime | None = None
    waiting_for: str = ""
    retry_of: str = ""
    hops: int = 0
    postponed_since: datetime | None = None

    def wait_began(self, waiting_for: str, now: datetime) -> datetime:
        """Say since when the upload has been waiting for this; now, when it has not yet."""
        return self.waiting_since if self.waiting_since and self.waiting_for == waiting_for else now


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded:
    """A training job may have ended; only DescribeTrainingJob knows how."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStruck:
    """It is time to look for ended jobs whose event was lost."""


def read_uploads(event: Event) -> list[Upload]:
    """Read the uploads in an SQS batch, an EventBridge event, a direct S3 notification or a postponed upload.

    Forms: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, and for direct notifications
    notification-content-structure.html beside it. Raises UnreadableEventError for anything else.
    """
    try:
        match event:
            case {"Records": list(records)}:
                return [upload for record in records for upload in _read_record(record)]
            case {"Event": "s3:TestEvent"}:
                return []
            case {"source": "aws.s3", "detail-type": "Object Created", "time": time, "detail": detail}:
                # EventBridge carries the key as it is; only direct notifications encode it.
                return [
                    Upload(
                        bucket=detail["bucket"]["name"],
                        key=detail["object"]["key"],
                        time=datetime.fromisoformat(time),
                    )
                ]
            case {"source": "sagescene", "detail-type": "Upload Postponed", "detail": detail}:
                return [
                    Upload(
                        bucket=detail["bucket"],
                        key=detail["key"],
                        time=datetime.fromisoformat(detail["time"]),
                        waiting_since=datetime.fromisoformat(detail["waiting_since"]),
                        waiting_for=detail["waiting_for"],
                        retry_of=detail.get("retry_of", ""),
                        hops=int(detail.get("hops", 0)),
                        postponed_since=datetime.fromisoformat(detail.get("postponed_since", detail["waiting_since"])),
                    )
                ]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableEventError(event) from error
    raise UnreadableEventError(event)


def _read_record(record: Event) -> list[Upload]:
    match record:
        case {"eventSource": "aws:sqs", "body": body}:
            return read_uploads(json.loads(body))
        case {"eventSource": "aws:s3", "eventTime": time, "s3": s3}:
            key = unquote_plus(s3["object"]["key"])
            return [Upload(bucket=s3["bucket"]["name"], key=key, time=datetime.fromisoformat(time))]
    raise UnreadableEventError(record)


def postponed(upload: Upload, waiting_for: str, now: datetime) -> dict[str, Any]:
    """Write an upload as the message that brings it back later; `read_uploads` reads it."""
    return {
        "source": "sagescene",
        "detail-type": "Upload Postponed",
        "detail": {
            "bucket": upload.bucket,
            "key": upload.key,
            "time": upload.time.isoformat(),
            "waiting_since": upload.wait_began(waiting_for, now).isoformat(),
            "waiting_for": waiting_for,
            "retry_of": upload.retry_of,
            "hops": upload.hops + 1,
            "postponed_since": (upload.postponed_since or now).isoformat(),
        },
    }


def revive(body: str, now: datetime) -> str:
    """Give the body of a dead letter as it goes back to its queue: whoever waits begins to wait anew."""
    try:
        message = json.loads(body)
    except ValueError:
        return body
    match message:
        case {"source": "sagescene", "detail": dict(detail)}:
            anew = {"waiting_since": now.isoformat(), "waiting_for": "", "hops": 0, "postponed_since": now.isoformat()}
            return json.dumps({**message, "detail": {**detail, **anew}})
    return body


def read_bell(event: Event) -> JobEnded | ClockStruck:
    """Read what woke the function that finishes training: a job's state change or the schedule.

    Form: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html. Nothing but
    the job's name is taken from it. Raises UnreadableEventError for anything else.
    """
    match event:
        case {"detail-type": "SageMaker Training Job State Change", "detail": {"TrainingJobName": str(job)}}:
            return JobEnded(job=job)
        case {"detail-type": "Scheduled Event"}:
            return ClockStruck()
    raise UnreadableEventError(event)
