"""Whether two lists number the folders of their images alike, in memory that does not grow with the lists."""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum, auto
from itertools import islice, repeat
from os.path import commonprefix
from typing import NamedTuple, Self

from sagescene.alike_names import fold
from sagescene.bounds import FOLDERS_HELD_IN_BYTES, LONGEST_FILE_NAME, MOST_FOLDERS
from sagescene.files.labeltally import fault_of_label
from sagescene.files.listrows import Row


class _Way(Enum):
    """What of a path may be the class, in the order in which lists are compared."""

    DIRECTORY = auto()
    BELOW = auto()  # big/cat of data/train/big/cat
    WITHIN = auto()  # cat of train/cat/images
    FIRST = auto()  # of what is left then: cat of train/cat/indoors
    LAST = auto()  # cat of train/big/cat
    FILE = auto()  # cat of train/cat.17.jpg, where all images lie in one folder


_WAYS_TO_NAME = (_Way.FIRST, _Way.LAST, _Way.DIRECTORY)  # a folder within another is seldom what the class is called


class Disagreement(NamedTuple):
    """A folder that both lists have, and its label in each; or what names of files are without their numbers."""

    folder: str
    label: float
    other: float
    is_file: bool = False


class Numbering:
    """Learns from the rows of one list which folder has which label, as far as they correspond one to one.

    A folder is a path's directory, what is left of it without the parts that all directories begin with, or begin and
    end with, or the first or the last part of that. Of more than 100,000 directories, or 8 MiB of them, their first
    and last parts alone are learned, as many. Where all images lie in one folder, the names of their files are taken
    without numbers. Rows of several labels teach nothing.
    """

    def __init__(self) -> None:
        """Start with no row."""
        self._labels: dict[str, float] = {}  # of all directories; of the latest where there are too many to hold
        self._bytes = 0
        self._holds_all = True
        self._ends = {_Way.FIRST: _Correspondence(), _Way.LAST: _Correspondence()}  # of directories not held
        self._are_classes = True  # each directory one of them
        self._only_directory: str | None = None
        self._files = _Correspondence()
        self._names: _Correspondence | None = None
        self.is_whole = False  # whoever passes the rows says so after the last

    @classmethod
    def of_names(cls, names: Mapping[int, str]) -> Self:
        """Give each class the label that its name stands at, as if the name were a folder."""
        numbering = cls()
        numbering._names = _Correspondence((name, label) for label, name in names.items())
        return numbering

    def add(self, row: Row) -> None:
        """Take one row."""
        if not self._are_classes and not self._files.is_open:
            return
        path = row.path.replace("\\", "/") if "\\" in row.path else row.path
        directory, _, file = path.rpartition("/")
        directory = directory.strip("/")
        label = row.labels[0]
        if self._files.is_open:
            self._add_file(directory, file, label)
        known = self._labels.get(directory)
        if known == label:
            return
        if len(row.labels) > 1:
            self._files.close()
        if len(row.labels) > 1 or not directory or known is not None:
            self._are_classes, self._labels = False, {}
        elif self._are_classes:
            self._add_directory(directory, label)

    def _add_file(self, directory: str, file: str, label: float) -> None:
        if self._only_directory is None:
            self._only_directory = directory
        # What stands before the number: cat of cat.17.jpg, cat_17.png and cat (17).jpg.
        name = file.rpartition(".")[0].rstrip("0123456789)").rstrip(" ._-(")
        if not name or directory != self._only_directory or len(file) > LONGEST_FILE_NAME:
            self._files.close()
        elif self._files.get(name) != label:
            self._files.add(name, label)

    def _add_directory(self, directory: str, label: float) -> None:
        self._bytes += sys.getsizeof(directory)
        if len(self._labels) >= MOST_FOLDERS or self._bytes > FOLDERS_HELD_IN_BYTES:
            if self._holds_all:
                self._add_ends(self._labels)
            self._holds_all = False
            self._labels, self._bytes = {}, 0
        self._labels[directory] = label
        if not self._holds_all:
            self._add_ends({directory: label})
            self._are_classes = any(each.is_open for each in self._ends.values())

    def _add_ends(self, labels: Mapping[str, float]) -> None:
        for directory, label in labels.items():
            self._ends[_Way.FIRST].add(directory.partition("/")[0], label)
            self._ends[_Way.LAST].add(directory.rpartition("/")[2], label)

    @property
    def labels(self) -> Mapping[str, float]:
        """Return the label of each directory; nothing where one has several, or there are too many to hold."""
        return self._labels if self._are_classes and self._holds_all else {}

    @property
    def has_folders(self) -> bool:
        """Tell whether paths have folders, by the first of them; im2rec lists all images so, or none."""
        return self._only_directory != ""

    def compare(self, other: "Numbering") -> tuple[list[Disagreement], int]:
        """Give the folders that another list numbers otherwise, and how many both have; none where a way agrees."""
        found: tuple[list[Disagreement], int] = ([], 0)
        for way, ours, theirs in zip(_Way, self._read(), other._read(), strict=True):
            shared = [each._replace(is_file=way is _Way.FILE) for each in ours.find_shared(theirs)]
            differing = [each for each in shared if each.label != each.other]
            if shared and not differing:
                return [], len(shared)
            if not found[0]:
                found = differing, len(shared)
        return found

    def name_labels(self, others: Iterable["Numbering"] = ()) -> dict[int, str]:
        """Name each label by its folder; none where a list does not give every label one folder, or another one."""
        for way in _WAYS_TO_NAME:
            maps = [next(islice(numbering._read(), list(_Way).index(way), None)) for numbering in (self, *others)]
            joined = _Correspondence(pair for labels in _fold_alike(maps) for pair in labels.items())
            shown = {label: folder for each in reversed(maps) for folder, label in each.pairs()}
            named = {int(label): folder for label, folder in shown.items() if not fault_of_label(label, width=1)}
            if len(named) > 1 and all(each.is_open for each in (*maps, joined)):
                return named
        return {}

    def _read(self) -> "Iterator[_Correspondence]":
        """Give what the rows taught in each way, one after the other: of many folders, all ways take much memory."""
        if self._names:
            yield from repeat(self._names, len(_Way))
        elif not self._are_classes or not self._holds_all:
            ends = self._ends if self._are_classes else {}
            yield from (ends.get(way, _CLOSED) for way in _Way if way is not _Way.FILE)
            yield self._files
        else:
            yield (whole := _Correspondence(self._labels.items()))
            directories = [directory.split("/") for directory in self._labels]
            start, end = _count_shared(directories)
            yield (below := self._take(parts[start:] for parts in directories) if start else whole)
            directories = [parts[start : len(parts) - end] for parts in directories]
            yield self._take(directories) if end else below
            yield self._take(parts[:1] for parts in directories)
            yield self._take(parts[-1:] for parts in directories)
            yield self._files

    def _take(self, folders: Iterable[list[str]]) -> "_Correspondence":
        return _Correspondence(zip(map("/".join, folders), self._labels.values(), strict=True))


