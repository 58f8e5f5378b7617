"""Event source mappings: messages of a queue reach their function, and come back when it fails.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.events.models import EventPattern
from moto.sqs.models import Message, sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.errors import DeploymentError
from sagescene_standin.events.targets import find_queue
from sagescene_standin.functions import lineage
from sagescene_standin.functions.function import Invocable, Invocation, TooManyRequestsError
from sagescene_standin.functions.lineage import RecursiveInvocationError
from sagescene_standin.kms.key_use import queue_key
from sagescene_standin.queues.tracing import TRACE_ATTRIBUTE, trace_header_of

type May = Callable[[str, str, str], bool]
"""Say whether a role may do an action on a resource."""

_CONCURRENCY = 5  # where the mapping sets no maximum; Lambda begins with 5 pollers


class UnacceptableMappingError(DeploymentError):
    """Lambda would refuse the event source mapping."""


class QueueMapping:
    """Hand messages of one queue to one function; what polls the queue says when."""

    def __init__(self, account: Account, mapping: EventSourceMapping, function: Invocable, may: May) -> None:
        """Find the queue, and refuse what Lambda would.

        Raises:
            UnacceptableMappingError: messages would reappear while the function still works on them, or its
                role may not take messages off the queue.
        """
        self._account = account
        self._mapping = mapping
        self._function = function
        self._may = may
        self.queue = find_queue(account, mapping.event_source_arn)
        self.concurrency = int((mapping.scaling_config or {}).get("MaximumConcurrency", _CONCURRENCY))
        self._visibility = int(self.queue.attributes["VisibilityTimeout"])
        if self._visibility < function.settings.timeout:
            raise UnacceptableMappingError(
                f"Queue visibility timeout: {self._visibility} seconds is less than "
                f"Function timeout: {function.settings.timeout} seconds"
            )
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            if not self._role_may(action):
                raise UnacceptableMappingError(
                    f"The function execution role does not have permissions to call {action} on SQS "
                    f"({function.settings.logical_id}, {mapping.event_source_arn})"
                )

    def receive(self) -> list[Message]:
        """Take the next batch of messages, if there are any, and hide them for the visibility timeout."""
        if not self._mapping.enabled or not self._role_may("ReceiveMessage"):
            return []
        key = queue_key(self.queue.name, self._account)
        if key and not self._may(self._function.settings.role, "kms:Decrypt", key):
            return []
        backend = sqs_backends[self._account.id][self._account.region]
        count = min(self._mapping.batch_size, 10)
        return backend.receive_message(self.queue.name, count, 0, self._visibility, ["All"])

    def handle(self, messages: list[Message]) -> None:
        """Invoke the function with a batch, and delete what it has done with; the rest comes back by itself."""
        wanted = [message for message in messages if self._wants(message)]
        self._delete(message for message in messages if message not in wanted)
        if not wanted:
            return
        event = {"Records": [self._describe(message) for message in wanted]}
        try:
            header = lineage.merge(map(trace_header_of, wanted))
            invocation = self._function.invoke(json.dumps(event).encode(), header)
        except TooManyRequestsError:
            return  # Lambda throttles itself: the messages come back when their visibility ends
        except RecursiveInvocationError:
            return  # each receipt counts: the redrive policy sends the messages to the dead letters
        failed = failed_messages(
            invocation,
            [message.id for message in wanted],
            partial="ReportBatchItemFailures" in (self._mapping.function_response_types or ()),
        )
        self._delete(message for message in wanted if message.id not in failed)

    def _wants(self, message: Message) -> bool:
        filters = (self._mapping.filter_criteria or {}).get("Filters", [])
        if not filters:
            return True
        record = {**self._describe(message), "body": _decoded(message.body)}
        return any(EventPattern.load(one["Pattern"]).matches_event(record) for one in filters)  # type: ignore[arg-type]

    def _role_may(self, action: str) -> bool:
        return self._may(self._function.settings.role, f"sqs:{action}", self._mapping.event_source_arn)

    def _delete(self, messages: Iterable[Message]) -> None:
        if not self._role_may("DeleteMessage"):
            return  # they come back
        backend = sqs_backends[self._account.id][self._account.region]
        for message in messages:
            backend.delete_message(self.queue.name, str(message.receipt_handle))

    def _describe(self, message: Message) -> dict[str, Any]:
        header = trace_header_of(message)
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.approximate_receive_count),
                "SentTimestamp": str(message.sent_timestamp),
                "SenderId": message.sender_id,
                "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
                **({TRACE_ATTRIBUTE: header} if header else {}),
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
            "eventSourceARN": self.queue.queue_arn,
            "awsRegion": self._account.region,
        }


def failed_messages(invocation: Invocation, batch: list[str], *, partial: bool) -> set[str]:
    """Say which messages stay in the queue: all after an error, those reported with ReportBatchItemFailures.

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
