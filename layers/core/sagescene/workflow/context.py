"""What one invocation of a function works with."""

from dataclasses import dataclass
from datetime import datetime

from sagescene.aws import Cloud
from sagescene.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context[S: Settings = Settings]:
    """A function's settings and its cloud, with the time and the jitter to decide by.

    `jitter`, from 0 to 1, spreads what waits for the same thing.
    """

    settings: S
    cloud: Cloud
    now: datetime
    jitter: float
