"""The command that looks for faults of a data set before anything is paid for."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from sagescene.errors import SagesceneError
from sagescene.foreign_text import printable_json
from sagescene_command import streams
from sagescene_command.examples import for_example
from sagescene_command.file_faults import explain
from sagescene_command.following.options import print_lines
from sagescene_command.pair_options import PRICE, read_pairs

UNCHECKED = 3  # exit status of a check that says nothing about the data set


@click.command(
    "check",
    epilog=for_example(
        "sagescene check pets/",
        "sagescene check pets/ --json --html pets.html",
        "sagescene check pets/ --price ml.g4dn.xlarge=1.00 --parameter MaxJobCostUSD=25",
        "sagescene check s3://BUCKET/datasets/pets/",
    ),
    short_help="Look for faults before anything is paid for.",
)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the page too.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_pairs,
    help="A parameter of the stack that would train on it, such as InstanceTypes; may be repeated.",
)
@PRICE
@click.option("--no-decode", "decodes", flag_value=False, default=True, help="Read the images' headers alone.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="THREADS", help="Threads that decode; without it one a core."
)
def check_command(
    *,
    path: str,
    as_json: bool,
    html: Path | None,
    parameters: Mapping[str, str],
    prices: Mapping[str, str],
    decodes: bool,
    jobs: int | None,
) -> None:
    """Look for every fault in PATH, a folder of one data set or s3://BUCKET/datasets/SET/, before it is trained on.

    Every image of a folder is decoded as well, unless with --no-decode; of a set in S3, as of one that the stack
    looks at, headers are read. Test files are looked at, too: what is wrong with them is a warning, for no job reads
    them.

    With prices of instance types it says what the job costs at most, and for a set in S3 what its last run cost.

    The exit status is 0 when the data set is ready, 1 when it is refused, 2 when files are missing, and 3 when it
    could not be checked or the page not be written.
    """
    from sagescene_command import check, verdict
    from sagescene_command.narration import show_progress
    from sagescene_command.repairing.suggestion import suggest_repair
    from sagescene_command.terminal import Console

    console = Console(stderr=as_json)
    if prices:
        parameters = {**parameters, "HourlyPriceUSD": ",".join("=".join(pair) for pair in prices.items())}
    with _unchecked_errors():
        if html:
            from sagescene.messages import page
            from sagescene_command import page_file

            page_file.require_writable(html)
        showing = partial(show_progress, console)
        examined, request = check.check(path, parameters, show_progress=showing, decodes=decodes, jobs=jobs)
    try:
        if as_json:
            click.echo(printable_json(examined.report.as_json(), indent=2))
        else:
            verdict.tell(examined.report, console, test_images=examined.test_images)
            if not path.startswith("s3://") and (suggestion := suggest_repair(Path(path), examined.report, showing)):
                print_lines(console, ["", suggestion])
    except streams.ReaderGoneError:
        raise
    except streams.UnwritableError as fault:
        fault.exit_code = UNCHECKED
        raise
    if html:
        with _unchecked_errors():
            address = page_file.write(html, page.render(examined.report, examined.thumbnails, request))
        if not as_json:
            print_lines(console, ["", f"page: {address}"])
    sys.exit(verdict.EXIT_STATUS[examined.report.verdict])


@contextmanager
def _unchecked_errors() -> Iterator[None]:
    try:
        yield
    except (SagesceneError, OSError) as fault:
        failure = click.ClickException(explain(fault))
        failure.exit_code = UNCHECKED
        raise failure from fault
