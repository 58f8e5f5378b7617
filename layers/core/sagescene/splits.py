"""Folders that are named for splits of a data set, such as train and seg_test, as far as their names alone tell."""

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from os.path import commonprefix
from typing import NamedTuple

from sagescene.bounds import LONGEST_FILE_NAME


class SplitKind(IntEnum):
    """What a split is for, in the order in which splits are named."""

    TRAINING = 0
    VALIDATION = 1
    TEST = 2


class Split(NamedTuple):
    """What a folder's name says: the word for a split, the kind of split, and what else is in the name."""

    word: str
    kind: SplitKind
    rest: tuple[str, ...]


_KINDS = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), SplitKind.TRAINING),
    **dict.fromkeys(("val", "valid", "validation", "dev"), SplitKind.VALIDATION),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "holdout"), SplitKind.TEST),
}
_ANY_WORD = re.compile("|".join(_KINDS), re.IGNORECASE)  # few of a list's 100,000 folders are looked at closer
_SAYING_NOTHING = {"data", "image", "images", "img", "imgs", "photos", "set", "split"}


class SplitClass(NamedTuple):
    """A class whose folders, one for each split, are numbered as classes; `name` is empty where splits alone are."""

    folders: tuple[str, ...]
    name: str


def read_split(folder: str) -> Split | None:
    """Return what a folder's name says of a split, or None: a name alone proves little, for a train is a vehicle."""
    if len(folder) > LONGEST_FILE_NAME or not _ANY_WORD.search(folder):
        return None
    spaced = re.sub("(?<=[a-z])(?=[A-Z])", " ", folder)  # TrainImages
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", spaced)]
    words = [re.sub("(?<=.)(set|data)$", "", word) for word in words]  # trainset
    splits = [word for word in words if word in _KINDS]
    rest = tuple(word for word in words if word not in _KINDS and word not in _SAYING_NOTHING)
    return Split(splits[0], _KINDS[splits[0]], rest) if splits else None


def find_split_class(labels: Mapping[str, float]) -> SplitClass | None:
    """Give the first class that has another label in each split, if most classes of these folders are numbered so.

    One folder called train is a class of vehicles. Where train and val are the classes, and where most classes lie
    below both, there are folders that differ in nothing but the split. Labels that number neither folders nor splits
    are somebody's own: then folders of one name, as those of patients that are counted in each split, are no class.
    """
    parted = [folder.split("/") for folder in labels]
    shared = len(commonprefix(parted)) if len(parted) > 1 else 0  # noqa: RUF071 - of parts, not of characters
    classes: dict[tuple[str, ...], dict[SplitKind, str]] = {}
    numberings = set[tuple[float, SplitKind | None]]()
    for folder, parts in zip(labels, parted, strict=True):
        name, kind = _take_split_out(parts[shared:])
        numberings.add((labels[folder], kind))
        folders = classes.setdefault(name, {})
        if kind is not None:
            folders.setdefault(kind, folder)
    numbered = [
        SplitClass(folders=tuple(folders[kind] for kind in sorted(folders)), name="/".join(name))
        for name, folders in classes.items()
        if len({labels[folder] for folder in folders.values()}) > 1
    ]
    found = min(numbered, key=lambda found: found.name, default=None)
    numbers = {label for label, _ in numberings}
    are_splits_numbered = len(numbers) == len({kind for _, kind in numberings}) == len(numberings)
    is_numbered_so = len(numbers) == len(labels) or are_splits_numbered
    return found if is_numbered_so and 2 * len(numbered) > len(classes) else None


def _take_split_out(parts: Sequence[str]) -> tuple[tuple[str, ...], SplitKind | None]:
    for place, part in enumerate(parts):
        if split := read_split(part):
            others = (*parts[:place], *split.rest, *parts[place + 1 :])
            return tuple(map(str.casefold, others)), split.kind
    return tuple(map(str.casefold, parts)), None
