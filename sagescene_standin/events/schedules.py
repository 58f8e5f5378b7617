"""When a schedule expression of EventBridge fires: rate(...) and cron(...) without L, W and #.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import datetime
import re

from sagescene_standin.errors import DeploymentError

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6,
    "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}  # fmt: skip
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_LONGEST_SEARCH = 366 * 5  # days; a cron expression that finds nothing in them never fires


class UnknownScheduleError(DeploymentError):
    """A schedule expression that EventBridge or the local stack does not understand."""

    def __init__(self, expression: str) -> None:
        super().__init__(f"Parameter ScheduleExpression is not valid: {expression}")


def next_firing(expression: str, after: float) -> float:
    """Returns the first time (epoch seconds) after the given one at which the schedule fires.

    Raises:
        UnknownScheduleError: the expression is not understood or never fires.
    """
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return after + int(rate[1]) * _UNITS[rate[2]]
    if cron := re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression):
        return _next_cron(expression, list(cron.groups()), after)
    raise UnknownScheduleError(expression)


def _next_cron(expression: str, fields: list[str], after: float) -> float:
    try:
        minutes, hours = _values(fields[0], 0, 59), _values(fields[1], 0, 23)
        days, months = _values(fields[2], 1, 31), _values(fields[3], 1, 12, _MONTHS)
        weekdays, years = _values(fields[4], 1, 7, _WEEKDAYS), _values(fields[5], 1970, 2199)
    except ValueError:
        raise UnknownScheduleError(expression) from None
    start = datetime.datetime.fromtimestamp(after, datetime.UTC).replace(second=0, microsecond=0)
    start += datetime.timedelta(minutes=1)
    for offset in range(_LONGEST_SEARCH):
        day = start.date() + datetime.timedelta(days=offset)
        # EventBridge counts Sunday as 1, isoweekday() as 7.
        weekday = day.isoweekday() % 7 + 1
        if day.year not in years or day.month not in months or day.day not in days or weekday not in weekdays:
            continue
        for hour in sorted(hours):
            for minute in sorted(minutes):
                moment = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=datetime.UTC)
                if moment >= start:
                    return moment.timestamp()
    raise UnknownScheduleError(expression)


def _values(field: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> set[int]:
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in ("*", "?"):
            low, high = lowest, highest
        else:
            low = _number(first, names)
            high = _number(last, names) if last else (highest if step else low)
        if not lowest <= low <= high <= highest:
            raise ValueError(field)
        values.update(range(low, high + 1, int(step or 1)))
    return values


def _number(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text.upper()) or int(text)
