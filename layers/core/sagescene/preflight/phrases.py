"""Numbers and classes as parts of a sentence."""

from collections.abc import Iterable

from sagescene.files.classnames import ClassNames
from sagescene.grammar import count, name_some

_NAMED_CLASSES = 10


def labels(number: int) -> str:
    """Say how many labels."""
    return count(number, "label")


def images(number: int) -> str:
    """Say how many images."""
    return count(number, "image")


def classes(numbers: Iterable[int], names: ClassNames) -> str:
    """Name classes, of many the first ten."""
    ordered = [names.tell(label) for label in numbers]
    some = name_some(ordered[:_NAMED_CLASSES], len(ordered))
    return f"class{'es' if len(ordered) > 1 else ''} {some}"
