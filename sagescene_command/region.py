"""Which of the variables that name a Region counts: the order of the AWS CLI, for boto3, which knows one of them."""

from collections.abc import MutableMapping


def heed_aws_region(environment: MutableMapping[str, str]) -> None:
    """Let AWS_REGION stand in AWS_DEFAULT_REGION, the only one that boto3 reads; the AWS CLI takes AWS_REGION first."""
    if region := environment.get("AWS_REGION"):
        environment["AWS_DEFAULT_REGION"] = region
