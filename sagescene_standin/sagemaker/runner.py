"""Let the service's jobs move on in real time: the one thread that steps it."""

import logging
import threading
from types import TracebackType

from sagescene_standin.sagemaker.training_service import TrainingService

_logger = logging.getLogger(__name__)


class Runner:
    """Step a service until it is closed; a context manager."""

    def __init__(self, service: TrainingService, *, interval: float = 0.05) -> None:
        """Take the service and the seconds between two steps."""
        self._service, self._interval = service, interval
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sagemaker", daemon=True)

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    def close(self) -> None:
        """Stop stepping and end every container; the jobs stay where they stand."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        self._service.close()

    def __enter__(self) -> "Runner":
        """Begin to step."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop stepping."""
        self.close()

    def _run(self) -> None:
        while not self._closed.wait(self._interval):
            try:
                self._service.step()
            except Exception:
                _logger.exception("a step of the stand-in for SageMaker broke")
