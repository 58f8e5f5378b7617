"""Many images made ready side by side; those that were encoded anew wait in temporary files until they are written."""

import tempfile
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import batched
from pathlib import Path
from typing import BinaryIO, cast

from PIL import Image

from sagescene_command.packing.images import ReadyImage, Treatment, UnpackableImageError, digest, prepare
from sagescene_command.packing.source import PackingError, Picture
from sagescene_command.parallel import map_in_order

# To hand over a task takes some 3 % of the time of a small image; of few images, maybe large ones, each is a task.
_TOGETHER = 4
_MANY = 1000
_LARGEST_IMAGE_KEPT = 8 << 20  # bytes of its pixels

type _Result = ReadyImage | UnpackableImageError


class ReadyPictures:
    """Pictures that are ready for their records."""

    def __init__(self, open_file: Callable[[], BinaryIO]) -> None:
        """Keep what is encoded anew in files that are opened so, one a thread."""
        self._open = open_file
        self._of_thread = threading.local()
        self._images: dict[Picture, ReadyImage] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._images)

    @property
    def encoded(self) -> BinaryIO:
        """The file into which the thread that asks encodes."""
        if not hasattr(self._of_thread, "file"):
            self._of_thread.file = self._open()
        return cast(BinaryIO, self._of_thread.file)

    def add(self, picture: Picture, image: ReadyImage) -> None:
        """Add a picture."""
        self._images[picture] = image

    def digest_of(self, picture: Picture) -> bytes:
        """Identify the bytes of a picture."""
        return self._images[picture].digest

    def read(self, picture: Picture) -> bytes:
        """Give the bytes for a record.

        Raises:
            PackingError: if the file is another one than was looked at.
        """
        image = self._images[picture]
        if image.piece:
            return image.piece.read()
        content = picture.path.read_bytes()
        if digest(content) != image.digest:
            raise PackingError(f"{picture.path} changed while it was packed; pack again.")
        return content


@contextmanager
def keep_ready(prefix: Path) -> Iterator[ReadyPictures]:
    """Give a place for pictures on the disk on which their records will lie; it leaves no file."""
    folder = next(parent for parent in prefix.absolute().parents if parent.is_dir())
    with ExitStack() as stack:

        def open_file() -> BinaryIO:
            return stack.enter_context(cast(BinaryIO, tempfile.TemporaryFile(buffering=0, dir=folder)))

        yield ReadyPictures(open_file)


def prepare_all(
    pictures: Sequence[Picture], treatment: Treatment, jobs: int | None, ready: ReadyPictures
) -> Generator[tuple[Picture, _Result]]:
    """Make pictures ready in threads, all cores' without `jobs`; yields them in their order.

    Pillow lets threads decode, scale and encode side by side, so that processes, which have to send each image, are no
    faster. Close the iterator before `ready`: its threads write there.
    """

    def run(picture: Picture) -> _Result:
        try:
            return prepare(picture.path, treatment, ready.encoded)
        except UnpackableImageError as error:
            return error

    def run_all(batch: Sequence[Picture]) -> list[_Result]:
        return list(map(run, batch))

    _have_memory_kept()
    batches = batched(pictures, _TOGETHER if len(pictures) >= _MANY else 1, strict=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # there is a bound of our own
        for batch, results in map_in_order(run_all, batches, jobs):
            yield from zip(batch, results, strict=True)


def _have_memory_kept() -> None:
    """Have glibc keep the memory of one image for the next; other C libraries are none the wiser.

    It gives back to the system what lies free beyond twice the largest block that was ever freed, and the system clears
    every page of it for the next image, in 3 % of the time.
    """
    bytes(_LARGEST_IMAGE_KEPT)
