"""Whether a model was right on each image, bit by bit, and what those images were: for two models to be paired."""

import base64
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

MOST_KEPT = 1_000_000  # images; 125 KB, and a third more as JSON


@dataclass(slots=True)
class Answers:
    """One bit an image in the order of reading, of the first `MOST_KEPT`; `images` counts all of them.

    `content` is a digest over the bytes and labels of the images answered, in that order: two models with the same one
    answered the same images, wherever these lay and whatever their files were called. It is empty without an image.
    """

    images: int = 0
    content: str = ""
    bits: bytearray = field(default_factory=bytearray)

    def note(self, content: bytes, labels: Sequence[float], *, is_right: bool) -> None:
        """Take one image more, and whether every label of it was found."""
        link = sha256(bytes.fromhex(self.content))
        link.update(sha256(content).digest())
        link.update(struct.pack(f"<{len(labels)}d", *labels))
        self.content = link.hexdigest()
        place, bit = divmod(self.images, 8)
        self.images += 1
        if self.images > MOST_KEPT:
            return
        if not bit:
            self.bits.append(0)
        self.bits[place] |= is_right << bit

    @property
    def is_whole(self) -> bool:
        """Tell whether every image has its bit."""
        return self.images <= MOST_KEPT

    def __iter__(self) -> Iterator[bool]:
        """Give each bit that is kept."""
        for number in range(min(self.images, MOST_KEPT)):
            yield bool(self.bits[number // 8] >> number % 8 & 1)

    def as_json(self) -> dict[str, Any]:
        """Give the answers as plain values."""
        return {
            "images": self.images,
            "content": self.content,
            "right": base64.b64encode(self.bits).decode(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        answers = cls(
            images=int(document["images"]),
            content=bytes.fromhex(document["content"]).hex(),
            bits=bytearray(base64.b64decode(document["right"], validate=True)),
        )
        if len(answers.bits) != -(-min(answers.images, MOST_KEPT) // 8):
            raise ValueError(f"{len(answers.bits)} bytes are not the answers for {answers.images} images")
        return answers
