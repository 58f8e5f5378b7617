"""Which of the images that a model is asked about it was trained on: what it knows of them promises too much."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np

from sagescene.files.setimages import DIGEST_BYTES, ImagesOfSet, digest_of
from sagescene_evaluation.sources import StoredImage

MOST_NAMED = 20
_NOT_LOOKED_FOR = "they were not looked for among its training images"
_NOT_KEPT = "what tells its training images is not kept"
_DIGEST = np.dtype(f"<u{DIGEST_BYTES}")


class SeenImage(NamedTuple):
    """One image that was trained on, by file, byte and id as in a `Case`."""

    file: int
    offset: int
    identifier: int


@dataclass(slots=True, kw_only=True)
class Seen:
    """Of the images answered, `looked_for` were looked for in training and `images` of them found there.

    On `right` of these the model is right; `named` are the first 20. `unknown` says why some were not looked for, and
    is empty where all of them were or nobody was asked to.
    """

    looked_for: int = 0
    images: int = 0
    right: int = 0
    named: list[SeenImage] = field(default_factory=list)
    unknown: str = ""

    def tell_doubt(self, answered: int) -> str:
        """Say why it is not known of all the images `answered` whether they were trained on; nothing where it is."""
        return "" if self.looked_for == answered else self.unknown or _NOT_LOOKED_FOR

    def as_json(self) -> dict[str, Any]:
        """Give the counts as plain values."""
        return {
            "looked_for": self.looked_for,
            "images": self.images,
            "right": self.right,
            "named": [each._asdict() for each in self.named],
            "unknown": self.unknown,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        return cls(
            looked_for=int(document["looked_for"]),
            images=int(document["images"]),
            right=int(document["right"]),
            named=[SeenImage(**{name: int(each[name]) for name in SeenImage._fields}) for each in document["named"]],
            unknown=str(document["unknown"]),
        )


class TrainingImages:
    """The images that a model was trained on, to look others up in: 8 bytes each, of at most 100,000."""

    def __init__(self, images: ImagesOfSet | None) -> None:
        """Take what was kept of them; None where nothing was."""
        self._unknown = _NOT_KEPT if images is None else images.missing
        self._digests = np.sort(np.frombuffer(images.digests if images else b"", _DIGEST))

    def look_for(self, image: StoredImage, file: int, seen: Seen, *, is_right: bool) -> None:
        """Look for one image, and note what is found; `is_right` tells whether the model is right on it."""
        if self._unknown:
            seen.unknown = self._unknown
            return
        seen.looked_for += 1
        digest = np.frombuffer(digest_of(len(image.content), image.content), _DIGEST)
        place = int(np.searchsorted(self._digests, digest)[0])
        if place == len(self._digests) or self._digests[place] != digest[0]:
            return
        seen.images += 1
        seen.right += is_right
        if len(seen.named) < MOST_NAMED:
            seen.named.append(SeenImage(file, image.offset, image.identifier))
