"""How long to wait for what comes by itself, and when waiting has lasted long enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagescene.triggers import Trigger, WaitCause, Waiting

LONGEST_DELAY_IN_SECONDS = 900  # the longest that SQS offers
LONG_UPLOAD = timedelta(hours=1)  # worth a word: most likely nobody is uploading any more
# Lambda is told to let the chain of function and queue go on, so that its end is decided here. Each wait has its own
# limit; these hold where one follows the other.
MOST_HOPS = 1000
LONGEST_CHAIN = timedelta(days=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitPolicy:
    """How a wait begins, and how long it may last; what bounds one without a limit is said where it stands."""

    first_delay_in_seconds: int
    limit: timedelta | None


POLICIES: Mapping[WaitCause, WaitPolicy] = {
    # Its end is an event of its own; the message only minds the case that it never ends. A day after its beginning an
    # upload no longer counts.
    WaitCause.UPLOAD: WaitPolicy(first_delay_in_seconds=900, limit=None),
    # An upload ends this wait, too; files that are no events, such as indices, and deletions do not.
    WaitCause.CHANGES: WaitPolicy(first_delay_in_seconds=60, limit=timedelta(days=1)),
    WaitCause.FILES: WaitPolicy(first_delay_in_seconds=900, limit=timedelta(hours=1)),
    WaitCause.RATE: WaitPolicy(first_delay_in_seconds=4, limit=timedelta(days=1)),
    WaitCause.QUOTA: WaitPolicy(first_delay_in_seconds=60, limit=timedelta(days=1)),
    WaitCause.JOBS_AT_ONCE: WaitPolicy(first_delay_in_seconds=60, limit=timedelta(days=1)),
    WaitCause.SERVICE: WaitPolicy(first_delay_in_seconds=4, limit=timedelta(hours=1)),
    WaitCause.JOBS_A_DAY: WaitPolicy(first_delay_in_seconds=900, limit=timedelta(days=1)),
    # Its bound is a number of tries, MaxCapacityTries.
    WaitCause.CAPACITY: WaitPolicy(first_delay_in_seconds=60, limit=None),
}
LONGEST_UPLOAD = timedelta(days=1)  # whoever has not ended it by then has most likely forgotten it


def is_over(trigger: Trigger, cause: WaitCause, now: datetime) -> bool:
    """Tell whether waiting for this has reached its limit."""
    limit = POLICIES[cause].limit
    return limit is not None and now - trigger.waits_since(cause, now) >= limit


def longest(cause: WaitCause) -> timedelta:
    """Say how long such a wait may last; one without a limit of its own ends with the chain of waits."""
    return POLICIES[cause].limit or LONGEST_CHAIN


def is_worth_it(trigger: Trigger, now: datetime) -> bool:
    """Tell whether what passes by itself may still be waited out, on top of what is waited for anyway."""
    waiting = trigger.waiting
    cause = waiting.cause if waiting else WaitCause.SERVICE
    return not is_over(trigger, cause, now) and not (waiting and is_chain_over(waiting, now))


def is_chain_over(waiting: Waiting, now: datetime) -> bool:
    """Tell whether waits have followed each other too often, or for too long in all."""
    return waiting.hops >= MOST_HOPS or now - waiting.began >= LONGEST_CHAIN


def delay_in_seconds(trigger: Trigger, cause: WaitCause, now: datetime, jitter: float) -> int:
    """Choose the next delay: as long as the wait so far, so that delays double, less up to half of it.

    `jitter` is from 0 to 1; it keeps triggers that were put off together from coming back together.
    """
    waited = (now - trigger.waits_since(cause, now)).total_seconds()
    return _shorten(max(waited, POLICIES[cause].first_delay_in_seconds), jitter)


def delay_for_capacity_in_seconds(tries: int, jitter: float) -> int:
    """Choose the delay after so many tries without capacity: it doubles with each, less jitter as above."""
    return _shorten(POLICIES[WaitCause.CAPACITY].first_delay_in_seconds * 2 ** (tries - 1), jitter)


def _shorten(delay: float, jitter: float) -> int:
    return max(1, round(min(delay, LONGEST_DELAY_IN_SECONDS) * (1 - jitter / 2)))
