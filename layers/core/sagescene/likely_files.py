"""Files that are likely meant for another part of a set than their names make them: told, and never taken for it."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

from sagescene import foreign
from sagescene.grammar import name_some
from sagescene.parts import Part, part_of
from sagescene.shell_words import quote_path

# What lists and records are called elsewhere. Nothing is lost by naming one of them: its content is looked at when it
# has the right ending. The object detection of TensorFlow calls its own format .record, so a name proves nothing.
_LIST_ENDINGS = frozenset({".csv", ".list", ".tsv", ".txt"})
_RECORDS_ENDINGS = frozenset({".bin", ".record", ".recordio", ".records"})
_NAMED = 3
_FOLDERS = {
    Part.TRAIN_RECORDS: "train",
    Part.TRAIN_LIST: "train",
    Part.VALIDATION_RECORDS: "validation",
    Part.VALIDATION_LIST: "validation",
    Part.TEST: "test",
}


def tell_likely(part: Part, keys: Iterable[str], folder: str) -> str:
    """Say which files may be the part that a set lacks and what to do then, as a sentence; nothing if none is.

    `folder` is what begins all keys of the set.
    """
    keys = [*keys]
    ending = part[-len(".rec") :]
    if likely := [key for key in keys if _has_other_ending(key, part, ending)]:
        names = [key.removeprefix(folder) for key in sorted(likely)]
        if len(names) > 1:
            named = name_some(names[:_NAMED], len(names))
            return f"If one of these is it, give its name the ending {ending} and upload it again: {named}."
        return f"If {names[0]} is it, rename it and upload it again: {_move(names[0], _with_ending(names[0], ending))}."
    tests = sorted(key for key in keys if part_of(key) is Part.TEST and key.endswith(".rec"))
    if part is Part.VALIDATION_RECORDS and tests:
        name = tests[0].removeprefix(folder)
        moved = _move(name, _for_validation(name))
        return f"If {name} is meant for validation, rename it and upload it again: {moved}."
    return ""


def advise_surplus(keys: Collection[str], taken: Collection[Part], folder: str) -> str:
    """Say what to do about several files for one part, as a sentence; `taken` are the parts that the set has."""
    moves = _find_misfiled(keys, taken)
    if not moves:
        return "Delete all but one, or move the others to a data set of their own."
    commands = [_move(old.removeprefix(folder), new.removeprefix(folder)) for old, new in moves.items()]
    more = "; and so on" if len(commands) > _NAMED else ""
    listed = "; ".join(commands[:_NAMED]) + more
    return f"Move each to the folder that its name says, in the bucket as well: {listed}."


def advise_placing(keys: Collection[str], taken: Collection[Part]) -> str:
    """Say what to do about files of no channel, as a sentence; `taken` as in `advise_surplus`."""
    has_channel = Part.TRAIN_RECORDS in taken or Part.VALIDATION_RECORDS in taken
    if has_channel or sum(key.endswith(".rec") for key in keys) != 1:
        return "Put it in a folder named train or validation, or delete it."
    return (
        "A set needs a train .rec, its .lst and a validation .rec: make the list again by im2rec.py with "
        f"--train-ratio 0.8, which writes one for each, and pack both; or pack anew: {foreign.PACK}."
    )


def _find_misfiled(keys: Collection[str], taken: Collection[Part]) -> Mapping[str, str]:
    """Find those files of one channel's folder that are another's by their names, and the keys that they should have.

    Nothing if none or more than one would be left, or if the other channel has or would have more than one.
    """
    named = {key: part_of(PurePosixPath(key).name) for key in keys}
    meant = {key: part for key, part in named.items() if part and part in _FOLDERS and part is not part_of(key)}
    channels = [part for part in meant.values() if part is not Part.TEST]
    is_plain = len(keys) - len(meant) == 1 and len(set(channels)) == len(channels)
    if not is_plain or not set(channels).isdisjoint(taken):
        return {}
    return {key: _in_folder(key, _FOLDERS[part]) for key, part in meant.items()}


def _has_other_ending(key: str, part: Part, ending: str) -> bool:
    endings = _LIST_ENDINGS if ending == ".lst" else _RECORDS_ENDINGS
    if part_of(key):  # classes.txt in the folder of a channel
        return False
    return PurePosixPath(key).suffix.lower() in endings and part_of(_with_ending(key, ending)) is part


def _with_ending(name: str, ending: str) -> str:
    return str(PurePosixPath(name).with_suffix(ending))


def _for_validation(name: str) -> str:
    path = PurePosixPath(name)
    if part_of(path.name) is Part.TEST and "test" not in map(str.lower, path.parts[:-1]):
        return str(path.with_name(re.sub("test(?=[.]rec$)", "val", path.name, flags=re.IGNORECASE)))
    return _in_folder(name, "validation")


def _in_folder(key: str, channel: str) -> str:
    """Give the key that a file has when the folder that decides is another channel's."""
    *folders, name = key.split("/")
    decides = max(place for place, each in enumerate(folders) if each.lower() in {"train", "validation", "val", "test"})
    return "/".join([*folders[:decides], channel, *folders[decides + 1 :], name])


def _move(old: str, new: str) -> str:
    made, moved = PurePosixPath(new).parent, f"mv {quote_path(old)} {quote_path(new)}"
    return moved if made == PurePosixPath(old).parent else f"mkdir -p {quote_path(made)} && {moved}"
