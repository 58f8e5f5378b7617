"""When schedule expressions fire."""

import datetime

import pytest

from sagescene_standin.events.schedules import UnknownScheduleError, next_firing

SUNDAY = datetime.datetime(2026, 11, 22, 10, 30, 15, tzinfo=datetime.UTC)


def next_after_sunday(expression: str) -> str:
    moment = datetime.datetime.fromtimestamp(next_firing(expression, SUNDAY.timestamp()), datetime.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 hour)", "2026-11-22 11:30:15"),
        ("rate(5 minutes)", "2026-11-22 10:35:15"),
        ("rate(1 day)", "2026-11-23 10:30:15"),
        ("cron(0 * * * ? *)", "2026-11-22 11:00:00"),
        ("cron(31 10 * * ? *)", "2026-11-22 10:31:00"),
        ("cron(0/15 * * * ? *)", "2026-11-22 10:45:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-23 08:00:00"),
        ("cron(0 8 ? * 1 *)", "2026-11-29 08:00:00"),
        ("cron(0 0 1 JAN,JUN ? *)", "2027-01-01 00:00:00"),
    ],
)
def test_the_next_firing_is_the_first_after_now(expression: str, expected: str) -> None:
    assert next_after_sunday(expression) == expected


@pytest.mark.parametrize(
    "expression",
    ["rate(1 week)", "rate(x)", "cron(61 * * * ? *)", "cron(* * * *)", "cron(0 0 L * ? *)", "cron(0 0 31 2 ? *)"],
)
def test_what_is_not_understood_or_never_fires_is_an_error(expression: str) -> None:
    with pytest.raises(UnknownScheduleError, match="ScheduleExpression is not valid"):
        next_firing(expression, SUNDAY.timestamp())
