"""Drops a small set in a stack, follows it to its model's evaluation, says the cost, and removes what came of it."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from sagescene import parts
from sagescene.errors import SagesceneError
from sagescene.settings import StartSettings
from sagescene_command import interrupts
from sagescene_command.following.deployed_stack import DeployedStack, find_stack
from sagescene_command.following.stacks import read_settings
from sagescene_command.region import heed_aws_region
from sagescene_command.time_options import time_option
from scripts.smoke import account, costs, names, small_set
from scripts.smoke.leftovers import Leftovers
from scripts.smoke.watch import Ending, Watch, describe_result

_BETWEEN_LOOKS = 3.0  # seconds
_began = time.monotonic()


class TooLateError(SagesceneError):
    """The set has not come to its end in the time allowed."""

    def __init__(self, minutes: float, stack_name: str) -> None:
        """Say what to do."""
        super().__init__(
            f"The set has not come to its end within {minutes:g} minutes. The lines above show how far it got; "
            f"what the functions did, sam logs --stack-name {stack_name} shows. Give it more minutes with --timeout "
            "(make: TIMEOUT=180)."
        )


def say(text: str) -> None:
    """Print what happened, and when."""
    click.echo(f"{time.monotonic() - _began:7.1f} s  {text}")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("stack_name", metavar="STACK")
@click.option("--yes", is_flag=True, help="Do not ask before money is spent.")
@click.option("--keep", is_flag=True, help="Leave the set, its reports and its model where they are.")
@click.option("--clean", metavar="SET", help="Only remove what an earlier smoke test has left, and stop its job.")
@time_option("--timeout", default=90.0, unit="MINUTES", help="Stop the job and give up after this time.")
def main(*, stack_name: str, yes: bool, keep: bool, clean: str | None, timeout: float) -> None:
    """Try the deployed stack STACK for real: train on a small set for one epoch, and see a model come of it.

    Credentials and Region are those of the AWS CLI. The exit status is 0 with a model that was evaluated, if the stack
    evaluates models, else 1.
    """
    interrupts.install()
    heed_aws_region(os.environ)
    with _told_errors():
        stack = find_stack(stack_name)
        settings = read_settings(stack)
        say(f"stack {stack_name} in {stack.region}: {len(stack.resources)} resources, bucket {stack.bucket}")
        if clean:
            _clean(Leftovers(stack, settings.job_prefix, clean))
            return
        for line in account.examine(stack, settings):
            say(line)
        _ask(settings, timeout, yes=yes)
        ending = _try(stack_name, stack, settings, timeout, keep=keep)
    if not ending.model:
        sys.exit("\n".join(("No model came of the set:", *ending.reasons)))
    if ending.reasons:
        sys.exit("\n".join(("The set became a model that was not evaluated:", *ending.reasons)))
    say("the stack works: the set became a model")


def _ask(settings: StartSettings, timeout: float, *, yes: bool) -> None:
    say(f"to do: drop a small set, train on it for one epoch, stop its job after {timeout:g} minutes if it still runs")
    say(f"costs: {costs.describe_most(settings)}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("This costs money, and there is no terminal to ask at: give --yes (make: YES=1).")
    if not click.confirm("Go on?"):
        raise click.ClickException("Nothing was dropped.")


def _try(name: str, stack: DeployedStack, settings: StartSettings, timeout: float, *, keep: bool) -> Ending:
    data_set = names.name_set(datetime.now(UTC))
    leftovers = Leftovers(stack, settings.job_prefix, data_set)
    watch = Watch(stack, settings.job_prefix, data_set, say)
    try:
        _drop(stack.bucket, data_set)
        ending = _follow(watch, timeout, name)
        for line in describe_result(watch.list_jobs()):
            say(line)
        if keep:
            say(f"kept; to remove it: make smoke STACK={name} CLEAN={data_set}")
        else:
            _clean(leftovers)
    except BaseException:  # whatever ends this early, Ctrl-C included: a job may run that nobody waits for
        _leave(leftovers, f"make smoke STACK={name} CLEAN={data_set}")
        raise
    return ending


def _drop(bucket: str, data_set: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        files = small_set.make_set(Path(scratch), data_set)
        s3 = boto3.client("s3")
        for path in files:
            s3.upload_file(str(path), bucket, f"{parts.DATASETS}{data_set}/{path.name}")
        size = sum(path.stat().st_size for path in files)
    say(f"dropped s3://{bucket}/{parts.DATASETS}{data_set}/: {len(files)} files, {size:,} bytes")


def _follow(watch: Watch, timeout: float, stack_name: str) -> Ending:
    deadline = time.monotonic() + 60 * timeout
    while time.monotonic() < deadline:
        if ending := watch.look():
            return ending
        interrupts.check()
        time.sleep(_BETWEEN_LOOKS)
    raise TooLateError(timeout, stack_name)


def _clean(leftovers: Leftovers) -> None:
    for job in leftovers.stop_jobs():
        say(f"stopping the training job {job}; what it leaves yet, the same command removes once it has ended")
    while deleted := list(leftovers.remove()):
        for line in deleted:
            say(line)
        time.sleep(_BETWEEN_LOOKS)  # a function that is at work on another file of the set may write yet
    for line in leftovers.describe_rest():
        say(line)


def _leave(leftovers: Leftovers, command: str) -> None:
    """Stop what costs money, and say how the rest is removed, whatever can still be done."""
    try:
        # In this order: without its files the stack starts no further job.
        leftovers.remove_set()
        for job in leftovers.stop_jobs():
            say(f"stopping the training job {job}")
        say("the set's files are deleted, so that no further job is started; a job that was about to start may run")
    except (BotoCoreError, ClientError, SagesceneError) as fault:
        say(f"could not stop the job or delete the set: {fault}")
    say(f"left: its reports, its job and what came of it; this stops and removes it: {command}")


@contextmanager
def _told_errors() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, SagesceneError) as fault:
        raise click.ClickException(str(fault)) from fault


if __name__ == "__main__":
    main()
