"""The command that has SageMaker stop a training job."""

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json


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
