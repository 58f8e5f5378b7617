"""The commands that follow a stack: their options, what they print, and what they end with."""

import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sagescene_command import interrupts
from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, TIMEOUT, echo_json, print_lines
from sagescene_command.narration import show_progress
from sagescene_command.terminal import Console

# A command imports what only it needs: boto3 takes its time.
if TYPE_CHECKING:
    from sagescene_command.following.sights import State
    from sagescene_command.following.sources import Sources
    from sagescene_command.operations import DeployedStack

_BETWEEN_READINGS = 2.0  # seconds
_AT_ONCE = 8  # data sets that are asked about at one time


@click.command(
    "status",
    epilog=for_example("sagescene status", "sagescene status pets", "sagescene status --json"),
    short_help="Say what became of every data set of a stack.",
)
@click.argument("data_set", required=False)
@STACK_NAME
@JSON
def status_command(*, data_set: str | None, stack_name: str | None, as_json: bool) -> None:
    """Say what became of every data set of a stack: verdicts, jobs, models, what waits and until when.

    With DATA_SET, all that is known of that one.

    The exit status is 0 when it could be found out, and 3 when not.
    """
    from sagescene_command.following import stacks, words
    from sagescene_command.following.faults import aws_errors
    from sagescene_command.following.sights import judge
    from sagescene_command.following.sources import RECENT
    from sagescene_command.operations import NoSuchDataSetError, name_set
    from sagescene_command.parallel import map_in_order

    now = datetime.now(UTC)
    with aws_errors():
        stack = stacks.find(stack_name)
        sources = open_sources(stack)
        if data_set:
            name = name_set(stack, data_set)
            listed = {name: sources.list_set(name)}
            if not listed[name]:
                raise NoSuchDataSetError(name, stack.bucket)
        else:
            listed = sources.list_sets()
        lines = sources.read_function_logs(now - RECENT)
        look = partial(sources.look, lines=lines, now=now)
        sights = [sight for _, sight in map_in_order(lambda item: look(*item), listed.items(), _AT_ONCE)]
    rows = [(sight, judge(sight, now)) for sight in sights]
    if as_json:
        sets = [{"data_set": sight.data_set, **sight.as_json(), **state.as_json()} for sight, state in rows]
        echo_json(sets[0] if data_set else {"bucket": stack.bucket, "data_sets": sets})
    elif data_set:
        print_lines(Console(), words.tell_details(*rows[0], stack.bucket, now))
    else:
        print_lines(Console(), words.tell_table(rows, now) if rows else [f"{stack.bucket} holds no data set yet."])


@click.command(
    "watch",
    epilog=for_example("sagescene watch pets", "sagescene watch pets --timeout 3600 --json"),
    short_help="Follow a data set to its model, or to why there is none.",
)
@click.argument("target", metavar="SET|JOB")
@TIMEOUT
@STACK_NAME
@JSON
def watch_command(*, target: str, timeout: float, stack_name: str | None, as_json: bool) -> None:
    """Follow a data set, or a training job with its further tries, through every stage to its verdict.

    Epochs show with their accuracy as they end, on a terminal in one line. Ctrl-C ends the watch and nothing else.

    The exit status is 0 when there is a model, 1 when there is none, or not within the time, and 3 when AWS could not
    be asked.
    """
    from sagescene_command.following import stacks
    from sagescene_command.following.faults import aws_errors
    from sagescene_command.operations import name_set

    with aws_errors():
        stack = stacks.find(stack_name)
        sources = open_sources(stack)
        state = follow_to_verdict(sources, name_set(stack, target), timeout, Console(stderr=as_json))
    end_with(state, as_json=as_json)


