"""Numbers and classes as parts of a sentence."""

from collections.abc import Iterable

from sagescene.files.classnames import ClassNames

_NAMED_CLASSES = 10


def labels(number: int) -> str:
    """Say how many labels."""
    return "1 label" if number == 1 else f"{number} labels"


def images(number: int) -> str:
    """Say how many images."""
    return "1 image" if number == 1 else f"{number:,} images"


def share(part: int, whole: int) -> str:
    """Say what share of a whole its part is, in percent; a share that is not nothing never reads as nothing."""
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 1 or not part else "under 1 %"


def classes(numbers: Iterable[int], names: ClassNames) -> str:
    """Name classes, of many the first ten."""
    ordered = [names.tell(label) for label in numbers]
    more = f" and {len(ordered) - _NAMED_CLASSES} more" if len(ordered) > _NAMED_CLASSES else ""
    return f"class{'es' if len(ordered) > 1 else ''} {', '.join(ordered[:_NAMED_CLASSES])}{more}"
