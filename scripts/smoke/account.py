"""What can be seen of a deployed stack and its account before anything is dropped, and without changing anything."""

from collections.abc import Iterable, Iterator, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from sagescene.errors import SagesceneError
from sagescene.settings import StartSettings
from sagescene_command.following import account
from sagescene_command.following.deployed_stack import DeployedStack

_UNNAMED = "SageMaker names none here: the Region may not offer it"


class UnfitError(SagesceneError):
    """The stack or its account is such that nothing would come of a drop; the message says what to mend."""


def examine(stack: DeployedStack, settings: StartSettings) -> Iterator[str]:
    """Look at what the way from the bucket to SageMaker needs, and say a line on each.

    Raises:
        UnfitError: the bucket sends no events, or no quota admits a job.
    """
    yield _examine_bucket(stack)
    yield describe_subscriptions(account.read_subscriptions(settings.topic_arn))
    yield from _examine_quotas(settings)
    yield (
        "training role: it may list the bucket below datasets/ alone; whether that is enough for SageMaker shows when "
        "the job downloads the set"
    )


def _examine_bucket(stack: DeployedStack) -> str:
    if not account.sends_events(stack.bucket):
        raise UnfitError(
            f"The bucket {stack.bucket} sends EventBridge no events, so no drop would be noticed: "
            "run what the stack's output EnableEventBridgeCommand says."
        )
    return f"bucket {stack.bucket}: it sends EventBridge its events"


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
        quotas = account.read_quotas([settings.quota_of(name) for name in settings.instance_types])
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        yield f"quotas: not looked at, for Service Quotas does not list them here ({code})"
        return
    yield from describe_quotas(settings, quotas)


def describe_quotas(settings: StartSettings, quotas: Mapping[str, float]) -> Iterator[str]:
    """Say how many instances of each type the account may train on at one time.

    Raises:
        UnfitError: of no type as many as a job of the stack uses; a type of which no quota is named may have them.
    """
    most = {name: quotas.get(settings.quota_of(name)) for name in settings.instance_types}
    for name, value in most.items():
        yield f"quota of {settings.quota_of(name)}: {_UNNAMED if value is None else f'{value:g}'}"
    if all(value is not None and value < settings.instance_count for value in most.values()):
        raise UnfitError(
            f"A job of this stack uses {settings.instance_count} of {' or '.join(most)}, and the account's quotas "
            "admit fewer: raise one in the Service Quotas console, or deploy with other InstanceTypes."
        )
