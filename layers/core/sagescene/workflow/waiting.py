"""How long to wait for what comes by itself, and when waiting has lasted long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_DELAY_IN_SECONDS = 900  # the longest that SQS offers
LONG_UPLOAD = timedelta(hours=1)  # worth a word: most likely nobody is uploading any more
FIRST_DELAY_FOR_CAPACITY_IN_SECONDS = 60
# Lambda is told to let the chain of function and queue go on, so that its end is decided here. Each wait has its own
# limit; these hold where one follows the other.
MOST_HOPS = 1000
LONGEST_CHAIN = timedelta(days=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What is waited for, how the waiting begins, and how long it may last in all."""

    waiting_for: str
    first_delay_in_seconds: int
    limit: timedelta


# Its end rings by itself; the postponed message only minds the case that it never ends. The bucket ends an
# unfinished upload after a day as well.
UPLOAD = Patience(waiting_for="an upload under way", first_delay_in_seconds=900, limit=timedelta(days=1))
# An upload that rings ends this wait, too; files that do not ring, such as indices, and deletions do not.
CHANGES = Patience(waiting_for="files that change", first_delay_in_seconds=60, limit=timedelta(days=1))
FILES = Patience(waiting_for="missing files", first_delay_in_seconds=900, limit=timedelta(hours=1))
THROTTLING = Patience(waiting_for="SageMaker's rate limit", first_delay_in_seconds=4, limit=timedelta(days=1))
QUOTA = Patience(waiting_for="the instance quota", first_delay_in_seconds=60, limit=timedelta(days=1))
# No Patience: what bounds it is a number of tries, MaxCapacityTries.
CAPACITY = "capacity"


def is_over(patience: Patience, since: datetime, now: datetime) -> bool:
    """Tell whether waiting has reached its limit."""
    return now - since >= patience.limit


def is_chain_over(hops: int, since: datetime | None, now: datetime) -> bool:
    """Tell whether an upload was postponed too often, or for too long in all."""
    return hops >= MOST_HOPS or (since is not None and now - since >= LONGEST_CHAIN)


def delay_in_seconds(patience: Patience, since: datetime, now: datetime, chance: float) -> int:
    """Choose the next delay: as long as the wait so far, so that delays double, and up to half of it off by chance.

    `chance` is from 0 to 1; it keeps uploads that were postponed together from coming back together.
    """
    waited = (now - since).total_seconds()
    return _shorten(max(waited, patience.first_delay_in_seconds), chance)


def delay_for_capacity_in_seconds(tries: int, chance: float) -> int:
    """Choose the delay after so many tries without capacity: it doubles with each, and chance shortens it as above."""
    return _shorten(FIRST_DELAY_FOR_CAPACITY_IN_SECONDS * 2 ** (tries - 1), chance)


def _shorten(delay: float, chance: float) -> int:
    return max(1, round(min(delay, LONGEST_DELAY_IN_SECONDS) * (1 - chance / 2)))
