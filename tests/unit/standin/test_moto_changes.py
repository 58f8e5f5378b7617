"""What is different from moto as it comes."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import yaml
from moto.events.models import EventPattern
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_api._internal.moto_random import MotoRandom
from moto.s3.models import s3_backends
from moto.sqs.exceptions import InvalidParameterValue
from moto.sqs.models import Message, SQSBackend, sqs_backends

from sagescene_standin.moto_changes import changed_moto
from sagescene_standin.moto_models import models

TEMPLATE = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
REGION, ACCOUNT = "us-east-1", "123456789012"


class Arrivals:
    """What came into which queue, and what is done about it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.react: Callable[[], None] = lambda: None

    def __call__(self, arn: str, body: str) -> None:
        self.seen.append((arn, body))
        self.react()


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
def sqs(arrivals: Arrivals) -> Iterator[SQSBackend]:
    moto_api_backend.reset()
    with changed_moto(
        time_factor=1000,
        on_object_event=lambda *_: None,
        on_message=arrivals,
        call_function=lambda *_: None,
    ):
        backend = sqs_backends[ACCOUNT][REGION]
        backend.create_queue("queue", region=REGION, VisibilityTimeout=1000)
        yield backend
    moto_api_backend.reset()


@pytest.mark.usefixtures("sqs")
def test_a_template_is_read_whether_it_is_json_or_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    assert models.Stack.parse_template("Resources: {Topic: {Type: AWS::SNS::Topic}}") == TEMPLATE
    monkeypatch.delattr(yaml, "load")  # a hundred times as slow
    assert models.Stack.parse_template(json.dumps(TEMPLATE)) == TEMPLATE


def test_each_receipt_has_a_handle_of_its_own_drawn_at_once(sqs: SQSBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MotoRandom, "choice", None)  # a call of it for each letter
    sqs.send_message("queue", "one")
    sqs.send_message("queue", "two")
    handles = {str(message.receipt_handle) for message in sqs.receive_message("queue", 2, 0, 1000)}
    assert len(handles) == 2
    assert all(re.fullmatch("[a-z]{185}", handle) for handle in handles)


def test_a_message_sent_while_another_is_deleted_is_kept(sqs: SQSBackend) -> None:
    sender = threading.Thread(target=sqs.send_message, args=("queue", "second"))

    class Watched(list[Message]):
        """Let the sender try in the midst of a deletion: when all were looked at, or one was taken out."""

        def __iter__(self) -> Iterator[Message]:
            yield from list(super().__iter__())
            self._let_send()

        def remove(self, message: Message) -> None:
            super().remove(message)
            self._let_send()

        def _let_send(self) -> None:
            if sender.ident is None:
                sender.start()
                sender.join(0.2)

    sqs.send_message("queue", "first")
    (message,) = sqs.receive_message("queue", 1, 0, 1000)
    queue = sqs.get_queue("queue")
    queue._messages = Watched(queue._messages)
    sqs.delete_message("queue", str(message.receipt_handle))
    sender.join()
    assert [message.body for message in queue._messages] == ["second"]


def test_whoever_hears_of_a_dead_letter_may_use_queues(sqs: SQSBackend, arrivals: Arrivals) -> None:
    sqs.create_queue("dead-letters", region=REGION)
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead-letters"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    sqs.set_queue_attributes("queue", {"RedrivePolicy": policy})
    done = []

    def use_a_queue_elsewhere() -> None:
        thread = threading.Thread(target=sqs.receive_message, args=("queue", 1, 0, 1))
        thread.start()
        thread.join(5)
        done.append(not thread.is_alive())

    sqs.send_message("queue", "bad")
    sqs.receive_message("queue", 1, 0, 0)
    arrivals.react = use_a_queue_elsewhere
    sqs.receive_message("queue", 1, 0, 0)
    assert arrivals.seen[-1] == (arn, "bad")
    assert done == [True]


def test_sending_looks_at_none_of_the_messages_that_wait(sqs: SQSBackend) -> None:
    class Unread(list[Message]):
        def __iter__(self) -> Iterator[Message]:
            raise AssertionError("each message that is sent would take longer than the one before")

    queue = sqs.get_queue("queue")
    queue._messages = Unread()
    sqs.send_message("queue", "first")
    queue._messages = list.copy(queue._messages)
    assert queue.attributes["ApproximateNumberOfMessages"] == 1


def test_a_queue_has_its_attributes_after_a_message_that_it_refused(sqs: SQSBackend) -> None:
    with pytest.raises(InvalidParameterValue):
        sqs.send_message("queue", "long" * (1 << 20))
    assert sqs.get_queue("queue").attributes["ApproximateNumberOfMessages"] == 0


def test_delays_and_visibility_pass_faster(sqs: SQSBackend) -> None:
    sqs.send_message("queue", "later", delay_seconds=300)
    assert sqs.receive_message("queue", 1, 0, 1000) == []
    assert [message.body for message in sqs.receive_message("queue", 1, 5, 1000)] == ["later"]
    assert [message.approximate_receive_count for message in sqs.receive_message("queue", 1, 5, 1000)] == [2]


def test_messages_are_counted_by_whether_they_can_be_received(sqs: SQSBackend) -> None:
    sqs.send_message("queue", "in flight")
    sqs.receive_message("queue", 1, 0, 1000)
    sqs.send_message("queue", "delayed", delay_seconds=900)
    for body in ("visible", "visible, too"):
        sqs.send_message("queue", body)
    attributes = sqs.get_queue("queue").attributes
    names = ("", "NotVisible", "Delayed")
    assert [attributes[f"ApproximateNumberOfMessages{name}"] for name in names] == [2, 1, 1]


def test_objects_and_messages_are_dated_by_the_given_clock() -> None:
    hour = datetime(2031, 5, 1, 12, tzinfo=UTC)
    moto_api_backend.reset()
    with changed_moto(
        time_factor=1,
        on_object_event=lambda *_: None,
        on_message=lambda *_: None,
        call_function=lambda *_: None,
        now=hour.timestamp,
    ):
        queues, buckets = sqs_backends[ACCOUNT][REGION], s3_backends[ACCOUNT]["aws"]
        queues.create_queue("queue", region=REGION)
        buckets.create_bucket("bucket", REGION)
        assert buckets.put_object("bucket", "key", b"").last_modified.replace(tzinfo=UTC) == hour
        assert queues.send_message("queue", "").sent_timestamp == hour.timestamp() * 1000
    moto_api_backend.reset()


@pytest.mark.usefixtures("sqs")
def test_a_wildcard_matches_a_line_break() -> None:
    pattern = EventPattern.load(json.dumps({"key": [{"wildcard": "a/*.rec"}]}))
    assert [pattern.matches_event({"key": key}) for key in ("a/\n.rec", "b/\n.rec")] == [True, False]  # type: ignore[typeddict-item]


def test_who_watches_hears_of_every_message(sqs: SQSBackend, arrivals: Arrivals) -> None:
    sqs.send_message("queue", "hello")
    assert arrivals.seen == [(f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue", "hello")]
