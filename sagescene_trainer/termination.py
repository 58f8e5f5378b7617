"""What SIGTERM means to a training: it ends, and what it stores at that moment is stored whole before."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TerminationRequested(Exception):
    """SageMaker sent SIGTERM: the best epoch so far is already stored, so there is nothing left to do but go."""


@contextmanager
def defer_termination() -> Iterator[None]:
    """Let a SIGTERM that arrives meanwhile wait until the end."""
    # Not a signal mask: that binds one thread only, and the linear algebra library has threads of its own.
    deferred: list[int] = []
    handler = signal.signal(signal.SIGTERM, lambda number, _frame: deferred.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
        if deferred:
            signal.raise_signal(signal.SIGTERM)
