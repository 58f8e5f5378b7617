"""What is read of a stack to follow it: objects, training jobs, models and logs; nothing is changed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError

from sagescene import dataset, keys, parts
from sagescene.aws import Cloud
from sagescene.dataset import IncompleteSet, StoredObject
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding
from sagescene.foreign import report_foreign
from sagescene.jobs.training_job import ENDED, TrainingJob
from sagescene_command.following import documents
from sagescene_command.following.deployed_stack import DeployedStack, NoSuchDataSetError
from sagescene_command.following.logged import LogLine, find_pause, find_settled
from sagescene_command.following.sights import FRESH, SeenEvaluation, Sight

# No wait is longer than 15 minutes before its next line.
RECENT = FRESH + timedelta(minutes=5)


def _awaits_evaluation(written: Iterable[StoredObject]) -> bool:
    """Tell whether the notice of a model waits for its evaluation still."""
    there = {stored.key for stored in written}
    return any((told := keys.told_beside(key)) is not None and told not in there for key in there)


def _explain_files(name: str, objects: Iterable[StoredObject]) -> tuple[Finding, ...]:
    log = FindingLog(f"{parts.DATASETS}{name}/")
    report_foreign(log, [stored.key for stored in objects])
    return log.close()


class Sources:
    """Reads what is there of a stack at the moment it is asked."""

    def __init__(self, stack: DeployedStack, job_prefix: str) -> None:
        """Take the stack, and how the names of its jobs begin."""
        self.stack, self.prefix = stack, job_prefix
        self.cloud = Cloud(stack.region)
        self._sagemaker: Any = boto3.client("sagemaker")
        self._logs: Any = boto3.client("logs")
        self._ended: dict[str, Mapping[str, Any]] = {}  # what has ended stays as it is
        self._documents: dict[tuple[str, str], Any] = {}

    def list_sets(self) -> dict[str, list[StoredObject]]:
        """List the objects of every data set by its name."""
        found: dict[str, list[StoredObject]] = {}
        for stored in self.cloud.list_objects(self.stack.bucket, parts.DATASETS):
            if name := parts.set_of(stored.key):
                found.setdefault(name, []).append(stored)
        return found

    def list_set(self, name: str) -> list[StoredObject]:
        """List the objects of one data set."""
        return self.cloud.list_objects(self.stack.bucket, f"{parts.DATASETS}{name}/")

    def require_set(self, name: str) -> list[StoredObject]:
        """List the objects of one data set as `list_set` does; raises NoSuchDataSetError where there are none."""
        objects = self.list_set(name)
        if not objects:
            raise NoSuchDataSetError(name, self.stack.bucket)
        return objects

    def look(self, name: str, objects: Iterable[StoredObject], lines: Iterable[LogLine], now: datetime) -> Sight:
        """Look at a data set, whose objects and recent log lines are known."""
        objects, lines = list(objects), list(lines)
        ringing = [stored for stored in objects if parts.part_of(stored.key)]
        assembled = dataset.assemble(name, objects, self.stack.bucket)
        report = self._find_report(name, assembled.digest)
        first = keys.job_name(self.prefix, name, report["fingerprint"] if report else assembled.fingerprint)
        jobs = self.list_attempts(first)
        uploaded = max((stored.last_modified for stored in ringing), default=None)
        written = self._list_written(first, jobs, uploaded)
        return Sight(
            data_set=name,
            files=len(objects),
            size_in_bytes=sum(stored.size for stored in objects),
            uploaded=uploaded,
            missing=assembled.missing if isinstance(assembled, IncompleteSet) else (),
            foreign=() if ringing else _explain_files(name, objects),
            report=report,
            jobs=jobs,
            outcomes=self._read_outcomes(written),
            awaits_evaluation=_awaits_evaluation(written),
            pause=find_pause(lines, name, now),
            settled=find_settled(lines, name),
            model=self.find_model(jobs[-1]["TrainingJobName"]) if jobs else "",
        )

    def find_evaluation(self, data_set: str, job: str) -> SeenEvaluation | None:
        """Read the newest evaluation of a job's model; None where there is none."""
        listed = self.cloud.list_objects(self.stack.bucket, keys.evaluations_of(data_set, job))
        found = [stored for stored in listed if keys.is_evaluation_key(stored.key)]
        if not found:
            return None
        newest = max(found, key=lambda stored: stored.last_modified)
        page = f"s3://{self.stack.bucket}/{keys.page_beside(newest.key)}"
        content = b"".join(self.cloud.read(self.stack.bucket, newest))
        with documents.reading(self._address(newest)):
            document = json.loads(content)
            caveats = tuple(f"{caveat['message']} {caveat['remedy']}".strip() for caveat in document["caveats"])
            return SeenEvaluation(verdict=document["verdict"], caveats=caveats, page=page)

    def look_at_job(self, first: str, data_set: str) -> Sight:
        """Look at the attempts at one content, whatever lies in its data set now."""
        jobs = self.list_attempts(first)
        written = self._list_written(first, jobs)
        return Sight(
            data_set=data_set,
            jobs=jobs,
            outcomes=self._read_outcomes(written),
            awaits_evaluation=_awaits_evaluation(written),
            model=self.find_model(jobs[-1]["TrainingJobName"]) if jobs else "",
        )

    def find_job(self, name: str) -> TrainingJob | None:
        """Describe a training job of the stack; None for what is no such job."""
        return self.cloud.describe_training_job(name) if name.startswith(f"{self.prefix}--") else None

    def find_set_of_job(self, name: str) -> str | None:
        """Name the data set that a training job of the stack trains on; None for what is no such job."""
        job = self.find_job(name)
        return parts.set_of(job.train_uri.removeprefix(f"s3://{self.stack.bucket}/")) or "" if job else None

    def list_running_jobs(self, data_set: str) -> list[str]:
        """Name the training jobs on a data set that run, the newest first."""
        pages = self._sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains=self._begin_names(data_set), StatusEquals="InProgress"
        )
        names = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
        return [name for name in names if self.find_set_of_job(name) == data_set]

    def list_attempts(self, first: str) -> tuple[Mapping[str, Any], ...]:
        """Describe every job that tried to train on a content, the first one first."""
        pages = self._sagemaker.get_paginator("list_training_jobs").paginate(NameContains=first)
        names = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
        attempts = [name for name in names if keys.name_attempts(name)[0] == first]
        return tuple(map(self.describe_job, sorted(attempts, key=lambda name: len(keys.name_attempts(name)))))

    def describe_job(self, name: str) -> Mapping[str, Any]:
        """Describe a training job as SageMaker does."""
        if name not in self._ended:
            job: Mapping[str, Any] = self._sagemaker.describe_training_job(TrainingJobName=name)
            if job["TrainingJobStatus"] not in ENDED:
                return job
            self._ended[name] = job
        return self._ended[name]

    def find_last_duration(self, data_set: str, before: datetime) -> timedelta | None:
        """Give how long the last job on a data set took to complete, of those created before a time; None without one.

        One call, and of the newest hundred alone: an estimate may be none.
        """
        named = self._begin_names(data_set)
        listed = self._sagemaker.list_training_jobs(
            NameContains=named,
            StatusEquals="Completed",
            CreationTimeBefore=before,
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=100,
        )
        for job in listed["TrainingJobSummaries"]:
            if job["TrainingJobName"].startswith(named) and job["CreationTime"] < before and "TrainingEndTime" in job:
                took: timedelta = job["TrainingEndTime"] - job["CreationTime"]
                return took
        return None

    def find_model(self, name: str) -> str:
        """Give the ARN of a model, nothing where there is none."""
        if not self.cloud.has_model(name):
            return ""
        return str(self._sagemaker.describe_model(ModelName=name)["ModelArn"])

    def find_newest_model(self, data_set: str) -> Mapping[str, Any] | None:
        """Give the newest model of a data set as ListModels does, whichever of its files it was made of; None without.

        Two calls, unless the names of another set's models begin alike; the newest hundred are looked at.
        """
        named = self._begin_names(data_set)
        listed = self._sagemaker.list_models(
            NameContains=named, SortBy="CreationTime", SortOrder="Descending", MaxResults=100
        )
        for model in listed["Models"]:
            if model["ModelName"].startswith(named) and self.find_set_of_job(model["ModelName"]) == data_set:
                return dict(model)
        return None

    def _begin_names(self, data_set: str) -> str:
        digits = "0" * 12
        return keys.job_name(self.prefix, data_set, digits).removesuffix(digits)

    def _find_report(self, name: str, digest: str) -> Any:  # noqa: ANN401 - as it was written
        for stored in self.cloud.list_objects(self.stack.bucket, f"{keys.REPORTS}{name}/"):
            content = keys.content_of_report(stored.key)
            if content and digest.startswith(content):
                report = self._read(stored)
                if report:
                    documents.require_report(report, self._address(stored))
                if report and report.get("digest", digest) == digest:
                    return report
        return None

    def _list_written(
        self, first: str, jobs: Iterable[Mapping[str, Any]], uploaded: datetime | None = None
    ) -> list[StoredObject]:
        """List what is written of the attempts at a content: it lies under the days of jobs, and of what was asked."""
        since = min((*(job["CreationTime"] for job in jobs), *([uploaded] if uploaded else ())), default=None)
        if since is None:
            return []
        listed = self.cloud.list_objects(self.stack.bucket, keys.OUTCOMES, after=keys.first_outcome_key(since))
        return [stored for stored in listed if _first_attempt(stored.key) == first]

    def _read_outcomes(self, written: Iterable[StoredObject]) -> tuple[Mapping[str, Any], ...]:
        found = []
        for stored in written:
            if not keys.is_of_notice(stored.key) and (document := self._read(stored)):
                documents.require_outcome(document, self._address(stored))
                found.append(document)
        return tuple(found)

    def _address(self, stored: StoredObject) -> str:
        return f"s3://{self.stack.bucket}/{stored.key}"

    def _read(self, stored: StoredObject) -> Any:  # noqa: ANN401
        version = stored.key, stored.etag
        if version not in self._documents:
            self._documents[version] = self.cloud.read_json(self.stack.bucket, stored.key)
        return self._documents[version]

    def read_function_logs(self, since: datetime) -> list[LogLine]:
        """Read what the functions logged since then, oldest line first; a stack may evaluate no models."""
        groups = (
            ("start", "StartTrainingLogs"),
            ("finish", "FinishTrainingLogs"),
            ("evaluate", "EvaluateModelLogs"),
        )
        found = [
            line
            for speaker, group in groups
            if group in self.stack.resources
            for line in self.read_log(self.stack.resources[group], since, speaker)
        ]
        return sorted(found, key=lambda line: line.time)

    def read_log(self, group: str, since: datetime, speaker: str, streams: str = "") -> Iterator[LogLine]:
        """Read a log group's lines since then, of the streams whose names begin so; nothing where there is none."""
        request: dict[str, Any] = {"logGroupName": group, "startTime": int(since.timestamp() * 1000)}
        if streams:
            request["logStreamNamePrefix"] = streams
        try:
            for page in self._logs.get_paginator("filter_log_events").paginate(**request):
                for event in page["events"]:
                    if not event["logStreamName"].startswith(streams):
                        continue  # what stands in for AWS may give all streams
                    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    yield LogLine(time=time, speaker=speaker, content=_parse(event["message"]))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def _first_attempt(key: str) -> str | None:
    """Name the first attempt of the job that a key of an outcome or a mark is about; None for another key."""
    job = keys.job_named_in(key)
    return keys.name_attempts(job)[0] if job else None


def _parse(message: str) -> Mapping[str, Any]:
    try:
        content = json.loads(message)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {"message": message.rstrip()}
