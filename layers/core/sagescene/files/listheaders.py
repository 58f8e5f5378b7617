"""Lines above a list's rows: those that name or number its columns, and comments."""

import re
from collections.abc import Mapping

from sagescene.bounds import LONGEST_HEADER
from sagescene.foreign import IMAGE_ENDING

# What separates columns instead of TABs; None are blanks of any kind and number.
SEPARATORS: Mapping[str, bytes | None] = {
    "commas": b",",
    "semicolons": b";",
    "vertical bars": b"|",
    "a backslash and the letter t": b"\\t",
    "no-break spaces": "\N{NO-BREAK SPACE}".encode(),
    "ideographic spaces": "\N{IDEOGRAPHIC SPACE}".encode(),
    "blanks": None,
}
_WITH_TAB = (b"\t", *SEPARATORS.values())
_FEWEST_COLUMNS = 3  # index, a label and a path
_LINES_READ = 2  # the header and a row to compare it with
_MOST_LINES = 100  # that may be blank or comments before these
_WORDS = re.compile(r"[#A-Za-z_][\w #:-]*", re.ASCII)
# In any script, where columns leave no doubt that it is no sentence. The replacement character stands for letters of
# another encoding than UTF-8; quotation marks and braces are those of JSON.
_NAME = re.compile(r"[^\w\x00-\x1f\"'{}]{0,3}([^\W\d]|\ufffd)[^\x00-\x1f\"'{}]*")
_UNNAMED = re.compile(r"unnamed: [0-9]+", re.IGNORECASE)
_COLUMN_WORD = re.compile(
    r"(?<![a-z])(category|class|classes|file|filename|id|idx|image|img|index|labels?|name|path|target)(?![a-z])"
)
_OF_PANDAS = re.compile(rb"[\"']?(unnamed: 0)?[\"']?\t.*", re.IGNORECASE)
_NUMBERED_TWICE = re.compile(
    rb"[\"']?(unnamed: 0)?[\"']?\t[\"']?([a-z_]*[^a-z])?(index|idx|id)[\"']?\t.*", re.IGNORECASE
)


def is_header(line: bytes) -> bool:
    """Tell whether a line names columns, whatever separates them."""
    if len(line) > LONGEST_HEADER:
        return False
    return any(_are_names(_split(line, separator), separator) for separator in _WITH_TAB)


def numbers_columns(lines: bytes) -> bool:
    """Tell whether a list begins with the numbers of its columns, as pandas writes those that have no names.

    A row may read 0, 1, 2 as well where paths are numbers; then that of the next row is one, too.
    """
    first, *others = _read_beginning(lines) or [b""]
    for separator in _WITH_TAB if others else ():
        numbers = _split(first.strip(), separator)
        if len(numbers) >= _FEWEST_COLUMNS and numbers == [str(column) for column in range(len(numbers))]:
            return not _is_number(_split(others[0].strip(), separator)[-1])
    return False


def drop_header(lines: bytes) -> bytes:
    """Leave out the first line that is not blank, if it names or numbers the columns."""
    first, _, rows = lines.lstrip(b"\r\n").partition(b"\n")
    return rows if is_header(first) or numbers_columns(lines) else lines


def drop_header_of_pandas(lines: bytes) -> bytes:
    """Leave out a header whose first column has no name, as that of pandas' own index."""
    begun = lines.lstrip(b"\r\n")
    return drop_header(begun) if _OF_PANDAS.match(begun) else lines


def is_numbered_twice(header: bytes) -> bool:
    """Tell whether a column without a name stands before that of the index, as the one that pandas adds."""
    return _NUMBERED_TWICE.fullmatch(header.rstrip()) is not None


def is_comment(line: bytes) -> bool:
    """Tell whether a line begins as comments do; no row begins so."""
    return line.lstrip().startswith(b"#")


def _are_names(names: list[str], separator: bytes | None) -> bool:
    known = sum(bool(_COLUMN_WORD.search(name.lower())) for name in names)
    if known > 1 and all(map(_WORDS.fullmatch, filter(None, names))):
        return True
    # A sentence has blanks between its words, too. The index of pandas has no name.
    if separator is None or len(names) < _FEWEST_COLUMNS or not all(names[1:]) or any(map(IMAGE_ENDING.search, names)):
        return False
    if _UNNAMED.fullmatch(names[0]):
        return True
    return all(_NAME.fullmatch(name) and not _is_number(name) for name in names if name)


def _read_beginning(lines: bytes) -> list[bytes]:
    some = lines.split(b"\n", _MOST_LINES)[:_MOST_LINES]
    return [line for line in some if line.strip() and not is_comment(line)][:_LINES_READ]


def _split(line: bytes, separator: bytes | None) -> list[str]:
    return [field.strip().strip(b"\"'").decode(errors="replace") for field in line.split(separator)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
