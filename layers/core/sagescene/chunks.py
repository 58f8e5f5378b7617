"""Channels that a packing tool or a copy has cut in several files: told by their names, and how to join them."""

import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import PurePosixPath

from sagescene.bounds import LONGEST_COMMAND
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog

_NAMED_EACH = 4

# train_0, pets_0_train (im2rec --chunks), train-00001-of-00004, part-00000, train.part2, 7
_STEM = re.compile(
    r"(?:(?P<before>.+?)[-_.])?(?:(?:part|chunk|shard|split)[-_.]?)?"
    r"(?P<number>[0-9]{1,9})(?:[-_.]of[-_.](?P<total>[0-9]{1,9}))?(?P<after>_(?:train|val|validation|test))?",
    re.IGNORECASE,
)
# train.rec.001, train.rec.part1, train.rec.aa, train.rec-00000-of-00004: what `split` and copies by pieces make
_PIECE = re.compile(
    r"(?P<whole>.+\.(?:rec|lst))[-_.](?:(?:part|chunk)?[-_.]?[0-9]{1,9}(?:-of-(?P<total>[0-9]{1,9}))?|(?!gz|xz)[a-z]{2})"
)
_OF_SPARK = re.compile(r"part(?:-[a-z])?-[0-9]{1,9}")  # in the folder of its channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """Files that together are one: `whole` is its key, `total` how many their names say there are, 0 if they do not."""

    whole: str
    keys: tuple[str, ...]
    total: int = 0


