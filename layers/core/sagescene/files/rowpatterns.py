"""Patterns that check many rows of a list at once, and take their labels on the way.

They are possessive or atomic throughout, so that no line is tried twice. A path may hold a TAB in them: to exclude it
takes several times as long as to count all TABs. A row holds at least width + 1 of them, so exactly that many in all
prove that no row holds more.
"""

import re
from functools import lru_cache
from typing import Any

_LABELS_AT_ONCE = 48  # a row of one costs 62 ns so, and 190 ns with a call a row; more take long to compile
_INDEX, _LABEL, _PATH = "[0-9]{1,19}+\t", "[!-~]++", "[^\0- ].*+\n"
_WRITTEN_OUT = 64  # labels; a repetition is slower, and more of them take long to compile


class RowPattern:
    """The form of well-formed rows with so many labels."""

    def __init__(self, width: int) -> None:
        self._width = width
        more = f"\t{_LABEL}" * (width - 1) if width <= _WRITTEN_OUT else f"(?:\t{_LABEL}){{{width - 1}}}"
        self._labels = f"{_LABEL}{more}"
        self._row = f"{_INDEX}{self._labels}\t{_PATH}"

    def read(self, text: str) -> list[list[str]] | None:
        """Return each column's labels; None where one of the lines is no row."""
        if "\0" in text:
            return None
        if self._width == 1:
            labels, position = _take(f"{_INDEX}({_LABEL})\t{_PATH}", text, _LABELS_AT_ONCE)
            return [labels] if position == len(text) and text.count("\t") == 2 * len(labels) else None
        fits = _compile(f"(?:{self._row})*+").match(text)
        if not fits or fits.end() < len(text):
            return None
        fields = text.split("\t")
        if len(fields) - 1 != (self._width + 1) * text.count("\n"):
            return None
        # A path stays glued to the next row's index.
        return [fields[column :: self._width + 1] for column in range(1, self._width + 1)]

    def sift(self, text: str) -> tuple[list[list[str]], dict[int, str]]:
        """Return each column's labels on the rows, and every other line by its place, counted from 0."""
        at_once = max(1, _LABELS_AT_ONCE // self._width)
        taken, _ = _take(f"(?>{_INDEX}({self._labels})\t{_PATH}|(.*+)\n)", text, at_once)
        labels, lines = taken[::2], taken[1::2]
        others = {place: line for place, line in enumerate(lines) if line is not None}
        tabs = text.count("\t") - "".join(others.values()).count("\t")
        if "\0" in text or tabs != (self._width + 1) * (len(labels) - len(others)):
            for place, line in enumerate(text.split("\n")[:-1]):
                if not self._is_plain(line):
                    labels[place], others[place] = None, line
            others = dict(sorted(others.items()))
        fields = [*filter(None, labels)]
        if fields and self._width > 1:
            fields = "\t".join(fields).split("\t")
        return [fields[column :: self._width] for column in range(self._width)], others

    def _is_plain(self, row: str) -> bool:
        return "\0" not in row and row.count("\t") == self._width + 1


def _take(line: str, text: str, at_once: int) -> tuple[list[Any], int]:
    """Return what the groups of a line's pattern hold on every line, and where the first is that does not fit."""
    taken: list[Any] = []
    position = 0
    for pattern in (_compile(line * at_once), _compile(line)):
        while fits := pattern.match(text, position):
            taken += fits.groups()
            position = fits.end()
    return taken, position


_compile = lru_cache(maxsize=8)(re.compile)
