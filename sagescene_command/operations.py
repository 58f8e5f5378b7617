"""What a person asks of a deployed stack by hand: to start a data set, and to bring back what failed."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from sagescene import keys, parts
from sagescene.aws import Cloud
from sagescene.errors import SagesceneError
from sagescene.events import revive
from sagescene.jobs.training_job import LONGEST_JOB
from sagescene.triggers import StartRequested, write_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class NoSuchStackError(SagesceneError):
    """There is no such stack in the account and Region."""

    def __init__(self, name: str, region: str, existing: Iterable[str] = ()) -> None:
        """Name both, and the stacks of Sagescene there are, if they are known."""
        there_are = ", ".join(existing)
        known = f", where Sagescene's are {there_are}" if there_are else ""
        super().__init__(f"There is no stack {name} in {region}{known}: give its name with --stack-name.")


class OtherStackError(SagesceneError):
    """The stack is none of Sagescene, or its deployment has not ended well."""

    def __init__(self, name: str, region: str, lacking: str) -> None:
        """Name the stack and what it lacks."""
        super().__init__(
            f"The stack {name} in {region} has no {lacking}: "
            "wait until it is deployed, or give Sagescene's own name with --stack-name."
        )


class FunctionFailedError(SagesceneError):
    """A function of the stack ended in an error."""

    def __init__(self, function: str, message: str) -> None:
        """Name the function and give its error's message."""
        super().__init__(f"The function {function} failed: {message}")


class NoSuchDataSetError(SagesceneError):
    """The bucket holds no such data set."""

    def __init__(self, name: str, bucket: str) -> None:
        """Name both."""
        super().__init__(f"There is no data set {name}: s3://{bucket}/{parts.DATASETS}{name}/ holds no file of one.")


class UnnamedSetError(SagesceneError):
    """What was given as the name of a data set is none."""

    def __init__(self, given: str) -> None:
        """Repeat it."""
        super().__init__(f"{given!r} names no data set: sagescene status names those there are.")


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
            f"No training job on data set {data_set} runs: sagescene status {data_set} says what it came to."
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

_NEEDED = (
    "UploadsQueue",
    "UploadsDeadLetters",
    "TrainingEndedDeadLetters",
    "StartTrainingFunction",
    "FinishTrainingFunction",
)
# A function may take its whole timeout, of 300 seconds at most; asked twice, it would work twice.
_PATIENT = Config(read_timeout=310, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """A deployed stack: its Region, its bucket, its resources by logical id, and AWS's clock when it was found."""

    region: str
    bucket: str
    resources: Mapping[str, str]
    found: datetime


def find_stack(name: str) -> DeployedStack:
    """Find a stack where the environment's credentials and Region lead.

    Raises NoSuchStackError, and OtherStackError for one that lacks what Sagescene's has.
    """
    cloudformation = boto3.client("cloudformation")
    region = cloudformation.meta.region_name
    try:
        answer = cloudformation.describe_stacks(StackName=name)
    except ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
        raise NoSuchStackError(name, region) from error
    listed = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    resources = {resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "") for resource in listed}
    (stack,) = answer["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if "Bucket" not in outputs:
        raise OtherStackError(name, region, "output Bucket")
    lacking = [resource for resource in _NEEDED if not resources.get(resource)]
    if lacking:
        raise OtherStackError(name, region, f"resource {lacking[0]}")
    return DeployedStack(
        region=region,
        bucket=outputs["Bucket"],
        resources=resources,
        found=parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]),
    )


def name_set(stack: DeployedStack, given: str) -> str:
    """Name the data set that a person gives by its name or by its address.

    Raises UnnamedSetError for a text without a name, such as that of a variable which is not set.
    """
    name = given.removeprefix(f"s3://{stack.bucket}/{parts.DATASETS}").strip("/")
    if not name:
        raise UnnamedSetError(given)
    return name


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
    (decision,) = _invoke(stack.resources["StartTrainingFunction"], message)
    return decision


def stop(job: str) -> None:
    """Have SageMaker stop a training job that runs."""
    boto3.client("sagemaker").stop_training_job(TrainingJobName=job)


def move_dead_letters(stack: DeployedStack) -> int:
    """Send dead uploads and evaluations to their queues again, as ones that have not waited yet, and count them.

    SQS's own move would keep what a message says of its waits. A letter is removed once the queue has it: whoever
    interrupts this may have one handled twice, and loses none.
    """
    sqs, moved = boto3.client("sqs"), 0
    for name in ("Uploads", "Evaluations"):
        dead_letters = stack.resources.get(f"{name}DeadLetters")
        if not dead_letters:  # the stack evaluates no models
            continue
        for letter in _receive(sqs, dead_letters):
            sqs.send_message(QueueUrl=stack.resources[f"{name}Queue"], MessageBody=revive(letter["Body"], stack.found))
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=letter["ReceiptHandle"])
            moved += 1
    return moved


def forget_failed_models(stack: DeployedStack) -> int:
    """Delete what says that the model of a completed job could not be made, and count it.

    The clock finishes jobs that have no outcome: it then makes the model, or tells people anew why it cannot. A model
    that was asked for stays so, and is due at once.
    """
    cloud, s3, forgotten = Cloud(stack.region), boto3.client("s3"), 0
    first = keys.first_outcome_key(stack.found - LONGEST_JOB)
    for stored in cloud.list_objects(stack.bucket, keys.OUTCOMES, after=first):
        outcome = cloud.read_json(stack.bucket, stored.key)
        if not outcome or outcome["status"] != "Completed" or "failure" not in outcome:
            continue
        if keys.is_asked_key(stored.key):
            asked = {name: value for name, value in outcome.items() if name != "failure"}
            cloud.write_json(stack.bucket, stored.key, asked | {"next_try": stack.found.isoformat()})
        else:
            s3.delete_object(Bucket=stack.bucket, Key=stored.key)
        forgotten += 1
    return forgotten


def finish_ended_jobs(stack: DeployedStack) -> list[dict[str, Any]]:
    """Let the clock strike now, and give what it decided about jobs that ended unnoticed.

    This is what replaces a redrive for them: AWS refuses to move dead letters that came from Lambda. Raises
    FunctionFailedError.
    """
    event = {"detail-type": "Scheduled Event", "source": "aws.events"}
    return _invoke(stack.resources["FinishTrainingFunction"], event)


def _invoke(function: str, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = boto3.client("lambda", config=_PATIENT).invoke(FunctionName=function, Payload=json.dumps(event).encode())
    result: Any = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise FunctionFailedError(function, result["errorMessage"])
    decisions: list[dict[str, Any]] = result
    return decisions


def remove_finished_letters(stack: DeployedStack) -> int:
    """Remove the dead letters about ended jobs that `finish_ended_jobs` has made up for, and count them.

    To be called after it. What came since the stack was found stays: the clock may have struck before it, and
    purging the queue would take it along with its alarm.
    """
    sqs, queue = boto3.client("sqs"), stack.resources["TrainingEndedDeadLetters"]
    found, removed = stack.found.timestamp() * 1000, 0
    for letter in _receive(sqs, queue):
        if int(letter["Attributes"]["SentTimestamp"]) <= found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
            removed += 1
    return removed


def _receive(sqs: "SQSClient", queue: str) -> Iterator["MessageTypeDef"]:
    while letters := sqs.receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,  # without a wait, SQS asks only some of its servers
        MessageSystemAttributeNames=["SentTimestamp"],
    ).get("Messages"):
        yield from letters
