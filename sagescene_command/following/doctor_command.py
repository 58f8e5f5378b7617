"""The command that looks at what a drop needs before the first one."""

import sys

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json, print_lines
from sagescene_command.terminal import Console


@click.command(
    "doctor",
    epilog=for_example("sagescene doctor", "sagescene doctor --json"),
    short_help="Look at what a drop needs before the first one.",
)
@STACK_NAME
@JSON
def doctor_command(*, stack_name: str | None, as_json: bool) -> None:
    """Look at what a drop needs before the first one, and say how what is missing is mended; nothing is changed.

    The exit status is 0 when nothing hinders a drop, else that of the first fault: 3 credentials, no stack,
    or AWS could not be asked for it; 11 no image in the Region; 12 quotas too low for every instance type; 13 a role
    that SageMaker may not assume; 14 a bucket that sends EventBridge no events; 15 subscriptions of which none is
    confirmed; 16 a KMS key that cannot be used; 17 a budget that is spent up.
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
        click.echo(f"ok       credentials  {caller}")
        print_lines(Console(), words.tell_diagnoses(found))
    sys.exit(doctor.exit_status(found))
