"""What one invocation of a function works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagescene.aws import Cloud
from sagescene.preflight.reading_time import unlimited
from sagescene.settings import Settings

LONGEST_INVOCATION = timedelta(minutes=15)  # Lambda's own limit: after it whoever began has done what it would, or died


@dataclass(frozen=True, slots=True, kw_only=True)
class Context[S: Settings = Settings]:
    """A function's settings and its cloud, with the time and the jitter to decide by.

    `jitter`, from 0 to 1, spreads what waits for the same thing. `seconds_left` counts down to the end of the
    function's time.
    """

    settings: S
    cloud: Cloud
    now: datetime
    jitter: float
    seconds_left: Callable[[], float] = unlimited
