"""Whether two lists number the folders of their images alike, in memory that does not grow with the lists."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Self

from sagescene.bounds import FOLDERS_HELD_IN_BYTES, MOST_FOLDERS
from sagescene.files.labeltally import fault_of_label
from sagescene.files.listrows import Row

_FIRST_TO_NAME = (1, 2, 0)  # of the ways: a folder within another is seldom what the class is called

_WAYS: tuple[Callable[[str], str], ...] = (
    lambda directory: directory,
    lambda directory: directory.partition("/")[0],  # cat of cat/indoors
    lambda directory: directory.rpartition("/")[2],  # cat of train/cat
)


class Disagreement(NamedTuple):
    """A folder that both lists have, and its label in each."""

    folder: str
    label: float
    other: float


class Numbering:
    """Learns from the rows of one list which folder has which label, as far as they correspond one to one.

    A folder is a path's directory, or the first or the last part of that. Rows of several labels, images without a
    folder, and more than 100,000 folders or 8 MiB of their names teach nothing.
    """

    def __init__(self) -> None:
        """Start with no row."""
        self._maps = [_Correspondence() for _ in _WAYS]
        self._is_open = True
        self._known: dict[str, float] = {}
        self._known_bytes = 0
        self.is_whole = False  # whoever passes the rows says so after the last

    @classmethod
    def of_names(cls, names: Mapping[int, str]) -> Self:
        """Give each class the label that its name stands at, as if the name were a folder."""
        numbering = cls()
        for correspondence in numbering._maps:
            for label, name in names.items():
                correspondence.add(name, label)
        return numbering

    def add(self, row: Row) -> None:
        """Take one row."""
        if not self._is_open:
            return
        path = row.path.replace("\\", "/") if "\\" in row.path else row.path
        directory = path.rpartition("/")[0].strip("/")
        label = row.labels[0]
        if self._known.get(directory) == label:
            return
        if len(row.labels) > 1 or not directory:
            for correspondence in self._maps:
                correspondence.close()
        for way, correspondence in zip(_WAYS, self._maps, strict=True):
            correspondence.add(way(directory), label)
        self._is_open = any(correspondence.is_open for correspondence in self._maps)
        self._remember(directory, label)

    def _remember(self, directory: str, label: float) -> None:
        self._known_bytes += sys.getsizeof(directory)
        if not self._is_open or len(self._known) >= MOST_FOLDERS or self._known_bytes > FOLDERS_HELD_IN_BYTES:
            self._known, self._known_bytes = {}, 0
        self._known[directory] = label

    @property
    def labels(self) -> Mapping[str, float]:
        """Return the label of each directory; nothing where one has several, or several have one."""
        return dict(self._maps[0].pairs())

    def compare(self, other: "Numbering") -> tuple[list[Disagreement], int]:
        """Give the folders that another list numbers otherwise, and how many both have; none where a way agrees."""
        found: tuple[list[Disagreement], int] = ([], 0)
        for ours, theirs in zip(self._maps, other._maps, strict=True):
            shared = list(ours.find_shared(theirs))
            differing = [each for each in shared if each.label != each.other]
            if shared and not differing:
                return [], len(shared)
            if not found[0]:
                found = differing, len(shared)
        return found

    def name_labels(self, others: Iterable["Numbering"] = ()) -> dict[int, str]:
        """Name each label by its folder; none where a list does not give every label one folder, or another one."""
        for way in _FIRST_TO_NAME:
            maps = [numbering._maps[way] for numbering in (self, *others)]
            joined = _Correspondence()
            for folder, label in (pair for each in maps for pair in each.pairs()):
                joined.add(folder, label)
            named = {int(label): folder for folder, label in joined.pairs() if not fault_of_label(label, width=1)}
            if len(named) > 1 and all(each.is_open for each in (*maps, joined)):
                return named
        return {}


class _Correspondence:
    """Folders and labels, as long as each has one of the other."""

    def __init__(self) -> None:
        self.is_open = True
        self._labels: dict[str, float] = {}
        self._folders: dict[float, str] = {}
        self._bytes = 0

    def add(self, folder: str, label: float) -> None:
        if not self.is_open or (folder in self._labels and self._labels[folder] == label):
            return
        self._bytes += sys.getsizeof(folder)
        if (
            folder in self._labels
            or label in self._folders
            or len(self._labels) >= MOST_FOLDERS
            or self._bytes > FOLDERS_HELD_IN_BYTES
        ):
            self.close()
        else:
            self._labels[folder], self._folders[label] = label, folder

    def pairs(self) -> Iterable[tuple[str, float]]:
        return self._labels.items()

    def close(self) -> None:
        self.is_open = False
        self._labels, self._folders = {}, {}

    def find_shared(self, other: "_Correspondence") -> Iterator[Disagreement]:
        """Give the folders that both have; a single folder for everything is no class."""
        if len(self._labels) > 1:
            for folder, label in self._labels.items():
                if folder in other._labels:
                    yield Disagreement(folder, label, other._labels[folder])
