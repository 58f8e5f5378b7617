"""The command that follows a data set or a training job to its verdict."""

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, TIMEOUT
from sagescene_command.following.verdicts import end_with, follow_to_verdict, open_sources
from sagescene_command.terminal import Console


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

    The exit status is 0 when there is a model, 1 when there is none, or not within the time, and 3 when there is no
    such data set or job, or AWS could not be asked.
    """
    from sagescene_command.following import stacks
    from sagescene_command.following.deployed_stack import name_set
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        stack = stacks.find(stack_name)
        sources = open_sources(stack)
        state = follow_to_verdict(sources, name_set(stack, target), timeout, Console(stderr=as_json))
    end_with(state, as_json=as_json)
