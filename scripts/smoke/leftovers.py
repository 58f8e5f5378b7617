"""What a smoke test leaves in the account, and its removal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3

from sagescene import keys
from sagescene.errors import SagesceneError
from sagescene_command.following.deployed_stack import DeployedStack
from scripts.smoke import names
from scripts.smoke.registry import Group
from scripts.smoke.watch import list_jobs


class NotDeletedError(SagesceneError):
    """S3 did not delete an object."""

    def __init__(self, key: str, reason: str) -> None:
        """Name the object and S3's reason."""
        super().__init__(f"{key} was not deleted: {reason}")


class Leftovers:
    """All that comes of one set of a smoke test."""

    def __init__(self, stack: DeployedStack, job_prefix: str, data_set: str) -> None:
        """Take where it is; raises NoSmokeTestError for a set of another kind, which is never touched."""
        self._began = names.read_beginning(data_set)
        self._bucket, self._data_set = stack.bucket, data_set
        self._jobs = names.begin_of_jobs(job_prefix, data_set)
        self._s3: Any = boto3.client("s3")
        self._sagemaker: Any = boto3.client("sagemaker")
        evaluates = "EvaluationsQueue" in stack.resources  # what is not evaluated stands in no registry
        self._group = Group(self._sagemaker, keys.model_group(job_prefix, data_set)) if evaluates else None

    def stop_jobs(self) -> list[str]:
        """Ask SageMaker to stop whatever runs, and name it."""
        running = [job["TrainingJobName"] for job in list_jobs(self._jobs) if job["TrainingJobStatus"] == "InProgress"]
        for name in running:
            self._sagemaker.stop_training_job(TrainingJobName=name)
        return running

    def remove_set(self) -> int:
        """Delete the set's files, so that the stack starts no job of it any more, and count their versions."""
        return self._delete(names.begins_of_objects(self._jobs, self._data_set)[0])

    def remove(self) -> Iterator[str]:
        """Delete models, what the registry has of them, and objects, every version of them, and say so.

        Outcomes stay, and the marks beside them go: whether people were told, that a job was not started.
        """
        for name in self._list_models():
            self._sagemaker.delete_model(ModelName=name)
            yield f"deleted the model {name}"
        if self._group:
            yield from self._group.remove()
        begins = names.begins_of_objects(self._jobs, self._data_set)
        marks = (key for key in self._list_outcomes() if not keys.job_of_outcome(key))
        for begin in (*begins, *self._begins_by_day(keys.EVALUATIONS), *marks):
            if count := self._delete(begin):
                yield f"deleted s3://{self._bucket}/{begin}*: {count} versions of objects"

    def describe_rest(self) -> Iterator[str]:
        """Say what stays.

        Outcomes of jobs do: the stack's clock would finish an ended job without one again, and make its model anew.
        """
        for job in list_jobs(self._jobs):
            yield f"stays: the record and the logs of the training job {job['TrainingJobName']}"
        for key in filter(keys.job_of_outcome, self._list_outcomes()):
            yield f"stays: s3://{self._bucket}/{key}, without which the stack would finish the job again"
        if self._group:
            yield from self._group.describe_rest()

    def _list_outcomes(self) -> list[str]:
        return [key for begin in self._begins_by_day(keys.OUTCOMES) for key in self._list_keys(begin)]

    def _begins_by_day(self, folder: str) -> Iterator[str]:
        return names.begins_by_day(folder, self._jobs, self._began, datetime.now(UTC))

    def _list_models(self) -> list[str]:
        pages = self._sagemaker.get_paginator("list_models").paginate(NameContains=self._jobs)
        found = [model["ModelName"] for page in pages for model in page["Models"]]
        return [name for name in found if name.startswith(self._jobs)]

    def _list_keys(self, begin: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=begin)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def _delete(self, begin: str) -> int:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=begin)
        deleted = 0
        for page in list(pages):  # listed whole before the first is deleted: a marker names an object that exists
            versions = [
                {"Key": one["Key"], "VersionId": one["VersionId"]}
                for one in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
            ]
            if versions:
                answer = self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": versions, "Quiet": True})
                for error in answer.get("Errors", []):
                    raise NotDeletedError(error["Key"], error.get("Message") or error["Code"])
            deleted += len(versions)
        return deleted
