"""The images that a person names: files, what lies in folders, and standard input."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from sagescene.errors import SagesceneError
from sagescene.foreign import IMAGE_ENDINGS
from sagescene_model.params import Array
from sagescene_model.pictures import Fit, PictureRefused, decode

STANDARD_INPUT = "-"
LARGEST_IN_BYTES = 512 << 20  # of a file: more than a BMP of as many pixels as are decoded
_SUFFIXES = IMAGE_ENDINGS - {".avif", ".gif", ".webp"}  # which `decode` refuses, as the reader that trains does
_HEAD_BYTES = 4096


class NoImagesError(SagesceneError):
    """Nothing that was named is an image."""


@dataclass(frozen=True, slots=True)
class NamedImage:
    """An image: what it is called, and what gives its bytes, or raises PictureRefused or OSError."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class FittedImage:
    """An image in each way of fitting it, or the reason why there is none."""

    name: str
    arrays: dict[Fit, Array]
    fault: str = ""


def list_images(words: Iterable[str], standard_input: BinaryIO | None) -> Iterator[NamedImage]:
    """Yield the images that the words mean, each folder's in the order of their paths.

    Standard input is one image, or the paths of images, a path a line.

    Raises:
        NoImagesError: if a folder holds none, or standard input is closed or empty.
    """
    for word in words:
        if word == STANDARD_INPUT:
            if standard_input is None:
                raise NoImagesError("Standard input is closed: give it an image, or the paths of images.")
            yield from _read_standard_input(standard_input)
        elif Path(word).is_dir():
            yield from _walk(Path(word))
        else:
            yield _name_file(word)


def fit_image(image: NamedImage, shape: tuple[int, int, int], fits: Iterable[Fit], resize: int | None) -> FittedImage:
    """Read and decode an image."""
    try:
        content = image.read()
        return FittedImage(image.name, {fit: decode(content, shape, fit, resize=resize) for fit in fits})
    except PictureRefused as error:
        return FittedImage(image.name, {}, _explain(error))
    except (OSError, ValueError) as error:  # the latter for a path that holds a NUL
        return FittedImage(image.name, {}, f"The file cannot be read ({getattr(error, 'strerror', None) or error}).")


def _explain(error: PictureRefused) -> str:
    match error.__cause__:
        case UnidentifiedImageError():
            return "This is no JPEG, PNG, BMP or TIFF that can be read."
        case None | Image.DecompressionBombError():
            return str(error)
        case cause:  # without the remedy for a data set
            return f"The image cannot be decoded ({cause})."


def _name_file(path: str, *, is_found: bool = False) -> NamedImage:
    def read() -> bytes:
        # Nobody may ever write to a pipe that lies in a folder; one that is named is read, such as the shell's <(...).
        if is_found and Path(path).exists() and not Path(path).is_file():
            raise PictureRefused("This is a pipe or another device, and no file.")
        with Path(path).open("rb") as stream:
            return _read_whole(b"", stream)

    return NamedImage(path, read)


def _walk(folder: Path) -> Iterator[NamedImage]:
    is_empty = True
    for place, inner, names in folder.walk():
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in _SUFFIXES:
                is_empty = False
                yield _name_file(str(place / name), is_found=True)
    if is_empty:
        raise NoImagesError(f"{folder} holds no image: a file called .jpg, .jpeg, .png, .bmp, .tif or .tiff.")


def _read_standard_input(stream: BinaryIO) -> Iterator[NamedImage]:
    head = stream.read(_HEAD_BYTES)
    if not head:
        raise NoImagesError("Standard input is empty: give it an image, or the paths of images.")
    if is_image(head):
        yield NamedImage(STANDARD_INPUT, partial(_read_whole, head, stream))
        return
    first, *rest = (head + stream.readline()).splitlines() or [b""]
    for line in (first, *rest, *stream):
        if path := line.rstrip(b"\r\n"):
            yield _name_file(os.fsdecode(path))


def is_image(head: bytes) -> bool:
    """Tell whether bytes begin an image rather than a list of paths."""
    return b"\0" in head or head.startswith((b"\xff\xd8", b"\x89PNG"))


def _read_whole(head: bytes, stream: BinaryIO) -> bytes:
    content = head + stream.read(LARGEST_IN_BYTES + 1 - len(head))
    if len(content) > LARGEST_IN_BYTES:
        raise PictureRefused(f"The file has more than {LARGEST_IN_BYTES >> 20} MiB. Make it smaller.")
    return content
