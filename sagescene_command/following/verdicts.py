"""What the commands that follow a stack to a verdict have in common: its sources, the telling, and the exit status."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sagescene_command.following.options import echo_json
from sagescene_command.terminal import Console

# A command imports what only it needs: boto3 takes its time.
if TYPE_CHECKING:
    from sagescene_command.following.deployed_stack import DeployedStack
    from sagescene_command.following.sights import State
    from sagescene_command.following.sources import Sources


def open_sources(stack: "DeployedStack") -> "Sources":
    """Give what is read of a stack."""
    from sagescene_command.following import stacks
    from sagescene_command.following.sources import Sources

    return Sources(stack, stacks.read_job_prefix(stack))


def follow_to_verdict(
    sources: "Sources", target: str, limit_in_seconds: float, console: Console, began: datetime | None = None
) -> "State":
    """Follow a data set or a job, tell of every stage from when it `began` on, and give what it came to."""
    from sagescene.preflight.report import Verdict
    from sagescene_command.following.telling import Teller
    from sagescene_command.following.watching import StackEvent, TooLongWatchedError, Watch, follow
    from sagescene_command.following.words import tell_verdict
    from sagescene_command.verdict import tell_findings

    try:
        with Teller(console) as tell:
            state = follow(Watch(sources, target, began).look, tell, limit_in_seconds=limit_in_seconds)
    except TooLongWatchedError as fault:
        raise click.ClickException(str(fault)) from fault
    now = datetime.now(UTC)
    style = "bold green" if state.verdict == "model" else "bold red"
    tell(StackEvent(time=now, speaker=state.verdict, text=tell_verdict(state, now), style=style))
    if state.model:
        data_set = sources.find_set_of_job(state.job) or target
        for said in sources.find_evaluation(data_set, state.job) or ():
            tell(StackEvent(time=now, speaker="tested", text=said))
    if state.findings:
        tell_findings(state.findings, Verdict.REFUSED, console)
    elif state.remedy:
        tell(StackEvent(time=now, speaker="to do", text=state.remedy))
    return state


def end_with(state: "State", *, as_json: bool) -> None:
    """End the command with the exit status that the verdict has."""
    if as_json:
        echo_json(state.as_json())
    sys.exit(0 if state.verdict == "model" else 1)
