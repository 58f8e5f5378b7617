"""What the commands that follow a stack have in common: their options, their JSON and their console."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from sagescene.foreign_text import printable_json
from sagescene_command.time_options import time_option

if TYPE_CHECKING:  # rich takes as long as all else that the list of commands needs
    from sagescene_command.terminal import Console

STACK_NAME = click.option(
    "--stack-name", metavar="NAME", help="Name of the stack; without it, the only one there is in the Region."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; what a person reads goes to standard error.")

TIMEOUT = time_option("--timeout", default=86400.0, help="End the watch after this time; what is watched goes on.")


def echo_json(document: object) -> None:
    """Print one JSON document in one line."""
    click.echo(printable_json(document))


def print_lines(console: "Console", lines: Iterable[str], style: str = "") -> None:
    """Print lines that nothing wraps."""
    from rich.text import Text

    for line in lines:
        console.print(Text(line, style), soft_wrap=True)
