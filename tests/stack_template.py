"""`template.yaml` as the tests see it: transformed, its parameters settled, its references followed."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sagescene_standin.cloudformation.intrinsics import resolve
from sagescene_standin.cloudformation.template import StackTemplate, read_template

ROOT = Path(__file__).parents[1]
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "image-training",
    "AWS::URLSuffix": "amazonaws.com",
}
# What CloudFormation would have made of the resources that a function's environment refers to.
_CREATED = {
    "TrainingRole.Arn": "arn:aws:iam::123456789012:role/sagescene-TrainingRole",
    "HostingRole.Arn": "arn:aws:iam::123456789012:role/sagescene-HostingRole",
    "NoticesTopic": "arn:aws:sns:us-east-1:123456789012:sagescene-NoticesTopic",
    "ChatNoticesTopic": "arn:aws:sns:us-east-1:123456789012:sagescene-ChatNoticesTopic",
    "WatchedBucket.Value": "sagescene-123456789012-us-east-1",
    "EvaluationsQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/sagescene-EvaluationsQueue",
    "UploadsQueue": "https://sqs.us-east-1.amazonaws.com/123456789012/sagescene-UploadsQueue",
}


@cache
def transform(**parameters: str) -> StackTemplate:
    """Transform the template with these parameters; the others keep their defaults."""
    return read_template(ROOT, parameters, PSEUDO_PARAMETERS)


def environment_of(function: str, **parameters: str) -> dict[str, str]:
    """Give the environment that a function has on Lambda."""
    template = transform(**parameters)
    variables = template.resources[function]["Properties"]["Environment"]["Variables"]
    environment = {name: str(follow(value, template.parameters)) for name, value in variables.items()}
    return {**environment, "AWS_REGION": "us-east-1"}


def follow(value: Any, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Resolve references to parameters, and to the few resources whose names the tests settle."""
    return resolve(value, {**PSEUDO_PARAMETERS, **_CREATED, **parameters})
