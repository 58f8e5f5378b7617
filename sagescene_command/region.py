"""Which Region counts: of the variables that name one, in the order of the AWS CLI, and where none does."""

import os
from collections.abc import MutableMapping
from pathlib import Path

DEFAULT_REGION = "us-east-1"


def heed_aws_region(environment: MutableMapping[str, str]) -> None:
    """Let AWS_REGION stand in AWS_DEFAULT_REGION, the only one that boto3 reads; the AWS CLI takes AWS_REGION first."""
    if region := environment.get("AWS_REGION"):
        environment["AWS_DEFAULT_REGION"] = region


def find_region() -> str:
    """Find the Region as the AWS CLI does."""
    region = os.environ.get("AWS_DEFAULT_REGION")
    settings = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
    if region or not any(Path(os.environ.get(name, usual)).expanduser().exists() for name, usual in settings.items()):
        return region or DEFAULT_REGION
    from botocore.session import Session  # a fifth of a second, for whoever has settings that only it reads

    return Session().get_config_variable("region") or DEFAULT_REGION
