"""Every form in which an upload or a job's end can arrive is read; anything else is refused by name."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagescene.events import ClockStruck, JobEnded, UnreadableEventError, read_end, read_triggers, revive
from sagescene.triggers import RetryRequested, StartRequested, Trigger, Uploaded, WaitCause, Waiting

EVENTS = Path(__file__).parents[2] / "events"
BUCKET = "sagescene-123456789012-us-east-1"
HALF_PAST_NINE = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def load(name: str) -> Any:  # noqa: ANN401
    return json.loads((EVENTS / f"{name}.json").read_text())


def load_message(name: str) -> Any:  # noqa: ANN401
    return json.loads((EVENTS.parent / f"tests/golden/messages/{name}.json").read_text())


@pytest.mark.parametrize(
    ("name", "trigger"),
    [
        ("put", Uploaded(bucket=BUCKET, key="datasets/pets/train.lst", time=HALF_PAST_NINE)),
        ("sqs", Uploaded(bucket=BUCKET, key="datasets/pets/train.lst", time=HALF_PAST_NINE)),
        ("s3-notification", Uploaded(bucket=BUCKET, key="datasets/red flowers/train.lst", time=HALF_PAST_NINE)),
        (
            "multipart",
            Uploaded(
                bucket=BUCKET,
                key="datasets/pets/train.rec",
                time=datetime(2026, 11, 12, 9, 31, 42, tzinfo=UTC),
            ),
        ),
        (
            "postponed",
            Uploaded(
                bucket=BUCKET,
                key="datasets/pets/train.lst",
                time=HALF_PAST_NINE,
                waiting=Waiting(
                    cause=WaitCause.UPLOAD,
                    since=datetime(2026, 11, 12, 9, 31, tzinfo=UTC),
                    hops=1,
                    began=datetime(2026, 11, 12, 9, 31, tzinfo=UTC),
                ),
            ),
        ),
        (
            "retry-requested",
            RetryRequested(
                bucket=BUCKET,
                key="datasets/pets/train.lst",
                time=HALF_PAST_NINE,
                job="sagescene--pets--0f1e2d3c4b5a",
                waiting=Waiting(
                    cause=WaitCause.CAPACITY,
                    since=datetime(2026, 11, 12, 9, 31, tzinfo=UTC),
                    hops=3,
                    began=datetime(2026, 11, 12, 9, 30, 30, tzinfo=UTC),
                ),
            ),
        ),
        ("start-requested", StartRequested(bucket=BUCKET, key="datasets/pets/train.lst", time=HALF_PAST_NINE)),
    ],
)
def test_each_form_of_a_trigger_is_read(name: str, trigger: Trigger) -> None:
    assert read_triggers(load(f"start_training/{name}")) == [trigger]


def test_eventbridge_keys_are_taken_as_they_are() -> None:
    event = load("start_training/put")
    event["detail"]["object"]["key"] = "datasets/space and+plus%20/train.lst"
    assert read_triggers(event)[0].key == "datasets/space and+plus%20/train.lst"


def test_the_test_message_of_a_new_notification_holds_no_upload() -> None:
    assert read_triggers({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}) == []


@pytest.mark.parametrize("name", ["1-quota", "2-quota", "1-capacity", "2-capacity"])
def test_a_dead_letter_goes_back_as_one_that_begins_to_wait(name: str) -> None:
    message, later = load_message(name), HALF_PAST_NINE + timedelta(days=5)
    (trigger,) = read_triggers(message)
    assert trigger.waiting
    (revived,) = read_triggers(json.loads(revive(json.dumps(message), later)))
    waiting = Waiting(cause=trigger.waiting.cause, since=later, hops=0, began=later)
    assert revived == replace(trigger, waiting=waiting)


@pytest.mark.parametrize(
    "body", [json.dumps(load("start_training/put")), json.dumps(load_message("2-start")), "no JSON", "[1]", "{}"]
)
def test_a_dead_letter_that_never_waited_goes_back_as_it_is(body: str) -> None:
    assert revive(body, HALF_PAST_NINE) == body


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": [{"eventSource": "aws:sqs", "body": "{}"}]},
        {"Records": [{"eventSource": "aws:sqs", "body": "not JSON"}]},
        {"Records": [{"eventSource": "aws:sns"}]},
        {"Records": [3]},
        {"source": "sagescene", "version": 3},
        {"source": "aws.s3", "detail-type": "Object Created", "time": "yesterday", "detail": {}},
        {"source": "aws.s3", "detail-type": "Object Deleted", "time": "2026-11-12T09:30:00Z", "detail": {}},
    ],
)
def test_another_event_is_no_upload(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError):
        read_triggers(event)


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("completed", "0f1e2d3c4b5a"),
        ("failed", "1a2b3c4d5e6f"),
        ("failed-capacity", "2b3c4d5e6f70"),
        ("stopped-time-limit", "3c4d5e6f7081"),
    ],
)
def test_a_bell_names_the_job(name: str, fingerprint: str) -> None:
    assert read_end(load(f"finish_training/{name}")) == JobEnded(job=f"sagescene--pets--{fingerprint}")


def test_the_schedule_is_the_clock() -> None:
    assert read_end(load("finish_training/clock")) == ClockStruck()


@pytest.mark.parametrize("event", [{}, {"detail-type": "SageMaker Training Job State Change", "detail": {}}])
def test_another_event_is_no_bell(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError):
        read_end(event)
