"""Which rows of a list repeat a value of their column, in memory that does not grow with the list."""

import sys
from array import array
from collections.abc import Hashable, Iterable, Iterator
from heapq import merge
from itertools import compress

from sagescene.bounds import REPEATS_HELD_AT_MOST, REPEATS_HELD_IN_FULL

_PARTS = 4
_IS_OF_PART = [bytes(byte % _PARTS == part for byte in range(256)) for part in range(_PARTS)]  # by the lowest byte
_LOWEST_BYTE = slice(0 if sys.byteorder == "little" else 7, None, 8)


class Repeats:
    """Compares the rows of a list with each other, column by column.

    It holds 4 bytes a row and 8 a value. Past the first 50,000 rows it takes in one batch for every quarter more:
    a list that was joined to itself still shows, single repeats may not. `is_sampled` tells.
    """

    def __init__(self, columns: int) -> None:
        """Start with no row, of so many columns."""
        self._hashes = [array("q") for _ in range(columns)]
        self._lines = array("I")
        self._passed = 0
        self._next = 0
        self.is_sampled = False

    @property
    def compared(self) -> int:
        """Tell how many rows were taken in."""
        return len(self._lines)

    def wants(self, rows: int) -> bool:
        """Tell whether the next batch, of so many rows, is to be added; count it in either case."""
        wanted = self._passed >= self._next and len(self._lines) + rows <= REPEATS_HELD_AT_MOST
        self._passed += rows
        if not wanted:
            self.is_sampled = True
        elif self._passed >= REPEATS_HELD_IN_FULL:
            self._next = self._passed + self._passed // 4
        return wanted

    def add(self, line_numbers: Iterable[int], *columns: Iterable[Hashable]) -> None:
        """Add a batch of rows: their line numbers (up to 2^32) and the values of each column."""
        self._lines.extend(line_numbers)
        for hashes, values in zip(self._hashes, columns, strict=True):
            hashes.extend(map(hash, values))

    def find(self, column: int) -> Iterator[tuple[int, int]]:
        """Return (line, line of the first row of the same value) of every row held whose value was there before.

        They come in the order of the lines. Values are told apart by their 64-bit hash alone; two of 120,000 different
        ones share one in one list of two billion.
        """
        hashes = self._hashes[column]
        lowest = hashes.tobytes()[_LOWEST_BYTE]
        found = []
        for is_of_part in _IS_OF_PART:  # one after the other: an integer and its place in a set take 70 bytes
            chosen = lowest.translate(is_of_part)
            if len(set(compress(hashes, chosen))) < chosen.count(1):
                found.append(self._find_among(hashes, chosen))
        yield from merge(*found)

    def _find_among(self, hashes: "array[int]", chosen: bytes) -> Iterable[tuple[int, int]]:
        first: dict[int, int] = {}
        lines, first_lines = array("I"), array("I")
        for value, line in zip(compress(hashes, chosen), compress(self._lines, chosen), strict=True):
            if first.setdefault(value, line) != line:
                lines.append(line)
                first_lines.append(first[value])
        return zip(lines, first_lines, strict=True)
