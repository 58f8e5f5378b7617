"""Models in S3: at an address, or the newest one of a data set of a stack."""

import io
import json
import re
from collections.abc import Buffer, Iterator
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from sagescene import keys, parts
from sagescene.aws import Cloud
from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.files import classnames
from sagescene.jobs.training_job import LONGEST_JOB
from sagescene_command.predicting.provenance import JsonObject
from sagescene_command.progress import Progress

ARTIFACT = "model.tar.gz"
_MODEL_KEY = re.compile(rf"{keys.MODELS}(?P<job>[^/]+)/output/{re.escape(ARTIFACT)}")


class NoModelError(SagesceneError):
    """There is no model where one was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteModel:
    """A model in S3, with what lies about it: the outcome of its job, the report on its set, a `classes.txt` beside."""

    bucket: str
    stored: StoredObject
    outcome: JsonObject | None = None
    report: JsonObject | None = None
    names: StoredObject | None = None

    @property
    def address(self) -> str:
        """Give its address."""
        return f"s3://{self.bucket}/{self.stored.key}"


def find_newest(cloud: Cloud, bucket: str, data_set: str) -> RemoteModel:
    """Find the model of the job of a data set that completed last, among those whose artifact is still there.

    Raises:
        NoModelError: if there is none; it says what became of the newest job instead.
    """
    reports = cloud.list_objects(bucket, f"{keys.REPORTS}{data_set}/")
    contents = {keys.content_of_report(stored.key) for stored in reports}
    # The name in a job's name is cut, so two sets may share it; the contents are those of one.
    outcomes = [
        stored
        for stored in cloud.list_objects(bucket, keys.OUTCOMES)
        if keys.is_outcome_key(stored.key)
        and (job := keys.job_named_in(stored.key))
        and keys.fingerprint_of(job) in contents
    ]
    last = ""
    for stored in sorted(outcomes, key=lambda stored: stored.last_modified, reverse=True):
        outcome = _read_document(cloud, bucket, stored)
        if not outcome or outcome.get("data_set") != data_set:
            continue
        job = keys.job_named_in(stored.key)
        artifact = cloud.find_object(bucket, f"{keys.MODELS}{job}/output/{ARTIFACT}")
        if outcome.get("status") == "Completed" and artifact:
            return _add_report(cloud, RemoteModel(bucket=bucket, stored=artifact, outcome=outcome))
        last = last or f"its newest training job, {job}, is {outcome.get('status')}" + (
            ", and its model.tar.gz is gone" if outcome.get("status") == "Completed" else ""
        )
    if not reports and not cloud.list_objects(bucket, f"{parts.DATASETS}{data_set}/"):
        raise NoModelError(f"There is no data set {data_set} in s3://{bucket}/{parts.DATASETS}: correct its name.")
    raise NoModelError(
        f"The data set {data_set} has no model yet: {last or 'no training job of it has ended'}; "
        f"s3://{bucket}/{keys.REPORTS}{data_set}/ says what was found in its files."
    )


def find_at(cloud: Cloud, address: str) -> RemoteModel:
    """Find the model at an address, that of a model.tar.gz or of the folder into which a training job wrote it.

    Raises:
        NoModelError: if there is none.
    """
    bucket, _, key = address.removeprefix("s3://").partition("/")
    tried = [key, f"{key.rstrip('/')}/{ARTIFACT}", f"{key.rstrip('/')}/output/{ARTIFACT}"]
    found = {stored.key: stored for stored in cloud.list_objects(bucket, key)} if bucket and key else {}
    stored = next((found[each] for each in tried if each in found), None)
    if not stored:
        raise NoModelError(f"There is no model at {address}: give the address of a {ARTIFACT}.")
    names = cloud.find_object(bucket, f"{stored.key.rpartition('/')[0]}/{classnames.FILE_NAME}".lstrip("/"))
    model = RemoteModel(bucket=bucket, stored=stored, names=names)
    match = _MODEL_KEY.fullmatch(stored.key)
    if not match:
        return model
    try:
        # Outcomes lie under the day on which a job began, and here it is only known when it ended.
        listed = cloud.list_objects(
            bucket, keys.OUTCOMES, after=keys.first_outcome_key(stored.last_modified - LONGEST_JOB)
        )
        outcomes = (each for each in listed if keys.is_outcome_key(each.key))
        outcome = next((each for each in outcomes if keys.job_named_in(each.key) == match["job"]), None)
        if not outcome:
            return model
        document = _read_document(cloud, bucket, outcome)
        return _add_report(cloud, replace(model, outcome=document))
    except ClientError:  # whoever may read models alone is answered without names
        return model


def open_stream(cloud: Cloud, model: RemoteModel, progress: Progress) -> io.BufferedReader:
    """Open an artifact as a stream that is read once, forwards; memory is one piece of it.

    `progress` is called with the bytes read and those in all.
    """

    def read() -> Iterator[bytes]:
        done = 0
        for piece in cloud.read(model.bucket, model.stored):
            done += len(piece)
            progress(done, model.stored.size)
            yield piece

    return io.BufferedReader(_Pieces(read()))


def _add_report(cloud: Cloud, model: RemoteModel) -> RemoteModel:
    if not model.outcome:
        return model
    fingerprint = keys.fingerprint_of(str(model.outcome.get("job")))
    key = keys.report_key(str(model.outcome.get("data_set")), fingerprint)
    stored = cloud.find_object(model.bucket, key)
    report = _read_document(cloud, model.bucket, stored) if stored else None
    return replace(model, report=report)


def _read_document(cloud: Cloud, bucket: str, stored: StoredObject) -> JsonObject | None:
    try:
        document: Any = json.loads(b"".join(cloud.read(bucket, stored)))
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Buffer, /) -> int:
        view = memoryview(target).cast("B")
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
