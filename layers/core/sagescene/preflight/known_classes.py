"""Which classes a channel has, where its list has faults or is not that of its records."""

from collections.abc import Mapping, Set
from dataclasses import replace

from sagescene.files import lists
from sagescene.finding_codes import Code
from sagescene.preflight.channel_checks import DISAGREEMENTS, ROW_FAULTS, ChannelFiles

_UNREAD_ROWS = ROW_FAULTS | {Code.WRONG_SEPARATOR, Code.WRONG_COLUMNS}


def sure_classes(channel: ChannelFiles) -> Set[int]:
    """Give the classes that have images for certain: by list and records, where one of them may be wrong."""
    if channel.listed and _is_in_doubt(channel):
        return _with_images(channel.listed.classes) & _with_images(channel.records.classes)
    return _with_images(channel.classes)


def possible_classes(channel: ChannelFiles) -> Set[int]:
    """Give the classes that may have images: by list or records, where one of them may be wrong."""
    if channel.listed and _is_in_doubt(channel):
        return _with_images(channel.listed.classes) | _with_images(channel.records.classes)
    return _with_images(channel.classes)


def judge_classes(channel: ChannelFiles, *, has_folders: bool = True) -> ChannelFiles:
    """Add what the classes of the training list lack, unless which there are is in doubt; folders as in its paths."""
    if channel.listed is None or sure_classes(channel) != possible_classes(channel):
        return channel
    judged = lists.judge_classes(channel.listed, channel.names, file=channel.list_file, has_folders=has_folders)
    return replace(channel, listed=judged)


def _is_in_doubt(channel: ChannelFiles) -> bool:
    if channel.listed is None or channel.records.label_width != channel.label_width:
        return False
    return bool(_UNREAD_ROWS & channel.listed.counts.keys() or DISAGREEMENTS & channel.records.counts.keys())


def _with_images(classes: Mapping[int, int]) -> set[int]:
    return {label for label, images in classes.items() if images}
