"""When a schedule expression of EventBridge fires: rate(...) alone.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re

from sagescene_standin.errors import DeploymentError

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


class UnsupportedScheduleError(DeploymentError):
    """A schedule expression that the local stack cannot keep."""

    def __init__(self, expression: str) -> None:
        super().__init__(
            f"The local stack cannot keep the schedule {expression}: write it as a rate, such as rate(1 hour), "
            "rate(5 minutes) or rate(2 days)."
        )


def next_firing(expression: str, after: float) -> float:
    """Return the first time (epoch seconds) after the given one at which the schedule fires.

    Raises:
        UnsupportedScheduleError: the expression is no rate.
    """
    rate = _RATE.fullmatch(expression)
    if rate is None:
        raise UnsupportedScheduleError(expression)
    return after + int(rate[1]) * _SECONDS[rate[2]]
