"""The command that has a stack judge a data set now."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json, print_lines
from sagescene_command.following.verdicts import open_sources

if TYPE_CHECKING:
    from sagescene_command.following.deployed_stack import DeployedStack
    from sagescene_command.following.sights import State


@click.command(
    "start",
    epilog=for_example("sagescene start pets", "sagescene start pets --json"),
    short_help="Have a stack judge a data set now, and say what it decides.",
)
@click.argument("data_set")
@STACK_NAME
@JSON
def start_command(data_set: str, *, stack_name: str | None, as_json: bool) -> None:
    """Have DATA_SET judged as if it were uploaded now, and say what is decided.

    Credentials and Region are those of the AWS CLI.

    The exit status is 0 when a job was started, runs or waits, or there is a model; 1 when not; and 3 when there is no
    such data set, AWS could not be asked, or a function failed.
    """
    from sagescene.preflight.report import Verdict
    from sagescene_command import operations
    from sagescene_command.following import stacks, words
    from sagescene_command.following.faults import aws_errors
    from sagescene_command.terminal import Console
    from sagescene_command.verdict import tell_findings

    with aws_errors():
        stack = stacks.find(stack_name)
        decision = operations.start(stack, data_set)
        state = None if as_json or decision["decision"] != "refused" else _look(stack, data_set)
    if as_json:
        echo_json(decision)
    elif state and state.findings:
        console = Console()
        why = words.tell_verdict(state, datetime.now(UTC))
        print_lines(console, [f"{decision['subject']}: {state.verdict}, {why}"])
        tell_findings(state.findings, Verdict.REFUSED, console)
    else:
        click.echo(f"{decision['subject']}: {decision['decision']}, {decision['reason']}")
    sys.exit(0 if decision["decision"] in operations.GOES_ON else 1)


def _look(stack: "DeployedStack", data_set: str) -> "State":
    """Judge the data set by the report that the decision has just written: each finding with its remedy."""
    from sagescene_command.following.deployed_stack import name_set
    from sagescene_command.following.sights import judge

    sources, name, now = open_sources(stack), name_set(stack, data_set), datetime.now(UTC)
    return judge(sources.look(name, sources.list_set(name), (), now), now)
