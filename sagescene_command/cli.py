"""The `sagescene` command: pack images, run a data set through the local stack, or keep that stack standing."""

import gc
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sagescene.errors import SagesceneError
from sagescene.foreign_text import printable_json
from sagescene_command import streams
from sagescene_command.examples import for_example
from sagescene_command.file_faults import explain
from sagescene_command.following.options import JSON, STACK_NAME, echo_json
from sagescene_command.interrupts import Interrupted
from sagescene_command.lazy_group import LazyGroup
from sagescene_command.local_stack import SAMPLE_EVENTS, UnpreparedError, require_environment
from sagescene_command.stack_options import PRICE, prepare, read_pairs, require_address, stack_options, stand_up

# A command imports what only it needs: rich alone takes as long as all else of the list of commands.
if TYPE_CHECKING:
    from sagescene_command.narration import Narrator
    from sagescene_command.terminal import Console

UNCHECKED = 3  # exit status of a check that says nothing about the data set


def main() -> None:
    """Run the command line; an end of its output ends it at once, with everything that it has begun."""
    try:
        streams.guard()
        commands()
    except streams.UnwritableError as error:  # of standard error, or before a command could say it
        with suppress(streams.UnwritableError):
            error.show()
        sys.exit(error.exit_code)
    finally:
        streams.release()
        # The interpreter would look for garbage once more among all that stands for AWS: a second, and many of them on
        # a busy machine.
        gc.freeze()


_FOLLOWING, _PREDICTING = "sagescene_command.following.command", "sagescene_command.predicting"
_EVALUATING, _PACKING = "sagescene_command.evaluating.command", "sagescene_command.packing.command"
_ELSEWHERE = {
    "costs": (
        "sagescene_command.following.costs_command:costs_command",
        "Say what training has cost, by month and data set.",
    ),
    "doctor": (f"{_FOLLOWING}:doctor_command", "Look at what a drop needs before the first one."),
    "drop": (f"{_FOLLOWING}:drop_command", "Check a folder, upload it and follow it."),
    "evaluate": (
        f"{_EVALUATING}:evaluate_command",
        "Say how often a model is right on a data set.",
    ),
    "export": (f"{_PREDICTING}.export_command:export_command", "Write a model as ONNX."),
    "logs": (f"{_FOLLOWING}:logs_command", "Print what functions and training jobs logged."),
    "models": ("sagescene_command.following.models_command:models_command", "List the versions of a data set's model."),
    "pack": (
        f"{_PACKING}:pack_command",
        "Pack images, a folder a class, into .rec, .lst and .idx.",
    ),
    "predict": (f"{_PREDICTING}.command:predict_command", "Ask MODEL what is on IMAGES."),
    "repair": ("sagescene_command.repairing.command:repair_command", "Mend labels, lists and .idx in a copy."),
    "status": (f"{_FOLLOWING}:status_command", "Say what became of every data set of a stack."),
    "stop": (f"{_FOLLOWING}:stop_command", "Have SageMaker stop a training job."),
    "watch": (f"{_FOLLOWING}:watch_command", "Follow a data set to its model, or to why there is none."),
}


