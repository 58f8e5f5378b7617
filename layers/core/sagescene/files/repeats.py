"""Which values of a column occur twice, in memory that does not grow with the column."""

import sys
from array import array
from collections.abc import Hashable, Iterable, Iterator
from itertools import compress

from sagescene.bounds import REPEATS_HELD_AT_MOST, REPEATS_HELD_IN_FULL

_PARTS = 8
_IS_OF_PART = [bytes(byte % _PARTS == part for byte in range(256)) for part in range(_PARTS)]  # by the lowest byte
_LOWEST_BYTE = slice(0 if sys.byteorder == "little" else 7, None, 8)


class Repeats:
    """Compares the values of a column with each other: all of the first 50,000, after that samples.

    It holds 13 bytes a value, 1.6 MB at most. Past the first 50,000 values it takes in one batch for every
    quarter more values: a list that was joined to itself still shows, single repeats may not. `is_sampled` tells.
    """

    def __init__(self) -> None:
        # In parts from the beginning, so that the boxed integers of one alone are alive when they are compared.
        self._hashes = [array("q") for _ in range(_PARTS)]
        self._lowest = bytearray()  # bytes of all hashes, in the order of the lines
        self._lines = array("I")
        self._passed = 0
        self._next = 0
        self.is_sampled = False

    def wants(self, count: int) -> bool:
        """Tell whether the next batch, of `count` values, is to be added; count it in either case."""
        wanted = self._passed >= self._next and len(self._lines) + count <= REPEATS_HELD_AT_MOST
        self._passed += count
        if not wanted:
            self.is_sampled = True
        elif self._passed >= REPEATS_HELD_IN_FULL:
            self._next = self._passed + self._passed // 4
        return wanted

    def add(self, values: Iterable[Hashable], line_numbers: Iterable[int]) -> None:
        """Add a batch of values and their line numbers (up to 2^32)."""
        hashes = [*map(hash, values)]
        lowest = array("q", hashes).tobytes()[_LOWEST_BYTE]
        for part, is_of_part in zip(self._hashes, _IS_OF_PART, strict=True):
            part.extend(compress(hashes, lowest.translate(is_of_part)))
        self._lowest += lowest
        self._lines.extend(line_numbers)

    def find(self) -> Iterator[tuple[int, int]]:
        """Return (line, line of the first value equal to it) of every repeat held.

        Values are told apart by their 64-bit hash alone; two of 120,000 different ones share one in one
        list of two billion.
        """
        for values, is_of_part in zip(self._hashes, _IS_OF_PART, strict=True):
            if len(set(values)) == len(values):
                continue
            first: dict[int, int] = {}
            for value, line in zip(values, compress(self._lines, self._lowest.translate(is_of_part)), strict=True):
                if first.setdefault(value, line) != line:
                    yield line, first[value]
