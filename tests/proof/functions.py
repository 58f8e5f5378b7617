"""The two functions in virtual time: their own handlers, run in process on the clients of a world."""

import json
import traceback
import uuid
from collections.abc import Callable, Iterator

from sagescene_standin.functions import lineage
from sagescene_standin.functions.function import FunctionSettings, Invocation
from sagescene_standin.functions.lineage import RecursiveInvocationError
from tests.proof.handlers import Handle, LambdaContext
from tests.proof.simulation import CrashError, Simulation

_START_IN_SECONDS = 0.05


class VirtualFunction:
    """Runs a handler, which may sleep and die in the midst of its calls."""

    def __init__(
        self,
        settings: FunctionSettings,
        handle: Handle,
        simulation: Simulation,
        *,
        explains: Callable[[Exception], bool],
        unexplained: list[str],
        on_drop: Callable[[], None],
    ) -> None:
        """Note in `unexplained` each error that is not explained by what was done to the world, and each timeout.

        `on_drop` hears of each invocation that Lambda stops because it belongs to a recursive loop.
        """
        self.settings = settings
        self._handle, self._simulation = handle, simulation
        self._explains, self._unexplained, self._on_drop = explains, unexplained, on_drop

    def invoke(self, payload: bytes, trace_header: str = "") -> Invocation:
        """Run the handler once, unless it belongs to a recursive loop."""
        try:
            own_header = lineage.enter(trace_header, self.settings.arn, allows_loops=self.settings.allows_loops)
        except RecursiveInvocationError:
            self._on_drop()
            raise
        self._simulation.sleep(_START_IN_SECONDS)
        request_id, began = str(uuid.uuid4()), self._simulation.now
        error: str | None = "Unhandled"
        answer: object
        try:
            with lineage.carrying(own_header):  # as botocore does on Lambda, with the header in the environment
                context = LambdaContext.of(
                    self.settings, request_id, lambda: began + self.settings.timeout - self._simulation.now
                )
                answer = self._handle(json.loads(payload), context)
            error = None
        except CrashError:
            answer = {"errorType": "Runtime.ExitError"}
        except Exception as fault:
            answer = {"errorType": type(fault).__name__, "errorMessage": str(fault)}
            if not all(map(self._explains, _single(fault))):
                self._unexplained.append(traceback.format_exc())
        took = self._simulation.now - began
        if took > self.settings.timeout:
            self._unexplained.append(f"{self.settings.logical_id} took longer than its timeout over {payload!r}")
        return Invocation(
            request_id=request_id,
            payload=json.dumps(answer).encode(),
            error=error,
            duration_ms=took * 1000,
            log_tail="",
            trace_header=own_header,
        )


def _single(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            yield from _single(inner)
    else:
        yield error
