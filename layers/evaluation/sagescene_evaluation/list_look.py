"""The list beside a test file, read once: whether it is that of the records, and what it calls images and classes."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sagescene.files.classnames import ClassNames
from sagescene.files.listrows import Row
from sagescene.files.numbering import Numbering
from sagescene_evaluation.label_sample import digest_labels

LONGEST_PATH = 200
_FEWEST_SHARED = 2  # names of classes among the folders


class OtherList(NamedTuple):
    """A list that gives `differing` of the images `looked_at` other labels than their records, as it does `identifier`.

    `file` counts the test files from 0.
    """

    file: int
    looked_at: int
    differing: int
    identifier: int


class ListLook(NamedTuple):
    """Of the images asked for, `looked_at` are in the list, `differing` by id with other labels; `paths` are by id."""

    looked_at: int
    differing: tuple[int, ...]
    paths: dict[int, str]


def look_at_list(rows: Iterable[Row], known: Collection[tuple[int, int]], named: Collection[int]) -> ListLook:
    """Hold the rows against images whose labels are `known`, by id and digest, and find the paths of those `named`.

    Later rows of an id win. Memory is that of these images.
    """
    wanted = {identifier for identifier, _ in known} | {*named}
    found = {
        row.identifier: (digest_labels(row.labels), row.path[:LONGEST_PATH]) for row in rows if row.identifier in wanted
    }
    listed = [(identifier, labels) for identifier, labels in known if identifier in found]
    return ListLook(
        looked_at=len(listed),
        differing=tuple(sorted(identifier for identifier, labels in listed if labels != found[identifier][0])),
        paths={identifier: found[identifier][1] for identifier in named if identifier in found},
    )


def teach(numbering: Numbering, rows: Iterable[Row]) -> Iterator[Row]:
    """Pass rows on, from whose folders a numbering learns."""
    for row in rows:
        numbering.add(row)
        yield row


def find_other_numbers(numbering: Numbering, names: ClassNames, source: str) -> ClassNames:
    """Give the model's `names` that folders of a list have at other numbers, by these; none where that may be chance.

    Folders that the model has no class for say nothing, for a test set may lie by days or photographers; of those, one
    may well be called as a class is. `source` says whose folders they are.
    """
    differing, shared = numbering.compare(Numbering.of_names(names.names))
    if shared < _FEWEST_SHARED:
        return ClassNames()
    labels = {each.label: each.folder for each in differing if each.label in names.names}
    return ClassNames.of({int(label): folder for label, folder in labels.items()}, source)
