"""The columns of a CSV file of files and labels: found by their names, or by what they hold."""

from collections.abc import Sequence

from sagescene.splits import SplitKind, read_split
from sagescene_command.packing.folders import name_some
from sagescene_command.packing.source import PackingError

type NumberedLine = tuple[int, list[str]]  # its number, and its fields

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
_SPLIT_NAMES = {"fold", "partition", "set", "split", "subset"}
FLAGS = {"0": 0.0, "0.0": 0.0, "1": 1.0, "1.0": 1.0}


def is_header(fields: Sequence[str]) -> bool:
    """Tell whether a line holds a name that columns have."""
    return any(_simplify(field) in names for field in fields for names in (*_FILE_NAMES, _LABEL_NAMES, _SPLIT_NAMES))


def find_file_column(name: str, columns: Sequence[str], asked: str) -> str:
    """Find the column that names the files.

    Raises:
        PackingError: if the columns do not say.
    """
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


def find_label_columns(
    name: str, columns: Sequence[str], rows: Sequence[NumberedLine], asked: Sequence[str], others: Sequence[str]
) -> list[str]:
    """Find the column of labels, or several of 0 and 1, among the `others`, which hold neither files nor splits.

    Raises:
        PackingError: if the columns do not say.
    """
    if asked:
        return [_require(name, columns, column) for column in asked]
    found = [column for column in others if _simplify(column) in _LABEL_NAMES]
    if len(found) == 1:
        return found
    places = [columns.index(column) for column in others]
    are_flags = all(fields[place] in FLAGS for _, fields in rows for place in places)
    if not found and len(others) > 1 and rows and are_flags:
        return [*others]
    raise PackingError(
        f"{name} does not say which column holds the labels; give --label-column, one of {name_some([*others])}, "
        "or several that hold 0 and 1."
    )


def find_split_columns(columns: Sequence[str], others: Sequence[str], *, are_labels_asked: bool) -> list[str]:
    """Find those of the `others` that are named for splits, if there are others for the labels."""
    named = [column for column in columns if column in others and _simplify(column) in _SPLIT_NAMES]
    return named if are_labels_asked or len(named) < len(others) else []


def read_splits(name: str, column: str, cells: Sequence[tuple[int, str]]) -> list[SplitKind | None]:
    """Read the split in each cell of a column, by the lines' numbers: None for an empty cell; nothing if none is one.

    Raises:
        PackingError: if only some are splits.
    """
    read = [find_split(cell) for _, cell in cells]
    if all(kind is None for kind in read):
        return []
    for (line, cell), kind in zip(cells, read, strict=True):
        if cell and kind is None:
            raise PackingError(
                f"Line {line} of {name} has {cell} in the column {column}, which is no split; write train, val or test "
                "there, or nothing to leave the image out."
            )
    return read


def find_split(cell: str) -> SplitKind | None:
    """Give the split that a cell names, and nothing besides."""
    split = read_split(cell)
    return split.kind if split and not split.rest else None


def _require(name: str, columns: Sequence[str], column: str) -> str:
    if column not in columns:
        raise PackingError(f"{name} has no column {column}; its columns are {name_some(list(columns))}.")
    return column


def _simplify(column: str) -> str:
    return "".join(letter for letter in column.casefold() if letter.isalnum())
