"""The keys of a bucket in their order, so that a listing looks at those below its prefix alone."""

import threading
from bisect import bisect_left, insort
from typing import Any

from moto.s3.utils import _VersionedKeyStore


class SortedKeys(_VersionedKeyStore):
    """What moto keeps a bucket's objects in; moto calls it from several threads."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._lock = threading.Lock()

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401
        """Add a version of an object."""
        with self._lock:
            self._enter(key)
            super().__setitem__(key, value)

    def setlist(self, key: str, list_: Any) -> None:  # noqa: ANN401
        """Replace the versions of an object."""
        with self._lock:
            self._enter(key)
            super().setlist(key, list_)

    def pop(self, key: str) -> None:  # type: ignore[override]
        """Take an object out with all of its versions."""
        with self._lock:
            super().pop(key)
            del self._names[bisect_left(self._names, key)]

    def clear(self) -> None:
        """Take everything out."""
        with self._lock:
            super().clear()
            self._names.clear()

    def starting_with(self, prefix: str) -> list[str]:
        """Give the keys under a prefix in their order."""
        with self._lock:
            begin = bisect_left(self._names, prefix)
            end = bisect_left(self._names, True, begin, key=lambda name: not name.startswith(prefix))
            return self._names[begin:end]

    def _enter(self, key: str) -> None:
        if key not in self:
            insort(self._names, key)
