"""Where moto differs from AWS: every replacement of one of its internals, each with its reason.

The replacements fit moto 5.2.5, which is pinned, and last as long as the context.
"""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import LayerVersion
from moto.core.utils import iso_8601_datetime_with_milliseconds, unix_time_millis, utcnow
from moto.iam.access_control import PermissionResult
from moto.logs.models import LogGroup
from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeMultipart
from moto.s3.responses import S3Response
from moto.sqs.models import Message, Queue, SQSBackend

from local.service.policies import Decision, Request, decide

type ObjectListener = Callable[[str, Any, Any], None]
type MessageListener = Callable[[str, str], None]
type FunctionCaller = Callable[[str, dict[str, Any]], None]

_LONGEST_WAIT = 0.2  # seconds between two looks of a long poll


@contextmanager
def changed_moto(
    *,
    time_factor: float,
    on_object_event: ObjectListener,
    on_message: MessageListener,
    call_function: FunctionCaller,
) -> Iterator[None]:
    """Applies all replacements.

    `on_object_event` gets S3's own event name (s3:ObjectCreated:Put), moto's bucket and moto's key;
    `on_message` the ARN of a queue and the body of a message that came in; `call_function` a function's ARN
    and the event of a direct S3 notification.
    """
    with ExitStack() as stack:
        for replacement in (
            *_object_events(on_object_event, call_function),
            *_multipart_times(),
            *_queue_times(time_factor),
            *_queue_threads(on_message),
            # CloudFormation's Arn of a log group covers its streams; moto leaves the end off.
            patch.object(LogGroup, "get_cfn_attribute", lambda group, _attribute: f"{group.arn}:*"),
            patch.object(FakeBucket, "get_permission", _get_permission),
            patch.object(S3Response, "get_bucket_notification", _get_bucket_notification),
            # A template refers to a layer version by its ARN; moto gives it no physical id at all.
            patch.object(LayerVersion, "physical_resource_id", property(lambda layer: layer.arn), create=True),
        ):
            stack.enter_context(replacement)
        yield


def _get_permission(bucket: Any, action: str, resource: str) -> PermissionResult:  # noqa: ANN401
    # moto overlooks conditions: "deny what does not come by TLS" would deny all. The loopback counts as TLS.
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    request = Request(action=action, resource=resource, context={"aws:SecureTransport": "true"})
    return {
        Decision.ALLOWED: PermissionResult.PERMITTED,
        Decision.DENIED: PermissionResult.DENIED,
        Decision.NOT_MENTIONED: PermissionResult.NEUTRAL,
    }[decide([json.loads(bucket.policy)], request)]


# moto stores that EventBridge is on but does not tell, so that whoever merges the settings would switch it off.
_plain_get_bucket_notification = S3Response.get_bucket_notification


def _get_bucket_notification(response: Any) -> Any:  # noqa: ANN401
    status, headers, body = _plain_get_bucket_notification(response)
    configuration = response.backend.get_bucket_notification_configuration(response.bucket_name)
    if configuration is None or configuration.event_bridge is None:
        return status, headers, body
    text = body.decode() if isinstance(body, bytes) else body
    return (
        status,
        headers,
        re.sub(
            r"(<NotificationConfiguration[^>]*?)(?:/>|>(.*)</NotificationConfiguration>)",
            r"\1>\2<EventBridgeConfiguration/></NotificationConfiguration>",
            text,
            flags=re.DOTALL,
        ),
    )