def find_chunks(keys: Iterable[str]) -> list[Chunks]:
    """Find, among the `.rec` and `.lst` files that are too many or of no channel, those that are one file in several.

    A single file with a number in its name is one only if the name says of how many. Several whose names do not say it
    are one only if the first is 0 or 1, where tools begin to count: those of November and December are two data sets.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    totals: dict[str, int] = {}
    firsts: dict[str, int] = {}
    for key in keys:
        path = PurePosixPath(key)
        if found := _STEM.fullmatch(path.stem):
            stem = f"{found['before'] or ''}{found['after'] or ''}".strip("-_.")
            whole, number = str(path.with_name(f"{stem or path.parent.name}{path.suffix}")), int(found["number"])
            firsts[whole] = min(firsts.get(whole, number), number)
            _add(groups, totals, whole, key, found["total"])
    # The list of a channel may be there for one of its chunks only.
    channels = {
        _channel(whole)
        for whole, members in groups.items()
        if totals[whole] > 1 or (len(members) > 1 and firsts[whole] <= 1)
    }
    return _collect({whole: members for whole, members in groups.items() if _channel(whole) in channels}, totals)


def find_pieces(keys: Iterable[str]) -> list[Chunks]:
    """Find files that were cut into pieces of bytes, whose names go on behind `.rec` or `.lst`."""
    groups: dict[str, list[str]] = defaultdict(list)
    totals: dict[str, int] = {}
    for key in keys:
        path = PurePosixPath(key)
        if found := _PIECE.fullmatch(key):
            _add(groups, totals, found["whole"], key, found["total"])
        elif _OF_SPARK.fullmatch(path.name):
            _add(groups, totals, str(path.with_name(f"{path.parent.name}.rec")), key, None)
    return _collect(groups, totals)


def report_chunks(
    log: FindingLog, found: Iterable[Chunks], present: Container[str], *, is_of_channel: Callable[[str], bool]
) -> None:
    """Report each channel that is in several files, its `.rec` and its `.lst` together, and how they are joined.

    `present` are the keys of the set, and `is_of_channel` tells whether one names its channel; the log's file is the
    folder of the set.
    """
    channels: dict[str, list[Chunks]] = defaultdict(list)
    for chunks in found:
        channels[_channel(chunks.whole)].append(chunks)
    for files in channels.values():
        files.sort(key=lambda chunks: chunks.whole.endswith(".lst"))
        names = [name for chunks in files for name in _name_some(chunks, log.file)]
        message = f"{', '.join(names)}: these are parts of {' and '.join(_show(files, log.file))}"
        lacking = [f"; {len(each.keys):,} of {each.total:,} are here" for each in files if len(each.keys) < each.total]
        log.report(
            Code.CHANNEL_IN_CHUNKS,
            where="",
            message=f"{message}, and a job takes one .rec a channel{lacking[0] if lacking else ''}.",
            remedy=_remedy(
                files,
                log.file,
                is_joined=all(each.whole in present for each in files),
                is_whole=not lacking,
                is_placed=all(is_of_channel(each.whole) for each in files),
            ),
            file=files[0].keys[0],
        )


def _remedy(files: Sequence[Chunks], folder: str, *, is_joined: bool, is_whole: bool, is_placed: bool) -> str:
    if is_joined:
        return "Delete the parts: the whole is here as well."
    if not is_placed:
        return (
            "Make the lists again without --chunks and with --train-ratio 0.8, which names its lists for training "
            "and validation, pack them and upload those instead."
        )
    if not is_whole:
        return "Fetch the others and join all of them in one file, or pack again without --chunks."
    others = " If each is a set of its own, delete all but one." if _may_be_sets(files) else ""
    commands = "; ".join(
        f"cat {_name_in_order(each, folder)} > {shlex.quote(each.whole.removeprefix(folder))}" for each in files
    )
    how = f"({commands})" if len(commands) <= LONGEST_COMMAND else "in the order of their numbers"
    joined = f"Join them {how} and upload the result instead of the parts"
    return f"{joined}, or pack again without --chunks.{others}"


def _may_be_sets(files: Iterable[Chunks]) -> bool:
    """Tell whether the numbers may be those of months: of how many they do not say, nor is a file cut."""
    return all(not each.total and key.endswith((".rec", ".lst")) for each in files for key in each.keys)


def _show(files: Iterable[Chunks], folder: str) -> Iterable[str]:
    return (each.whole.removeprefix(folder) for each in files)


def _name_some(chunks: Chunks, folder: str) -> list[str]:
    names = [key.removeprefix(folder) for key in chunks.keys]
    if len(names) <= _NAMED_EACH:
        return names
    return [*names[:_NAMED_EACH], f"{len(names) - _NAMED_EACH:,} more of {PurePosixPath(chunks.whole).suffix}"]


def _name_in_order(chunks: Chunks, folder: str) -> str:
    """Give what a shell reads as the names in the order of their numbers, shorter than all of them if it can be."""
    names = [key.removeprefix(folder) for key in chunks.keys]
    if any(name.startswith("-") for name in names):  # no options, whichever of them come first
        names = [f"./{name}" for name in names]
    if len(names) > _NAMED_EACH:
        # Of names, not of paths: what differs is within one of them.
        beginning = commonprefix(names)  # noqa: RUF071
        ending = commonprefix([name[::-1] for name in names])[::-1]  # noqa: RUF071
        start, stop = (shlex.quote(each) if each else "" for each in (beginning, ending))
        if sorted(names) == names:  # as the shell sorts them: part10 before part2
            return f"{start}*{stop}"
        numbers = [name[len(beginning) : len(name) - len(ending)] for name in names]
        if numbers[0].isdecimal() and numbers == [str(int(numbers[0]) + step) for step in range(len(numbers))]:
            return f"{start}{{{numbers[0]}..{numbers[-1]}}}{stop}"
    return " ".join(map(shlex.quote, names))


def _add(groups: dict[str, list[str]], totals: dict[str, int], whole: str, key: str, total: str | None) -> None:
    groups[whole].append(key)
    totals[whole] = max(totals.get(whole, 0), int(total or 0))


def _collect(groups: Mapping[str, list[str]], totals: Mapping[str, int]) -> list[Chunks]:
    return [
        Chunks(whole=whole, keys=tuple(sorted(members, key=_count_by_numbers)), total=totals[whole])
        for whole, members in groups.items()
    ]


def _channel(whole: str) -> str:
    return str(PurePosixPath(whole).with_suffix(""))


def _count_by_numbers(key: str) -> list[tuple[int, str]]:
    """Give what sorts part 2 before part 10."""
    return [(int(text), "") if text.isdecimal() else (0, text) for text in re.split(r"([0-9]+)", key)]
