"""SQS in virtual time: queues with delay, visibility, retention and dead letters, and their mapping to a function."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.proof.faults import Gate
from tests.proof.simulation import Simulation

type Handle = Callable[[str, Callable[[bool], None]], None]
"""Begins to handle a body and says later whether that went well."""


@dataclass(slots=True, eq=False)
class Message:
    """A message and how often it was received."""

    body: str
    sent: float
    receives: int = 0


class Queue:
    """A queue with the properties that the template gives it."""

    def __init__(self, name: str, properties: Mapping[str, Any], simulation: Simulation) -> None:
        self.name, self._simulation = name, simulation
        self._delay = float(properties.get("DelaySeconds", 0))
        self._visibility = float(properties.get("VisibilityTimeout", 30))
        self._retention = float(properties.get("MessageRetentionPeriod", 345_600))
        redrive = properties.get("RedrivePolicy", {})
        self._receives = int(redrive.get("maxReceiveCount", 0))
        self.dead_letters: Queue | None = None
        self.messages: dict[Message, None] = {}
        self.expired: list[Message] = []
        self._handle: Handle | None = None
        self._visible: deque[Message] = deque()
        self._free = 0

    def send(self, body: str, delay: float | None = None) -> None:
        """Take a message; it is seen after its own delay or the queue's."""
        assert delay is None or 0 <= delay <= 900, "SQS refuses it"
        message = Message(body, self._simulation.now)
        self.messages[message] = None
        self._simulation.after(self._delay if delay is None else delay, lambda: self._show(message))

    def poll_for(self, handle: Handle, concurrency: int) -> None:
        """Hand the messages to a function, so many at once."""
        self._handle, self._free = handle, concurrency

    def take_all(self) -> list[str]:
        """Take every message out, as a redrive does."""
        bodies = [message.body for message in self.messages]
        self.messages.clear()
        self._visible.clear()
        return bodies

    def _show(self, message: Message) -> None:
        if message in self.messages:
            self._visible.append(message)
            self._deliver()

    def _deliver(self) -> None:
        while self._handle and self._free and self._visible:
            message = self._visible.popleft()
            if self._simulation.now - message.sent >= self._retention:
                del self.messages[message]
                self.expired.append(message)
            elif self._receives and message.receives >= self._receives and self.dead_letters:
                del self.messages[message]
                self.dead_letters.send(message.body, 0)
            else:
                self._receive(message, self._handle)

    def _receive(self, message: Message, handle: Handle) -> None:
        self._free -= 1
        message.receives += 1
        received = self._simulation.now

        def done(well: bool) -> None:
            self._free += 1
            if well:
                del self.messages[message]
            else:
                # The mapping leaves a failed message alone: it comes back when its visibility ends.
                hidden = received + self._visibility - self._simulation.now
                self._simulation.after(max(hidden, 0), lambda: self._show(message))
            self._deliver()

        handle(message.body, done)


class SqsClient:
    """The call that the functions make."""

    def __init__(self, queues: Mapping[str, Queue], gate: Gate) -> None:
        """Find queues by URL."""
        self._queues, self._gate = queues, gate

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int | None = None) -> dict[str, Any]:
        """Put a message in a queue."""

        def perform() -> dict[str, Any]:
            self._queues[QueueUrl].send(MessageBody, DelaySeconds)
            return {"MessageId": "1"}

        return self._gate.call("SendMessage", perform)
