"""Faults that have one cause on many lines of a list, told once with the lines they are on."""

import codecs
import re
from typing import NamedTuple, Self

from sagescene.files.listheaders import SEPARATORS, drop_header, drop_header_of_pandas
from sagescene.files.otherlabels import DETECTION, DETECTION_REMEDY
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.foreign import IMAGE_ENDING

_INTEGER = re.compile(rb"\s*[0-9]{1,20}\s*")
_NUMBER = re.compile(rb"\s*[-+]?[0-9]+(\.[0-9]*)?\s*")
_HEAD_OF_UTF_16 = 8  # bytes: an index, a TAB, a label and a TAB
_FLOAT = re.compile(rb"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
_PATH = re.compile(rb"[./\\]")
_IMAGE = re.compile(IMAGE_ENDING.pattern.encode(), re.IGNORECASE)
_NOT_LAST = "The path is in column {} of {}, not in the last."
_COLUMNS_REMEDY = (
    "Write the list again: a line for each image, its index, label(s) and path with one TAB between them; then pack it."
)
SEVERAL_TABS = "several TABs"
_FEWEST_FIELDS = 3  # index, a label and a path
_QUOTED = re.compile(rb"([\"']).*\1")
_OLD_LINE_END = re.compile(rb"\r[0-9]{1,20}\t")  # and the next row
NUMBERED_TWICE = "A numbering stands before the index, as pandas writes it without index=False."
SWAPPED = "The label stands before the index: the numbers of the first column repeat, those of the second do not."
_COUNTED_ROWS = re.compile(rb"".join(rb"%d\t([0-9]{1,20})\t[^\t\n]+\t[^\t\n]+\n" % row for row in range(5)))
_TWO_NUMBERS = re.compile(rb"\s*([0-9]{1,20})(?:\.0*)?\s*\t\s*([0-9]{1,20})(?:\.0*)?\s*\t[^\t]+")
_FEWEST_COMPARED, _MOST_COMPARED = 5, 1_000  # rows


class _Lines(NamedTuple):
    """The lines of one cause."""

    first: int
    last: int
    number: int

    def take(self, line: int, number: int = 1) -> Self:
        return self._replace(last=max(self.last, line), number=self.number + number)

    @property
    def where(self) -> str:
        return f"line {self.first}" if self.number == 1 else f"lines {self.first} to {self.last}"

    @property
    def are_some(self) -> str:
        """Say how many they are, unless they are all that `where` names."""
        return "" if self.number == self.last - self.first + 1 else f" This is so on {self.number:,} of these lines."


class Causes:
    """The causes that were met so far, each with its lines."""

    CODES = frozenset({Code.WRONG_SEPARATOR, Code.WRONG_COLUMNS, Code.DETECTION_LABELS})

    def __init__(self) -> None:
        self._lines: dict[Code, dict[str, _Lines]] = {code: {} for code in self.CODES}
        self._not_utf_8: _Lines | None = None
        self._first_byte = 0

    def add(self, code: Code, what: str, line: int, number: int = 1) -> None:
        """Take so many lines up to this one.

        `what` names what separates their columns, or says as a sentence how these are others than index, label(s) and
        path; labels of object detection need none.
        """
        known = self._lines[code].get(what)
        self._lines[code][what] = known.take(line, number) if known else _Lines(line, line, number)

    def add_not_utf_8(self, line: int, byte: int) -> None:
        """Take a line with a byte, counted from 1, that is not UTF-8."""
        if self._not_utf_8:
            self._not_utf_8 = self._not_utf_8.take(line)
        else:
            self._not_utf_8, self._first_byte = _Lines(line, line, 1), byte

    def report(self, log: FindingLog) -> None:
        """Report every cause once."""
        for separator, separated in self._lines[Code.WRONG_SEPARATOR].items():
            wanted = "one TAB" if separator == SEVERAL_TABS else "TABs"
            log.report(
                Code.WRONG_SEPARATOR,
                separated.where,
                f"The columns are separated by {separator}, not by {wanted}.{separated.are_some}",
                "Write the list again with one TAB between index, label(s) and path.",
            )
        for what, misplaced in self._lines[Code.WRONG_COLUMNS].items():
            log.report(Code.WRONG_COLUMNS, misplaced.where, f"{what}{misplaced.are_some}", _COLUMNS_REMEDY)
        for lines in self._lines[Code.DETECTION_LABELS].values():
            log.report(Code.DETECTION_LABELS, lines.where, f"{DETECTION}{lines.are_some}", DETECTION_REMEDY)
        if rows := self._not_utf_8:
            message = f"Byte {self._first_byte} of line {rows.first} is not UTF-8 text.{rows.are_some}"
            log.report(Code.NOT_UTF_8, rows.where, message, "Save the list as UTF-8.")


def find_separator(line: bytes, fields: list[bytes]) -> str | None:
    """Name what separates index, label and path of a line, whose `fields` a TAB does, if not that; None if nothing."""
    if len(fields) >= _FEWEST_FIELDS:
        is_row = fields[0] and len([*filter(None, fields)]) >= _FEWEST_FIELDS
        return SEVERAL_TABS if b"" in fields and is_row else None
    for name, separator in SEPARATORS.items():
        parts = [part.strip().strip(b"\"'") for part in line.split(separator, 2)]
        if len(parts) == 3 and _INTEGER.fullmatch(parts[0]) and (separator or _NUMBER.fullmatch(parts[1])):
            return name
    return None


def find_other_columns(line: bytes, fields: list[bytes]) -> str | None:
    """Say, as a sentence, how a line's columns are others than index, label(s) and path; None if they may be these."""
    if _OLD_LINE_END.search(line):
        return "The lines end in carriage returns without line feeds."
    if len(fields) >= _FEWEST_FIELDS and _QUOTED.fullmatch(fields[0]):
        return "The columns are in quotation marks, which im2rec does not take off."
    return _find_path(fields if len(fields) > 1 else line.split()) or _find_text_behind_path(fields)


def _find_path(fields: list[bytes]) -> str | None:
    numbers = [_FLOAT.fullmatch(text) is not None for text in fields]
    paths = [column for column, text in enumerate(fields, start=1) if not numbers[column - 1] and _PATH.search(text)]
    if len(fields) < 2 or len(paths) != 1 or sum(numbers) != len(fields) - 1:
        return None
    (path,) = paths
    if path == len(fields):
        return None
    if len(fields) == 2:
        return "There are two columns, path and label, and no index."
    return _NOT_LAST.format(path, len(fields))


def _find_text_behind_path(fields: list[bytes]) -> str | None:
    numbers = next((column for column, text in enumerate(fields) if not _FLOAT.fullmatch(text)), len(fields))
    is_behind = _FEWEST_FIELDS <= numbers + 1 < len(fields) and _IMAGE.search(fields[numbers])
    return _NOT_LAST.format(numbers + 1, len(fields)) if is_behind else None


def find_columns_of_all(lines: bytes) -> str:
    """Say how the columns of all rows are others, which the first of them show together; empty if they do not."""
    if _begins_numbered_twice(lines):
        return NUMBERED_TWICE
    return SWAPPED if _begins_swapped(lines) else ""


def _begins_swapped(lines: bytes) -> bool:
    """Tell whether a list begins with rows whose label stands before the index.

    Labels are few and come again and again; indices are all different.
    """
    rows = drop_header(lines).split(b"\n", _MOST_COMPARED)[:_MOST_COMPARED]
    found = [_TWO_NUMBERS.fullmatch(row.strip()) for row in rows if row.strip()]
    if len(found) < _FEWEST_COMPARED or not all(found):
        return False
    first, second = ({int(row[column]) for row in found if row} for column in (1, 2))
    return len(second) == len(found) >= 2 * len(first)


def _begins_numbered_twice(lines: bytes) -> bool:
    """Tell whether a list begins, maybe below a header of pandas, with rows that are counted from 0 before their index.

    The indices stand where labels would, and unlike labels they are all different.
    """
    found = _COUNTED_ROWS.match(drop_header_of_pandas(lines))
    if found is None:
        return False
    indices = set(map(int, found.groups()))
    return len(indices) == len(found.groups())


def is_utf_16(beginning: bytearray) -> bool:
    """Tell by the byte order mark, or by the NUL byte that every character of ASCII has there."""
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    head = beginning[:_HEAD_OF_UTF_16]
    return len(head) == _HEAD_OF_UTF_16 and any(head[start::2].count(0) == len(head) // 2 for start in (0, 1))
