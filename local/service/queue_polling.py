"""Event source mappings: messages of a queue reach their function, and come back when it fails.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.events.models import EventPattern
from moto.sqs.models import Message, sqs_backends

from local.service.account import Account
from local.service.errors import DeploymentError
from local.service.functions import Function, Invocation, TooManyRequestsError
from local.service.targets import find_queue

type May = Callable[[str, str, str], bool]
"""Says whether a role may do an action on a resource."""

_PAUSE = 0.03  # seconds between two looks at an empty queue
_CONCURRENCY = 5  # where the mapping sets no maximum; Lambda begins with 5 pollers
_log = logging.getLogger(__name__)


class UnacceptableMappingError(DeploymentError):
    """Lambda would refuse the event source mapping."""


class QueuePoller:
    """Moves messages from one queue to one function until it is closed."""

    def __init__(self, account: Account, mapping: EventSourceMapping, function: Function, may: May) -> None:
        """Begins to poll at once.

        Raises:
            UnacceptableMappingError: messages would reappear while the function still works on them, or its
                role may not take messages off the queue.
        """
        self._account = account
        self._mapping = mapping
        self._function = function
        self._queue = find_queue(account, mapping.event_source_arn)
        visibility = int(self._queue.attributes["VisibilityTimeout"])
        if visibility < function.settings.timeout:
            raise UnacceptableMappingError(
                f"Queue visibility timeout: {visibility} seconds is less than "
                f"Function timeout: {function.settings.timeout} seconds"
            )
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            if not may(function.settings.role, f"sqs:{action}", mapping.event_source_arn):
                raise UnacceptableMappingError(
                    f"The function execution role does not have permissions to call {action} on SQS "
                    f"({function.settings.logical_id}, {mapping.event_source_arn})"
                )
        limit = int((mapping.scaling_config or {}).get("MaximumConcurrency", _CONCURRENCY))
        self._free = threading.Semaphore(limit)
        self._closing = threading.Event()
        self._workers = ThreadPoolExecutor(limit, thread_name_prefix=f"poll-{function.settings.logical_id}")
        self._thread = threading.Thread(target=self._poll, name=f"poll-{self._queue.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Takes no more messages; those in hand go on."""
        self._closing.set()
        self._thread.join()

    def close(self) -> None:
        """Takes no more messages and waits for those in hand."""
        self.stop()
        self._workers.shutdown()

    def _poll(self) -> None:
        while not self._closing.is_set():
            if not self._free.acquire(timeout=_PAUSE):
                continue
            messages = self._receive() if self._mapping.enabled else []
            if not messages:
                self._free.release()
                self._closing.wait(_PAUSE)
                continue
            self._workers.submit(self._handle, messages)

    def _receive(self) -> list[Message]:
        backend = sqs_backends[self._account.id][self._account.region]
        visibility = int(self._queue.attributes["VisibilityTimeout"])
        count = min(self._mapping.batch_size, 10)
        return backend.receive_message(self._queue.name, count, 0, visibility, ["All"])

    def _handle(self, messages: list[Message]) -> None:
        try:
            wanted = [message for message in messages if self._wants(message)]
            self._delete(message for message in messages if message not in wanted)
            if wanted:
                event = {"Records": [self._describe(message) for message in wanted]}
                invocation = self._function.invoke(json.dumps(event).encode())
                failed = failed_messages(
                    invocation,
                    [message.id for message in wanted],
                    partial="ReportBatchItemFailures" in (self._mapping.function_response_types or ()),
                )
                self._delete(message for message in wanted if message.id not in failed)
        except TooManyRequestsError:
            pass  # Lambda throttles itself: the messages come back when their visibility ends
        except Exception:
            # Nobody awaits this work: its failure would otherwise leave no trace.
            _log.exception("Polling %s failed", self._queue.name)
        finally:
            self._free.release()

    def _wants(self, message: Message) -> bool:
        filters = (self._mapping.filter_criteria or {}).get("Filters", [])
        if not filters:
            return True
        record = {**self._describe(message), "body": _decoded(message.body)}
        return any(EventPattern.load(one["Pattern"]).matches_event(record) for one in filters)  # type: ignore[arg-type]

    def _delete(self, messages: Iterable[Message]) -> None:
        backend = sqs_backends[self._account.id][self._account.region]
        for message in messages:
            backend.delete_message(self._queue.name, str(message.receipt_handle))

    def _describe(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.approximate_receive_count),
                "SentTimestamp": str(message.sent_timestamp),
                "SenderId": message.sender_id,
                "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            },
            "messageAttributes": {
                name: {
                    "stringValue": value.get("StringValue"),
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": value["DataType"],
                }
                for name, value in message.message_attributes.items()
            },
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self._queue.queue_arn,
            "awsRegion": self._account.region,
        }


def failed_messages(invocation: Invocation, batch: list[str], *, partial: bool) -> set[str]:
    """Says which messages stay in the queue: all after an error, those reported with ReportBatchItemFailures.

    A report that names no message, or one that is not in the batch, counts as a failure of the whole batch.
    """
    if invocation.error is not None:
        return set(batch)
    if not partial:
        return set()
    result = invocation.result
    if not isinstance(result, Mapping):
        return set() if result is None else set(batch)
    reported = {failure.get("itemIdentifier") for failure in result.get("batchItemFailures") or []}
    return reported if reported <= set(batch) else set(batch)


def _decoded(body: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(body)
    except ValueError:
        return body
