"""What signals do to a command: it ends once, and its ending is not broken off."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from sagescene_command import interrupts
from sagescene_command.interrupts import Interrupted, Interrupter
from sagescene_command.relay import Relay
from sagescene_standin.occurrence import Occurrence

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
PATIENCE_IN_SECONDS = 10.0


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(interrupts, "_interrupter", Interrupter())
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
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


def test_a_wait_ends_though_another_thread_takes_the_signal() -> None:
    interrupts.install()
    awoken, in_time = threading.Event(), []
    relay = Relay(lambda _: None)

    def take_signal() -> None:
        while sys._current_frames()[threading.main_thread().ident or 0].f_code is not Relay.next.__code__:
            pass
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        in_time.append(awoken.wait(PATIENCE_IN_SECONDS))
        relay.listen(Occurrence("job", "what else wakes the main thread"))

    other = threading.Thread(target=take_signal)
    other.start()
    try:
        with pytest.raises(Interrupted) as raised:
            relay.next()
    finally:
        awoken.set()
        other.join()
    assert (raised.value.code, in_time) == (143, [True])


def test_a_signal_that_some_code_keeps_to_itself_ends_the_next_wait() -> None:
    interrupts.install()
    relay = Relay(lambda _: None)
    relay.listen(Occurrence("job", "it may go on for long"))
    with suppress(BaseException):
        signal.raise_signal(signal.SIGTERM)
    with pytest.raises(Interrupted) as raised:
        relay.next()
    assert raised.value.code == 143


class Finalised:
    """Something whose end a signal meets, as weak references' ends meet it in the middle of imports."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_a_finaliser_drops_is_heard_again_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    def let_go_and_wait() -> None:
        Finalised()
        threading.Event().wait(PATIENCE_IN_SECONDS)

    interrupts.install()
    with pytest.raises(Interrupted) as raised:
        let_go_and_wait()
    assert raised.value.code == 143
    assert capsys.readouterr() == ("", "")


def test_what_else_a_finaliser_drops_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    class Faulty:
        def __del__(self) -> None:
            raise KeyError("as ever")

    interrupts.install()
    Faulty()
    assert "KeyError: 'as ever'" in capsys.readouterr().err
