"""The command that says what training has cost."""

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json, print_lines
from sagescene_command.terminal import Console


@click.command(
    "costs",
    epilog=for_example("sagescene costs", "sagescene costs --stack-name sagescene-dev --json"),
    short_help="Say what training has cost, by month and data set.",
)
@STACK_NAME
@JSON
def costs_command(*, stack_name: str | None, as_json: bool) -> None:
    """Say what a stack's jobs have cost, by month (UTC) and data set: hours of instances, dollars, Spot's saving.

    It reads the outcomes of jobs, for as long as the bucket keeps them. Dollars are by the HourlyPriceUSD that the
    stack had when a job ended, else by that of now; without one there are hours alone.

    The exit status is 0 when it could be found out, and 3 when not.
    """
    from sagescene.aws import Cloud
    from sagescene_command.following import costing, stacks
    from sagescene_command.following.faults import aws_errors

    with aws_errors():
        stack = stacks.find(stack_name)
        prices = stacks.read_settings(stack).prices
        jobs = costing.read_billed(Cloud(stack.region), stack.bucket, prices)
    sets, months = costing.add_up(jobs), costing.add_up_months(jobs)
    if as_json:
        documents = {"data_sets": [each.as_json() for each in sets], "months": [each.as_json() for each in months]}
        echo_json({"bucket": stack.bucket, **documents})
    else:
        none = [f"s3://{stack.bucket} keeps no outcome of a job that is paid for."]
        print_lines(Console(), costing.tell_costs(sets, months) if sets else none)
