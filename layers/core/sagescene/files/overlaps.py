"""Which values of one column occur in another as well, in memory that does not grow with either."""

from collections.abc import Collection, Hashable

from sagescene.bounds import SHARED_HELD_AT_MOST


class Overlap[Place]:
    """Holds the values of one column, then tells of each value of the other whether it was among them.

    It holds about 100 bytes a value, besides what names its place, and at most 100,000 values. A longer column is
    thinned out by the values' own hashes: whoever is left out here would be left out in the other column as well, so
    that what is found is still a fair sample of all there is. Values are told apart by their 64-bit hash alone.
    """

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._mask = 0

    @property
    def thinned_by(self) -> int:
        """Tell of how many values one is compared: 1 when all are, else a power of two."""
        return self._mask + 1

    def remember(self, value: Hashable, place: Place) -> Place | None:
        """Remember a value of the first column by its place, or give the place of an equal one before."""
        key = hash(value)
        if not key & self._mask:
            first = self._places.setdefault(key, place)
            if first is not place:
                return first
            while len(self._places) > SHARED_HELD_AT_MOST:
                self._mask = self._mask << 1 | 1
                self._places = {key: at for key, at in self._places.items() if not key & self._mask}
        return None

    def places(self) -> Collection[Place]:
        """Give the places of all values that are held."""
        return self._places.values()

    def find(self, value: Hashable) -> Place | None:
        """Give the place of an equal value in the first column, None without one."""
        return self._places.get(hash(value))
