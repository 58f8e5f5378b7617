"""The command that brings back what a deployed stack could not do."""

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json


@click.command(
    "redrive",
    epilog=for_example("sagescene redrive", "sagescene redrive --stack-name sagescene-dev --json"),
    short_help="Bring back what a deployed stack could not do.",
)
@STACK_NAME
@JSON
def redrive_command(*, stack_name: str | None, as_json: bool) -> None:
    """Move a deployed stack's dead letters back to their queues and finish jobs that ended unnoticed.

    Models that could not be made are tried again.

    Credentials and Region are those of the AWS CLI.

    The exit status is 0 when all of it was done, and 3 when AWS or a function failed.
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
