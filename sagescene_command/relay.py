"""Happenings on their way from the stack's threads to the one thread that waits for what comes of them."""

import queue

from sagescene_command.streams import UnwritableError
from sagescene_standin.occurrence import Happening, Listener


class Relay:
    """Tells every happening, then hands it to whoever waits; hand `listen` to the stack before it stands."""

    def __init__(self, narrate: Listener) -> None:
        """Tell happenings by `narrate`."""
        self._narrate = narrate
        self._ready: queue.SimpleQueue[Happening | UnwritableError] = queue.SimpleQueue()

    def listen(self, happening: Happening) -> None:
        """Take what happened; called from the stack's threads."""
        try:
            self._narrate(happening)
        except UnwritableError as error:
            self.fail(error)
        finally:
            self._ready.put(happening)

    def fail(self, error: UnwritableError) -> None:
        """Let whoever waits know that nothing more can be told."""
        self._ready.put(error)

    def next(self, timeout: float | None = None) -> Happening:
        """Wait for the next happening.

        Raises:
            queue.Empty: nothing happened in so many seconds.
            UnwritableError: nothing more can be told.
        """
        ready = self._ready.get(timeout=timeout)
        if isinstance(ready, UnwritableError):
            raise ready
        return ready
