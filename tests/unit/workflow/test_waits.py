"""Delays grow with the wait, spread by jitter, and never pass what SQS offers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.jobs.failures import WAITED_TOO_LONG
from sagescene.triggers import WaitCause, Waiting
from sagescene.workflow import waits
from sagescene.workflow.decide_wait import wait
from sagescene.workflow.steps import GiveUp
from tests.unit.workflow.known import NOON, SECOND, known, uploaded

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Each cause's first delay in seconds, and its limit; None where something else bounds the wait.
EXPECTED = [
    (WaitCause.UPLOAD, 900, None),
    (WaitCause.CHANGES, 60, DAY),
    (WaitCause.FILES, 900, HOUR),
    (WaitCause.RATE, 4, DAY),
    (WaitCause.QUOTA, 60, DAY),
    (WaitCause.CAPACITY, 60, None),
    (WaitCause.JOBS_AT_ONCE, 60, DAY),
    (WaitCause.JOBS_A_DAY, 900, DAY),
    (WaitCause.SERVICE, 4, HOUR),
]


def waiting(cause: WaitCause, since: timedelta, hops: int = 1, began: timedelta = timedelta()) -> Waiting:
    return Waiting(cause=cause, since=NOON - since, hops=hops, began=NOON - began)


@given(
    cause=st.sampled_from(WaitCause),
    waited=st.timedeltas(timedelta(), timedelta(days=3)),
    jitter=st.floats(0, 1),
)
def test_a_delay_is_one_that_sqs_takes(cause: WaitCause, waited: timedelta, jitter: float) -> None:
    delay = waits.delay_in_seconds(uploaded(waiting=waiting(cause, waited)), cause, NOON, jitter)
    assert 1 <= delay <= 900
    assert delay >= min(900, waits.POLICIES[cause].first_delay_in_seconds) // 2


@pytest.mark.parametrize(("waited", "delay"), [(0, 4), (4, 4), (8, 8), (100, 100), (4000, 900)])
def test_delays_double(waited: int, delay: int) -> None:
    trigger = uploaded(waiting=waiting(WaitCause.RATE, timedelta(seconds=waited)))
    assert waits.delay_in_seconds(trigger, WaitCause.RATE, NOON, jitter=0) == delay
    assert waits.delay_in_seconds(trigger, WaitCause.RATE, NOON, jitter=1) == max(1, delay // 2)


def test_every_cause_of_a_wait_is_looked_at_here() -> None:
    assert [cause for cause, _, _ in EXPECTED] == list(WaitCause)


@pytest.mark.parametrize(("cause", "delay"), [(cause, delay) for cause, delay, _ in EXPECTED])
def test_each_wait_begins_with_its_own_delay(cause: WaitCause, delay: int) -> None:
    assert waits.delay_in_seconds(uploaded(), cause, NOON, jitter=0) == delay


@pytest.mark.parametrize(("tries", "delay"), [(1, 60), (2, 120), (4, 480), (5, 900), (100, 900)])
def test_delays_double_with_each_try_without_capacity(tries: int, delay: int) -> None:
    assert waits.delay_for_capacity_in_seconds(tries, jitter=0) == delay
    assert waits.delay_for_capacity_in_seconds(tries, jitter=1) == delay // 2


@pytest.mark.parametrize(("cause", "limit"), [(cause, limit) for cause, _, limit in EXPECTED if limit])
def test_waiting_ends_at_its_limit(cause: WaitCause, limit: timedelta) -> None:
    assert waits.is_over(uploaded(waiting=waiting(cause, limit)), cause, NOON)
    assert not waits.is_over(uploaded(waiting=waiting(cause, limit - SECOND)), cause, NOON)


@pytest.mark.parametrize("cause", [cause for cause, _, limit in EXPECTED if limit is None])
def test_what_is_bounded_by_something_else_has_no_limit(cause: WaitCause) -> None:
    assert not waits.is_over(uploaded(waiting=waiting(cause, timedelta(days=30))), cause, NOON)


# That for files ends with a reminder, that for AWS in the dead letters.
@pytest.mark.parametrize("cause", [cause for cause, _, limit in EXPECTED if limit == DAY])
def test_a_notice_tells_the_limit_of_the_wait_that_is_given_up(
    cause: WaitCause, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 1.5 * DAY
    policies = {**waits.POLICIES, cause: replace(waits.POLICIES[cause], limit=limit)}
    monkeypatch.setattr(waits, "POLICIES", policies)
    step = wait(cause, "No.", "pets", "job", known(uploaded(waiting=waiting(cause, limit))))
    assert isinstance(step, GiveUp)
    assert "\nFor 36 hours data set pets has been waiting for " in f"\n{step.notice.text}"


@pytest.mark.parametrize("cause", WAITED_TOO_LONG)
def test_a_chain_of_waits_for_whatever_is_given_up_for_a_reason(cause: WaitCause) -> None:
    chain = waiting(cause, timedelta(), waits.MOST_HOPS)
    step = wait(cause, "No.", "pets", "job", known(uploaded(waiting=chain)))
    assert isinstance(step, GiveUp)
    assert (step.failure, "put off 1,000 times" in step.notice.text) == (WAITED_TOO_LONG[cause], True)


def test_a_wait_for_something_else_does_not_count() -> None:
    trigger = uploaded(waiting=waiting(WaitCause.UPLOAD, timedelta(days=30)))
    assert not waits.is_over(trigger, WaitCause.QUOTA, NOON)
    assert not waits.is_over(uploaded(), WaitCause.QUOTA, NOON)


@pytest.mark.parametrize(
    ("hops", "hours", "is_over"),
    [(999, 95, False), (1000, 0, True), (1001, 0, True), (0, 96, True), (0, 97, True), (0, 0, False)],
)
def test_waits_that_follow_each_other_end_after_a_thousand_hops_or_four_days(
    hops: int, hours: int, *, is_over: bool
) -> None:
    chain = waiting(WaitCause.QUOTA, timedelta(), hops, timedelta(hours=hours))
    assert waits.is_chain_over(chain, NOON) is is_over
