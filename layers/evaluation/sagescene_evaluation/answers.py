"""Whether a model was right on each image, bit by bit, and what those images were: for two models to be paired."""

import base64
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any, Self

MOST_KEPT = 1_000_000  # images; 125 KB, and a third more as JSON


@dataclass(slots=True)
class FileAnswers:
    """How many images of a file, counted from 0, were answered, and the digest over these alone."""

    file: int
    images: int = 0
    content: str = ""


@dataclass(slots=True)
class Answers:
    """One bit an image in the order of reading, of the first `MOST_KEPT`; `images` counts all of them.

    `content` is a digest over the bytes and labels of the images answered, in that order: two models with the same one
    answered the same images, wherever these lay. It is empty without an image. `files` has the same of each file, so
    that files whose names put them in another order are the same, too; an earlier version kept none of it.
    """

    images: int = 0
    content: str = ""
    bits: bytearray = field(default_factory=bytearray)
    files: list[FileAnswers] = field(default_factory=list)

    def note(self, content: bytes, labels: Sequence[float], *, is_right: bool, file: int = 0) -> None:
        """Take one image more, the file it is of, and whether every label of it was found."""
        digest = sha256(content).digest()
        self.content = _link(self.content, digest, labels)
        if not self.files or self.files[-1].file != file:
            self.files.append(FileAnswers(file))
        of_file = self.files[-1]
        of_file.images += 1
        of_file.content = _link(of_file.content, digest, labels)
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

    @property
    def _has_files(self) -> bool:
        return sum(each.images for each in self.files) == self.images

    def are_of_images_of(self, other: Self) -> bool:
        """Tell whether both are of the same images, in the same order or in files that are in another."""
        if self.content == other.content:
            return True
        contents = [sorted(each.content for each in answers.files) for answers in (self, other)]
        return self._has_files and other._has_files and contents[0] == contents[1]

    def pair_with(self, other: Self) -> Iterable[tuple[bool, bool]]:
        """Give for each image whether either model was right on it; both have to be whole and of the same images."""
        if self.content == other.content:
            return zip(self, other, strict=True)
        return zip(self._by_content(), other._by_content(), strict=True)

    def _by_content(self) -> list[bool]:
        """Give each bit, the files in the order of their digests."""
        bits = iter(self)
        of_files = [(each.content, list(islice(bits, each.images))) for each in self.files]
        return [bit for _, of_file in sorted(of_files, key=lambda each: each[0]) for bit in of_file]

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
            "files": [asdict(each) for each in self.files],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError and ValueError for something else."""
        answers = cls(
            images=int(document["images"]),
            content=bytes.fromhex(document["content"]).hex(),
            bits=bytearray(base64.b64decode(document["right"], validate=True)),
            files=[
                FileAnswers(int(each["file"]), int(each["images"]), bytes.fromhex(each["content"]).hex())
                for each in document.get("files", ())
            ],
        )
        if len(answers.bits) != -(-min(answers.images, MOST_KEPT) // 8):
            raise ValueError(f"{len(answers.bits)} bytes are not the answers for {answers.images} images")
        return answers


def _link(before: str, digest: bytes, labels: Sequence[float]) -> str:
    """Give the digest that goes on from the one before by an image of this digest."""
    link = sha256(bytes.fromhex(before))
    link.update(digest)
    link.update(struct.pack(f"<{len(labels)}d", *labels))
    return link.hexdigest()