@click.group(cls=LazyGroup, elsewhere=_ELSEWHERE, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sagescene")
def commands() -> None:
    """Drop an image data set; get a trained image classifier, or one plain sentence that says why not."""


def _require_room(_context: click.Context, _option: click.Parameter, folder: Path | None) -> Path | None:
    """Make the folder for what is to be kept, before a run takes its time."""
    from sagescene_command import saving

    try:
        if folder:
            saving.require_room(folder)
    except saving.UnsavableError as fault:
        raise click.BadParameter(str(fault)) from fault
    return folder


@commands.command(
    epilog=for_example(
        "sagescene run", "sagescene run pets/ --parameter Epochs=5", "sagescene run pets/ --quota ml.g4dn.xlarge=0"
    ),
    short_help="Train on a data set through the local stack.",
)
@click.argument("data_set", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; the story goes to standard error.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Give up after this time.",
)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    callback=_require_room,
    help="Keep what came of it: the model, reports and pages, the outcome, notices.",
)
@stack_options
def run(
    data_set: Path | None,
    *,
    as_json: bool,
    save: Path | None,
    timeout: float,
    fail_with: str | None,
    **choices: Any,  # noqa: ANN401
) -> None:
    """Run DATA_SET, a folder of .rec and .lst files, through the local stack; without it, handwritten digits.

    The exit status is 0 when a model came of it, else 1; 2 when the command line is wrong.
    """
    _require_environment()
    from sagescene_command import ending, saving
    from sagescene_command.local_run import LocalRun, TooLongError, UnusableFolderError, find_uploads
    from sagescene_command.narration import Narrator
    from sagescene_command.relay import Relay
    from sagescene_command.terminal import Console

    console = Console(stderr=as_json)
    narrator = Narrator(console)
    keeper = saving.NoticeKeeper(narrator)
    relay = Relay(keeper)
    streams.watch(sys.stdout, relay.fail)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            folder = data_set.resolve() if data_set else None
            uploads = find_uploads(folder, folder.name) if folder else {}
            with narrator.doing("stack", "is being prepared"):
                stack = prepare(relay.listen, **choices)
            if folder is None:
                folder = _pack_digits(Path(scratch), console, narrator)
                uploads = find_uploads(folder, folder.name)
            with narrator.telling_of_interrupts(), stack:
                with narrator.doing("stack", "is being stood up"):
                    stand_up(stack, fail_with)
                narrator.say("stack", f"stands at {stack.endpoint}, watching the bucket {stack.outputs['Bucket']}")
                with narrator.doing("run", f"{folder.name} is dropped"):
                    result = LocalRun(relay).run(stack, uploads, limit_in_seconds=timeout)
                kept = save or Path(scratch) / "kept"
                if save:
                    saved = saving.save(stack, folder.name, result, keeper.notices, save)
                    narrator.say("saved", f"{save}: {', '.join(saved)}")
                elif result.model:
                    with suppress(saving.UnsavableError):  # the model is then asked about no images
                        saving.save(stack, folder.name, result, [], kept)
            ending.tell(result, narrator, data=folder, kept=kept, for_good=bool(save))
        except (UnusableFolderError, TooLongError, saving.UnsavableError) as fault:
            raise click.ClickException(str(fault)) from fault
    if as_json:
        click.echo(result.as_json())
    sys.exit(0 if result.model else 1)


@commands.command(
    "check",
    epilog=for_example(
        "sagescene check pets/",
        "sagescene check pets/ --json --html pets.html",
        "sagescene check pets/ --price ml.g4dn.xlarge=1.00 --parameter MaxJobCostUSD=25",
        "sagescene check s3://BUCKET/datasets/pets/",
    ),
    short_help="Look for faults before anything is paid for.",
)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the page too.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_pairs,
    help="A parameter of the stack that would train on it, such as InstanceTypes; may be repeated.",
)
@PRICE
@click.option("--no-decode", "decodes", flag_value=False, default=True, help="Read the images' headers alone.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="THREADS", help="Threads that decode; without it one a core."
)
def check_command(
    *,
    path: str,
    as_json: bool,
    html: Path | None,
    parameters: Mapping[str, str],
    prices: Mapping[str, str],
    decodes: bool,
    jobs: int | None,
) -> None:
    """Look for every fault in PATH, a folder of one data set or s3://BUCKET/datasets/SET/, before it is trained on.

    Every image of a folder is decoded as well, unless with --no-decode; of a set in S3, as of one that the stack
    looks at, headers are read.

    With prices of instance types it says what the job costs at most, and for a set in S3 what its last run cost.

    The exit status is 0 when the data set is ready, 1 when it is refused, 2 when files are missing, and 3 when it
    could not be checked or the page not be written.
    """
    from sagescene.messages import page
    from sagescene_command import check, page_file, verdict
    from sagescene_command.narration import show_progress
    from sagescene_command.terminal import Console

    console = Console(stderr=as_json)
    if prices:
        parameters = {**parameters, "HourlyPriceUSD": ",".join("=".join(pair) for pair in prices.items())}
    with _unchecked_errors():
        if html:
            page_file.require_writable(html)
        examined, request = check.check(
            path, parameters, show_progress=partial(show_progress, console), decodes=decodes, jobs=jobs
        )
    try:
        if as_json:
            click.echo(printable_json(examined.report.as_json(), indent=2))
        else:
            verdict.tell(examined.report, console)
    except streams.ReaderGoneError:
        raise
    except streams.UnwritableError as fault:
        fault.exit_code = UNCHECKED
        raise
    if html:
        with _unchecked_errors():
            page_file.write(html, page.render(examined.report, examined.thumbnails, request))
    sys.exit(verdict.EXIT_STATUS[examined.report.verdict])


