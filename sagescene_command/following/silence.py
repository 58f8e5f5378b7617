"""What a person is told while AWS, or the way to it, does not answer the first thing it is asked."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from sagescene_command.streams import UnwritableError

_MOMENT = 3.0  # seconds; AWS answers in a tenth of that, and botocore tries in vain for ten seconds to five minutes


@contextmanager
def telling_of_silence() -> Iterator[None]:
    """Say on standard error, after a moment, that AWS is waited for; nothing where it answers before."""
    timer = threading.Timer(_MOMENT, _tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tell() -> None:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    asked = f"AWS at {endpoint}" if endpoint else "AWS"
    with suppress(UnwritableError):  # the main thread finds that out when it has something to say
        click.echo(f"{asked} has not answered yet: waiting for it. Ctrl-C ends the wait.", err=True)
