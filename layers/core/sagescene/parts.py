"""What a key says: which data set a file belongs to, and which part of it the file is."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePosixPath
from urllib.parse import unquote_plus

from sagescene import foreign

DATASETS = "datasets/"
LONGEST_NAME_IN_BYTES = 255  # what file systems take; the keys of reports and outcomes hold it and have 1,024
NO_NAMES = frozenset({"", ".", ".."})  # segments of a key that no file below a folder has
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # no name that a person gives; terminals obey them


class Part(StrEnum):
    """What a file is to its data set."""

    TRAIN_RECORDS = "train .rec"
    TRAIN_LIST = "train .lst"
    VALIDATION_RECORDS = "validation .rec"
    VALIDATION_LIST = "validation .lst"
    TRAINING_JSON = "training.json"
    CLASS_NAMES = "classes.txt"
    TEST = "test file"
    UNPLACED = "file of no channel"
    FOREIGN = "file of another kind"


def set_of(key: str) -> str | None:
    """Name the data set that a key belongs to, or None.

    None is for a key outside `datasets/<set>/`, and for a name that is too long or holds control characters.
    """
    folder = _folder_of(key)
    if not folder or CONTROL_CHARACTERS.search(folder):
        return None
    return folder if len(folder.encode(errors="surrogatepass")) <= LONGEST_NAME_IN_BYTES else None


def is_named_too_long(key: str) -> bool:
    """Tell whether a file is in no data set only because the set's name is too long."""
    folder = _folder_of(key)
    return folder is not None and len(folder.encode(errors="surrogatepass")) > LONGEST_NAME_IN_BYTES


def is_unprintable(key: str) -> bool:
    """Tell whether a file is no part of a data set only because its key holds control characters."""
    return bool(CONTROL_CHARACTERS.search(key)) and part_of(CONTROL_CHARACTERS.sub("_", key)) is not None


def _folder_of(key: str) -> str | None:
    folder, slash, rest = key.removeprefix(DATASETS).partition("/")
    return folder if key.startswith(DATASETS) and folder and slash and rest else None


def part_of(key: str) -> Part | None:
    """Say what a file is to its data set, by its folder or else by its name; None when it is no part of one.

    Files whose keys hold control characters are none: nobody could read of them, nor S3's listing be read with them.
    Hidden files and those in hidden folders, such as `._train.rec` and `.ipynb_checkpoints/x.lst`, are none, nor is
    the object that the S3 console makes of a folder, whose key ends in a slash.
    Folders `train`, `validation`, `val` and `test` decide before the file names `train`, `validation` and `val`
    and the endings `_train`, `_val` and `_test` that im2rec gives. A `classes.txt` in a folder of validation or test
    files is none; the names are those of training.
    """
    path = PurePosixPath(key)
    own_segments = path.parts[2:] if set_of(key) else path.parts
    if key.endswith("/") or CONTROL_CHARACTERS.search(key) or any(segment.startswith(".") for segment in own_segments):
        return None
    if path.name == "training.json":
        return Part.TRAINING_JSON
    if path.name == "classes.txt":
        is_of_all = {"validation", "val", "test"}.isdisjoint(folder.lower() for folder in path.parts[2:-1])
        return Part.CLASS_NAMES if is_of_all else None
    if foreign.rings(key):
        return Part.FOREIGN
    if path.suffix not in {".rec", ".lst"}:
        return None
    folders = [folder.lower() for folder in reversed(path.parts[2:-1])]
    words = [*folders, path.stem.lower().rpartition("_")[2]]
    records = path.suffix == ".rec"
    for word in words:
        match word:
            case "train":
                return Part.TRAIN_RECORDS if records else Part.TRAIN_LIST
            case "validation" | "val":
                return Part.VALIDATION_RECORDS if records else Part.VALIDATION_LIST
            case "test":
                return Part.TEST
    return Part.UNPLACED


def readings_of(key: str) -> Iterable[str]:
    """Give the keys that an event's may mean: whether EventBridge encodes keys is not documented, a listing decides."""
    return dict.fromkeys((key, unquote_plus(key)))


def suggest_key(key: str) -> str:
    """Give the key under which a misplaced file would be found, such as `datasets/pets/train.rec`."""
    *folders, name = [segment for segment in CONTROL_CHARACTERS.sub("", key).split("/") if segment not in NO_NAMES]
    if folders and folders[0].lower() in {"dataset", "datasets"}:
        folders = folders[1:]
    data_set, *inner = folders or ["my-set"]
    short_enough = data_set.encode(errors="surrogatepass")[:LONGEST_NAME_IN_BYTES].decode(errors="ignore")
    return DATASETS + "/".join([short_enough, *inner, name])
