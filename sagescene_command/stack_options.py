"""The options of the commands that stand the local stack up, and the stack that they describe."""

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sagescene_command import local_stack, mxnet_environment
from sagescene_command.pair_options import read_pairs, require_types, suggest_names
from sagescene_standin.listening import listen

# A command imports what only it needs: all that stands for AWS takes seconds.
if TYPE_CHECKING:
    from sagescene_standin.occurrence import Listener
    from sagescene_standin.stack import Stack


def _read_quotas(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    pairs = read_pairs(context, option, values)
    wrong = [f"{name}={number}" for name, number in pairs.items() if not re.fullmatch(r"[0-9]+", number)]
    if wrong:
        raise click.BadParameter(f"{wrong[0]} is not {option.metavar}: give a whole number from 0 on.")
    require_types(pairs)
    return {name: int(number) for name, number in pairs.items()}


def _read_types(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    require_types(names)
    return names


PARAMETER = click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_pairs,
    help="A parameter of template.yaml, as for `sam deploy`; may be repeated.",
)

_STACK = (
    click.option(
        "--build",
        type=click.Path(path_type=Path, file_okay=False),
        default=local_stack.BUILD,
        help="Folder that `sam build` wrote.",
    ),
    PARAMETER,
    click.option(
        "--quota",
        "quotas",
        multiple=True,
        metavar="TYPE=NUMBER",
        callback=_read_quotas,
        help="Let the account have only so many instances of a type for training; may be repeated.",
    ),
    click.option(
        "--not-offered",
        multiple=True,
        metavar="TYPE",
        callback=_read_types,
        help="Let the Region have no such instances for training; may be repeated.",
    ),
    click.option(
        "--trainer",
        type=click.Choice(["scikit-learn", "mxnet"]),
        default="scikit-learn",
        show_default=True,
        help="What trains: a small network, in seconds, or MXNet itself the algorithm's ResNet, in minutes and more.",
    ),
    click.option(
        "--no-spot-capacity",
        multiple=True,
        metavar="TYPE",
        callback=_read_types,
        help="With --parameter ManagedSpotTraining=yes, let there be no such Spot instances; may be repeated.",
    ),
    click.option(
        "--spot-interruptions",
        type=click.IntRange(min=0),
        default=0,
        metavar="NUMBER",
        help="With ManagedSpotTraining=yes, take each job's Spot instances away so often, after two epochs on them.",
    ),
    click.option("--fail-with", metavar="REASON", help="Let the next training job fail with this FailureReason."),
)


def stack_options[F: Callable[..., Any]](command: F) -> F:
    """Give a command all options of the stack; `prepare` takes all but `fail_with`, which is for `stand_up`."""
    for option in _STACK:
        command = option(command)
    return command


def require_address(host: str, port: int) -> None:
    """Raise a ClickException unless the endpoint can listen there; what is taken later fails in less plain words."""
    try:
        listen(host, port).close()
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                message = f"Port {port} is in use: end what listens there, or choose another with --port."
            case errno.EACCES:
                message = f"Port {port} is kept for the system: choose one above 1023 with --port."
            case _:
                named = host or "An empty text"
                message = f"{named} is no address of this machine: give one that it has with --host, such as 127.0.0.1."
        raise click.ClickException(message) from error


def require_setup() -> None:
    """Say in a sentence what is not set up of that which stands for AWS; no account counts from then on."""
    local_stack.leave_account_out(os.environ)
    try:
        local_stack.require_environment()
    except local_stack.UnpreparedError as fault:
        raise click.ClickException(str(fault)) from fault


def prepare(
    listen: "Listener",
    *,
    build: Path,
    parameters: Mapping[str, str],
    quotas: Mapping[str, int],
    not_offered: tuple[str, ...],
    trainer: str,
    no_spot_capacity: tuple[str, ...] = (),
    spot_interruptions: int = 0,
    **options: Any,  # noqa: ANN401
) -> "Stack":
    """Make the stack that the options describe; nothing of it stands yet."""
    with local_stack.importing():
        from sagescene_standin.sagemaker import SageMakerOptions, TrainingProgram

    if (no_spot_capacity or spot_interruptions) and parameters.get("ManagedSpotTraining") != "yes":
        raise click.ClickException(
            "No job asks for Spot instances: add --parameter ManagedSpotTraining=yes to have them fail to come or go."
        )
    program = TrainingProgram()
    if trainer == "mxnet":
        try:
            program = TrainingProgram(python=str(mxnet_environment.find_python()), module="sagescene_trainer.mxnet")
        except mxnet_environment.UnavailableError as fault:
            raise click.ClickException(str(fault)) from fault
    settings = SageMakerOptions(
        quota=quotas,
        not_offered=not_offered,
        no_spot_capacity=no_spot_capacity,
        spot_interruptions=spot_interruptions,
        program=program,
    )
    if build == local_stack.BUILD and (newer := local_stack.find_newer(local_stack.CHECKOUT)):
        click.echo(f"What was built is older than {newer}: to run what is written there now, run make build.", err=True)
    with _deployment_errors(parameters):
        return local_stack.prepare(parameters, build=build, listen=listen, sagemaker=settings, **options)


def stand_up(stack: "Stack", fail_with: str | None) -> None:
    """Stand the stack up; its next training job fails with this reason, if any."""
    with _deployment_errors():
        stack.stand_up()
    if fail_with:
        stack.training.fail_next(fail_with)


@contextmanager
def _deployment_errors(parameters: Iterable[str] = ()) -> Iterator[None]:
    from sagescene_standin.errors import DeploymentError, TemplateRejectedError

    try:
        yield
    except TemplateRejectedError as fault:
        from sagescene_command.stack_settings import TEMPLATE
        from sagescene_standin.cloudformation.short_forms import read_yaml

        known = read_yaml(TEMPLATE.read_text("utf-8"))["Parameters"]
        raise click.ClickException(f"{fault}{suggest_names(parameters, known)}") from fault
    except (DeploymentError, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
