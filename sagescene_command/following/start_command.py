"""The command that has a stack judge a data set now."""

import sys

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json


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
