"""A list's rows held against the records, and written anew from them where they disagree."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sagescene.files import listrows
from sagescene.files.listrows import Row
from sagescene.finding_log import FindingLog
from sagescene.grammar import count

_WITHOUT_LABEL = re.compile(rb"\s*([0-9]{1,20})\t([^\t]*[^\t0-9.][^\t]*)")
_MAY_BE_ROW = re.compile(rb"[\t,;|./\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The rows of a list as the records have them, and a sentence on each change."""

    rows: tuple[Row, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayLines:
    """Lines of a list that are no rows: how many, and the paths by id of those that lack nothing but their labels.

    `may_name_images` tells whether another of them may be a row in a form that is not known.
    """

    count: int
    paths: Mapping[int, str]
    may_name_images: bool


def find_stray_lines(content: bytes, unlisted: Iterable[int]) -> StrayLines:
    """Look at the lines of a list that are no rows; `unlisted` are the ids of records without one."""
    read = {number for block in listrows.read_blocks([content], FindingLog("")) for number in block.lines()}
    lines = [line for number, line in enumerate(content.split(b"\n"), 1) if number not in read and line.strip()]
    wanted = set(unlisted)
    found = {line: named for line in lines if (named := _WITHOUT_LABEL.fullmatch(line.rstrip()))}
    times = Counter(int(named[1]) for named in found.values())
    paths = {
        line: (int(named[1]), named[2].decode(errors="backslashreplace").strip())
        for line, named in found.items()
        if times[int(named[1])] == 1 and int(named[1]) in wanted
    }
    others = (line for line in lines if line not in paths)
    # Where there are no records, the list is all that still names their images.
    are_images_unread = len(paths) < len(wanted) or not (wanted or read)
    return StrayLines(
        count=len(lines),
        paths=dict(paths.values()),
        may_name_images=are_images_unread and any(map(_MAY_BE_ROW.search, others)),
    )


def rebuild(rows: Sequence[Row], records: Mapping[int, tuple[float, ...]]) -> Rebuilt:
    """Give each record its row: its labels, and the path of its row in the list, if there is one.

    `records` are labels by id. Rows without a record stay, so that lost images are
    told of, unless there are records without a row: then the list is of another packing.
    """
    paths = _find_paths(rows, records)
    known = {row.identifier for row in rows}
    unlisted = [identifier for identifier in records if identifier not in known]
    kept: dict[int, Row] = {}
    relabelled = dropped = repeated = 0
    for row in rows:
        labels = records.get(row.identifier)
        if row.identifier in kept:
            repeated += 1
        elif labels is None and unlisted:
            dropped += 1
        elif labels is None:
            kept[row.identifier] = row
        else:
            relabelled += row.labels != labels
            kept[row.identifier] = Row(row.identifier, labels, paths.get(row.identifier) or str(row.identifier))
    named = [identifier for identifier in kept if identifier in records and not paths.get(identifier)]
    for identifier in unlisted:
        kept[identifier] = Row(identifier, records[identifier], str(identifier))
    counted = (
        (relabelled, "row", "label taken from the record"),
        (len(unlisted), "record", "row added, with the id as the path"),
        (dropped, "row", "left out, for no record has its index"),
        (repeated, "row", "left out, for its index came before"),
        (len(named), "row", "id taken as the path, for two paths may be meant"),
    )
    return Rebuilt(
        rows=tuple(kept.values()),
        changes=tuple(f"{count(number, noun)}: {what}" for number, noun, what in counted if number),
    )


def write_rows(rows: Iterable[Row]) -> bytes:
    """Write rows as im2rec does."""
    return "".join(
        f"{row.identifier}\t{'\t'.join(f'{label:f}' for label in row.labels)}\t{row.path}\n" for row in rows
    ).encode()


def _find_paths(rows: Iterable[Row], records: Mapping[int, tuple[float, ...]]) -> dict[int, str]:
    """Give the path of each record that has one: where rows share an index, those with the record's labels decide."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        if row.identifier in records:
            found.setdefault(row.identifier, []).append(row)
    paths = {}
    for identifier, candidates in found.items():
        fitting = [row for row in candidates if row.labels == records[identifier]] or candidates
        names = {row.path for row in fitting}
        paths[identifier] = names.pop() if len(names) == 1 else ""
    return paths
