"""Which pictures are trained on, validated with and tested with."""

import random
from collections.abc import Hashable, Mapping, Sequence

from sagescene_command.packing.source import PackedChannel, Picture

type Numbered = tuple[int, Picture]


def divide(
    whole: Sequence[Numbered],
    parts: Mapping[PackedChannel, Sequence[Numbered]],
    *,
    validation_share: float,
    test_share: float,
    seed: int,
    is_stratified: bool = True,
) -> dict[PackedChannel, list[Numbered]]:
    """Deal the pictures of each class to the channels, then shuffle each channel as im2rec does.

    What is in `parts` stays where it is; a validation part is kept of those to train on where there is none. Every
    class of two pictures or more is validated with, and one of three or more tested with if `test_share` is not 0;
    one is always left to train on. Pictures of several labels each are dealt together, not class by class: without
    `is_stratified`; then one picture of each label is kept for training if there is room.
    """
    chance = random.Random(seed)  # nosec B311 # noqa: S311 - a fixed seed is the point
    channels = {channel: list(pictures) for channel, pictures in parts.items()}
    divided = list(whole) or ([] if PackedChannel.VALIDATION in channels else channels.pop(PackedChannel.TRAIN, []))
    by_class: dict[Hashable, list[Numbered]] = {}
    for numbered in divided:
        by_class.setdefault(numbered[1].labels if is_stratified else None, []).append(numbered)
    for members in by_class.values():
        chance.shuffle(members)
        if not is_stratified:
            _put_last_holders_last(members)
        held_out = min(max(round(len(members) * validation_share), 1), len(members) - 1)
        tested = min(max(round(len(members) * test_share), 1), len(members) - held_out - 1) if test_share else 0
        channels.setdefault(PackedChannel.VALIDATION, []).extend(members[:held_out])
        channels.setdefault(PackedChannel.TEST, []).extend(members[held_out : held_out + tested])
        channels.setdefault(PackedChannel.TRAIN, []).extend(members[held_out + tested :])
    ordered = {channel: channels[channel] for channel in PackedChannel if channels.get(channel)}
    for pictures in ordered.values():
        chance.shuffle(pictures)
    return ordered


def flags_of(picture: Picture) -> list[int]:
    """Give the labels that a picture of several has."""
    return [label for label, flag in enumerate(picture.labels) if flag]


def _put_last_holders_last(members: list[Numbered]) -> None:
    """Move one picture of each label to the end, where those to train on are taken from."""
    holders: dict[int, int] = {}
    for number, picture in members:
        for label in flags_of(picture):
            holders.setdefault(label, number)
    last = set(holders.values())
    members.sort(key=lambda numbered: numbered[0] in last)
