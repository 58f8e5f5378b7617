"""Where moto's SQS differs from the real one: each replacement with its reason, for `moto_changes`."""

import functools
import string
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random
from moto.sqs import models
from moto.sqs.models import Message, Queue, SQSBackend

from sagescene_standin.queues.mailbox import MAILBOX
from sagescene_standin.queues.tracing import traced_messages

type MessageListener = Callable[[str, str], None]

_LONGEST_WAIT = 0.2  # seconds between two looks of a long poll


def changed_queues(now: Callable[[], float], factor: float, on_message: MessageListener) -> Iterator[Any]:
    """Give the replacements, to be entered.

    Delays and visibility pass by the clock `now` (epoch seconds), `factor` times faster than they say;
    `on_message` gets the ARN of a queue and the body of a message that came in.
    """
    yield from _times(now, factor)
    yield from _looks(now)
    yield from _threads(on_message)
    yield from traced_messages()
    yield patch.object(SQSBackend, "list_queues", _list_queues)
    yield patch.object(models, "generate_receipt_handle", _generate_receipt_handle)


_plain_list_queues = SQSBackend.list_queues


def _list_queues(backend: SQSBackend, queue_name_prefix: str) -> list[Queue]:
    # On AWS no such queue stands beside the stack's.
    return [queue for queue in _plain_list_queues(backend, queue_name_prefix) if queue.name != MAILBOX]


def _generate_receipt_handle() -> str:
    # moto draws each letter by a call of its own: longer than all else that a receipt takes.
    return "".join(mock_random.choices(string.ascii_lowercase, k=185))


def _times(now: Callable[[], float], factor: float) -> Iterator[Any]:
    # A person does not wait out a quiet period of a minute: queues' delays and visibility pass faster.
    def delay(message: Any, delay_seconds: int) -> None:  # noqa: ANN401
        message.delayed_until = 1000 * (now() + int(delay_seconds) / factor)

    def change_visibility(message: Any, visibility_timeout: int) -> None:  # noqa: ANN401
        message.visible_at = 1000 * (now() + int(visibility_timeout) / factor)

    yield patch.object(models, "unix_time", now)
    yield patch.object(models, "unix_time_millis", lambda: now() * 1000)
    yield patch.object(Message, "delay", delay)
    yield patch.object(Message, "change_visibility", change_visibility)


class _VisibleMessages:
    """The messages that can be received now, found one by one."""

    def __init__(self, queue: Any, moment: float) -> None:  # noqa: ANN401
        self._queue, self._moment = queue, moment

    def __iter__(self) -> Iterator[Message]:
        moment = self._moment
        return (it for it in self._queue._messages if it.visible_at < moment and it.delayed_until <= moment)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None


def _looks(now: Callable[[], float]) -> Iterator[Any]:
    # moto reads the clock for every message in the queue, and does so several times in each call: with some thousand
    # messages a call takes a second.
    def visible(queue: Any) -> _VisibleMessages:  # noqa: ANN401
        return _VisibleMessages(queue, now() * 1000)

    def count_delayed(queue: Any) -> int:  # noqa: ANN401
        moment = now() * 1000
        return len([message for message in queue._messages if message.delayed_until > moment])

    def count_hidden(queue: Any) -> int:  # noqa: ANN401
        moment = now() * 1000
        return len([message for message in queue._messages if message.visible_at >= moment])

    # To read one attribute of the queue for each message it works out all, the numbers of messages among them.
    def is_kept(backend: Any, queue_name: str, message: Any) -> bool:  # noqa: ANN401
        retention = backend.get_queue(queue_name).message_retention_period
        return bool(retention + message.sent_timestamp / 1000 > now())

    # To read whether a queue tells duplicates by content, which a standard one never does, it does the same for each
    # message that is sent, before it takes it in.
    plain_attributes, plain_send = Queue.attributes.fget, SQSBackend.send_message  # type: ignore[attr-defined]
    sending = threading.local()

    def send_message(backend: Any, queue_name: str, *arguments: Any, **options: Any) -> Message:  # noqa: ANN401
        sending.to_standard_queue = not backend.get_queue(queue_name).fifo_queue
        try:
            return plain_send(backend, queue_name, *arguments, **options)
        finally:
            sending.to_standard_queue = False

    def attributes(queue: Any) -> Any:  # noqa: ANN401
        if getattr(sending, "to_standard_queue", False):
            sending.to_standard_queue = False
            return {}
        return plain_attributes(queue)

    # It also works out the names of all attributes anew in each call.
    yield patch.object(models, "camelcase_to_underscores", functools.cache(camelcase_to_underscores))
    yield patch.object(SQSBackend, "is_message_valid_based_on_retention_period", is_kept)
    yield patch.object(SQSBackend, "send_message", send_message)
    yield patch.object(Queue, "attributes", property(attributes))
    yield patch.object(Queue, "messages", property(visible))
    yield patch.object(Queue, "approximate_number_of_messages_delayed", property(count_delayed))
    yield patch.object(Queue, "approximate_number_of_messages_not_visible", property(count_hidden))


def _threads(on_message: MessageListener) -> Iterator[Any]:
    lock = threading.RLock()
    arrivals: deque[tuple[str, str]] = deque()
    receiving = threading.local()  # by this thread; a receipt may move messages on to the dead letters
    plain_add = Queue.add_message
    plain_delete = Queue.delete_message
    plain_receive = SQSBackend.receive_message

    # moto would hand a message to a mapped function at once and in Docker: our poller does that instead.
    def add_message(queue: Any, message: Any) -> None:  # noqa: ANN401
        with lock:
            mappings, queue.lambda_event_source_mappings = queue.lambda_event_source_mappings, {}
            try:
                plain_add(queue, message)
            finally:
                queue.lambda_event_source_mappings = mappings
            arrivals.append((queue.queue_arn, message.body))
        if not getattr(receiving, "now", False):
            notify()

    def notify() -> None:
        # Without the lock, so that whoever listens may use queues.
        while True:
            try:
                arrival = arrivals.popleft()
            except IndexError:  # nothing is left, or another thread was quicker
                return
            on_message(*arrival)

    # moto rebuilds the list of messages on delete: slow, and a message sent meanwhile by another thread is lost.
    def delete_message(queue: Any, receipt_handle: str) -> None:  # noqa: ANN401
        with lock:
            message = next((it for it in queue._messages if it.receipt_handle == receipt_handle), None)
            if message is None:
                plain_delete(queue, receipt_handle)
                return
            queue._messages.remove(message)
            queue.pending_messages.discard(message)
            queue.deleted_messages.update(message.all_receipt_handles)

    def receive_message(
        backend: Any,  # noqa: ANN401
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        ends = time.monotonic() + wait_seconds_timeout
        while True:
            with lock:
                receiving.now = True
                try:
                    messages = plain_receive(backend, queue_name, count, 0, visibility_timeout, message_attribute_names)
                finally:
                    receiving.now = False
            notify()
            left = ends - time.monotonic()
            if messages or left <= 0:
                return messages
            backend.get_queue(queue_name).wait_for_messages(min(left, _LONGEST_WAIT))

    yield patch.object(Queue, "add_message", add_message)
    yield patch.object(Queue, "delete_message", delete_message)
    yield patch.object(SQSBackend, "receive_message", receive_message)
