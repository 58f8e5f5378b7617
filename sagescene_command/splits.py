"""Folders that are splits of a data set, such as train and test, where there should be one folder a class."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_KINDS = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "holdout"), "test"),
}
# A train is a vehicle, and valid the opposite of invalid; but hardly any class is called one of these.
_HARDLY_CLASSES = {"val", "validation", "test", "testing"}
_SAYING_NOTHING = {"data", "image", "images", "img", "imgs", "photos", "set", "split"}


class _Split(NamedTuple):
    """What a folder's name says: the word for a split, the kind of split, and what else is in the name."""

    word: str
    kind: str
    rest: tuple[str, ...]


def explain_splits(images: Path, folders: Sequence[str]) -> str:
    """Return which of the folders in `images` are splits and what to do about them, or nothing.

    A name alone proves little: a class of vehicles may be called train. A folder that is named for a split is one if

    - another folder is named for another split in the same way: train and val, seg_train and seg_test;
    - most folders within it are named like those beside it;
    - it holds folders and is the only one;
    - its name is hardly one of a class, such as test, and there are two classes without it.
    """
    named = {folder: split for folder in folders if (split := _read_name(folder))}
    splits = [folder for folder in named if _is_split(images, folder, folders, named)]
    if not splits:
        return ""
    splits.sort(key=lambda folder: list(_KINDS.values()).index(named[folder].kind))
    if len(splits) == 1:
        fault, remedy = f"{splits[0]} is a split", "put its images into the folders of their classes"
        alternative = "rename it if it is a class"
    else:
        fault = f"{', '.join(splits[:-1])} and {splits[-1]} are splits"
        remedy = "put the images of a class from all splits into one folder named for it"
        alternative = "rename them if they are classes"
    whole = [folder for folder in splits if named[folder].kind == "train" and len(_list_folders(images / folder)) > 1]
    if whole:
        alternative = f"pack {images / whole[0]} alone"
    return f"{images} must hold one folder a class, but {fault}; {remedy}, or {alternative}."


def _read_name(folder: str) -> _Split | None:
    spaced = re.sub("(?<=[a-z])(?=[A-Z])", " ", folder)  # TrainImages
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", spaced)]
    words = [re.sub("(?<=.)(set|data)$", "", word) for word in words]  # trainset
    splits = [word for word in words if word in _KINDS]
    rest = tuple(word for word in words if word not in _KINDS and word not in _SAYING_NOTHING)
    return _Split(splits[0], _KINDS[splits[0]], rest) if splits else None


def _is_split(images: Path, folder: str, folders: Sequence[str], named: Mapping[str, _Split]) -> bool:
    word, kind, rest = named[folder]
    if any(other.kind != kind and other.rest == rest for other in named.values()):
        return True
    beside = {other.casefold() for other in folders if other != folder}
    within = {inner.casefold() for inner in _list_folders(images / folder)}
    if within and (not beside or 2 * len(within & beside) > len(within)):
        return True
    return word in _HARDLY_CLASSES and not rest and len(beside) > 1


def _list_folders(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
