"""Which classes a channel has, where its list has faults or is not that of its records."""

from collections.abc import Mapping, Set
from dataclasses import replace

from sagescene.files import lists
from sagescene.finding_codes import Code
from sagescene.preflight.channel_checks import DISAGREEMENTS, ROW_FAULTS, ChannelFiles

_UNREAD_ROWS = ROW_FAULTS | {Code.WRONG_SEPARATOR, Code.WRONG_COLUMNS}


def sure_classes(channel: ChannelFiles) -> Set[int]:
    """Give the classes that have images for certain: by list and records, where one of them may be wrong."""
    return set.intersection(*_claims(channel))


def possible_classes(channel: ChannelFiles) -> Set[int]:
    """Give the classes that may have images: by list or records, where one of them may be wrong."""
    return set.union(*_claims(channel))


def judge_classes(channel: ChannelFiles, *, has_folders: bool = True) -> ChannelFiles:
    """Add what the classes of the training list lack, unless which there are is in doubt; folders as in its paths."""
    if channel.listed is None or sure_classes(channel) != possible_classes(channel):
        return channel
    judged = lists.judge_classes(channel.listed, channel.names, file=channel.list_file, has_folders=has_folders)
    return replace(channel, listed=judged)


def _claims(channel: ChannelFiles) -> list[set[int]]:
    """Give the classes that have images, by each of the files that may be right."""
    listed, records = channel.listed, channel.records
    if listed is None or records.label_width != channel.label_width:
        return [with_images(channel.classes)]
    is_in_doubt = _UNREAD_ROWS & listed.counts.keys() or DISAGREEMENTS & records.counts.keys()
    return [with_images(each.classes) for each in ((listed, records) if is_in_doubt else (channel,))]


def with_images(classes: Mapping[int, int]) -> set[int]:
    """Give the classes that have images."""
    return {label for label, images in classes.items() if images}
