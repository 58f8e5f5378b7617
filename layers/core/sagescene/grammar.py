"""Numbers in a sentence, the words that agree with them, some of many, durations, and shares in percent."""

from collections.abc import Sequence
from datetime import timedelta


def count(number: int, noun: str) -> str:
    """Say how many there are of a noun that takes an s, such as `1 image` and `4,000 images`."""
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


def agree(number: int, singular: str, plural: str) -> str:
    """Give the words that stand with a number: the first with one, else the second."""
    return singular if number == 1 else plural


def tell_limit(duration: timedelta) -> str:
    """Say a duration of whole hours, such as `an hour`, `a day`, `36 hours` and `4 days`."""
    hours = round(duration / timedelta(hours=1))
    if hours in {1, 24}:
        return "an hour" if hours == 1 else "a day"
    return count(hours, "hour") if hours % 24 else count(hours // 24, "day")


def percent(share: float) -> str:
    """Write a share as `97.2 %`, or `10 %` where the tenth is 0; never 100 % for less."""
    tenths = 99.9 if share < 1 and round(100 * share, 1) >= 100 else 100 * share
    return f"{tenths:.1f}".removesuffix(".0") + " %"


def share(part: int, whole: int) -> str:
    """Say what share of a whole its part is, in whole percent; nothing and all are said of nothing and all alone."""
    percents = 100 * part / whole
    if part and percents < 1:
        return "under 1 %"
    return f"{percents:.0f} %" if percents < 99.5 or part == whole else "over 99 %"


def name_some(named: Sequence[str], number: int) -> str:
    """Read out those that are named of so many: `a, b and 3 more`."""
    return ", ".join(named) + (f" and {number - len(named):,} more" if number > len(named) else "")


def either(choices: Sequence[str]) -> str:
    """Read the choices out: "18, 34 or 50"."""
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
