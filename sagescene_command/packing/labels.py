"""Pictures whose labels stand in a CSV file, wherever under their folder they lie."""

from collections import defaultdict
from pathlib import Path, PurePosixPath

from sagescene import grammar
from sagescene.grammar import agree, count
from sagescene.parts import CONTROL_CHARACTERS
from sagescene_command.packing import splits
from sagescene_command.packing.cells import is_no_label, refuse_several
from sagescene_command.packing.columns import FLAGS
from sagescene_command.packing.folders import name_some
from sagescene_command.packing.source import PackedChannel, PackingError, Picture, PictureSource, Skipped
from sagescene_command.packing.table import LabelFile, LabelRow, LabelTable, read_table
from sagescene_command.packing.tree import Tree, has_image_name, list_folders


def find_labelled(tree: Tree, labels: LabelFile) -> PictureSource:
    """Find the pictures that a CSV file names, each by its path or the end of it, with or without the file's ending.

    One label column names classes, which are numbered in their order: that of numbers if all are. Several columns of
    0 and 1 give each picture as many labels; if every row has exactly one 1, the columns are classes. What cannot be
    told is left out and named: rows without their picture, pictures without a row or with two that differ. A column
    of splits says the channel of each picture; without one, folders train, val and test are the channels of what lies
    in them.

    Raises:
        PackingError: if the file is no table of files and labels, or leaves fewer than two classes.
    """
    index = _Index(tree)
    table = read_table(labels, lambda field: bool(index.find(field)))
    name = labels.path.name
    skipped = list(tree.skipped)
    rows_of: defaultdict[PurePosixPath, list[LabelRow]] = defaultdict(list)
    for row in table.rows:
        found = index.find(row.file)
        if len(found) == 1:
            rows_of[found[0]].append(row)
        else:
            reason = "several files are called so" if found else "there is no such image"
            skipped.append(Skipped(path=Path(row.file), reason=f"line {row.line} of {name} names it, but {reason}"))
    if not rows_of:
        _refuse_unfound(tree, index, table, name)
    is_flags = len(table.columns) > 1
    if not is_flags:
        refuse_several(name, [(row.line, row.values[0]) for row in table.rows])
    is_split = bool(table.split_column)
    values: dict[PurePosixPath, tuple[str, ...]] = {}
    for image in tree.images:
        rows = rows_of.get(image, [])
        if reason := _find_fault(rows, name, is_flags=is_flags, is_split=is_split):
            skipped.append(Skipped(path=tree.root / image, reason=reason))
        else:
            values[image] = rows[0].values
    remarks: tuple[str, ...] = ()
    if is_flags:
        vectors = {image: tuple(FLAGS[flag] for flag in flags) for image, flags in values.items()}
        _refuse_idle(name, table.columns, list(vectors.values()))
        classes = table.columns
        is_multi_label = any(sum(vector) != 1 for vector in vectors.values())
        if not is_multi_label:
            vectors = {image: (float(vector.index(1.0)),) for image, vector in vectors.items()}
            remarks = (f"Every row of {name} has exactly one 1, so that each image has one label: the column's.",)
    else:
        classes = tuple(_sort({value for (value,) in values.values()}))
        numbers = {label: float(number) for number, label in enumerate(classes)}
        vectors = {image: (numbers[value],) for image, (value,) in values.items()}
        is_multi_label = False
        if len(classes) < 2:
            raise PackingError(
                f"The images that {name} names are of {len(classes)} {agree(len(classes), 'class', 'classes')}; "
                "a classifier needs at least two."
            )
    folders = splits.find_splits(tree.root, list_folders(tree.root))
    is_split = is_split or PackedChannel.TRAIN in folders.values()
    dealt: dict[PackedChannel | None, list[Picture]] = {}
    for image, vector in vectors.items():
        picture = Picture(path=tree.root / image, name=str(image), labels=vector)
        split = rows_of[image][0].split
        channel = folders.get(image.parts[0]) if split is None else splits.CHANNELS[split]
        if is_split and not channel:
            skipped.append(Skipped(path=picture.path, reason="it is in no split"))
        else:
            dealt.setdefault(channel if is_split else None, []).append(picture)
    if table.split_column and PackedChannel.TRAIN not in dealt:
        raise PackingError(
            f"The column {table.split_column} of {name} gives no image to train on; write train there, or leave the "
            "column out."
        )
    return PictureSource(
        folder=tree.root,
        classes=classes,
        whole=tuple(dealt.pop(None, ())),
        parts={channel: tuple(pictures) for channel, pictures in dealt.items() if channel},
        skipped=tuple(skipped),
        is_multi_label=is_multi_label,
        remarks=(*table.remarks, *remarks),
    )


