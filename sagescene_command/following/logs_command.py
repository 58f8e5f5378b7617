"""The command that prints what functions and training jobs logged."""

import time
from datetime import UTC, datetime, timedelta

import click

from sagescene_command import interrupts
from sagescene_command.examples import for_example
from sagescene_command.following.options import STACK_NAME, TIMEOUT, echo_json
from sagescene_command.following.verdicts import open_sources
from sagescene_command.terminal import Console
from sagescene_command.time_options import time_option

_BETWEEN_READINGS = 2.0  # seconds


@click.command(
    "logs",
    epilog=for_example("sagescene logs --follow", "sagescene logs pets --since 600 --json"),
    short_help="Print what functions and training jobs logged.",
)
@click.argument("target", metavar="[SET|JOB]", required=False, default="")
@time_option("--since", default=3600.0, help="Begin so long ago.")
@click.option("--follow", "follows", is_flag=True, help="Go on with what is logged from now on, until Ctrl-C.")
@TIMEOUT
@STACK_NAME
@click.option("--json", "as_json", is_flag=True, help="Print each line as one JSON object.")
def logs_command(
    *, target: str, since: float, follows: bool, timeout: float, stack_name: str | None, as_json: bool
) -> None:
    """Print what a stack's functions logged; with a data set or a job, what is about it and its training's own log.

    The exit status is 0, or 3 when there is no such data set or job, or AWS could not be asked.
    """
    from sagescene.aws import explain_passing_fault
    from sagescene_command.following import stacks
    from sagescene_command.following.deployed_stack import name_set
    from sagescene_command.following.faults import aws_errors
    from sagescene_command.following.tailing import Tail, tell_lines
    from sagescene_command.following.telling import Teller
    from sagescene_command.following.watching import describe_silence

    tell, tell_fault, ends = Teller(Console()), Teller(Console(stderr=True)), time.monotonic() + timeout
    with aws_errors():
        stack = stacks.find(stack_name)
        begin = datetime.now(UTC) - timedelta(seconds=since)
        tail = Tail(open_sources(stack), name_set(stack, target) if target else "", begin)
        while True:
            lines, now = [], datetime.now(UTC)
            try:
                lines = tail.read(now)
            except Exception as fault:
                reason = explain_passing_fault(fault)
                if reason is None or not follows:
                    raise
                tell_fault(describe_silence(reason, now))
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
