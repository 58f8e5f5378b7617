"""Faults that have one cause on many lines of a list, told once with the lines they are on."""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from sagescene.findings import Code, FindingLog

_INTEGER = re.compile(rb"\s*[0-9]{1,20}\s*")
_NUMBER = re.compile(rb"\s*[-+]?[0-9]+(\.[0-9]*)?\s*")
_SEPARATORS = (
    ("commas", b","),
    ("semicolons", b";"),
    ("vertical bars", b"|"),
    ("blanks", None),
)
_LONGEST_HEADER = 1000
_COLUMN_NAME = re.compile(rb"[#A-Za-z_][\w #-]*")
_COLUMN_WORD = re.compile(
    r"(?<![a-z])(category|class|classes|file|filename|id|idx|image|img|index|labels?|name|path|target)(?![a-z])"
)


class _Lines(NamedTuple):
    """The lines of one cause."""

    first: int
    last: int
    number: int

    def take(self, line: int) -> Self:
        return self._replace(last=line, number=self.number + 1)

    @property
    def where(self) -> str:
        return f"line {self.first}" if self.number == 1 else f"lines {self.first} to {self.last}"

    @property
    def are_some(self) -> str:
        """Say how many they are, unless they are all that `where` names."""
        return "" if self.number == self.last - self.first + 1 else f" This is so on {self.number:,} of these lines."


@dataclass
class Causes:
    """The causes that were met so far, each with its lines."""

    separators: dict[str, _Lines] = field(default_factory=dict)
    not_utf_8: _Lines | None = None
    first_byte: int = 0

    def copy(self) -> Self:
        """Return what later lines do not change."""
        return replace(self, separators=self.separators.copy())

    def add_separator(self, separator: str, line: int) -> None:
        """Take a line whose columns are separated by something else than TABs."""
        known = self.separators.get(separator)
        self.separators[separator] = known.take(line) if known else _Lines(line, line, 1)

    def add_not_utf_8(self, line: int, byte: int) -> None:
        """Take a line with a byte, counted from 1, that is not UTF-8."""
        if self.not_utf_8:
            self.not_utf_8 = self.not_utf_8.take(line)
        else:
            self.not_utf_8, self.first_byte = _Lines(line, line, 1), byte

    def report(self, log: FindingLog) -> None:
        """Report every cause once."""
        for separator, separated in self.separators.items():
            log.report(
                Code.WRONG_SEPARATOR,
                separated.where,
                f"The columns are separated by {separator}, not by TABs.{separated.are_some}",
                "Write the list again with one TAB between index, label(s) and path.",
            )
        if lines := self.not_utf_8:
            message = f"Byte {self.first_byte} of line {lines.first} is not UTF-8 text.{lines.are_some}"
            log.report(Code.NOT_UTF_8, lines.where, message, "Save the list as UTF-8.")


def find_separator(line: bytes) -> str | None:
    """Name what separates index, label and path of a line without the TABs for it; None if nothing seems to."""
    for name, separator in _SEPARATORS:
        fields = line.split(separator, 2)
        if len(fields) == 3 and _INTEGER.fullmatch(fields[0]) and (separator or _NUMBER.fullmatch(fields[1])):
            return name
    return None


def is_header(line: bytes) -> bool:
    """Tell whether a line names columns, whatever separates them."""
    if len(line) > _LONGEST_HEADER:
        return False
    for separator in (b"\t", b",", b";", b"|", None):
        names = [name.strip().strip(b"\"'") for name in line.split(separator)]
        known = sum(bool(_COLUMN_WORD.search(name.decode(errors="replace").lower())) for name in names)
        if known > 1 and all(map(_COLUMN_NAME.fullmatch, filter(None, names))):
            return True
    return False
