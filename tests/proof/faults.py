"""What goes wrong between a function and AWS: the one gate through which every call of a client passes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from tests.proof.simulation import CrashError, Simulation

# Less than a second in all for an upload that is judged, as on AWS.
_LATENCY = (0.02, 0.12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The death of a function before or after the nth call since the beginning; the first is number 0."""

    call: int
    after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalError:
    """AWS's own error in answer to the nth call since the beginning, before or after it did what was asked."""

    call: int
    after: bool


@dataclass(slots=True)
class Faults:
    """What is to go wrong; whoever takes something from here counts it as injected."""

    crashes: set[Crash] = field(default_factory=set)
    internal_errors: set[InternalError] = field(default_factory=set)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """An operation, and the code of the error with which it is answered once."""
    lost_job_events: int = 0
    """How many of the next events of training jobs are lost."""
    conflicts: bool = False
    """Whether every other conditional write meets another of the same key: S3 writes nothing, and asks for it again."""
    undeliverable: int = 0
    """How many of the next events reach none of their rule's targets."""
    copies: list[float] = field(default_factory=list)
    """Delays in seconds of further copies of the next event."""
    interventions: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What somebody else does just before the next call of an operation."""
    injected: Counter[str] = field(default_factory=Counter)

    def take_copies(self) -> list[float]:
        """Give the delays of further copies of an event."""
        copies, self.copies = self.copies, []
        self.injected["duplicated event"] += len(copies)
        return copies

    def loses_job_event(self) -> bool:
        """Tell whether the event of a job's end is lost."""
        if not self.lost_job_events:
            return False
        self.lost_job_events -= 1
        self.injected["lost event"] += 1
        return True

    def conflicts_now(self) -> bool:
        """Tell whether a conditional write meets another."""
        if not self.conflicts:
            return False
        self.injected["conditional write"] += 1
        return self.injected["conditional write"] % 2 == 1

    def keeps_from_target(self) -> bool:
        """Tell whether an event does not reach a target, however often it is tried."""
        if not self.undeliverable:
            return False
        self.undeliverable -= 1
        self.injected["undeliverable event"] += 1
        return True

    def stop(self) -> None:
        """Let nothing more go wrong."""
        self.crashes.clear()
        self.internal_errors.clear()
        self.refusals.clear()
        self.copies.clear()
        self.lost_job_events = 0
        self.conflicts = False


class Gate:
    """Counts every call to AWS, lets it take its time, and lets it fail when a fault says so."""

    def __init__(self, simulation: Simulation, random: Random, faults: Faults) -> None:
        self._simulation, self._faults = simulation, faults
        self.calls: list[str] = []
        self.latency: Callable[[], float] = lambda: random.uniform(*_LATENCY)

    @property
    def counted(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(self.calls)

    def call[Answer](self, operation: str, perform: Callable[[], Answer]) -> Answer:
        """Perform one call, unless a fault comes before it."""
        self._simulation.sleep(self.latency())
        number = len(self.calls)
        self.calls.append(operation)
        self._faults.interventions.pop(operation, lambda: None)()
        self._crash(Crash(call=number, after=False))
        self._err(operation, InternalError(call=number, after=False))
        self._refuse(operation)
        try:
            answer = perform()
            self._err(operation, InternalError(call=number, after=True))
            return answer
        finally:
            self._crash(Crash(call=number, after=True))

    def conflicts(self) -> bool:
        """Tell whether the conditional write under way meets another."""
        return self._faults.conflicts_now()

    def pause(self, seconds: float) -> None:
        """Wait before a call is tried again."""
        self._simulation.sleep(seconds)

    def _crash(self, crash: Crash) -> None:
        if crash in self._faults.crashes:
            self._faults.crashes.remove(crash)
            self._faults.injected["crash"] += 1
            raise CrashError

    def _err(self, operation: str, error: InternalError) -> None:
        if error in self._faults.internal_errors:
            self._faults.internal_errors.remove(error)
            self._faults.injected["internal error"] += 1
            raise refused(operation, "InternalError", "injected", status=500)

    def _refuse(self, operation: str) -> None:
        for refusal in self._faults.refusals:
            if refusal[0] == operation:
                self._faults.refusals.remove(refusal)
                self._faults.injected["refused call"] += 1
                status = 403 if refusal[1] == "AccessDenied" else 503
                raise refused(operation, refusal[1], "injected", status=status)


def refused(operation: str, code: str, message: str, *, status: int) -> ClientError:
    """Build the error that boto3 raises for an answer of AWS."""
    answer: Mapping[str, Any] = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)  # type: ignore[arg-type]
