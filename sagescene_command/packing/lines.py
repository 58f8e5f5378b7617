"""The lines of a CSV file of files and labels, and names for its columns where no header line gives them."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sagescene_command.packing.columns import NumberedLine, find_split, is_header
from sagescene_command.packing.source import PackingError
from sagescene_command.packing.tree import has_image_name

_SEPARATORS = ",;\t|"
_LIST_COLUMNS = ("index", "label", "path")
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{"])')
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The rows of a file, the names of its columns, whether these stand there, and sentences on how it was read."""

    columns: tuple[str, ...]
    rows: tuple[NumberedLine, ...]
    is_headed: bool = True
    remarks: tuple[str, ...] = ()


def read_lines(path: Path, names_image: Callable[[str], bool]) -> Lines:
    """Read a CSV file in UTF-8; commas, semicolons, TABs and bars are told apart by its first line.

    That is a header line unless it names an image. Lists as im2rec writes them are read as well.

    Raises:
        PackingError: if the file is no table whose rows are of one length.
    """
    lines = _read(path)
    if not lines:
        raise PackingError(f"{path.name} holds no row below its header line.")
    first = lines[0][1]
    is_headed = not any(map(_has_image_name, first)) and (is_header(first) or not any(map(names_image, first)))
    for line, fields in lines:
        if len(fields) != len(first):
            raise PackingError(
                f"Line {line} of {path.name} has {len(fields)} fields, and its {'header' if is_headed else 'first'} "
                f"line {len(first)}; mend that line."
            )
    if read := _read_list(path.name, lines):
        return read
    if not is_headed:
        return _name_columns(path.name, lines, names_image)
    if len(lines) < 2:
        raise PackingError(f"{path.name} holds no row below its header line.")
    if len(set(first)) < len(first):
        raise PackingError(f"{path.name} has two columns of one name: {', '.join(first)}.")
    return Lines(columns=tuple(first), rows=tuple(lines[1:]))


def _read(path: Path) -> list[NumberedLine]:
    name = path.name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            if _JSON.match(first + file.readline()):
                kind = "a manifest of SageMaker Ground Truth" if '"source-ref"' in first else "JSON"
                raise PackingError(
                    f"{name} is {kind} and no CSV file: write one from it, with a line file,label and a row an image."
                )
            file.seek(0)
            reader = csv.reader(file, delimiter=max(_SEPARATORS, key=first.count), strict=True)
            return [(reader.line_num, [field.strip() for field in fields]) for fields in reader if any(fields)]
    except UnicodeDecodeError as error:
        raise PackingError(f"{name} is not in UTF-8; save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise PackingError(
            f"{name} cannot be read as CSV ({error}); look for a quotation mark without its end."
        ) from error


def _has_image_name(field: str) -> bool:
    return has_image_name(Path(field))


def _read_list(name: str, lines: Sequence[NumberedLine]) -> Lines | None:
    """Read an im2rec list of one label an image, whose whole numbers are written without decimals; None for no list."""
    indices = {fields[0] for _, fields in lines}
    if len(indices) < len(lines) or not all(_is_row_of_list(fields) for _, fields in lines):
        return None
    if len(lines[0][1]) > len(_LIST_COLUMNS):
        raise PackingError(
            f"{name} is a list with several labels an image, which do not say their classes: write a CSV file with a "
            "header line, a column file, and a column of 0 and 1 for each class, which it names."
        )
    rows = tuple((line, [index, re.sub(r"\.0+$", "", label), path]) for line, (index, label, path) in lines)
    return Lines(
        columns=_LIST_COLUMNS,
        rows=rows,
        remarks=(f"{name} is a list: its labels, which are numbers, are taken as the names of the classes.",),
    )


def _is_row_of_list(fields: Sequence[str]) -> bool:
    if len(fields) < len(_LIST_COLUMNS):
        return False
    index, *labels, path = fields
    return index.isdecimal() and all(map(_NUMBER.fullmatch, labels)) and not _NUMBER.fullmatch(path)


def _name_columns(name: str, lines: Sequence[NumberedLine], names_image: Callable[[str], bool]) -> Lines:
    """Name the columns for what they hold, where only one holds it."""
    columns = [f"column {place}" for place in range(1, len(lines[0][1]) + 1)]
    first = lines[0][1]
    files = [place for place, field in enumerate(first) if _has_image_name(field)] or [
        place for place, field in enumerate(first) if names_image(field)
    ]
    if len(files) == 1:
        others = [place for place in range(len(columns)) if place not in files]
        splits = [place for place in others if all(find_split(fields[place]) is not None for _, fields in lines)]
        columns[files[0]] = "file"
        if len(splits) == 1 and len(others) > 1:
            columns[splits[0]] = "split"
            others.remove(splits[0])
        if len(others) == 1:
            columns[others[0]] = "label"
    remarks = (f"{name} has no header line; its columns are read as {', '.join(columns)}.",) if len(files) == 1 else ()
    return Lines(columns=tuple(columns), rows=tuple(lines), is_headed=False, remarks=remarks)
