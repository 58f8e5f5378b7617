"""The local stack's SQS in virtual time: what polls a mapped queue, and the client by which a function uses one."""

from typing import Any

from moto.sqs.models import Message, Queue, sqs_backends

from sagescene_standin.queues.mapping import QueueMapping
from tests.proof.access import Access
from tests.proof.deployment import ACCOUNT
from tests.proof.faults import Gate
from tests.proof.simulation import Simulation

_MOMENT = 0.001  # seconds: a message is visible after its time, not at it


class VirtualPoller:
    """Looks for messages whenever one becomes visible, and has as many handled at once as the mapping allows."""

    def __init__(self, mapping: QueueMapping, simulation: Simulation) -> None:
        """Look for nothing before a message is sent."""
        self._mapping, self._simulation = mapping, simulation
        self._free = mapping.concurrency

    def expect(self, message: Message) -> None:
        """Look again when a message can be received."""
        visible = max(message.visible_at, message.delayed_until) / 1000
        self._simulation.after(max(visible - self._simulation.now, 0.0) + _MOMENT, self._look)

    def _look(self) -> None:
        while self._free and (messages := self._mapping.receive()):
            self._free -= 1
            self._simulation.begin(lambda messages=messages: self._handle(messages))  # type: ignore[misc]

    def _handle(self, messages: list[Message]) -> None:
        try:
            self._mapping.handle(messages)
        finally:
            self._free += 1
            for message in messages:
                self.expect(message)  # should it have failed
            self._look()


class SqsClient:
    """The call that a function makes."""

    def __init__(self, gate: Gate, access: Access) -> None:
        self._gate, self._access = gate, access

    def send_message(
        self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int, MessageAttributes: dict[str, Any]
    ) -> dict[str, Any]:
        """Put a message in a queue."""

        def perform() -> dict[str, Any]:
            self._access.require("sqs", "SendMessage", parameters={"QueueUrl": QueueUrl})
            name = QueueUrl.rpartition("/")[2]
            sent = sqs_backends[ACCOUNT.id][ACCOUNT.region].send_message(
                name, MessageBody, message_attributes=MessageAttributes, delay_seconds=DelaySeconds
            )
            return {"MessageId": sent.id}

        return self._gate.call("SendMessage", perform)


def bodies(queue: Queue) -> list[str]:
    """Give what lies in a queue, visible or not."""
    return [message.body for message in queue._messages]


def take_all(queue: Queue) -> list[str]:
    """Take everything out of a queue."""
    taken = bodies(queue)
    queue._messages.clear()
    return taken


def holds_expired(queue: Queue, now: float) -> bool:
    """Tell whether a message has been kept longer than the queue keeps it."""
    retention = int(queue.message_retention_period)  # type: ignore[attr-defined]
    return any(now - (message.sent_timestamp or 0) / 1000 >= retention for message in queue._messages)
