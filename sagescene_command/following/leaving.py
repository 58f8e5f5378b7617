"""What a person who leaves a drop by Ctrl-C is told: what goes on without them, and what does not."""

from collections.abc import Iterator
from contextlib import contextmanager

from sagescene.shell_words import quote_name
from sagescene_command.following.options import print_lines
from sagescene_command.interrupts import Interrupted
from sagescene_command.terminal import Console


@contextmanager
def leaving_upload(console: Console) -> Iterator[None]:
    """Say of an upload that is interrupted how it goes on."""
    try:
        yield
    except Interrupted:
        print_lines(console, ["The upload is broken off. The same command uploads what is not there yet."])
        raise


@contextmanager
def leaving_watch(console: Console, data_set: str) -> Iterator[None]:
    """Say how what a data set has begun is looked at and stopped when nobody watches any longer."""
    try:
        yield
    except Interrupted:
        name = quote_name(data_set)
        looks = f"Look at it with sagescene status {name}, or follow it again with sagescene watch {name}."
        stops = f"To stop its training job: sagescene stop {name}"
        print_lines(console, ["The data set is uploaded, and what comes of it goes on.", looks, stops])
        raise