@commands.command(
    epilog=for_example("sagescene up", "sagescene up --samples", "sagescene up --port 0 --parameter MaxJobsAtOnce=2"),
    short_help="Keep the local stack standing until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4566,
    show_default=True,
    help="Port of the endpoint; 0 takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the endpoint. For `sam local invoke` on Linux: that of Docker's bridge, 172.17.0.1.",
)
@click.option("--samples", is_flag=True, help="Lay in the data sets and jobs that the events of events/ tell of.")
@stack_options
def up(*, port: int, host: str, samples: bool, fail_with: str | None, **choices: Any) -> None:  # noqa: ANN401
    """Keep the local stack standing until Ctrl-C, for the AWS CLI (version 2), boto3 and `sam local invoke`.

    The exit status is 0 when it was ended, 1 when it could not stand, and 2 when the command line is wrong.
    """
    _require_environment()
    require_address(host, port)
    from sagescene_command.narration import Narrator
    from sagescene_command.relay import Relay
    from sagescene_command.terminal import Console

    narrator = Narrator(Console())
    relay = Relay(narrator)
    streams.watch(sys.stdout, relay.fail)
    with narrator.doing("stack", "is being prepared"):
        from sagescene_command import sam_local
        from sagescene_command import samples as sample_data

        clock = sample_data.SampleClock()
        stack = prepare(relay.listen, port=port, host=host, now=clock, **choices)
    with narrator.telling_of_interrupts(), stack:
        with narrator.doing("stack", "is being stood up"):
            stand_up(stack, None if samples else fail_with)
        with suppress(Interrupted):
            if samples:
                with narrator.doing("samples", "are being laid in"):
                    sample_data.lay(stack, clock, fail_with)
            narrator.say("stack", "stands until Ctrl-C; in another terminal:")
            click.echo(
                f"""
    export AWS_ENDPOINT_URL={stack.endpoint} AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
    aws s3 cp --recursive pets s3://{stack.outputs["Bucket"]}/datasets/pets/

    sam local invoke {" ".join(sam_local.write_settings(stack, choices["build"]))} \\
      StartTrainingFunction -e {os.path.relpath(SAMPLE_EVENTS / "start_training/put.json")}
"""
            )
            while True:
                relay.next()
    narrator.tell_end()


@commands.command(
    epilog=for_example("sagescene start pets", "sagescene start pets --json"),
    short_help="Have a stack judge a data set now, and say what it decides.",
)
@click.argument("data_set")
@STACK_NAME
@JSON
def start(data_set: str, *, stack_name: str | None, as_json: bool) -> None:
    """Have DATA_SET judged as if it were uploaded now, and say what is decided.

    Credentials and Region are those of the AWS CLI.

    The exit status is 0 when a job was started, runs or waits, or there is a model; 1 when not; and 3 when AWS could
    not be asked.
    """
    from sagescene_command import operations
    from sagescene_command.following import stacks
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        decision = operations.start(stacks.find(stack_name), data_set)
    if as_json:
        echo_json(decision)
    else:
        click.echo(f"{decision['subject']}: {decision['decision']}, {decision['reason']}")
    sys.exit(0 if decision["decision"] in operations.GOES_ON else 1)


@commands.command(
    epilog=for_example("sagescene redrive", "sagescene redrive --stack-name sagescene-dev --json"),
    short_help="Bring back what a deployed stack could not do.",
)
@STACK_NAME
@JSON
def redrive(*, stack_name: str | None, as_json: bool) -> None:
    """Move a deployed stack's dead letters back to the upload queue and finish jobs that ended unnoticed.

    Models that could not be made are tried again.

    Credentials and Region are those of the AWS CLI. The exit status is 0 when all of it was done, else 1.
    """
    from sagescene_command import operations
    from sagescene_command.following import stacks
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        stack = stacks.find(stack_name)
        moved = operations.move_dead_letters(stack)
        click.echo(f"{moved} uploads and evaluations go back to their queues", err=as_json)
        models = operations.forget_failed_models(stack)
        click.echo(f"{models} models that could not be made are tried again", err=as_json)
        decisions = operations.finish_ended_jobs(stack)
        for decision in decisions:
            click.echo(f"{decision['subject']}: {decision['decision']}, {decision['reason']}", err=as_json)
        click.echo(f"{len(decisions)} ended jobs were unfinished", err=as_json)
        removed = operations.remove_finished_letters(stack)
        click.echo(f"{removed} dead letters about ended jobs are removed", err=as_json)
    if as_json:
        echo_json({"moved": moved, "models": models, "jobs": decisions, "removed": removed})


@contextmanager
def _unchecked_errors() -> Iterator[None]:
    try:
        yield
    except (SagesceneError, OSError) as fault:
        failure = click.ClickException(explain(fault))
        failure.exit_code = UNCHECKED
        raise failure from fault


def _pack_digits(scratch: Path, console: "Console", narrator: "Narrator") -> Path:
    with narrator.doing("pack", "scikit-learn's handwritten digits"):
        from sagescene_command import digits  # seconds, with all that packs

        return digits.pack_digits(scratch, console, narrator)


def _require_environment() -> None:
    try:
        require_environment()
    except UnpreparedError as fault:
        raise click.ClickException(str(fault)) from fault
