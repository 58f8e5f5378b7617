"""A full disk where temporary files lie, as a sentence that says what to do."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import click

from sagescene_command.packing.source import PackingError

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def needing_room() -> Iterator[None]:
    """End the command with one sentence where there is no room for its temporary files.

    Raises:
        ClickException: in place of the system's error, or of one of packing, whose remedy is for another place.
    """
    try:
        yield
    except (OSError, PackingError) as fault:
        error = fault.__cause__ if isinstance(fault, PackingError) else fault
        if not isinstance(error, OSError) or error.errno not in _FULL:
            raise
        raise click.ClickException(
            f"There is no room for temporary files in {tempfile.gettempdir()} ({error.strerror}): make room there, or "
            "set TMPDIR to a folder on another disk."
        ) from fault
