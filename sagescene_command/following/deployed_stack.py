"""A deployed stack: where its parts are, and the data sets that a person names of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import boto3
from botocore.exceptions import ClientError

from sagescene import parts
from sagescene.errors import SagesceneError


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


_NEEDED = (
    "UploadsQueue",
    "UploadsDeadLetters",
    "TrainingEndedDeadLetters",
    "StartTrainingFunction",
    "FinishTrainingFunction",
)


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
