"""Messages of our own: what one version puts into the queue, the next one reads."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.triggers import (
    FOR_ROOM,
    RetryRequested,
    StartRequested,
    Trigger,
    Uploaded,
    WaitCause,
    Waiting,
    read_message,
    write_message,
)

GOLDEN = Path(__file__).parents[1] / "golden/messages"
BUCKET = "sagescene-123456789012-us-east-1"
ABOUT: dict[str, Any] = {
    "bucket": BUCKET,
    "key": "datasets/pets/train.lst",
    "time": datetime(2026, 11, 12, 9, 30, tzinfo=UTC),
}
SINCE = datetime(2026, 11, 12, 9, 31, tzinfo=UTC)
JOB = "sagescene--pets--0f1e2d3c4b5a"
CAUSES_OF_UPLOADS = [cause for cause in WaitCause if cause is not WaitCause.CAPACITY]
UNKNOWN_TO_THE_FIRST = {WaitCause.JOBS_AT_ONCE, WaitCause.JOBS_A_DAY, WaitCause.SERVICE}

times = st.datetimes(timezones=st.just(UTC))
waitings = st.builds(Waiting, cause=st.sampled_from(WaitCause), since=times, hops=st.integers(0, 2000), began=times)
about = {"bucket": st.just(BUCKET), "key": st.text(min_size=1), "time": times, "waiting": st.none() | waitings}
triggers = st.one_of(
    st.builds(Uploaded, **about),
    st.builds(StartRequested, **about),
    st.builds(RetryRequested, job=st.text(min_size=1), **about),
)


def golden(name: str) -> Any:  # noqa: ANN401
    return json.loads((GOLDEN / f"{name}.json").read_text())


def first_version(cause: WaitCause) -> Waiting:
    return Waiting(cause=cause, since=SINCE, hops=0, began=SINCE)


def second_version(cause: WaitCause) -> Waiting:
    began = datetime(2026, 11, 12, 9, 30, 30, tzinfo=UTC)
    return Waiting(cause=cause, since=SINCE, hops=3, began=began)


READ: dict[str, Trigger] = {
    **{
        f"1-{cause}": Uploaded(**ABOUT, waiting=first_version(cause))
        for cause in CAUSES_OF_UPLOADS
        if cause not in UNKNOWN_TO_THE_FIRST
    },
    "1-capacity": RetryRequested(**ABOUT, waiting=first_version(WaitCause.CAPACITY), job=JOB),
    "1-start": StartRequested(**ABOUT),
    **{f"2-{cause}": Uploaded(**ABOUT, waiting=second_version(cause)) for cause in CAUSES_OF_UPLOADS},
    "2-capacity": RetryRequested(**ABOUT, waiting=second_version(WaitCause.CAPACITY), job=JOB),
    "2-start": StartRequested(**ABOUT),
}


@pytest.mark.parametrize("name", READ)
def test_a_message_of_each_version_is_read(name: str) -> None:
    assert read_message(golden(name)) == READ[name]


@pytest.mark.parametrize("name", [name for name in READ if name.startswith("2-")])
def test_a_message_is_written_as_it_stands_in_golden(name: str) -> None:
    assert write_message(READ[name]) == golden(name)


def test_a_first_message_that_counted_its_hops_goes_on_counting() -> None:
    message = golden("1-quota")
    message["detail"] |= {"hops": 999, "postponed_since": "2026-11-10T00:00:00+00:00"}
    began = datetime(2026, 11, 10, tzinfo=UTC)
    waiting = Waiting(cause=WaitCause.QUOTA, since=SINCE, hops=999, began=began)
    assert read_message(message) == Uploaded(**ABOUT, waiting=waiting)


def test_a_first_retry_that_was_revived_is_still_for_its_job() -> None:
    message = golden("1-capacity")
    message["detail"]["waiting_for"] = ""
    assert read_message(message) == RetryRequested(**ABOUT, job=JOB)


def test_every_golden_message_is_tried() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(READ)


@given(trigger=triggers)
def test_what_is_written_is_read_as_it_was(trigger: Trigger) -> None:
    assert read_message(json.loads(json.dumps(write_message(trigger)))) == trigger


@given(trigger=triggers, cause=st.sampled_from(WaitCause), now=times)
def test_a_wait_for_the_same_goes_on_and_one_for_something_else_begins(
    trigger: Trigger, cause: WaitCause, now: datetime
) -> None:
    waiting = trigger.waiting
    put_off = trigger.put_off(cause, now)
    assert replace(put_off, waiting=waiting) == trigger
    assert put_off.waiting == Waiting(
        cause=cause,
        since=waiting.since if waiting and (waiting.cause is cause or {waiting.cause, cause} <= FOR_ROOM) else now,
        hops=waiting.hops + 1 if waiting else 1,
        began=waiting.began if waiting else now,
    )
    assert put_off.waits_since(cause, now) == put_off.waiting.since


@pytest.mark.parametrize(
    "message",
    [
        {"source": "sagescene"},
        {**golden("2-quota"), "version": 3},
        {**golden("2-quota"), "trigger": "rung"},
        {**golden("2-quota"), "time": "yesterday"},
        {**golden("2-quota"), "waiting": {"cause": "the weather"}},
        {name: value for name, value in golden("2-capacity").items() if name != "job"},
        {**golden("1-quota"), "detail": {**golden("1-quota")["detail"], "waiting_for": "the weather"}},
        {**golden("1-quota"), "detail": {}},
    ],
)
def test_another_message_is_none(message: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read_message(message)
