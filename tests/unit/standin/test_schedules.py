"""When schedule expressions fire."""

import re

import pytest

from sagescene_standin.events.schedules import UnsupportedScheduleError, next_firing

NOW = 1_795_343_415.0


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 hour)", 3600), ("rate(2 days)", 172_800)],
)
def test_a_rate_fires_after_its_interval(expression: str, seconds: int) -> None:
    assert next_firing(expression, NOW) == NOW + seconds


@pytest.mark.parametrize("expression", ["cron(0 8 * * ? *)", "rate(1 week)", "rate(0 minutes)", "rate(x)", ""])
def test_any_other_schedule_is_refused_with_a_remedy(expression: str) -> None:
    message = f"cannot keep the schedule {expression}: write it as a rate, such as rate(1 hour)"
    with pytest.raises(UnsupportedScheduleError, match=re.escape(message)):
        next_firing(expression, NOW)
