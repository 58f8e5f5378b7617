"""What can be seen of a deployed stack and its account before anything is dropped, and without changing anything."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sagescene.errors import SagesceneError
from sagescene.settings import StartSettings
from sagescene_command.operations import DeployedStack

_ONCE_MORE = Config(retries={"total_max_attempts": 2})  # what cannot be asked here shall not be waited for


class UnfitError(SagesceneError):
    """The stack or its account is such that nothing would come of a drop; the message says what to mend."""


def examine(stack: DeployedStack, settings: StartSettings) -> Iterator[str]:
    """Look at what the way from the bucket to SageMaker needs, and say a line on each.

    Raises:
        UnfitError: the bucket sends no events, or no quota admits a job.
    """
    yield _examine_bucket(stack)
    yield _examine_subscriptions(settings.topic_arn)
    yield from _examine_quotas(settings)
    yield (
        "training role: it may list the bucket below datasets/ alone; whether that is enough for SageMaker shows when "
        "the job downloads the set"
    )


def _examine_bucket(stack: DeployedStack) -> str:
    found = boto3.client("s3").get_bucket_notification_configuration(Bucket=stack.bucket)
    if "EventBridgeConfiguration" not in found:
        raise UnfitError(
            f"The bucket {stack.bucket} sends EventBridge no events, so no drop would be noticed: "
            "run what the stack's output EnableEventBridgeCommand says."
        )
    return f"bucket {stack.bucket}: it sends EventBridge its events"


def _examine_subscriptions(topic: str) -> str:
    pages = boto3.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    arns = [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]
    return describe_subscriptions(arns)


def describe_subscriptions(arns: Iterable[str]) -> str:
    """Say who receives notices; SNS shows words in the place of an ARN for what nobody has confirmed."""
    confirmed = [arn.startswith("arn:") for arn in arns]
    if not confirmed:
        return "notices: nobody receives them; the stack's output SubscribeCommand says how to"
    if not any(confirmed):
        return "notices: nobody receives them, until the mail is answered with which SNS asks for a confirmation"
    waiting = len(confirmed) - sum(confirmed)
    rest = f", {waiting} not confirmed" if waiting else ""
    return f"notices: {sum(confirmed)} confirmed subscription{'s' * (sum(confirmed) > 1)}{rest}"


def _examine_quotas(settings: StartSettings) -> Iterator[str]:
    try:
        quotas = _read_quotas()
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        yield f"quotas: not looked at, for ListServiceQuotas fails here ({code})"
        return
    yield from describe_quotas(settings, quotas)


def _read_quotas() -> Mapping[str, float]:
    client: Any = boto3.client("service-quotas", config=_ONCE_MORE)
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}


def describe_quotas(settings: StartSettings, quotas: Mapping[str, float]) -> Iterator[str]:
    """Say how many instances of each type the account may train on at one time.

    Raises:
        UnfitError: of no type as many as a job of the stack uses; a type whose quota is not listed may have them.
    """
    most = {name: quotas.get(f"{name} for training job usage") for name in settings.instance_types}
    for name, value in most.items():
        yield f"quota of {name} for training job usage: {'not listed' if value is None else f'{value:g}'}"
    if all(value is not None and value < settings.instance_count for value in most.values()):
        raise UnfitError(
            f"A job of this stack uses {settings.instance_count} of {' or '.join(most)}, and the account's quotas "
            "admit fewer: raise one in the Service Quotas console, or deploy with other InstanceTypes."
        )
