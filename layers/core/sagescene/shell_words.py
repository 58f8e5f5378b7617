"""Words of a command that is shown to be typed: of what begins with a dash, a shell and click make an option."""

import shlex
from pathlib import PurePath


def quote_path(path: PurePath | str) -> str:
    """Give a path as a shell takes it, anywhere in a command."""
    return shlex.quote(f"./{path}" if str(path).startswith("-") else str(path))


def quote_name(name: str) -> str:
    """Give a name as a shell takes it, at the end of a command; behind `--` nothing is an option."""
    return f"-- {shlex.quote(name)}" if name.startswith("-") else shlex.quote(name)
