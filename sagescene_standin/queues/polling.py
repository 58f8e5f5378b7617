"""Look for messages of a mapped queue in real time, and have as many handled at once as the mapping allows."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from moto.sqs.models import Message

from sagescene_standin.queues.mapping import QueueMapping

_PAUSE = 0.03  # seconds between two looks at an empty queue
_log = logging.getLogger(__name__)


class QueuePoller:
    """Poll until it is closed."""

    def __init__(self, mapping: QueueMapping) -> None:
        """Begin at once."""
        self._mapping = mapping
        self._free = threading.Semaphore(mapping.concurrency)
        self._closing = threading.Event()
        name = f"poll-{mapping.queue.name}"
        self._workers = ThreadPoolExecutor(mapping.concurrency, thread_name_prefix=name)
        self._thread = threading.Thread(target=self._poll, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more messages and wait for those in hand."""
        self._closing.set()
        self._thread.join()
        self._workers.shutdown()

    def _poll(self) -> None:
        while not self._closing.is_set():
            if not self._free.acquire(timeout=_PAUSE):
                continue
            messages = self._mapping.receive()
            if not messages:
                self._free.release()
                self._closing.wait(_PAUSE)
                continue
            self._workers.submit(self._handle, messages)

    def _handle(self, messages: list[Message]) -> None:
        try:
            self._mapping.handle(messages)
        except Exception:
            # Nobody awaits this work: its failure would otherwise leave no trace.
            _log.exception("Messages of %s could not be handled", self._mapping.queue.name)
        finally:
            self._free.release()
