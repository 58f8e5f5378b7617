"""Occurrences on their way to whoever waits, also when they cannot be told."""

import queue

import pytest

from sagescene_command.relay import Relay
from sagescene_command.streams import ReaderGoneError, UnwritableError
from sagescene_standin.occurrence import Occurrence

HAPPENING = Occurrence("job", "sagescene--pets--0f1e2d3c4b5a")


def test_a_happening_is_told_then_handed_over() -> None:
    told: list[Occurrence] = []
    relay = Relay(told.append)
    relay.listen(HAPPENING)
    assert (told, relay.next(timeout=0)) == ([HAPPENING], HAPPENING)
    with pytest.raises(queue.Empty):
        relay.next(timeout=0)


def test_whoever_waits_learns_that_nothing_more_can_be_told() -> None:
    def narrate(_: Occurrence) -> None:
        raise ReaderGoneError

    relay = Relay(narrate)
    relay.listen(HAPPENING)
    with pytest.raises(UnwritableError):
        relay.next(timeout=0)


def test_a_happening_that_is_told_badly_still_happened() -> None:
    def narrate(_: Occurrence) -> None:
        raise KeyError("message")

    relay = Relay(narrate)
    with pytest.raises(KeyError):
        relay.listen(HAPPENING)
    assert relay.next(timeout=0) == HAPPENING
