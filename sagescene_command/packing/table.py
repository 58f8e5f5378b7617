"""A CSV file of files and labels: its columns, found by name or asked for, and its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sagescene.splits import SplitKind
from sagescene_command.packing.columns import find_file_column, find_label_columns, find_split_columns, read_splits
from sagescene_command.packing.lines import Lines, read_lines
from sagescene_command.packing.source import PackingError


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFile:
    """A CSV file with a row an image, and the columns that were asked for; without them they are found by name.

    Several label columns hold 0 or 1 each.
    """

    path: Path
    file_column: str = ""
    label_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """A line of the file: what it calls its image, what its label columns hold, and the split that it names."""

    line: int
    file: str
    values: tuple[str, ...]
    split: SplitKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """The rows of a CSV file, and the columns of their labels: one of names, or several of 0 and 1.

    `split_column` is empty where no column says what each image is for. `remarks` are sentences on how it was read.
    """

    columns: tuple[str, ...]
    rows: tuple[LabelRow, ...]
    split_column: str = ""
    remarks: tuple[str, ...] = ()


def read_table(labels: LabelFile, names_image: Callable[[str], bool]) -> LabelTable:
    """Read a CSV file in UTF-8, with a header line unless its first line has a field that `names_image` knows.

    Raises:
        PackingError: if the file is no such table, or its columns do not say which holds what.
    """
    name = labels.path.name
    lines = read_lines(labels.path, names_image)
    columns = lines.columns
    file_column = find_file_column(name, columns, labels.file_column)
    others = [column for column in columns if column not in {file_column, *labels.label_columns}]
    named = find_split_columns(columns, others, are_labels_asked=bool(labels.label_columns))
    splits = _read_splits(name, lines, named)
    others = [column for column in others if column not in named]
    told_by = lines.rows if lines.is_headed else ()  # columns of 0 and 1 are classes by their names
    found = find_label_columns(name, columns, told_by, labels.label_columns, others)
    at = columns.index(file_column)
    places = [columns.index(column) for column in found]
    split_column = next(iter(splits), "")
    of_rows = splits.get(split_column) or [None] * len(lines.rows)
    return LabelTable(
        columns=tuple(found),
        rows=tuple(
            LabelRow(line=line, file=fields[at], values=tuple(fields[place] for place in places), split=split)
            for (line, fields), split in zip(lines.rows, of_rows, strict=True)
        ),
        split_column=split_column,
        remarks=(*lines.remarks, *_remark(name, split_column, [column for column in named if column not in splits])),
    )


def _read_splits(name: str, lines: Lines, named: list[str]) -> dict[str, list[SplitKind | None]]:
    splits = {}
    for column in named:
        at = lines.columns.index(column)
        if read := read_splits(name, column, [(line, fields[at]) for line, fields in lines.rows]):
            splits[column] = read
    if len(splits) > 1:
        raise PackingError(f"{name} has splits in several columns, {' and '.join(splits)}; leave all but one out.")
    return splits


def _remark(name: str, split_column: str, unused: list[str]) -> list[str]:
    remarks = [
        f"The column {column} of {name} is not used, for nothing in it is called train, val or test."
        for column in unused
    ]
    if split_column:
        remarks.append(f"The column {split_column} of {name} says which images are to train, validate and test with.")
    return remarks
