"""Which images a set is trained on: a digest and the labels of each, to be held against those of another content."""

import base64
import binascii
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Self

from sagescene.bounds import IMAGES_COMPARED_AT_MOST, LABELS_COMPARED_IN_BYTES, TOLD_BY_BYTES
from sagescene.files.checksums import Content, tell
from sagescene.files.recordcontent import PackedImage

VERSION = 2  # of the digests as well: those of two versions are not compared
DIGEST_BYTES = 8  # among 100,000 images two digests are alike by chance once in four billion sets
_TOLD = struct.Struct("<QI")
_OF_A_LABEL = 10  # bytes that JSON needs around one


def digest_of(length: int, head: bytes | memoryview) -> bytes:
    """Give 8 bytes that tell an image of `length` bytes, of which `head` are the first 64 KiB at least."""
    # What lies behind 64 KiB depends on how long the labels before the image are, where only a record's head is kept.
    return _digest(length, tell(head[:TOLD_BY_BYTES]))


def _digest(length: int, content: Content) -> bytes:
    checksum, middle = content
    return blake2b(_TOLD.pack(length, checksum) + middle, digest_size=DIGEST_BYTES).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesOfSet:
    """The training images of a content: `digests` are 8 bytes each, `labelled` the number of its text in `labels`.

    `missing` says why they are not here, and is empty where all of them are.
    """

    digests: bytes = b""
    labelled: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    missing: str = ""

    def pairs(self) -> Iterator[tuple[bytes, str]]:
        """Give the digest and the label of each image; several labels are one text, with blanks between them."""
        for (digest,), number in zip(struct.iter_unpack(f"{DIGEST_BYTES}s", self.digests), self.labelled, strict=True):
            yield digest, self.labels[number]

    def as_json(self) -> dict[str, Any]:
        """Give the images as plain values; 100,000 of them take 1.6 MB, and their labels at most 1 MiB."""
        numbers = struct.pack(f"<{len(self.labelled)}I", *self.labelled)
        return {
            "version": VERSION,
            "missing": self.missing,
            "digests": base64.b64encode(self.digests).decode(),
            "labelled": base64.b64encode(numbers).decode(),
            "labels": list(self.labels),
        }

    @classmethod
    def from_json(cls, document: Any) -> Self | None:  # noqa: ANN401 - whatever lies there
        """Read what `as_json` gave; None for anything else, such as what another version wrote."""
        try:
            numbers = base64.b64decode(document["labelled"], validate=True)
            read = cls(
                digests=base64.b64decode(document["digests"], validate=True),
                labelled=struct.unpack(f"<{len(numbers) // 4}I", numbers),
                labels=tuple(map(str, document["labels"])),
                missing=str(document["missing"]),
            )
            is_sound = len(read.digests) == DIGEST_BYTES * len(read.labelled)
            is_sound = is_sound and max(read.labelled, default=-1) < len(read.labels)
            return read if is_sound and document["version"] == VERSION else None
        except (KeyError, TypeError, ValueError, binascii.Error, struct.error):
            return None


class ImageCollector:
    """Collects the training images while they are read: 12 bytes each, and every distinct label once."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._labelled = array("I")
        self._numbers: dict[tuple[float, ...], int] = {}
        self._labels: list[str] = []
        self._room = LABELS_COMPARED_IN_BYTES
        self._missing = ""

    def add(self, image: PackedImage) -> None:
        """Take an image; nothing more is taken once there are too many of them."""
        if self._missing:
            return
        if len(self._labelled) == IMAGES_COMPARED_AT_MOST:
            self._give_up(f"it has more than {IMAGES_COMPARED_AT_MOST:,} training images")
            return
        number = self._numbers.get(image.labels)
        if number is None:
            number = len(self._labels)
            label = " ".join(f"{value:.9g}" for value in image.labels)
            self._room -= len(label) + _OF_A_LABEL
            if self._room < 0:
                self._give_up("its images have too many distinct labels")
                return
            self._numbers[image.labels] = number
            self._labels.append(label)
        self._digests += _digest(image.length, image.contents[0])
        self._labelled.append(number)

    def collected(self, *, is_whole: bool) -> ImagesOfSet:
        """Give the images; `is_whole` tells whether all of them were seen."""
        missing = self._missing or ("" if is_whole else "only a sample of its images was looked at")
        if missing:
            return ImagesOfSet(missing=missing)
        return ImagesOfSet(digests=bytes(self._digests), labelled=tuple(self._labelled), labels=tuple(self._labels))

    def _give_up(self, reason: str) -> None:
        self._missing = reason
        self._digests, self._labelled, self._numbers, self._labels = bytearray(), array("I"), {}, []
