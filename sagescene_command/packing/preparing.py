"""Many images made ready side by side; those that were encoded anew wait in a temporary file until they are written."""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from PIL import Image

from sagescene_command.packing.images import ReadyImage, Treatment, UnpackableImageError, digest, prepare
from sagescene_command.packing.source import PackingError, Picture
from sagescene_command.parallel import map_in_order

_HELD_IN_MEMORY = 64 << 20  # bytes

type _Result = ReadyImage | UnpackableImageError


@dataclass(frozen=True, slots=True)
class _Entry:
    """A picture made ready, without its bytes; `span` is where they wait, None if they are the file's own."""

    image: ReadyImage
    span: tuple[int, int] | None


class ReadyPictures:
    """Pictures that are ready for their records."""

    def __init__(self, encoded: IO[bytes]) -> None:
        """Keep what was encoded anew in this file."""
        self._encoded = encoded
        self._entries: dict[Picture, _Entry] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._entries)

    def add(self, picture: Picture, image: ReadyImage) -> None:
        """Add a picture, and put its bytes aside."""
        span = None if image.content is None else (self._encoded.tell(), self._encoded.write(image.content))
        self._entries[picture] = _Entry(replace(image, content=None), span)

    def digest_of(self, picture: Picture) -> bytes:
        """Identify the bytes of a picture."""
        return self._entries[picture].image.digest

    def read(self, picture: Picture) -> bytes:
        """Give the bytes for a record; nothing can be added any more.

        Raises:
            PackingError: if the file is another one than was looked at.
        """
        entry = self._entries[picture]
        if entry.span:
            start, length = entry.span
            self._encoded.seek(start)
            return self._encoded.read(length)
        content = picture.path.read_bytes()
        if digest(content) != entry.image.digest:
            raise PackingError(f"{picture.path} changed while it was packed; pack again.")
        return content


@contextmanager
def keep_ready(prefix: Path) -> Iterator[ReadyPictures]:
    """Give a place for pictures on the disk on which their records will lie; it leaves no file."""
    folder = next(parent for parent in prefix.absolute().parents if parent.is_dir())
    with tempfile.SpooledTemporaryFile(max_size=_HELD_IN_MEMORY, dir=str(folder)) as encoded:
        yield ReadyPictures(encoded)


def prepare_all(
    pictures: Sequence[Picture], treatment: Treatment, jobs: int | None
) -> Iterator[tuple[Picture, _Result]]:
    """Make pictures ready in threads, all cores' without `jobs`; yields them in their order.

    Pillow lets threads decode side by side, so that processes, which have to send each image, are no faster.
    """

    def run(picture: Picture) -> _Result:
        try:
            return prepare(picture.path, treatment)
        except UnpackableImageError as error:
            return error

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # there is a bound of our own
        yield from map_in_order(run, pictures, jobs)
