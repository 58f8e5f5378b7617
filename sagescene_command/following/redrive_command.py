"""The command that brings back what a deployed stack could not do."""

import click

from sagescene.grammar import agree
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
    from sagescene_command.following import redriving, stacks
    from sagescene_command.following.faults import aws_errors

    def tell(number: int, one: str, several: str) -> None:
        click.echo(f"{number:,} {agree(number, one, several)}", err=as_json)

    with aws_errors():
        stack = stacks.find(stack_name)
        moved = redriving.move_dead_letters(stack)
        tell(moved, "upload or evaluation goes back to its queue", "uploads and evaluations go back to their queues")
        models = redriving.forget_failed_models(stack)
        tell(models, "model that could not be made is tried again", "models that could not be made are tried again")
        decisions = redriving.finish_ended_jobs(stack)
        for decision in decisions:
            click.echo(f"{decision['subject']}: {decision['decision']}, {decision['reason']}", err=as_json)
        tell(len(decisions), "ended job was unfinished", "ended jobs were unfinished")
        removed = redriving.remove_finished_letters(stack)
        tell(removed, "dead letter about an ended job is removed", "dead letters about ended jobs are removed")
    if as_json:
        echo_json({"moved": moved, "models": models, "jobs": decisions, "removed": removed})
