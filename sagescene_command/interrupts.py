"""Ctrl-C, SIGTERM and a closed terminal: the main thread unwinds, and ends on its way what the command has begun."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 10.0  # seconds
_MOMENT = 0.01  # seconds


class Interrupted(SystemExit):
    """A signal asks for the end; the exit status is what shells make of that signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


class Interrupter:
    """A handler of signals that raises Interrupted.

    People press Ctrl-C twice: for some seconds after the first time more of it changes nothing, or it would break off
    the ending itself and leave processes behind. After that it counts again, should the ending hang.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Take the clock."""
        self._now = now
        self._deaf_until = float("-inf")
        self._received: int | None = None

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Raise Interrupted, unless an ending is under way."""
        if self._now() >= self._deaf_until:
            self._deaf_until = self._now() + _PATIENCE
            self._received = number
            raise Interrupted(number)

    def check(self) -> None:
        """Raise Interrupted once more when a signal came."""
        if self._received is not None:
            raise Interrupted(self._received)

    def take_unraisable(self, dropped: "UnraisableHookArgs") -> None:
        """Hear a signal again in a moment when Python dropped what it raised; all else is reported as ever.

        It drops what is raised in a finaliser or in a callback of a weak reference: at each import, for one.
        """
        if not isinstance(dropped.exc_value, Interrupted):
            sys.__unraisablehook__(dropped)
            return
        self._deaf_until = float("-inf")
        signal.signal(signal.SIGALRM, lambda _number, frame: self(self._received or signal.SIGINT, frame))
        signal.setitimer(signal.ITIMER_REAL, _MOMENT)


_interrupter = Interrupter()


def check() -> None:
    """Raise Interrupted when a signal came, to be called before each wait: some code may have kept it to itself."""
    _interrupter.check()


def install() -> None:
    """Let the signals raise Interrupted in the main thread, but for those that nohup or a shell has switched off."""
    sys.unraisablehook = _interrupter.take_unraisable
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupter)
