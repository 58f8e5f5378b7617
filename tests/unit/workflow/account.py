"""A cloud that keeps what is asked of it, for the tests of what steps do."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sagescene.aws import Cloud, ModelTakenError, ObjectReplacedError
from sagescene.dataset import StoredObject, UnfinishedUpload
from sagescene.jobs.training_job import EndedJob, TrainingJob
from sagescene.preflight.reading_time import unlimited
from sagescene.settings import FinishSettings, Settings
from sagescene.workflow.context import Context
from tests.unit.workflow.known import BUCKET, END_SETTINGS, EVALUATIONS_QUEUE, NOON, SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, by the operation's name, and what matters of its parameters."""

    operation: str
    about: Any


class Account(Cloud):
    """Holds objects, jobs and models in memory; `calls` tells in which order what was done."""

    def __init__(self, *jobs: TrainingJob, objects: Mapping[str, bytes] | None = None) -> None:
        super().__init__("us-east-1")
        self.jobs = {job.name: job for job in jobs}
        self.objects: dict[str, bytes] = dict(objects or {})
        self.uploads: list[UnfinishedUpload] = []
        self.calls: list[Call] = []
        self.refusal: Exception | None = None
        self.taken = False
        self.models: set[str] = set()
        self.modified = NOON

    @property
    def operations(self) -> list[str]:
        """The operations called so far."""
        return [call.operation for call in self.calls]

    def about(self, operation: str) -> list[Any]:
        """Give what the calls of an operation were about."""
        return [call.about for call in self.calls if call.operation == operation]

    def document(self, key: str) -> Any:  # noqa: ANN401
        """Read a JSON object."""
        return json.loads(self.objects[key])

    def _note(self, operation: str, about: object) -> None:
        self.calls.append(Call(operation=operation, about=about))

    def list_objects(self, bucket: str, prefix: str, after: str = "", most: int | None = None) -> list[StoredObject]:
        assert bucket == BUCKET
        self._note("list", prefix)
        return [
            StoredObject(key=key, etag=etag_of(body), size=len(body), last_modified=self.modified)
            for key, body in sorted(self.objects.items())
            if key.startswith(prefix) and key > after
        ][:most]

    def list_unfinished_uploads(self, bucket: str, prefix: str) -> list[UnfinishedUpload]:
        assert bucket == BUCKET
        self._note("uploads", prefix)
        return self.uploads

    def read(self, bucket: str, stored: StoredObject) -> Iterator[bytes]:
        assert bucket == BUCKET
        self._note("read", stored.key)
        if stored.key not in self.objects or etag_of(self.objects[stored.key]) != stored.etag:
            raise ObjectReplacedError(stored.key)
        yield self.objects[stored.key]

    def read_newest(self, bucket: str, key: str, is_listed: Callable[[], bool] | None = None) -> bytes | None:
        assert bucket == BUCKET
        self._note("read", key)
        if key not in self.objects and is_listed:
            assert not is_listed()
        elif key not in self.objects:
            self._note("list", key)
        return self.objects.get(key)

    def read_span(self, bucket: str, stored: StoredObject, offset: int, length: int) -> bytes:
        return b"".join(self.read(bucket, stored))[offset : offset + length]

    def write_page(self, bucket: str, key: str, page: str) -> None:
        assert bucket == BUCKET
        self._note("page", key)
        self.objects[key] = page.encode()

    def write_json(self, bucket: str, key: str, document: Mapping[str, Any]) -> None:
        assert bucket == BUCKET
        self._note("write", key)
        self.objects[key] = json.dumps(document).encode()

    def write_json_once(self, bucket: str, key: str, document: Mapping[str, Any]) -> str | None:
        assert bucket == BUCKET
        self._note("write once", key)
        if key in self.objects:
            return None
        self.objects[key] = json.dumps(document).encode()
        return etag_of(self.objects[key])

    def replace_json(self, bucket: str, key: str, etag: str, document: Mapping[str, Any]) -> str | None:
        assert bucket == BUCKET
        self._note("replace", key)
        if key not in self.objects or etag_of(self.objects[key]) != etag:
            return None
        self.objects[key] = json.dumps(document).encode()
        return etag_of(self.objects[key])

    def describe_training_job(self, name: str) -> TrainingJob | None:
        self._note("describe", name)
        return self.jobs.get(name)

    def create_training_job(self, request: Mapping[str, Any]) -> bool:
        self._note("create job", request["TrainingJobName"])
        if self.refusal:
            raise self.refusal
        return request["TrainingJobName"] not in self.jobs

    def list_ended_jobs(self, prefix: str, created_after: datetime) -> list[EndedJob]:
        self._note("list jobs", (prefix, created_after))
        return [
            EndedJob(name=job.name, created=job.created) for job in self.jobs.values() if job.created > created_after
        ]

    def create_model(self, request: Mapping[str, Any]) -> str:
        self._note("create model", request)
        if self.refusal:
            raise self.refusal
        if self.taken:
            raise ModelTakenError(request["ModelName"], "s3://elsewhere/model.tar.gz")
        self.models.add(request["ModelName"])
        return f"arn:model/{request['ModelName']}"

    def has_model(self, name: str) -> bool:
        self._note("describe model", name)
        return name in self.models

    def notify(self, topic_arn: str, subject: str, text: str) -> None:
        assert topic_arn == SETTINGS.topic_arn
        assert text
        self._note("notify", subject)

    def notify_chat(self, topic_arn: str, message: Mapping[str, Any]) -> None:
        self._note("notify chat", (topic_arn, message["content"]["title"]))

    def send_later(
        self, queue_url: str, message: Mapping[str, Any], delay_in_seconds: int, correlation_id: str | None
    ) -> None:
        assert correlation_id is None  # outside of an invocation there is none
        assert queue_url in {SETTINGS.uploads_queue_url, EVALUATIONS_QUEUE}
        self._note("send" if queue_url == SETTINGS.uploads_queue_url else "ask", (dict(message), delay_in_seconds))


def etag_of(body: bytes) -> str:
    """Give the ETag that S3 gives a small object."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def invoked(account: Cloud, now: datetime = NOON, seconds_left: Callable[[], float] = unlimited) -> Context[Any]:
    """Give what an invocation with this account works with."""
    settings: Settings = SETTINGS
    return Context(settings=settings, cloud=account, now=now.astimezone(UTC), jitter=0, seconds_left=seconds_left)


def told_of_an_end(account: Cloud, now: datetime = NOON) -> Context[FinishSettings]:
    """Give what an invocation that finishes jobs works with."""
    return Context(settings=END_SETTINGS, cloud=account, now=now.astimezone(UTC), jitter=0)


def names(calls: Iterable[Call]) -> list[tuple[str, Any]]:
    """Give calls as pairs that read well in an assertion."""
    return [(call.operation, call.about) for call in calls]
