"""Which of the images that a model is asked about are there once more: twice, one image says no more than once."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Self

from sagescene.files.setimages import DIGEST_BYTES, digest_of

MOST_KEPT = 100_000  # images, 8 bytes each as JSON and a third more: from then on only those are looked for


@dataclass(slots=True, kw_only=True)
class RepeatedImages:
    """Of the images answered, `images` were answered before; `digests` tell those that came first."""

    images: int = 0
    digests: set[bytes] = field(default_factory=set)

    def look_for(self, content: bytes) -> None:
        """Take one image more, and count it if it is there already."""
        digest = digest_of(len(content), content)
        if digest in self.digests:
            self.images += 1
        elif len(self.digests) < MOST_KEPT:
            self.digests.add(digest)

    def as_json(self) -> dict[str, Any]:
        """Give the count and the digests as plain values."""
        return {"images": self.images, "digests": base64.b64encode(b"".join(sorted(self.digests))).decode()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        digests = base64.b64decode(document["digests"], validate=True)
        return cls(
            images=int(document["images"]),
            digests={bytes(digest) for digest in batched(digests, DIGEST_BYTES, strict=True)},
        )
