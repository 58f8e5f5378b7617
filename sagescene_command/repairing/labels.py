"""Class numbers without a gap: which label becomes which, and the names of classes.txt that stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sagescene.files.labeltally import LARGEST_LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Renumbering:
    """New labels by the old ones, and classes.txt as it has to be then; None where it stays as it is."""

    labels: dict[float, float]
    names: tuple[str, ...] | None = None


def renumber(trained: Collection[float], others: Collection[float], names: Sequence[str] | None) -> Renumbering | None:
    """Give the labels of training images numbers from 0 without a gap; None where that is no change, or not safe.

    `others` are the labels of validation images and of rows without a record: with one that training lacks, it is not
    known which class was meant. `names` are those of classes.txt: one a label from 0 on, or one a class that there is.
    """
    present = sorted(trained)
    are_classes = all(label >= 0 and label == int(label) and label <= LARGEST_LABEL for label in present)
    if not present or not are_classes or not set(others) <= set(present):
        return None
    labels = {label: float(number) for number, label in enumerate(present)}
    if all(old == new for old, new in labels.items()):
        return None
    if names is None or len(names) == len(present):
        return Renumbering(labels=labels)
    if len(names) == present[-1] + 1:
        return Renumbering(labels=labels, names=tuple(names[int(label)] for label in present))
    return None
