"""The command `sagescene repair`: its options, what it lists and asks, and what it ends with."""

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from sagescene.shell_words import quote_name, quote_path
from sagescene_command.examples import for_example
from sagescene_command.file_faults import explain
from sagescene_command.following.options import JSON, echo_json
from sagescene_command.narration import show_progress
from sagescene_command.terminal import Console

# A command imports what only it needs.
if TYPE_CHECKING:
    from sagescene.findings import Finding
    from sagescene.preflight.report import Report
    from sagescene_command.repairing.planning import RepairPlan

FAILED = 3  # exit status of a repair that could not be made
NOT_WRITTEN = 4  # and of one that nobody agreed to
EXAMPLE = for_example("sagescene repair pets/ pets-mended/", "sagescene repair pets/ pets-mended/ --yes")


@click.command("repair", epilog=EXAMPLE, short_help="Mend labels, lists and .idx in a copy.")
@click.argument("data_set", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Write the copy without asking.")
@click.option("--force", is_flag=True, help="Replace files of the same names in OUT.")
@JSON
def repair_command(*, data_set: Path, target: Path, yes: bool, force: bool, as_json: bool) -> None:
    """Mend the data set in DIR in a copy, OUT: what is safe to mend, and nothing that would be a guess.

    Every change is listed first. Lists get TABs, UTF-8 and no line of column names; rows that are not as their records
    are written anew from these; labels are numbered from 0 without a gap, in records, lists and classes.txt; an .idx
    that is not of its records is written anew. DIR stays as it is. The copy is checked at the end.

    The exit status is 0 when the copy is ready, 1 when it, or DIR, has errors left, 2 when files are missing, 3 when
    nothing could be done, and 4 when changes were listed but nobody said yes.
    """
    from sagescene.errors import SagesceneError
    from sagescene.foreign_text import printable
    from sagescene_command import check, verdict
    from sagescene_command.repairing import planning, repair, writing

    console = Console(stderr=as_json)

    def answer(report: "Report", unmended: "Iterable[Finding]", *, written: bool) -> None:
        if not as_json:
            verdict.tell(report, console)
            return
        changes = prepared.plan.changes if prepared.plan else ()
        echo_json(
            {
                "written": str(target) if written else None,
                "changes": [{"file": change.file, "what": change.what} for change in changes],
                "unmended": [str(finding) for finding in unmended],
                "report": report.as_json(),
            }
        )

    try:
        writing.refuse_target(data_set, target, force=force)
        prepared = repair.prepare(data_set, partial(show_progress, console))
        if prepared.plan is None or (not prepared.plan.changes and prepared.unmended):
            answer(prepared.report, prepared.unmended, written=False)
            console.print("Nothing of this can be mended safely, so nothing is written.")
            sys.exit(verdict.EXIT_STATUS[prepared.report.verdict])
        _list_changes(console, prepared.plan)
        agrees = yes or not prepared.plan.changes
        if not agrees:
            _list_findings(console, "no change is for", prepared.unmended)
        if not agrees and not _is_agreed(target, as_json=as_json):
            if as_json:
                answer(prepared.report, prepared.unmended, written=False)
            console.print("Nothing is written; to write the copy, answer yes or give --yes.")
            sys.exit(NOT_WRITTEN)
        with show_progress(console, "writing") as progress:
            writing.write_copy(prepared.files, target, prepared.plan, progress)
        examined, _ = check.check(str(target), {}, show_progress=partial(show_progress, console))
    except (SagesceneError, OSError) as fault:
        failure = click.ClickException(printable(explain(fault)))
        failure.exit_code = FAILED
        raise failure from fault
    left = planning.find_left(prepared.unmended, examined.report.findings)
    _list_findings(console, "not mended", left)
    answer(examined.report, left, written=True)
    status = verdict.EXIT_STATUS[examined.report.verdict]
    where = quote_path(target)
    if status:
        following = f"mend the rest, then type sagescene check {where}"
    else:
        following = f"sagescene drop {where} {quote_name(prepared.report.data_set)}"
    console.print(Text(f"\nNext: {following}"), soft_wrap=True)
    sys.exit(status)


def _is_agreed(target: Path, *, as_json: bool) -> bool:
    try:
        return sys.stdin.isatty() and click.confirm(f"Write {target}?", err=as_json)
    except click.Abort:  # by Ctrl-D
        click.echo(err=as_json)
        return False


def _list_changes(console: Console, plan: "RepairPlan") -> None:
    if not plan.changes:
        console.print("Nothing needs mending; the copy is made as the set is.")
        return
    table = Table("file", "change", box=None, pad_edge=False)
    for change in plan.changes:
        table.add_row(Text(change.file), Text(change.what))
    console.print(table)
    if plan.labels:
        labels = Table("old label", "new label", box=None, pad_edge=False)
        for old, new in plan.labels.items():
            labels.add_row(f"{old:g}", f"{new:g}")
        console.print(labels)


def _list_findings(console: Console, fate: str, findings: Iterable["Finding"]) -> None:
    for finding in findings:
        console.print(Text(f"{fate}: {finding}", "yellow"), soft_wrap=True)
