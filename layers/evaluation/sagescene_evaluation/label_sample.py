"""Which labels some of the images have in their records, for the list beside them to be held against."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

MOST_KEPT = 1_000  # images: an even number; of a test set that is no larger, all


class Labelled(NamedTuple):
    """One image: its file counted from 0, the id of its record, and what `digest_labels` makes of its labels."""

    file: int
    identifier: int
    labels: int


@dataclass(slots=True)
class LabelSample:
    """Every `stride`-th of the `images` answered, in the order of reading: at most 1,000, spread over all files."""

    images: int = 0
    stride: int = 1
    kept: list[Labelled] = field(default_factory=list)

    def note(self, file: int, identifier: int, labels: Sequence[float]) -> None:
        """Take one image more; where there are too many, every second one is let go."""
        if self.images % self.stride == 0:
            if len(self.kept) == MOST_KEPT:
                self.kept, self.stride = self.kept[::2], 2 * self.stride
            self.kept.append(Labelled(file, identifier, digest_labels(labels)))
        self.images += 1

    def of_file(self, file: int) -> Iterator[tuple[int, int]]:
        """Give the id and the digest of each image that is kept of one file."""
        return ((each.identifier, each.labels) for each in self.kept if each.file == file)

    def as_json(self) -> dict[str, Any]:
        """Give the sample as plain values."""
        return {"images": self.images, "stride": self.stride, "kept": [list(each) for each in self.kept]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        images, stride = int(document["images"]), int(document["stride"])
        if stride < 1:
            raise ValueError(f"{stride} is no stride")
        return cls(
            images, stride, [Labelled(int(file), int(id_), int(labels)) for file, id_, labels in document["kept"]]
        )


def digest_labels(labels: Sequence[float]) -> int:
    """Give the same number for the same labels as a record has them, 32-bit floats; images may have thousands."""
    try:
        return zlib.crc32(struct.pack(f"<{len(labels)}f", *labels))
    except OverflowError:  # a list's, which no record has
        return -1
