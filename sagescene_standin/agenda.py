"""Work that is to be done later: retries, schedules and regular checks, on a clock that can be moved."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

type Work = Callable[[], None]

_WORKERS = 8  # pieces of work done at once
_LONGEST_SLEEP = 0.05  # seconds; a clock that somebody moves is noticed after this time
_log = logging.getLogger(__name__)


class Agenda:
    """Do each piece of work when the clock has reached its time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._entries: list[tuple[float, int, Work]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="agenda")
        self._thread = threading.Thread(target=self._keep_time, name="agenda", daemon=True)

    def after(self, seconds: float, work: Work) -> None:
        """Do the work once, that many seconds from now (at once for 0)."""
        with self._changed:
            heapq.heappush(self._entries, (self.now() + seconds, next(self._order), work))
            self._changed.notify()

    def every(self, seconds: float, work: Work) -> None:
        """Do the work after each interval; a slow turn delays the next and is never doubled."""

        def take_a_turn() -> None:
            try:
                work()
            finally:
                self.after(seconds, take_a_turn)

        self.after(seconds, take_a_turn)

    def take_due(self) -> list[Work]:
        """Take off the agenda what has come due, in the order of its time."""
        due = []
        with self._changed:
            while self._entries and self._entries[0][0] <= self.now():
                due.append(heapq.heappop(self._entries)[2])
        return due

    def start(self) -> None:
        """Begin to keep time, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Drop what is still to come and wait for work in hand."""
        with self._changed:
            self._closed = True
            self._entries.clear()
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        self._workers.shutdown(cancel_futures=True)

    def _keep_time(self) -> None:
        while not self._closed:
            for work in self.take_due():
                self._workers.submit(_do, work)
            with self._changed:
                if self._closed:
                    return
                ahead = self._entries[0][0] - self.now() if self._entries else _LONGEST_SLEEP
                self._changed.wait(min(max(ahead, 0.001), _LONGEST_SLEEP))


def _do(work: Work) -> None:
    try:
        work()
    except Exception:
        # Nobody awaits this work: its failure would otherwise leave no trace.
        _log.exception("Work of the local stack failed")
