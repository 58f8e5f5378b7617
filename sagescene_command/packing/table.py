"""A CSV file of files and labels: its columns, found by name or asked for, and its rows."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sagescene_command.packing.folders import name_some
from sagescene_command.packing.source import PackingError

_SEPARATORS = ",;\t|"
# Compared without case, blanks and signs; the second names are those of columns that may also mean something else.
_FILE_NAMES = (
    {"file", "filename", "filepath", "image", "imagefile", "imagefilename", "imagename", "imagepath", "path"},
    {"id", "imageid", "img"},
)
_LABEL_NAMES = {
    "breed",
    "category",
    "categoryname",
    "class",
    "classname",
    "label",
    "labelname",
    "labels",
    "species",
    "target",
}
FLAGS = {"0": 0.0, "0.0": 0.0, "1": 1.0, "1.0": 1.0}


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
    """A line of the file: what it calls its image, and what its label columns hold."""

    line: int
    file: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """The rows of a CSV file, and the columns of their labels: one of names, or several of 0 and 1."""

    columns: tuple[str, ...]
    rows: tuple[LabelRow, ...]


def read_table(labels: LabelFile) -> LabelTable:
    """Read a CSV file in UTF-8 with a header line; commas, semicolons, TABs and bars are told apart by that line.

    Raises:
        PackingError: if the file is no such table, or its columns do not say which holds what.
    """
    name = labels.path.name
    try:
        with labels.path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(_SEPARATORS, key=header.count), strict=True)
            lines = [(reader.line_num, [field.strip() for field in fields]) for fields in reader if any(fields)]
    except UnicodeDecodeError as error:
        raise PackingError(f"{name} is not in UTF-8; save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise PackingError(
            f"{name} cannot be read as CSV ({error}); look for a quotation mark without its end."
        ) from error
    if len(lines) < 2:
        raise PackingError(f"{name} holds no row below its header line.")
    (_, columns), *rows = lines
    if len(set(columns)) < len(columns):
        raise PackingError(f"{name} has two columns of one name: {', '.join(columns)}.")
    for line, fields in rows:
        if len(fields) != len(columns):
            raise PackingError(
                f"Line {line} of {name} has {len(fields)} fields, and its header line {len(columns)}; mend that line."
            )
    file_column = _find_file_column(name, columns, labels.file_column)
    found = _find_label_columns(name, columns, rows, labels.label_columns, file_column)
    places = [columns.index(column) for column in found]
    at = columns.index(file_column)
    return LabelTable(
        columns=tuple(found),
        rows=tuple(
            LabelRow(line=line, file=fields[at], values=tuple(fields[place] for place in places))
            for line, fields in rows
        ),
    )


def _find_file_column(name: str, columns: Sequence[str], asked: str) -> str:
    if asked:
        return _require(name, columns, asked)
    for names in _FILE_NAMES:
        found = [column for column in columns if _simplify(column) in names]
        if len(found) == 1:
            return found[0]
        if found:
            break
    raise PackingError(
        f"{name} does not say which column names the files; give --file-column, one of {name_some(list(columns))}."
    )


def _find_label_columns(
    name: str, columns: Sequence[str], rows: Sequence[tuple[int, list[str]]], asked: Sequence[str], file_column: str
) -> list[str]:
    if asked:
        return [_require(name, columns, column) for column in asked]
    others = [column for column in columns if column != file_column]
    found = [column for column in others if _simplify(column) in _LABEL_NAMES]
    if len(found) == 1:
        return found
    places = [columns.index(column) for column in others]
    if not found and len(others) > 1 and all(fields[place] in FLAGS for _, fields in rows for place in places):
        return others
    raise PackingError(
        f"{name} does not say which column holds the labels; give --label-column, one of {name_some(others)}, "
        "or several that hold 0 and 1."
    )


def _require(name: str, columns: Sequence[str], column: str) -> str:
    if column not in columns:
        raise PackingError(f"{name} has no column {column}; its columns are {name_some(list(columns))}.")
    return column


def _simplify(column: str) -> str:
    return "".join(letter for letter in column.casefold() if letter.isalnum())
