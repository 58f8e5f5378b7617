"""Which stack a command is about: the one that is named, else the only one that the credentials lead to."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError

from sagescene.errors import SagesceneError
from sagescene.settings import InvalidEnvironmentError, StartSettings
from sagescene_command.following import deployed_stack
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.following.silence import telling_of_silence

_DESCRIPTION = "Sagescene:"  # as the template's description begins


class NoStackError(SagesceneError):
    """No stack of the account and Region is Sagescene's."""

    def __init__(self, region: str) -> None:
        """Name the Region."""
        super().__init__(
            f"There is no stack of Sagescene in {region}: deploy one, or choose another Region with AWS_REGION, or "
            "another account with AWS_PROFILE."
        )


class SeveralStacksError(SagesceneError):
    """Several stacks are Sagescene's."""

    def __init__(self, names: Iterable[str], region: str) -> None:
        """Name them all."""
        super().__init__(f"{region} has several stacks of Sagescene ({', '.join(names)}): give one with --stack-name.")


class OtherVersionError(SagesceneError):
    """The stack was deployed by another version than that of the command."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The stack is of another version than this command: deploy this one, or use that one.")


@telling_of_silence()
def find(name: str | None) -> DeployedStack:
    """Find the stack of this name, without one the only stack of Sagescene.

    Raises NoStackError and SeveralStacksError, and what `deployed_stack.find_stack` raises.
    """
    if not name:
        return deployed_stack.find_stack(choose_name(*_list_stacks()))
    try:
        return deployed_stack.find_stack(name)
    except deployed_stack.NoSuchStackError as fault:
        with suppress(ClientError):  # whoever may see one stack may not see all
            listed, region = _list_stacks()
            raise deployed_stack.NoSuchStackError(name, region, _name_ours(listed)) from fault
        raise


def _list_stacks() -> tuple[list[Mapping[str, Any]], str]:
    """Give the stacks of the account and Region, and the Region."""
    client: Any = boto3.client("cloudformation")
    pages = client.get_paginator("describe_stacks").paginate()
    return [stack for page in pages for stack in page["Stacks"]], client.meta.region_name


def _name_ours(stacks: Iterable[Mapping[str, Any]]) -> list[str]:
    return [stack["StackName"] for stack in stacks if stack.get("Description", "").startswith(_DESCRIPTION)]


def choose_name(stacks: Iterable[Mapping[str, Any]], region: str) -> str:
    """Choose the only stack whose description is that of the template.

    Raises NoStackError and SeveralStacksError.
    """
    match _name_ours(stacks):
        case [name]:
            return name
        case []:
            raise NoStackError(region)
        case names:
            raise SeveralStacksError(names, region)


def read_settings(stack: DeployedStack) -> StartSettings:
    """Read what the stack starts jobs with from the environment of its function.

    Raises OtherVersionError.
    """
    try:
        return StartSettings.from_env({**_read_environment(stack), "AWS_REGION": stack.region})
    except InvalidEnvironmentError as fault:
        raise OtherVersionError from fault


def read_job_prefix(stack: DeployedStack) -> str:
    """Read how the names of the stack's jobs begin, which every version tells its function.

    Raises OtherVersionError.
    """
    environment = _read_environment(stack)
    if "JOB_PREFIX" not in environment:
        raise OtherVersionError
    return environment["JOB_PREFIX"]


def _read_environment(stack: DeployedStack) -> dict[str, str]:
    function = boto3.client("lambda").get_function_configuration(FunctionName=stack.resources["StartTrainingFunction"])
    variables = function.get("Environment", {}).get("Variables", {})
    # AWS gives strings; the local stack gives numbers as numbers.
    return {name: str(value) for name, value in variables.items()}


def name_parameters(settings: StartSettings) -> dict[str, str]:
    """Give those parameters of a stack that decide whether a data set suits it, by their names in the template."""
    return {
        "InstanceTypes": ",".join(settings.instance_types),
        "InstanceCount": str(settings.instance_count),
        "VolumeSizeInGB": str(settings.volume_size_in_gb),
        "MaxRuntimeInSeconds": str(settings.max_runtime_in_seconds),
        "MaxEpochs": str(settings.max_epochs),
        "HourlyPriceUSD": settings.hourly_price_usd,
        "MaxJobCostUSD": str(settings.max_job_cost_usd),
        "NumLayers": settings.num_layers,
        "ImageShape": settings.image_shape,
        "MiniBatchSize": settings.mini_batch_size,
        "Epochs": settings.epochs,
        "LearningRate": settings.learning_rate,
    }
