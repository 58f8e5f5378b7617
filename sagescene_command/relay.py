"""Occurrences on their way from the stack's threads to the one thread that waits for what comes of them."""

import queue
import time

from sagescene_command import interrupts
from sagescene_command.streams import UnwritableError
from sagescene_standin.occurrence import Listener, Occurrence

# A signal that reaches the process just before the main thread waits, or in another thread, wakes nobody: Python runs
# its handler when the main thread next runs. So no wait is longer than this.
_LONGEST_WAIT = 0.2  # seconds


class Relay:
    """Tells every occurrence, then hands it to whoever waits; hand `listen` to the stack before it stands."""

    def __init__(self, narrate: Listener) -> None:
        """Tell occurrences by `narrate`."""
        self._narrate = narrate
        self._ready: queue.SimpleQueue[Occurrence | UnwritableError] = queue.SimpleQueue()

    def listen(self, occurrence: Occurrence) -> None:
        """Take what happened; called from the stack's threads."""
        try:
            self._narrate(occurrence)
        except UnwritableError as error:
            self.fail(error)
        finally:
            self._ready.put(occurrence)

    def fail(self, error: UnwritableError) -> None:
        """Let whoever waits know that nothing more can be told."""
        self._ready.put(error)

    def next(self, timeout: float | None = None) -> Occurrence:
        """Wait for the next occurrence.

        Raises:
            queue.Empty: nothing happened in so many seconds.
            UnwritableError: nothing more can be told.
            Interrupted: a signal asks for the end.
        """
        ends = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            interrupts.check()
            left = max(0.0, ends - time.monotonic())
            try:
                ready = self._ready.get(timeout=min(left, _LONGEST_WAIT))
            except queue.Empty:
                if left > _LONGEST_WAIT:
                    continue
                raise
            if isinstance(ready, UnwritableError):
                raise ready
            return ready