class _Index:
    """Finds images by the end of their paths."""

    def __init__(self, tree: Tree) -> None:
        """Sort the images of a tree by their names, with and without their endings."""
        self._root = tree.root.absolute().parts
        self._by_name: defaultdict[str, list[PurePosixPath]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[PurePosixPath]] = defaultdict(list)
        for image in tree.images:
            self._by_name[image.name].append(image)
            self._by_stem[image.stem].append(image)

    def find(self, given: str) -> list[PurePosixPath]:
        """Give the image of this path from the root, else those whose whole paths end with it."""
        path = PurePosixPath(given.replace("\\", "/"))
        candidates = (self._by_name if has_image_name(Path(path)) else self._by_stem).get(path.name, [])
        folders = path.parts[:-1]
        exact = [image for image in candidates if image.parts[:-1] == folders]
        return exact or [
            image for image in candidates if not folders or (*self._root, *image.parts[:-1])[-len(folders) :] == folders
        ]


def _refuse_unfound(tree: Tree, index: _Index, table: LabelTable, name: str) -> None:
    if not tree.images:
        raise PackingError(f"{tree.root} holds no image, and {name} names {count(len(table.rows), 'file')}.")
    remedy = f"write each path as it is from there on, such as {tree.images[0]}"
    if row := next((row for row in table.rows if index.find(row.file)), None):
        raise PackingError(
            f"Line {row.line} of {name} names {row.file}, but several files in {tree.root} are called so; {remedy}."
        )
    row = table.rows[0]
    named = grammar.name_some([f"{row.file} on line {row.line}"], len(table.rows))
    raise PackingError(
        f"No file that {name} names is in {tree.root}: {named}; {remedy}, or the file's name alone if only one has it."
    )


def _find_fault(rows: list[LabelRow], name: str, *, is_flags: bool, is_split: bool) -> str:
    if not rows:
        return f"{name} does not name it"
    for row in rows:
        if row.values != rows[0].values or row.split != rows[0].split:
            what = "splits" if row.values == rows[0].values else "labels"
            return f"lines {rows[0].line} and {row.line} of {name} give it different {what}"
    if is_split and rows[0].split is None:
        return f"line {rows[0].line} of {name} gives it no split"
    values = rows[0].values
    if is_flags and not all(value in FLAGS for value in values):
        return f"line {rows[0].line} of {name} holds something other than 0 and 1"
    if not all(values):
        return f"line {rows[0].line} of {name} gives it no label"
    if any(map(is_no_label, values)):
        return f"line {rows[0].line} of {name} gives it {values[0]}, which is no label"
    if any(CONTROL_CHARACTERS.search(value) for value in values):
        return f"line {rows[0].line} of {name} gives it a label with a line break or another control character"
    return ""


def _refuse_idle(name: str, columns: tuple[str, ...], vectors: list[tuple[float, ...]]) -> None:
    idle = [column for place, column in enumerate(columns) if not any(vector[place] for vector in vectors)]
    if idle:
        raise PackingError(
            f"No image has a 1 in the {agree(len(idle), 'column', 'columns')} {name_some(idle)} of {name}; "
            "choose the others with --label-column."
        )


def _sort(labels: set[str]) -> list[str]:
    if all(label.isdecimal() for label in labels):
        return sorted(labels, key=lambda label: (int(label), label))
    return sorted(labels)
