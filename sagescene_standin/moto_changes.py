"""Where moto differs from AWS: every replacement of one of its internals, each with its reason.

The replacements fit moto 5.2.5, which is pinned, and last as long as the context.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest.mock import patch

from moto import backends
from moto.awslambda.models import LayerVersion
from moto.events.exceptions import InvalidEventPatternException
from moto.events.models import EventPattern, EventPatternParser
from moto.iam.access_control import PermissionResult
from moto.logs.models import LogGroup
from moto.moto_server import werkzeug_app
from moto.s3 import models as s3_models
from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeMultipart
from moto.s3.responses import S3Response
from moto.s3.utils import _VersionedKeyStore
from moto.sns.models import Subscription

from sagescene_standin.cloudformation.rollback import rolled_back_creates
from sagescene_standin.events.pattern_complexity import ANY, TOO_COMPLEX, is_too_complex, read_tokens
from sagescene_standin.iam.policies import PolicyDecision, Request, decide
from sagescene_standin.moto_models import models
from sagescene_standin.queues.replacements import MessageListener, changed_queues
from sagescene_standin.storage.listings import changed_listings

type ObjectListener = Callable[[str, Any, Any], None]
type FunctionCaller = Callable[[str, dict[str, Any]], None]
type NotificationListener = Callable[[str, bool], None]


@contextmanager
def changed_moto(
    *,
    time_factor: float,
    on_object_event: ObjectListener,
    on_message: MessageListener,
    call_function: FunctionCaller,
    now: Callable[[], float] = time.time,
    on_notification: NotificationListener = lambda *_: None,
) -> Iterator[None]:
    """Apply all replacements; objects and messages are dated by the clock `now` (epoch seconds).

    `on_object_event` gets S3's own event name (s3:ObjectCreated:Put), moto's bucket and moto's key;
    `on_message` the ARN of a queue and the body of a message that came in; `call_function` a function's ARN
    and the event of a direct S3 notification; `on_notification` the name of a topic, for each subscriber whom a
    message reached or not.
    """
    with ExitStack() as stack:
        for replacement in (
            *_object_events(on_object_event, call_function),
            *_object_times(now),
            *changed_listings(),
            *rolled_back_creates(),
            *changed_queues(now, time_factor, on_message),
            # CloudFormation's Arn of a log group covers its streams; moto leaves the end off.
            patch.object(LogGroup, "get_cfn_attribute", lambda group, _attribute: f"{group.arn}:*"),
            # moto reads JSON as the YAML that it is, too, in pure Python: a third of what a deployment takes.
            patch.object(models.Stack, "parse_template", staticmethod(_parse_template)),
            # EventBridge's wildcard matches any characters; moto's stops at a line break.
            patch.object(EventPattern, "_wildcard_match", staticmethod(_match_wildcard)),
            # EventBridge refuses wildcards that keep it in many places at once; moto takes any.
            patch.object(EventPatternParser, "parse", _parse_event_pattern),
            patch.object(Subscription, "publish", _publish(on_notification)),
            patch.object(_VersionedKeyStore, "setlist", _keep_versions),
            patch.object(FakeBucket, "get_permission", _get_permission),
            patch.object(S3Response, "get_bucket_notification", _get_bucket_notification),
            # A template refers to a layer version by its ARN; moto gives it no physical id at all.
            patch.object(LayerVersion, "physical_resource_id", property(lambda layer: layer.arn), create=True),
            # moto lists the folder of its services at each request: most of the time that a request takes.
            patch.object(backends, "list_of_moto_modules", _list_services),
            # moto lets pages of all origins read all answers. On AWS that is up to a bucket's own CORS rules.
            patch.object(werkzeug_app, "DISABLE_GLOBAL_CORS", True),
        ):
            stack.enter_context(replacement)
        yield


_plain_list_services = backends.list_of_moto_modules


@cache
def _list_services() -> frozenset[str]:
    return frozenset(_plain_list_services())


_plain_parse_template = models.Stack.parse_template


def _parse_template(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except ValueError:
        return _plain_parse_template(text)


_plain_parse_event_pattern = EventPatternParser.parse


def _parse_event_pattern(parser: EventPatternParser) -> dict[str, Any]:
    pattern = _plain_parse_event_pattern(parser)
    if is_too_complex(pattern):
        raise InvalidEventPatternException(reason=TOO_COMPLEX)
    return pattern


def _match_wildcard(item: Any, pattern: str) -> bool:  # noqa: ANN401
    # moto reads the pattern anew for each event.
    return isinstance(item, str) and _read_wildcard(pattern).fullmatch(item) is not None


@cache
def _read_wildcard(pattern: str) -> re.Pattern[str]:
    tokens = (".*" if token is ANY else re.escape(token) for token in read_tokens(pattern))
    return re.compile("".join(tokens), re.DOTALL)


def _publish(on_notification: NotificationListener) -> Callable[..., None]:
    plain_publish = Subscription.publish

    # SNS delivers behind the publisher's back: whom it cannot reach is no error of his.
    def publish(subscription: Subscription, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        try:
            plain_publish(subscription, *arguments, **options)
        except Exception:  # moto's own, or that of an address which nobody serves
            on_notification(subscription.topic.name, False)
        else:
            on_notification(subscription.topic.name, True)

    return publish


def _keep_versions(store: Any, key: str, versions: list[Any]) -> None:  # noqa: ANN401
    # moto compares every version with every other at each write: a key with some hundred of them takes seconds.
    kept = {id(version) for version in versions}
    for version in store.getlist(key, []):
        if id(version) not in kept and hasattr(version, "dispose"):
            version.dispose()
    dict.__setitem__(store, key, versions)


def _get_permission(bucket: Any, action: str, resource: str) -> PermissionResult:  # noqa: ANN401
    # moto overlooks conditions: "deny what does not come by TLS" would deny all. The loopback counts as TLS.
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    request = Request(action=action, resource=resource, context={"aws:SecureTransport": "true"})
    return {
        PolicyDecision.ALLOWED: PermissionResult.PERMITTED,
        PolicyDecision.DENIED: PermissionResult.DENIED,
        PolicyDecision.NOT_MENTIONED: PermissionResult.NEUTRAL,
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


def _object_times(now: Callable[[], float]) -> Iterator[Any]:
    # moto dates objects by the system's clock.
    def read_clock() -> datetime:
        return datetime.fromtimestamp(now(), UTC).replace(tzinfo=None)

    # moto remembers no start of a multipart upload.
    plain_init = FakeMultipart.__init__

    def remember_start(upload: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        plain_init(upload, *arguments, **options)
        upload.initiated = read_clock()

    yield patch.object(s3_models, "utcnow", read_clock)
    yield patch.object(FakeMultipart, "__init__", remember_start)
