"""Numbers in a sentence, and the words that agree with them."""


def count(number: int, noun: str) -> str:
    """Say how many there are of a noun that takes an s, such as `1 image` and `4,000 images`."""
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


def agree(number: int, singular: str, plural: str) -> str:
    """Give the words that stand with a number: the first with one, else the second."""
    return singular if number == 1 else plural
