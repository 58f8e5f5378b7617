"""Every form in which an upload or a job's end can arrive is read; anything else is refused by name."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.events import (
    ClockStruck,
    JobEnded,
    UnreadableEventError,
    Upload,
    postponed,
    read_bell,
    read_uploads,
    revive,
)

EVENTS = Path(__file__).parents[2] / "events"
BUCKET = "sagescene-123456789012-us-east-1"
HALF_PAST_NINE = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def load(name: str) -> Any:  # noqa: ANN401
    return json.loads((EVENTS / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("name", "upload"),
    [
        ("put", Upload(bucket=BUCKET, key="datasets/pets/train.lst", time=HALF_PAST_NINE)),
        ("sqs", Upload(bucket=BUCKET, key="datasets/pets/train.lst", time=HALF_PAST_NINE)),
        ("s3-notification", Upload(bucket=BUCKET, key="datasets/red flowers/train.lst", time=HALF_PAST_NINE)),
        (
            "multipart",
            Upload(
                bucket=BUCKET,
                key="datasets/pets/train.rec",
                time=datetime(2026, 11, 12, 9, 31, 42, tzinfo=UTC),
            ),
        ),
        (
            "postponed",
            Upload(
                bucket=BUCKET,
                key="datasets/pets/train.lst",
                time=HALF_PAST_NINE,
                waiting_since=datetime(2026, 11, 12, 9, 31, tzinfo=UTC),
                waiting_for="an upload under way",
                postponed_since=datetime(2026, 11, 12, 9, 31, tzinfo=UTC),
            ),
        ),
    ],
)
def test_each_form_of_an_upload_is_read(name: str, upload: Upload) -> None:
    assert read_uploads(load(f"start_training/{name}")) == [upload]


def test_eventbridge_keys_are_taken_as_they_are() -> None:
    event = load("start_training/put")
    event["detail"]["object"]["key"] = "datasets/space and+plus%20/train.lst"
    assert read_uploads(event)[0].key == "datasets/space and+plus%20/train.lst"


def test_the_test_message_of_a_new_notification_holds_no_upload() -> None:
    assert read_uploads({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}) == []


@given(
    key=st.text(min_size=1),
    wait=st.datetimes(timezones=st.just(UTC)),
    time=st.datetimes(timezones=st.just(UTC)),
)
def test_a_postponed_upload_comes_back_as_it_was_and_keeps_its_first_wait(
    key: str, wait: datetime, time: datetime
) -> None:
    upload = Upload(bucket=BUCKET, key=key, time=time)
    (once,) = read_uploads(json.loads(json.dumps(postponed(upload, "capacity", wait))))
    waits: Any = {"waiting_since": wait, "waiting_for": "capacity", "postponed_since": wait}
    assert once == Upload(bucket=BUCKET, key=key, time=time, hops=1, **waits)
    later = datetime(2030, 1, 1, tzinfo=UTC)
    assert read_uploads(postponed(once, "capacity", later)) == [replace(once, hops=2)]
    (other,) = read_uploads(postponed(once, "the instance quota", later))
    assert other == replace(once, hops=2, waiting_for="the instance quota", waiting_since=later)


def test_a_dead_letter_goes_back_as_one_that_has_not_waited_yet() -> None:
    upload = Upload(bucket=BUCKET, key="datasets/pets/train.lst", time=HALF_PAST_NINE, hops=998, retry_of="job")
    later = HALF_PAST_NINE + timedelta(days=5)
    (revived,) = read_uploads(json.loads(revive(json.dumps(postponed(upload, "capacity", HALF_PAST_NINE)), later)))
    assert revived == replace(upload, hops=0, waiting_since=later, waiting_for="", postponed_since=later)


@pytest.mark.parametrize("body", [json.dumps(load("start_training/put")), "no JSON", "[1]"])
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
        {"source": "aws.s3", "detail-type": "Object Created", "time": "yesterday", "detail": {}},
        {"source": "aws.s3", "detail-type": "Object Deleted", "time": "2026-11-12T09:30:00Z", "detail": {}},
    ],
)
def test_another_event_is_no_upload(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError):
        read_uploads(event)


@pytest.mark.parametrize("name", ["completed", "failed", "failed-capacity", "stopped-time-limit"])
def test_a_bell_names_the_job(name: str) -> None:
    assert read_bell(load(f"finish_training/{name}")) == JobEnded(job="sagescene--pets--0f1e2d3c4b5a")


def test_the_schedule_is_the_clock() -> None:
    assert read_bell(load("finish_training/clock")) == ClockStruck()


@pytest.mark.parametrize("event", [{}, {"detail-type": "SageMaker Training Job State Change", "detail": {}}])
def test_another_event_is_no_bell(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError):
        read_bell(event)
