"""What a process listed of data sets before: it spares a listing where uploads that came later are known already."""

from collections.abc import Iterable

from sagescene import dataset
from sagescene.dataset import StoredObject

# About 2 MB of memory, if all of them are taken.
_MOST_SETS, _MOST_OBJECTS = 1000, 20


class ListedBefore(dict[str, tuple[StoredObject, ...]]):
    """The objects of each data set whose uploads have it judged, as they were listed last; of the newest sets only."""

    def remember(self, data_set: str, objects: Iterable[StoredObject]) -> None:
        """Keep a listing, unless it is a long one."""
        self.pop(data_set, None)
        ringing = tuple(filter(dataset.rings, objects))
        if len(ringing) > _MOST_OBJECTS:
            return
        self[data_set] = ringing
        if len(self) > _MOST_SETS:
            del self[next(iter(self))]
