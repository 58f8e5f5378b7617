"""Folders of classes, split or not: which pictures they hold, and which label each class has."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from sagescene import grammar
from sagescene.alike_names import JOINTS, find_alike
from sagescene.grammar import agree, count
from sagescene.parts import CONTROL_CHARACTERS
from sagescene_command.packing import splits
from sagescene_command.packing.detection import refuse_boxes
from sagescene_command.packing.source import PackedChannel, PackingError, Picture, PictureSource, Skipped
from sagescene_command.packing.tree import NO_IMAGE_NAME, Tree, list_folders, list_images

TOP = PurePosixPath()
NAMED = 5


def find_classes(tree: Tree, class_depth: int | None = None) -> PictureSource:
    """Find the pictures of each class, which is the path of its folder as with im2rec's --recursive.

    `class_depth` shortens the path to as many folders. Where the outer folders are splits, such as train and val, each
    becomes its channel, and the classes of all are numbered once. Labels follow the sorted names of the classes.

    Raises:
        PackingError: if the folders do not say of every picture to which class it belongs.
    """
    refuse_boxes(tree)
    parts = splits.find_parts(tree.root)
    roots = {root: channel for channel, root in parts.items()} if parts else {TOP: None}
    _refuse_inner_splits(tree, roots, class_depth)
    skipped = list(tree.skipped)
    named: dict[PurePosixPath, list[tuple[str, PurePosixPath]]] = {root: [] for root in roots}

    @cache
    def read_folder(folder: PurePosixPath) -> tuple[PurePosixPath | None, str]:
        """Give the root that a folder lies in and the class of its images, if there are such."""
        root = next((root for root in roots if folder.is_relative_to(root)), None)
        return root, "/".join(folder.relative_to(root).parts[:class_depth]) if root is not None else ""

    for image in tree.images:
        root, name = read_folder(image.parent)
        if root is not None and name:
            named[root].append((name, image))
        elif root is not None and roots[root] is not PackedChannel.TEST:
            _refuse_loose(tree, root)
        else:
            reason = "it is in no class folder" if root is not None else "it is in no split"
            skipped.append(Skipped(path=tree.root / image, reason=reason))
    learned = {
        name for root, images in named.items() if roots[root] in (None, PackedChannel.TRAIN) for name, _ in images
    }
    classes = tuple(sorted(learned | _find_empty(tree, roots, class_depth)))
    _refuse_classes(tree, classes, learned)
    for root, images in named.items():
        _refuse_unlearned(tree, root, {name for name, _ in images} - learned)
    labels = {name: float(label) for label, name in enumerate(classes)}
    pictures = {
        channel: tuple(
            Picture(path=tree.root / image, name=str(image), labels=(labels[name],)) for name, image in named[root]
        )
        for root, channel in roots.items()
    }
    return PictureSource(
        folder=tree.root,
        classes=classes,
        whole=pictures.get(None, ()),
        parts={channel: found for channel, found in pictures.items() if channel and found},
        skipped=tuple(skipped),
        remarks=_remark(classes, class_depth),
    )


def _remark(classes: tuple[str, ...], class_depth: int | None) -> tuple[str, ...]:
    remarks = []
    nested = next((name for name in classes if "/" in name), "")
    if nested and class_depth is None:
        remarks.append(
            f"The classes are paths of folders, such as {nested}; --class-depth 1 makes {nested.partition('/')[0]} "
            "one class instead."
        )
    if alike := [f"{other} and {name}" for other, name in find_alike(classes) if _may_be_two(other, name)]:
        remarks.append(
            f"These are two classes each, though their names differ in capitals, hyphens or underscores alone: "
            f"{name_some(alike)}; where one is meant, join the folders and pack again."
        )
    return tuple(remarks)


def _refuse_loose(tree: Tree, root: PurePosixPath) -> None:
    loose = list(list_images(tree.root / root))
    raise PackingError(
        f"{count(len(loose), 'image')} such as {min(loose).name} {agree(len(loose), 'lies', 'lie')} in "
        f"{tree.root / root} itself; move each into the folder of its class, or give --labels FILE, a CSV file "
        "of files and labels."
    )


def _refuse_inner_splits(
    tree: Tree, roots: Mapping[PurePosixPath, PackedChannel | None], class_depth: int | None
) -> None:
    """Refuse classes that are themselves split: cat/train and cat/val would become two classes."""
    for folder in tree.folders:
        root = next((root for root in roots if folder.is_relative_to(root)), None)
        depth = len(folder.relative_to(root).parts) if root is not None else 0
        if not depth or (class_depth and depth >= class_depth):
            continue
        inner = splits.find_counterparts(list_folders(tree.root / folder))
        if inner:
            raise PackingError(
                f"{tree.root / folder} holds the splits {' and '.join(inner)}; pack that folder, or make "
                f"the splits the outer folders: {inner[0]}/{folder.name}, {inner[1]}/{folder.name}."
            )


def _find_empty(tree: Tree, roots: Mapping[PurePosixPath, PackedChannel | None], class_depth: int | None) -> set[str]:
    """Name the folders that look like classes and hold no image: innermost ones, of which no outer one is a class."""
    holding = {image.parent for image in tree.images}
    filled = holding.union(parent for folder in holding for parent in folder.parents)
    not_empty = filled.union(parent for folder in tree.folders for parent in folder.parents)
    empty = set()
    for folder in tree.folders:
        root = next((root for root, channel in roots.items() if folder.is_relative_to(root) and channel is None), None)
        if root is not None and folder not in not_empty and holding.isdisjoint(folder.parents):
            empty.add("/".join(folder.relative_to(root).parts[:class_depth]))
    return empty


def _refuse_classes(tree: Tree, classes: tuple[str, ...], learned: set[str]) -> None:
    if len(classes) < 2:
        raise PackingError(f"{tree.root} holds {count(len(classes), 'class folder')}; a classifier needs at least two.")
    _refuse_names(tree, classes)
    refuse_empty(tree.root, [name for name in classes if name not in learned], tree.skipped)


def _refuse_names(tree: Tree, classes: tuple[str, ...]) -> None:
    """Refuse names that no check takes for those of classes, and two that seem to be meant for one class."""
    for name in classes:
        if CONTROL_CHARACTERS.search(name):
            raise PackingError(
                f"The name of the class folder {name!r} in {tree.root} holds control characters; give it a plain one."
            )
    for other, name in find_alike(classes):
        if not _may_be_two(other, name):
            shown = ascii if repr(_compose(name)) == repr(_compose(other)) else repr
            raise PackingError(
                f"The class folders {shown(other)} and {shown(name)} in {tree.root} would be two classes, though their "
                "names differ in capitals, in blanks or quotation marks around them, or in the form of their accents "
                "alone; join them, or rename one."
            )


def _may_be_two(other: str, name: str) -> bool:
    """Tell whether names that are alike differ in what people do mean: CO and Co may well be two classes."""
    is_one_written_otherwise = _compose(other) == _compose(name)
    return not is_one_written_otherwise and _join(other) == _join(name)


def _join(name: str) -> str:
    return name.casefold().translate(JOINTS)


def _compose(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def refuse_empty(folder: Path, empty: Iterable[str], skipped: Iterable[Skipped]) -> None:
    """Refuse classes without a single image to train on.

    Raises:
        PackingError: if there are any.
    """
    if names := list(empty):
        # A file that was meant for an image says more than one that lies beside.
        first = min(skipped, key=lambda file: file.reason == NO_IMAGE_NAME, default=None)
        example = f" {first.path.name} was left out: {first.reason}." if first else ""
        raise PackingError(
            f"No image of the {agree(len(names), 'class', 'classes')} {name_some(names)} in {folder} can be read and "
            f"trained on; fill or remove {agree(len(names), 'it', 'them')}.{example}"
        )


def _refuse_unlearned(tree: Tree, root: PurePosixPath, names: set[str]) -> None:
    if names:
        raise PackingError(
            f"{tree.root / root} has the class {agree(len(names), 'folder', 'folders')} {name_some(sorted(names))}, "
            f"which the training split lacks; correct the spelling, or move {agree(len(names), 'it', 'them')} away."
        )


def name_some(names: list[str]) -> str:
    """Name the first few of many."""
    return grammar.name_some(names[:NAMED], len(names))
