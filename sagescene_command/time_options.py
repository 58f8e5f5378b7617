"""Options that take a length of time, which is never nothing."""

from collections.abc import Callable
from typing import Any

import click


def time_option(name: str, *, default: float, help: str, unit: str = "SECONDS") -> Callable[[Any], Any]:
    """Give an option that takes a time above 0, of a unit that its help names."""
    above_0 = click.FloatRange(min=0, min_open=True)
    return click.option(name, type=above_0, default=default, show_default=True, metavar=unit, help=help)
