"""What a process listed of data sets a moment ago: it spares a listing where an upload is known to be overtaken."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sagescene import dataset
from sagescene.dataset import StoredObject

# As if the later invocation had been the earlier one's neighbour; what people delete meanwhile must soon be noticed.
_AS_GOOD_AS_NEW = timedelta(seconds=30)
_MOST_OBJECTS = 20


class ListedBefore:
    """Keeps the objects of each data set whose uploads have it judged, for half a minute."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._listed: dict[str, tuple[datetime, tuple[StoredObject, ...]]] = {}

    def remember(self, data_set: str, objects: Iterable[StoredObject], now: datetime) -> None:
        """Keep a listing, unless it is a long one."""
        ringing = tuple(filter(dataset.rings, objects))
        self._listed = {
            name: kept for name, kept in self._listed.items() if name != data_set and _is_fresh(kept[0], now)
        }
        if len(ringing) <= _MOST_OBJECTS:
            self._listed[data_set] = (now, ringing)

    def recall(self, now: datetime) -> Mapping[str, tuple[StoredObject, ...]]:
        """Give what was listed, by data set."""
        return {name: objects for name, (listed, objects) in self._listed.items() if _is_fresh(listed, now)}


def _is_fresh(listed: datetime, now: datetime) -> bool:
    return now - listed <= _AS_GOOD_AS_NEW
