"""What a person asks of a deployed stack by hand: to start a data set, and to bring back what failed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from sagescene import dataset
from sagescene.aws import Cloud
from sagescene.errors import SagesceneError
from sagescene.events import Upload, postponed


class NoSuchStackError(SagesceneError):
    """There is no such stack in the account and Region."""

    def __init__(self, name: str, region: str) -> None:
        """Name both."""
        super().__init__(f"There is no stack {name} in {region}: give its name with --stack-name.")


class NoSuchDataSetError(SagesceneError):
    """The bucket holds no such data set."""

    def __init__(self, name: str, bucket: str) -> None:
        """Name both."""
        super().__init__(f"There is no data set {name}: s3://{bucket}/{dataset.DATASETS}{name}/ holds no file of one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """A deployed stack: its Region, its bucket, and its resources by logical id."""

    region: str
    bucket: str
    resources: Mapping[str, str]


def find_stack(name: str) -> DeployedStack:
    """Find a stack where the environment's credentials and Region lead; raises NoSuchStackError."""
    cloudformation = boto3.client("cloudformation")
    region = cloudformation.meta.region_name
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
        raise NoSuchStackError(name, region) from error
    listed = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return DeployedStack(
        region=region,
        bucket=next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "Bucket"),
        resources={resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "") for resource in listed},
    )


def start(stack: DeployedStack, name: str) -> str:
    """Have a data set judged as if it were uploaded now, and say which of its files stands for it.

    Raises NoSuchDataSetError.
    """
    cloud = Cloud(stack.region)
    objects = cloud.list_objects(stack.bucket, f"{dataset.DATASETS}{name}/")
    key = next((stored.key for stored in objects if dataset.part_of(stored.key)), None)
    if key is None:
        raise NoSuchDataSetError(name, stack.bucket)
    now = datetime.now(UTC)
    message = postponed(Upload(bucket=stack.bucket, key=key, time=now), "nothing", now)
    cloud.send_later(stack.resources["UploadsQueue"], message, delay_in_seconds=0)
    return key


def move_dead_letters(stack: DeployedStack) -> int:
    """Move the uploads' dead letters back to their queue, and count them."""
    sqs = boto3.client("sqs")
    source, target = (
        sqs.get_queue_attributes(
            QueueUrl=stack.resources[queue], AttributeNames=["QueueArn", "ApproximateNumberOfMessages"]
        )["Attributes"]
        for queue in ("UploadsDeadLetters", "UploadsQueue")
    )
    number = int(source["ApproximateNumberOfMessages"])
    if number:
        sqs.start_message_move_task(SourceArn=source["QueueArn"], DestinationArn=target["QueueArn"])
    return number


def finish_ended_jobs(stack: DeployedStack) -> list[dict[str, Any]]:
    """Let the clock strike now, and give what it decided about jobs that ended unnoticed.

    This is what replaces a redrive for them: AWS refuses to move dead letters that came from Lambda.
    """
    answer = boto3.client("lambda").invoke(
        FunctionName=stack.resources["FinishTrainingFunction"],
        Payload=json.dumps({"detail-type": "Scheduled Event", "source": "aws.events"}).encode(),
    )
    decisions: list[dict[str, Any]] = json.loads(answer["Payload"].read())
    return decisions
