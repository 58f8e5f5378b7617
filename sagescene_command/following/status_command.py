"""The command that says what became of every data set of a stack."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sagescene_command.examples import for_example
from sagescene_command.following.options import JSON, STACK_NAME, echo_json, print_lines
from sagescene_command.following.verdicts import open_sources
from sagescene_command.terminal import Console

if TYPE_CHECKING:
    from sagescene.dataset import StoredObject
    from sagescene_command.following.sights import Sight

_AT_ONCE = 8  # data sets that are asked about at one time


@click.command(
    "status",
    epilog=for_example("sagescene status", "sagescene status pets", "sagescene status --json"),
    short_help="Say what became of every data set of a stack.",
)
@click.argument("data_set", required=False)
@STACK_NAME
@JSON
def status_command(*, data_set: str | None, stack_name: str | None, as_json: bool) -> None:
    """Say what became of every data set of a stack: verdicts, jobs, models, what waits and until when.

    With DATA_SET, all that is known of that one.

    The exit status is 0 when it could be found out, and 3 when not.
    """
    from sagescene.preflight.report import Verdict
    from sagescene_command.following import stacks, words
    from sagescene_command.following.deployed_stack import name_set
    from sagescene_command.following.faults import aws_errors
    from sagescene_command.following.sights import judge
    from sagescene_command.following.sources import RECENT
    from sagescene_command.parallel import map_in_order
    from sagescene_command.verdict import tell_findings

    now = datetime.now(UTC)
    with aws_errors():
        stack = stacks.find(stack_name)
        sources = open_sources(stack)
        if data_set:
            name = name_set(stack, data_set)
            listed = {name: sources.require_set(name)}
        else:
            listed = sources.list_sets()
        lines = sources.read_function_logs(now - RECENT)

        def look(item: "tuple[str, list[StoredObject]]") -> "Sight":
            sight = sources.look(*item, lines=lines, now=now)
            if not sight.model:
                return replace(sight, earlier_model=sources.find_newest_model(sight.data_set))
            job = sight.jobs[-1]["TrainingJobName"]
            return replace(sight, evaluation=sources.find_evaluation(sight.data_set, job)) if data_set else sight

        sights = [sight for _, sight in map_in_order(look, listed.items(), _AT_ONCE)]
    rows = [(sight, judge(sight, now)) for sight in sights]
    if as_json:
        sets = [{"data_set": sight.data_set, **sight.as_json(), **state.as_json()} for sight, state in rows]
        echo_json(sets[0] if data_set else {"bucket": stack.bucket, "data_sets": sets})
    elif data_set:
        sight, state = rows[0]
        print_lines(Console(), words.tell_details(sight, state, stack.bucket, now))
        tell_findings(state.findings, Verdict.REFUSED, Console())
    else:
        print_lines(Console(), words.tell_table(rows, now) if rows else [f"{stack.bucket} holds no data set yet."])
