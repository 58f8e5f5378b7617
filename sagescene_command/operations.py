"""What a person asks of a deployed stack by hand: to judge a data set now, and to stop a training job."""

import json
import shlex
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import boto3
from botocore.config import Config

from sagescene import parts
from sagescene.aws import Cloud
from sagescene.errors import SagesceneError
from sagescene.shell_words import quote_name
from sagescene.triggers import StartRequested, write_message
from sagescene_command.following.deployed_stack import DeployedStack, NoSuchDataSetError, name_set


class FunctionFailedError(SagesceneError):
    """A function of the stack ended in an error."""

    def __init__(self, function: str, message: str) -> None:
        """Name the function and give its error's message."""
        super().__init__(f"The function {function} failed: {message}")


class NoSuchJobError(SagesceneError):
    """The stack has no such training job."""

    def __init__(self, job: str) -> None:
        """Name it."""
        super().__init__(
            f"There is no training job and no data set {job} of this stack: sagescene status names those there are."
        )


class NoRunningJobError(SagesceneError):
    """No training job on a data set runs."""

    def __init__(self, data_set: str) -> None:
        """Name the set."""
        super().__init__(
            f"No training job on data set {data_set} runs: "
            f"sagescene status {quote_name(data_set)} says what it came to."
        )


class WaitingSetError(SagesceneError):
    """A data set waits, and no training job on it runs that could be stopped."""

    def __init__(self, data_set: str, bucket: str, reason: str) -> None:
        """Name the set, say what it waits for, and how it is taken back."""
        files = f"s3://{bucket}/{parts.DATASETS}{data_set}/"
        super().__init__(
            f"No training job on data set {data_set} runs: it waits ({reason}). To take it back, delete all its files, "
            f"and its next look starts nothing: aws s3 rm --recursive {shlex.quote(files)}"
        )


class SeveralJobsRunError(SagesceneError):
    """Several training jobs on a data set run, on one content each."""

    def __init__(self, data_set: str, jobs: Iterable[str]) -> None:
        """Name them."""
        super().__init__(f"Several training jobs on data set {data_set} run: give the name of one, {', '.join(jobs)}.")


class JobEndedError(SagesceneError):
    """A training job has ended."""

    def __init__(self, job: str, status: str) -> None:
        """Say how."""
        super().__init__(f"The training job {job} has ended already: {status}.")


# Decisions after which there is a model, or more comes by itself.
GOES_ON = frozenset({"started", "running", "trained", "waiting", "postponed", "model asked for"})

# A function may take its whole timeout, of 300 seconds at most; asked twice, it would work twice.
_PATIENT = Config(read_timeout=310, retries={"total_max_attempts": 1})


def start(stack: DeployedStack, name: str) -> dict[str, Any]:
    """Have a data set judged as if it were uploaded now, and give what was decided.

    The function is called past its queue, which gives no answers; what it puts off goes through the queue as ever.
    Raises NoSuchDataSetError and FunctionFailedError.
    """
    cloud, name = Cloud(stack.region), name_set(stack, name)
    objects = cloud.list_objects(stack.bucket, f"{parts.DATASETS}{name}/")
    key = next((stored.key for stored in objects if parts.part_of(stored.key)), None)
    if key is None:
        raise NoSuchDataSetError(name, stack.bucket)
    # Held against times that AWS wrote: a laptop's clock may be behind them.
    now = stack.found + timedelta(seconds=1)  # the header drops fractions, and this is later than all that happened
    message = write_message(StartRequested(bucket=stack.bucket, key=key, time=now))
    (decision,) = call_function(stack.resources["StartTrainingFunction"], message)
    return decision


def stop(job: str) -> None:
    """Have SageMaker stop a training job that runs."""
    boto3.client("sagemaker").stop_training_job(TrainingJobName=job)


def call_function(function: str, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Call a function of the stack by its name, past its queue, and give its decisions; raises FunctionFailedError."""
    answer = boto3.client("lambda", config=_PATIENT).invoke(FunctionName=function, Payload=json.dumps(event).encode())
    result: Any = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionFailedError(function, result["errorMessage"])
    decisions: list[dict[str, Any]] = result
    return decisions
