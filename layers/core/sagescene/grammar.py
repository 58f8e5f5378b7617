"""Numbers in a sentence, the words that agree with them, and shares in percent."""


def count(number: int, noun: str) -> str:
    """Say how many there are of a noun that takes an s, such as `1 image` and `4,000 images`."""
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


def agree(number: int, singular: str, plural: str) -> str:
    """Give the words that stand with a number: the first with one, else the second."""
    return singular if number == 1 else plural


def percent(share: float) -> str:
    """Write a share as `97.2 %`, or `10 %` where the tenth is 0; never 100 % for less."""
    tenths = 99.9 if share < 1 and round(100 * share, 1) >= 100 else 100 * share
    return f"{tenths:.1f}".removesuffix(".0") + " %"
