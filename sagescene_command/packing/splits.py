"""Folders that are splits of a data set, such as train and test, told from classes that are merely called so."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sagescene.splits import Split, SplitKind, read_split
from sagescene_command.packing.source import PackedChannel, PackingError
from sagescene_command.packing.tree import list_folders, list_images

CHANNELS = {
    SplitKind.TRAINING: PackedChannel.TRAIN,
    SplitKind.VALIDATION: PackedChannel.VALIDATION,
    SplitKind.TEST: PackedChannel.TEST,
}
# A train is a vehicle, and valid the opposite of invalid; but hardly any class is called one of these.
_HARDLY_CLASSES = {"val", "validation", "test", "testing"}


def find_parts(images: Path) -> dict[PackedChannel, PurePosixPath]:
    """Return where in `images` the class folders of each split lie, or nothing if it is not split.

    A split's only folder that is named for the same split, as archives have them, is looked through.

    Raises:
        PackingError: if there are splits that cannot be packed as they are.
    """
    folders = list_folders(images)
    splits = find_splits(images, folders)
    parts: dict[PackedChannel, PurePosixPath] = {}
    for folder, channel in splits.items():
        root = PurePosixPath(folder)
        while inner := _find_inner_split(images / root, channel):
            root /= inner
        parts.setdefault(channel, root)
    classes = {name.casefold() for root in parts.values() for name in list_folders(images / root)}
    is_packable = (
        len(parts) == len(splits)
        and (not parts or PackedChannel.TRAIN in parts)
        and all(list_folders(images / root) or channel is PackedChannel.TEST for channel, root in parts.items())
        and classes.isdisjoint(folder.casefold() for folder in folders if folder not in splits)
    )
    if not is_packable:
        raise PackingError(explain_splits(images, folders))
    return parts


def _find_inner_split(folder: Path, channel: PackedChannel) -> str:
    folders = list_folders(folder)
    split = read_split(folders[0]) if len(folders) == 1 and not any(list_images(folder)) else None
    return folders[0] if split and CHANNELS[split.kind] is channel else ""


def find_counterparts(folders: Sequence[str]) -> list[str]:
    """Name the folders that are named for different splits in the same way, such as train and val, or nothing."""
    named = _read_names(folders)
    found = [folder for folder in named if _has_counterpart(folder, named)]
    return sorted(found, key=lambda folder: named[folder].kind)


def find_splits(images: Path, folders: Sequence[str]) -> dict[str, PackedChannel]:
    """Return which of the folders in `images` are splits, those to train on first.

    A name alone proves little: a class of vehicles may be called train. A folder that is named for a split is one if

    - another folder is named for another split in the same way: train and val, seg_train and seg_test;
    - most folders within it are named like those beside it;
    - it holds folders and is the only one;
    - its name is hardly one of a class, such as test, and there are two classes without it.
    """
    named = _read_names(folders)
    found = [folder for folder in named if _is_split(images, folder, folders, named)]
    found.sort(key=lambda folder: named[folder].kind)
    return {folder: CHANNELS[named[folder].kind] for folder in found}


def explain_splits(images: Path, folders: Sequence[str]) -> str:
    """Return which of the folders in `images` are splits and what to do about them, or nothing."""
    kinds = find_splits(images, folders)
    splits = list(kinds)
    if not splits:
        return ""
    if len(splits) == 1:
        fault, remedy = f"{splits[0]} is a split", "put its images into the folders of their classes"
        alternative = "rename it if it is a class"
    else:
        fault = f"{', '.join(splits[:-1])} and {splits[-1]} are splits"
        remedy = "put the images of a class from all splits into one folder named for it"
        alternative = "rename them if they are classes"
    whole = [
        folder for folder in splits if kinds[folder] is PackedChannel.TRAIN and len(list_folders(images / folder)) > 1
    ]
    if whole:
        alternative = f"pack {images / whole[0]} alone"
    return f"{images} must hold one folder for each class, but {fault}; {remedy}, or {alternative}."


def _read_names(folders: Sequence[str]) -> dict[str, Split]:
    return {folder: split for folder in folders if (split := read_split(folder))}


def _has_counterpart(folder: str, named: Mapping[str, Split]) -> bool:
    _, kind, rest = named[folder]
    return any(other.kind != kind and other.rest == rest for other in named.values())


def _is_split(images: Path, folder: str, folders: Sequence[str], named: Mapping[str, Split]) -> bool:
    word, _, rest = named[folder]
    if _has_counterpart(folder, named):
        return True
    beside = {other.casefold() for other in folders if other != folder}
    within = {inner.casefold() for inner in list_folders(images / folder)}
    if within and (not beside or 2 * len(within & beside) > len(within)):
        return True
    return word in _HARDLY_CLASSES and not rest and len(beside) > 1