@click.command(
    "drop",
    epilog=for_example("sagescene drop pets/", "sagescene drop pets-2026-11/ pets --json"),
    short_help="Check a folder, upload it and follow it.",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("data_set", metavar="[SET]", required=False)
@TIMEOUT
@STACK_NAME
@JSON
def drop_command(*, folder: Path, data_set: str | None, timeout: float, stack_name: str | None, as_json: bool) -> None:
    """Check FOLDER, upload it as the data set SET, by default of the folder's name, and follow it to its verdict.

    A set with errors is not uploaded. Files that are there already are not uploaded again, so an upload that was broken
    off goes on where it was; .rec files come last. Ctrl-C while it is followed ends nothing of it.

    The exit status is 0 when there is a model, 1 when there is none, or not within the time, 2 when files are missing,
    and 3 when the folder could not be checked or AWS not be asked.
    """
    from sagescene_command import check, operations, verdict
    from sagescene_command.following import leaving, stacks, uploading, words
    from sagescene_command.following.faults import aws_errors, unusable_folders
    from sagescene_command.local_run import find_uploads
    from sagescene_command.repairing.suggestion import suggest_repair

    console = Console(stderr=as_json)
    name = data_set or folder.resolve().name
    with aws_errors(), unusable_folders():
        uploading.require_name(name)
        uploads = find_uploads(folder, name)
        stack = stacks.find(stack_name)
        parameters = stacks.name_parameters(stacks.read_settings(stack))
        examined, _ = check.check(str(folder), parameters, show_progress=partial(show_progress, console))
        if status := verdict.EXIT_STATUS[examined.report.verdict]:
            verdict.tell(examined.report, console)
            if suggestion := suggest_repair(folder, examined.report):
                print_lines(console, ["", suggestion])
            if as_json:
                echo_json({"verdict": str(examined.report.verdict), "report": examined.report.as_json()})
            sys.exit(status)
        if examined.report.estimate:
            print_lines(console, [f"cost: {examined.report.estimate}"])
        planned = uploading.look_before_upload(stack, name, uploads)
        print_lines(console, words.tell_plan(planned, stack.bucket, name))
        with leaving.leaving_upload(console), show_progress(console, "uploading") as progress:
            uploading.upload(stack, planned, progress)
        if not planned.rings:
            decision = operations.start(stack, name)
            print_lines(console, [f"{decision['subject']}: {decision['decision']}, {decision['reason']}"])
        with leaving.leaving_watch(console, name):
            state = follow_to_verdict(open_sources(stack), name, timeout, console, began=stack.found)
    end_with(state, as_json=as_json)


@click.command(
    "stop",
    epilog=for_example("sagescene stop sagescene--pets--0123456789ab"),
    short_help="Have SageMaker stop a training job.",
)
@click.argument("job")
@STACK_NAME
@JSON
def stop_command(*, job: str, stack_name: str | None, as_json: bool) -> None:
    """Have SageMaker stop a training job; its data set gets no model, and a notice says so.

    The exit status is 0 when it is being stopped, 1 when it has ended already, and 3 when there is no such job or AWS
    could not be asked.
    """
    from sagescene_command import operations
    from sagescene_command.following import stacks
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        stack = stacks.find(stack_name)
        try:
            operations.stop(stack, stacks.read_job_prefix(stack), job)
        except operations.JobEndedError as ended:
            raise click.ClickException(str(ended)) from ended
    if as_json:
        echo_json({"job": job, "status": "Stopping"})
    else:
        click.echo(f"{job} is being stopped, which takes up to two minutes. To see its end: sagescene watch {job}")


@click.command(
    "logs",
    epilog=for_example("sagescene logs --follow", "sagescene logs pets --since 600 --json"),
    short_help="Print what functions and training jobs logged.",
)
@click.argument("target", metavar="[SET|JOB]", required=False, default="")
@click.option(
    "--since",
    type=click.FloatRange(min=0, min_open=True),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="Begin so long ago.",
)
@click.option("--follow", "follows", is_flag=True, help="Go on with what is logged from now on, until Ctrl-C.")
@TIMEOUT
@STACK_NAME
@click.option("--json", "as_json", is_flag=True, help="Print each line as one JSON object.")
def logs_command(
    *, target: str, since: float, follows: bool, timeout: float, stack_name: str | None, as_json: bool
) -> None:
    """Print what a stack's functions logged; with a data set or a job, what is about it and its training's own log.

    The exit status is 0, or 3 when AWS could not be asked.
    """
    from sagescene_command.following import stacks
    from sagescene_command.following.faults import aws_errors
    from sagescene_command.following.tailing import Tail, tell_lines
    from sagescene_command.following.telling import Teller
    from sagescene_command.operations import name_set

    tell, ends = Teller(Console()), time.monotonic() + timeout
    with aws_errors():
        stack = stacks.find(stack_name)
        begin = datetime.now(UTC) - timedelta(seconds=since)
        tail = Tail(open_sources(stack), name_set(stack, target) if target else "", begin)
        while True:
            lines = tail.read(datetime.now(UTC))
            if as_json:
                for line in lines:
                    echo_json({"time": line.time.isoformat(), "speaker": line.speaker, "content": line.content})
            else:
                for event in tell_lines(lines):
                    tell(event)
            if not follows or time.monotonic() >= ends:
                return
            interrupts.check()
            time.sleep(_BETWEEN_READINGS)


@click.command(
    "doctor",
    epilog=for_example("sagescene doctor", "sagescene doctor --json"),
    short_help="Look at what a drop needs before the first one.",
)
@STACK_NAME
@JSON
def doctor_command(*, stack_name: str | None, as_json: bool) -> None:
    """Look at what a drop needs before the first one, and say how what is missing is mended; nothing is changed.

    The exit status is 0 when nothing hinders a drop, else that of the first fault: 3 credentials, or no stack; 11 no
    image in the Region; 12 quotas too low for every instance type; 13 a role that SageMaker may not assume; 14 a bucket
    that sends EventBridge no events; 15 subscriptions of which none is confirmed; 16 a KMS key that cannot be used;
    17 a budget that is spent up.
    """
    from sagescene_command.following import account, doctor, stacks, words
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        caller = account.read_caller()
        stack = stacks.find(stack_name)
        found = list(doctor.examine(stack, stacks.read_settings(stack)))
    if as_json:
        echo_json({"caller": caller, "diagnoses": [one.as_json() for one in found]})
    else:
        click.echo(f"well     credentials  {caller}")
        print_lines(Console(), words.tell_diagnoses(found))
    sys.exit(doctor.exit_status(found))


def open_sources(stack: "DeployedStack") -> "Sources":
    """Give what is read of a stack."""
    from sagescene_command.following import stacks
    from sagescene_command.following.sources import Sources

    return Sources(stack, stacks.read_job_prefix(stack))


def follow_to_verdict(
    sources: "Sources", target: str, limit_in_seconds: float, console: Console, began: datetime | None = None
) -> "State":
    """Follow a data set or a job, tell of every stage from when it `began` on, and give what it came to."""
    from sagescene_command.following.telling import Teller
    from sagescene_command.following.watching import StackEvent, TooLongWatchedError, Watch, follow
    from sagescene_command.following.words import tell_state

    try:
        with Teller(console) as tell:
            state = follow(Watch(sources, target, began).look, tell, limit_in_seconds=limit_in_seconds)
    except TooLongWatchedError as fault:
        raise click.ClickException(str(fault)) from fault
    now = datetime.now(UTC)
    style = "bold green" if state.verdict == "model" else "bold red"
    tell(StackEvent(time=now, speaker=state.verdict, text=tell_state(state, now), style=style))
    if state.remedy:
        tell(StackEvent(time=now, speaker="to do", text=state.remedy))
    return state


def end_with(state: "State", *, as_json: bool) -> None:
    """End the command with the exit status that the verdict has."""
    if as_json:
        echo_json(state.as_json())
    sys.exit(0 if state.verdict == "model" else 1)
