"""What a repair would change, from what the files of a data set hold; nothing is read or written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from sagescene.files import listrows
from sagescene.files.listrows import Row
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import count
from sagescene_command.repairing.labels import Renumbering, renumber
from sagescene_command.repairing.rows import find_stray_lines, rebuild, write_rows
from sagescene_command.repairing.texts import mend_text

# What the records, or both channels together, are told of because of rows or labels that are mended.
ABOUT_ROWS = {
    Code.CLASSES_NOT_IN_LIST,
    Code.LABELS_DIFFER,
    Code.LABEL_NOT_AS_LISTED,
    Code.MORE_RECORDS_THAN_ROWS,
    Code.RECORD_NOT_IN_LIST,
}
_ABOUT_LABELS = {Code.CLASS_MISSING}
_APART = {Code.LABELS_NUMBERED_APART, Code.IMAGE_LABELS_DIFFER}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContent:
    """A channel as it lies there: names of its files, the list's bytes, the records' labels by id.

    `list_file` and `index_file` are empty without one. `are_whole` is false where the records cannot be read to their
    end, or two have one id. `index_agrees` tells whether the index is that of the records.
    """

    list_file: str
    listed: bytes
    records_file: str
    records: Mapping[int, tuple[float, ...]]
    are_whole: bool
    index_file: str = ""
    index_agrees: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change to one file, for a person."""

    file: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPlan:
    """Changes in the order of files; `texts` are the new bytes of lists and of classes.txt.

    `relabelled` and `indexed` name record files to write with the new labels, and those to write an index for.
    """

    changes: tuple[Change, ...] = ()
    texts: Mapping[str, bytes] = field(default_factory=dict)
    labels: Mapping[float, float] = field(default_factory=dict)
    relabelled: tuple[str, ...] = ()
    indexed: Mapping[str, str] = field(default_factory=dict)


def plan(
    channels: Sequence[ChannelContent],
    findings: Iterable[Finding],
    *,
    names_file: str = "",
    names: Sequence[str] | None = None,
) -> RepairPlan:
    """Plan the repair of the training channel and those after it; `findings` are those of the set as it is.

    `names` are the lines of `names_file`, which is classes.txt.
    """
    found = {finding.code for finding in findings}
    if Code.LISTS_EXCHANGED in found:
        return RepairPlan()  # which files are in the wrong place is not known
    listed = {channel.records_file: _mend_list(channel) for channel in channels}
    changes = [
        Change(file=channel.list_file, what=what)
        for channel in channels
        for what in listed[channel.records_file].changes
    ]
    texts = {
        channel.list_file: listed[channel.records_file].content
        for channel in channels
        if listed[channel.records_file].changes
    }
    indexed = {
        channel.records_file: channel.index_file
        for channel in channels
        if channel.index_file and channel.are_whole and not channel.index_agrees
    }
    changes += [Change(file=index, what="written anew from the records") for index in indexed.values()]
    result = RepairPlan(changes=tuple(changes), texts=texts, indexed=indexed)
    if found & _APART or not all(channel.are_whole for channel in channels):
        return result
    if not all(mended.is_known for mended in listed.values()):
        return result
    renumbering = _renumber(channels, listed, names)
    return _relabel(result, channels, listed, renumbering, names_file) if renumbering else result


def find_unmended(planned: RepairPlan, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the errors of a set that no change is for."""
    changed = {change.file for change in planned.changes}
    mended = (ABOUT_ROWS if planned.texts else set()) | (_ABOUT_LABELS if planned.labels else set())
    return tuple(
        finding
        for finding in findings
        if finding.severity is Severity.ERROR and finding.file not in changed and finding.code not in mended
    )


def find_left(unmended: Iterable[Finding], of_copy: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the errors of the copy that no change was for: another one may have mended them all the same."""
    without_change = {(finding.code, finding.file) for finding in unmended}
    return tuple(
        finding
        for finding in of_copy
        if finding.severity is Severity.ERROR and (finding.code, finding.file) in without_change
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _MendedList:
    content: bytes
    changes: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    is_known: bool = True  # else lines may name images in a form that is not read


def _mend_list(channel: ChannelContent) -> _MendedList:
    if not channel.list_file:
        return _MendedList(content=b"")
    widths = {len(labels) for labels in channel.records.values()}
    width = widths.pop() if len(widths) == 1 else 1
    text = mend_text(channel.listed, width)
    rows = tuple(listrows.read([text.content]))
    # What still has no row that can be read, such as records under a list's name, is no list that was mended.
    as_it_is = _MendedList(content=text.content, changes=text.changes if rows else (), rows=rows)
    are_classes = all(label.is_integer() for labels in channel.records.values() for label in labels)
    if not channel.are_whole or not are_classes or widths or {len(row.labels) for row in rows} - {width}:
        return as_it_is
    stray = find_stray_lines(text.content, channel.records.keys() - {row.identifier for row in rows})
    if stray.may_name_images:
        return replace(as_it_is, is_known=False)
    unlabelled = (Row(identifier, channel.records[identifier], path) for identifier, path in stray.paths.items())
    rebuilt = rebuild((*rows, *unlabelled), channel.records)
    changes = list(rebuilt.changes)
    if stray.paths:
        changes.append(f"{count(len(stray.paths), 'row')} without a label: that of the record taken")
    if left_out := stray.count - len(stray.paths):
        changes.append(f"{count(left_out, 'line')} left out, for no row is there")
    if not changes:
        return as_it_is
    return _MendedList(content=write_rows(rebuilt.rows), changes=(*text.changes, *changes), rows=rebuilt.rows)


def _renumber(
    channels: Sequence[ChannelContent], listed: Mapping[str, _MendedList], names: Sequence[str] | None
) -> Renumbering | None:
    of_rows = (row.labels for mended in listed.values() for row in mended.rows)
    all_labels = [*chain.from_iterable(channel.records.values() for channel in channels), *of_rows]
    if any(len(labels) != 1 for labels in all_labels):
        return None
    trained = {labels[0] for labels in channels[0].records.values()}
    return renumber(trained, {labels[0] for labels in all_labels}, names)


def _relabel(
    before: RepairPlan,
    channels: Sequence[ChannelContent],
    listed: Mapping[str, _MendedList],
    renumbering: Renumbering,
    names_file: str,
) -> RepairPlan:
    texts = dict(before.texts)
    changes = list(before.changes)
    for channel in channels:
        rows = [row._replace(labels=(renumbering.labels[row.labels[0]],)) for row in listed[channel.records_file].rows]
        if channel.list_file:
            texts[channel.list_file] = write_rows(rows)
            changes.append(Change(file=channel.list_file, what="labels changed as below"))
        changes.append(Change(file=channel.records_file, what="labels changed as below"))
    if renumbering.names is not None:
        texts[names_file] = "".join(f"{name}\n" for name in renumbering.names).encode(errors="surrogateescape")
        changes.append(Change(file=names_file, what="names of labels that no image has left out"))
    indexed = {channel.records_file: channel.index_file for channel in channels if channel.index_file}
    return replace(
        before,
        changes=tuple(changes),
        texts=texts,
        labels=renumbering.labels,
        relabelled=tuple(channel.records_file for channel in channels),
        indexed=indexed,
    )
