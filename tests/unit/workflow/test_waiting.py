"""Delays grow with the wait, spread by chance, and never pass what SQS offers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.workflow import waiting
from sagescene.workflow.waiting import Patience

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
PATIENCES = [waiting.UPLOAD, waiting.FILES, waiting.THROTTLING, waiting.QUOTA]


@given(
    patience=st.sampled_from(PATIENCES),
    waited=st.timedeltas(timedelta(), timedelta(days=3)),
    chance=st.floats(0, 1),
)
def test_a_delay_is_one_that_sqs_takes(patience: Patience, waited: timedelta, chance: float) -> None:
    delay = waiting.delay_in_seconds(patience, NOON - waited, NOON, chance)
    assert 1 <= delay <= 900
    assert delay >= min(900, patience.first_delay_in_seconds) // 2


@pytest.mark.parametrize(("waited", "delay"), [(0, 4), (4, 4), (8, 8), (100, 100), (4000, 900)])
def test_delays_double(waited: int, delay: int) -> None:
    since = NOON - timedelta(seconds=waited)
    assert waiting.delay_in_seconds(waiting.THROTTLING, since, NOON, chance=0) == delay
    assert waiting.delay_in_seconds(waiting.THROTTLING, since, NOON, chance=1) == max(1, delay // 2)


@pytest.mark.parametrize(("tries", "delay"), [(1, 60), (2, 120), (4, 480), (5, 900), (100, 900)])
def test_delays_double_with_each_try_without_capacity(tries: int, delay: int) -> None:
    assert waiting.delay_for_capacity_in_seconds(tries, chance=0) == delay
    assert waiting.delay_for_capacity_in_seconds(tries, chance=1) == delay // 2


@pytest.mark.parametrize(
    ("hops", "hours", "is_over"), [(999, 95, False), (1000, 0, True), (0, 96, True), (0, 0, False)]
)
def test_waits_that_follow_each_other_end_after_a_thousand_hops_or_four_days(
    hops: int, hours: int, *, is_over: bool
) -> None:
    assert waiting.is_chain_over(hops, NOON - timedelta(hours=hours), NOON) is is_over
    assert not waiting.is_chain_over(999, None, NOON)


@pytest.mark.parametrize("patience", PATIENCES, ids=lambda patience: patience.waiting_for)
def test_waiting_ends_at_its_limit(patience: Patience) -> None:
    assert waiting.is_over(patience, NOON - patience.limit, NOON)
    assert not waiting.is_over(patience, NOON - patience.limit + timedelta(seconds=1), NOON)
