"""Which values of a column occur twice, in memory that does not grow with the column."""

import sys
from array import array
from collections.abc import Hashable, Iterable, Iterator
from itertools import compress

from sagescene.bounds import REPEATS_HELD_AT_MOST, REPEATS_HELD_IN_FULL

PARTS = 8
_LOWEST_BYTE = slice(0 if sys.byteorder == "little" else 7, None, 8)


class Repeats:
    """Compares the values of a column with each other: all of the first 50,000, after that samples.

    It holds 12 bytes a value, 1.5 MB at most. Past the first 50,000 values it takes in one batch for every
    quarter more values: a list that was joined to itself still shows, single repeats may not. `is_sampled` tells.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._lines = array("I")
        self._passed = 0
        self._next = 0
        self.is_sampled = False

    def wants(self, count: int) -> bool:
        """Tell whether the next batch, of `count` values, is to be added; count it in either case."""
        wanted = self._passed >= self._next and len(self._hashes) + count <= REPEATS_HELD_AT_MOST
        self._passed += count
        if not wanted:
            self.is_sampled = True
        elif self._passed >= REPEATS_HELD_IN_FULL:
            self._next = self._passed + self._passed // 4
        return wanted

    def add(self, values: Iterable[Hashable], line_numbers: Iterable[int]) -> None:
        """Add a batch of values and their line numbers (up to 2^32)."""
        self._hashes.extend(map(hash, values))
        self._lines.extend(line_numbers)

    def find(self) -> Iterator[tuple[int, int]]:
        """Return (line, line of the first value equal to it) of every repeat held.

        Values are told apart by their 64-bit hash alone; two of 120,000 different ones share one in one
        list of two billion.
        """
        # Picked by their lowest byte without a Python loop: 24 ms for 120,000 values, where a loop takes 48.
        lowest = self._hashes.tobytes()[_LOWEST_BYTE]
        for part in range(PARTS):  # so that the boxed integers of one part only are alive
            is_of_part = lowest.translate(bytes(byte % PARTS == part for byte in range(256)))
            values = list(compress(self._hashes, is_of_part))
            if len(set(values)) == len(values):
                continue
            first: dict[int, int] = {}
            for value, line in zip(values, compress(self._lines, is_of_part), strict=True):
                if first.setdefault(value, line) != line:
                    yield line, first[value]
