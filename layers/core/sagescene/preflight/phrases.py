"""Numbers and classes as parts of a sentence."""

from collections.abc import Iterable

from sagescene.files.classnames import ClassNames
from sagescene.grammar import count

_NAMED_CLASSES = 10


def labels(number: int) -> str:
    """Say how many labels."""
    return count(number, "label")


def images(number: int) -> str:
    """Say how many images."""
    return count(number, "image")


def share(part: int, whole: int) -> str:
    """Say what share of a whole its part is, in percent; a share that is not nothing never reads as nothing."""
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 1 or not part else "under 1 %"


def classes(numbers: Iterable[int], names: ClassNames) -> str:
    """Name classes, of many the first ten."""
    ordered = [names.tell(label) for label in numbers]
    more = f" and {len(ordered) - _NAMED_CLASSES} more" if len(ordered) > _NAMED_CLASSES else ""
    return f"class{'es' if len(ordered) > 1 else ''} {', '.join(ordered[:_NAMED_CLASSES])}{more}"
