"""What is to be packed: pictures with their labels, by channel, and what was left out of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sagescene.errors import SagesceneError


class PackingError(SagesceneError):
    """A folder that cannot be packed; the message says what to change."""


class PackedChannel(StrEnum):
    """A part of a data set, by the ending that im2rec gives its files."""

    TRAIN = "train"
    VALIDATION = "val"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file to pack: where it lies, its path in the list, and its labels."""

    path: Path
    name: str
    labels: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was left out of lists and records, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSource:
    """The pictures found under `folder`; `classes` are names in the order of their labels.

    `whole` still has to be divided into channels, `parts` already are: one of the two is empty, or `parts` lacks a
    validation part. `remarks` are sentences on how the folder was understood.
    """

    folder: Path
    classes: tuple[str, ...]
    whole: tuple[Picture, ...] = ()
    parts: Mapping[PackedChannel, tuple[Picture, ...]]
    skipped: tuple[Skipped, ...]
    is_multi_label: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def is_held_out(self) -> bool:
        """Tell whether the pictures to validate with are chosen already."""
        return PackedChannel.VALIDATION in self.parts

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, in the order in which they are numbered."""
        return (*self.whole, *(picture for pictures in self.parts.values() for picture in pictures))