def _object_events(on_object_event: ObjectListener, call_function: FunctionCaller) -> Iterator[Any]:
    # moto sends Put as well as CompleteMultipartUpload for one multipart upload; S3 sends the latter only.
    plain_send_event = notifications.send_event

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:  # noqa: ANN401
        if str(event_name.value) == "s3:ObjectCreated:Put" and getattr(key, "multipart", None):
            return
        if str(event_name.value) == "s3:ObjectCreated:CompleteMultipartUpload":
            # S3 dates a multipart object by the start of its upload.
            key.last_modified = key.multipart.initiated
        plain_send_event(account_id, event_name, bucket, key)

    # moto's own EventBridge message has a constant sequencer and no true reason, and goes past our event bus.
    def send_to_event_bridge(_account_id: str, bucket: Any, event_name: Any, key: Any) -> None:  # noqa: ANN401
        on_object_event(str(event_name.value), bucket, key)

    # moto would run the function in Docker and swallow what goes wrong.
    def invoke_function(_account_id: str, event: Any, arn: str, _region: str) -> None:  # noqa: ANN401
        call_function(arn, event)

    yield patch.object(notifications, "send_event", send_event)
    yield patch.object(notifications, "_send_event_bridge_message", send_to_event_bridge)
    yield patch.object(notifications, "_invoke_awslambda", invoke_function)


def _multipart_times() -> Iterator[Any]:
    # moto remembers no start of a multipart upload and lists all of them as begun in 2010.
    plain_init = FakeMultipart.__init__
    plain_list = S3Response.list_multipart_uploads

    def remember_start(upload: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        plain_init(upload, *arguments, **options)
        upload.initiated = utcnow()

    def list_multipart_uploads(response: Any) -> Any:  # noqa: ANN401
        status, headers, body = plain_list(response)
        uploads = response.backend.list_multipart_uploads(response.bucket_name)

        def with_true_start(upload: re.Match[str]) -> str:
            identifier = re.search("<UploadId>(.*?)</UploadId>", upload[0])
            if identifier is None or identifier[1] not in uploads:
                return upload[0]
            start = iso_8601_datetime_with_milliseconds(uploads[identifier[1]].initiated)
            return re.sub("(?<=<Initiated>).*?(?=</Initiated>)", start, upload[0])

        text = body.decode() if isinstance(body, bytes) else body
        return status, headers, re.sub("<Upload>.*?</Upload>", with_true_start, text, flags=re.DOTALL)

    yield patch.object(FakeMultipart, "__init__", remember_start)
    yield patch.object(S3Response, "list_multipart_uploads", list_multipart_uploads)


def _queue_times(factor: float) -> Iterator[Any]:
    # A person does not wait out a quiet period of a minute: queues' delays and visibility pass faster.
    def delay(message: Any, delay_seconds: int) -> None:  # noqa: ANN401
        message.delayed_until = unix_time_millis() + int(delay_seconds) * 1000 / factor

    def change_visibility(message: Any, visibility_timeout: int) -> None:  # noqa: ANN401
        message.visible_at = unix_time_millis() + int(visibility_timeout) * 1000 / factor

    yield patch.object(Message, "delay", delay)
    yield patch.object(Message, "change_visibility", change_visibility)


def _queue_threads(on_message: MessageListener) -> Iterator[Any]:
    # moto rebuilds the list of messages on delete: a message sent meanwhile by another thread is lost.
    lock = threading.RLock()
    arrivals: deque[tuple[str, str]] = deque()
    receiving = threading.local()  # by this thread; a receipt may move messages on to the dead letters
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
            tell()

    def tell() -> None:
        # Without the lock, so that whoever listens may use queues.
        while True:
            try:
                arrival = arrivals.popleft()
            except IndexError:  # nothing is left, or another thread was quicker
                return
            on_message(*arrival)

    plain_add = Queue.add_message

    def delete_message(queue: Any, receipt_handle: str) -> None:  # noqa: ANN401
        with lock:
            plain_delete(queue, receipt_handle)

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
            tell()
            left = ends - time.monotonic()
            if messages or left <= 0:
                return messages
            backend.get_queue(queue_name).wait_for_messages(min(left, _LONGEST_WAIT))

    yield patch.object(Queue, "add_message", add_message)
    yield patch.object(Queue, "delete_message", delete_message)
    yield patch.object(SQSBackend, "receive_message", receive_message)
