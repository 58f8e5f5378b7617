"""The command that has SageMaker stop a training job."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json
from sagescene_command.following.verdicts import open_sources

if TYPE_CHECKING:
    from sagescene_command.following.sources import Sources


@click.command(
    "stop",
    epilog=for_example("sagescene stop pets", "sagescene stop sagescene--pets--0123456789ab"),
    short_help="Have SageMaker stop a training job.",
)
@click.argument("target", metavar="SET|JOB")
@STACK_NAME
@JSON
def stop_command(*, target: str, stack_name: str | None, as_json: bool) -> None:
    """Have SageMaker stop a training job, or the one on a data set; the set gets no model, and a notice says so.

    The exit status is 0 when it is being stopped, 1 when it has ended already or the data set has none that runs, and 3
    when there is no such job or data set, several run on the set, or AWS could not be asked.
    """
    from sagescene_command import operations
    from sagescene_command.following import stacks
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        stack = stacks.find(stack_name)
        sources = open_sources(stack)
        try:
            job = find_job(sources, target, datetime.now(UTC))
            operations.stop(job)
        except (operations.JobEndedError, operations.NoRunningJobError, operations.WaitingSetError) as unstopped:
            raise click.ClickException(str(unstopped)) from unstopped
    if as_json:
        echo_json({"job": job, "status": "Stopping"})
    else:
        click.echo(f"{job} is being stopped, which takes up to two minutes. To see its end: sagescene watch {job}")


def find_job(sources: "Sources", target: str, now: datetime) -> str:
    """Name the running training job that a person gives by its name or by that of the data set it runs on.

    Raises JobEndedError, NoRunningJobError, WaitingSetError, SeveralJobsRunError and NoSuchJobError.
    """
    from sagescene_command import operations
    from sagescene_command.following.deployed_stack import name_set
    from sagescene_command.following.logged import find_pause
    from sagescene_command.following.sources import RECENT
    from sagescene_command.following.words import tell_waiting

    name = name_set(sources.stack, target)
    if job := sources.find_job(name):
        if job.is_ended:
            raise operations.JobEndedError(name, job.status)
        return name
    running = sources.list_running_jobs(name)
    if len(running) > 1:
        raise operations.SeveralJobsRunError(name, running)
    if running:
        return running[0]
    if not sources.list_set(name):
        raise operations.NoSuchJobError(name)
    if pause := find_pause(sources.read_function_logs(now - RECENT), name, now):
        reason = tell_waiting(pause.reason, pause.next_look, pause.ends, now)
        raise operations.WaitingSetError(name, sources.stack.bucket, reason)
    raise operations.NoRunningJobError(name)
