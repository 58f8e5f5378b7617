"""The local stack's event bus with the ways of AWS: events come late, several times, or never."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from sagescene_standin.events.bus import EventBus
from sagescene_standin.events.targets import Targets, UndeliverableError
from sagescene_standin.iam.authority import Authority
from tests.proof.deployment import ACCOUNT
from tests.proof.faults import Faults
from tests.proof.simulation import Simulation

ENDED = ("Completed", "Failed", "Stopped")

_DELAY_IN_SECONDS = (0.1, 3.0)


class UnreliableTargets(Targets):
    """Cannot be reached when a fault says so: EventBridge gives up in the end, whatever the reason."""

    def __init__(self, authority: Authority, faults: Faults, invoke_later: Callable[[str, bytes], None]) -> None:
        super().__init__(ACCOUNT, authority, invoke_later)
        self._faults = faults

    def deliver(self, arn: str, payload: str, *, service: str, source_arn: str) -> None:
        """Send one payload to a queue or function."""
        if self._faults.keeps_from_target():
            raise UndeliverableError("SDK_CLIENT_ERROR", "injected")
        super().deliver(arn, payload, service=service, source_arn=source_arn)


class UnreliableBus(EventBus):
    """Brings each event after a while, unless a fault says otherwise."""

    def __init__(self, targets: Targets, simulation: Simulation, random: Random, faults: Faults) -> None:
        super().__init__(ACCOUNT, targets, lambda _: None, lambda: simulation.now)
        self._simulation, self._random, self._faults = simulation, random, faults

    def take(self, event: Mapping[str, Any]) -> None:
        """Send a whole event on its way."""
        detail = event["detail"]
        if event["source"] == "aws.s3" and detail["object"]["key"].startswith("datasets/"):
            for delay in self._faults.take_copies():
                self._simulation.after(delay, lambda: self.deliver(event))
        elif detail.get("TrainingJobStatus") in ENDED and self._faults.loses_job_event():
            return
        self._simulation.after(self._random.uniform(*_DELAY_IN_SECONDS), lambda: self.deliver(event))

    def deliver(self, event: Mapping[str, Any]) -> None:
        """Bring an event to the rules."""
        super().take(event)
