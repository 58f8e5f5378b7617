"""What signals do to a command: it ends once, and its ending is not broken off."""

import signal
from collections.abc import Iterator

import pytest

from sagescene_command import interrupts
from sagescene_command.interrupts import Interrupted, Interrupter

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_command_with_its_own_status(number: int, status: int) -> None:
    interrupts.install()
    with pytest.raises(Interrupted) as raised:
        signal.raise_signal(number)
    assert raised.value.code == status


def test_an_impatient_second_signal_does_not_break_off_the_ending() -> None:
    interrupts.install()
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)


def test_an_ending_that_hangs_can_be_interrupted() -> None:
    now = 1000.0
    interrupter = Interrupter(lambda: now)
    with pytest.raises(Interrupted):
        interrupter(signal.SIGINT, None)
    now += 9.9
    interrupter(signal.SIGINT, None)
    now += 0.1
    with pytest.raises(Interrupted):
        interrupter(signal.SIGINT, None)


def test_a_signal_that_is_switched_off_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    interrupts.install()
    signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