class _Correspondence:
    """Folders and labels, as long as each has one of the other."""

    def __init__(self, pairs: Iterable[tuple[str, float]] = ()) -> None:
        self.is_open = True
        self._labels: dict[str, float] = {}
        self._folders: dict[float, str] = {}
        self._bytes = 0
        self._folded: dict[str, float] | None = None
        for folder, label in pairs:
            self.add(folder, label)

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
            self._folded = None

    def get(self, folder: str) -> float | None:
        return self._labels.get(folder)

    def pairs(self) -> Collection[tuple[str, float]]:
        return self._labels.items()

    def close(self) -> None:
        self.is_open = False
        self._labels, self._folders, self._folded = {}, {}, None

    def fold(self) -> Mapping[str, float]:
        """Give the labels by what people take for one name; fewer where that is the same for two folders."""
        if self._folded is None:
            self._folded = {fold(folder): label for folder, label in self._labels.items()}
        return self._folded

    def find_shared(self, other: "_Correspondence") -> Iterator[Disagreement]:
        """Give the folders that both have; a single folder for everything is no class."""
        if len(self._labels) > 1 and other.pairs():
            ours, theirs = _fold_alike((self, other))
            for folder, label in ours.items():
                if folder in theirs:
                    yield Disagreement(self._folders[label], label, theirs[folder])


_CLOSED = _Correspondence()
_CLOSED.close()


def _count_shared(directories: list[list[str]]) -> tuple[int, int]:
    """Count the parts that all directories begin and end with, as train/ and /images, but for one part of each."""
    if len(directories) == 1:  # all of it would be shared
        return 0, 0
    shortest = min(map(len, directories), default=1)
    start = min(len(commonprefix(directories)), shortest - 1)  # noqa: RUF071 - of parts, not of characters
    turned = [parts[start:][::-1] for parts in directories]
    return start, min(len(commonprefix(turned)), shortest - start - 1)  # noqa: RUF071


def _fold_alike(maps: Collection[_Correspondence]) -> list[Mapping[str, float]]:
    """Give the labels of each by what people take for one name, unless one of them tells such names apart."""
    folded = [each.fold() for each in maps]
    is_told_apart = any(len(ours) < len(each.pairs()) for ours, each in zip(folded, maps, strict=True))
    return [dict(each.pairs()) for each in maps] if is_told_apart else folded
