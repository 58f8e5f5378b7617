"""Packs a folder of images, one folder a class, into the train and validation files that the algorithm reads."""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from sagescene.errors import SagesceneError
from sagescene.files import recordio
from sagescene_command.splits import explain_splits

JPEG_QUALITY = 95
LARGEST_IMAGE_SIDE = 1 << 14

Progress = Callable[[int, int], None]


class PackingError(SagesceneError):
    """A folder that cannot be packed; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was left out of lists and records, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was packed: the files written, images a part, class names in the order of their labels, files left out."""

    files: tuple[Path, ...]
    train: int
    validation: int
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    index: int
    label: int
    path: Path


def pack(
    images: Path,
    prefix: Path,
    *,
    validation_share: float = 0.2,
    seed: int = 100,
    resize: int | None = None,
    progress: Progress | None = None,
) -> Packed:
    """Write PREFIX_train and PREFIX_val, each .lst, .rec and .idx, and classes.txt with one class name a line.

    `images` holds one folder a class; labels follow the sorted folder names. Every class of two images or more is in
    both parts, and the same folder, share and seed give the same bytes. JPEG and PNG files go in unchanged; other
    formats become JPEG, and so do all whose shorter side is not `resize` pixels, if that is given. Files that cannot
    be read are left out of list and records alike, and named in the result. The files appear all at once, or none
    does. `progress` is called with the steps done and in all; every image is two steps.

    Raises:
        PackingError: if there is nothing sensible to pack.
    """
    if not 0 < validation_share < 1:
        raise PackingError(f"The validation share {validation_share} is not between 0 and 1.")
    if resize is not None and not 0 < resize <= LARGEST_IMAGE_SIDE:
        raise PackingError(f"The shorter side cannot be {resize} pixels; choose 1 to {LARGEST_IMAGE_SIDE}.")
    classes = _find_classes(images)
    files = [(label, path) for label, name in enumerate(classes) for path in _find_files(images / name)]
    reasons = {}
    for done, (_, path) in enumerate(files, start=1):
        reasons[path] = _find_fault(path, path.relative_to(images))
        if progress:
            progress(done, 2 * len(files))
    readable = [
        _Image(index=index, label=label, path=path)
        for index, (label, path) in enumerate(file for file in files if not reasons[file[1]])
    ]
    skipped = tuple(Skipped(path=path, reason=reason) for path, reason in reasons.items() if reason)
    _refuse_empty_classes(readable, classes, images, skipped)
    train, validation = _split(readable, validation_share, seed)
    if not validation:
        raise PackingError(f"No class in {images} has two images; validation needs one of every class.")
    steps = 2 * len(files) - len(readable), 2 * len(files)
    written = _write(images, prefix, train, validation, classes, resize, steps, progress)
    return Packed(files=written, train=len(train), validation=len(validation), classes=classes, skipped=skipped)


def _find_classes(images: Path) -> tuple[str, ...]:
    if not images.is_dir():
        raise PackingError(f"{images} is no folder; name the folder that holds one folder a class.")
    classes = tuple(sorted(path.name for path in images.iterdir() if path.is_dir() and not path.name.startswith(".")))
    if splits := explain_splits(images, classes):
        raise PackingError(splits)
    loose = [path for path in images.iterdir() if path.is_file() and has_image_name(path)]
    if loose:
        raise PackingError(
            f"{len(loose)} image(s) such as {min(loose).name} lie in {images} itself; "
            "move each into the folder of its class."
        )
    if len(classes) < 2:
        raise PackingError(f"{images} holds {len(classes)} class folder(s); a classifier needs at least two.")
    return classes


def _find_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def has_image_name(path: Path) -> bool:
    """Tell whether a file is called like an image of a kind that can be read."""
    return path.suffix.lower() in Image.registered_extensions()


def _find_fault(path: Path, name: Path) -> str:
    """Return why a file cannot be packed, or nothing; decodes the whole image, so that a cut one is found."""
    if not has_image_name(path):
        return "its name is not that of an image"
    if any(character in str(name) for character in "\t\r\n"):
        return "its name holds a TAB or a line break, which a list cannot"
    try:
        str(name).encode()
        with Image.open(path) as image:
            image.load()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"it cannot be read as an image ({error})"
    return ""


def _refuse_empty_classes(
    readable: Sequence[_Image], classes: Sequence[str], images: Path, skipped: Sequence[Skipped]
) -> None:
    present = {image.label for image in readable}
    empty = [name for label, name in enumerate(classes) if label not in present]
    if empty:
        example = f" {skipped[0].path.name} was left out: {skipped[0].reason}." if skipped else ""
        raise PackingError(
            f"No image can be read in the class folder(s) {', '.join(empty)} of {images}; fill or remove them.{example}"
        )


def _split(images: Sequence[_Image], share: float, seed: int) -> tuple[list[_Image], list[_Image]]:
    """Deal the images of each class to train and validation, then shuffle both as im2rec does."""
    train: list[_Image] = []
    validation: list[_Image] = []
    chance = random.Random(seed)  # nosec B311 # noqa: S311 - a fixed seed is the point
    by_class: dict[int, list[_Image]] = {}
    for image in images:
        by_class.setdefault(image.label, []).append(image)
    for members in by_class.values():
        chance.shuffle(members)
        held_out = min(max(round(len(members) * share), 1), len(members) - 1)
        validation += members[:held_out]
        train += members[held_out:]
    chance.shuffle(train)
    chance.shuffle(validation)
    return train, validation


def _write(
    images: Path,
    prefix: Path,
    train: Sequence[_Image],
    validation: Sequence[_Image],
    classes: Sequence[str],
    resize: int | None,
    steps: tuple[int, int],
    progress: Progress | None,
) -> tuple[Path, ...]:
    done, total = steps
    targets = [
        prefix.with_name(f"{prefix.name}_{part}.{kind}") for part in ("train", "val") for kind in ("lst", "rec", "idx")
    ]
    targets.append(prefix.with_name("classes.txt"))
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with _appear_together(targets) as files:
        for rows, (listed, records, index) in ((train, files[:3]), (validation, files[3:6])):
            for image in rows:
                name = image.path.relative_to(images).as_posix()
                listed.write(f"{image.index}\t{image.label:f}\t{name}\n".encode())
                index.write(recordio.index_line(image.index, records.tell()).encode())
                content = _read_image(image.path, resize)
                record = recordio.Record(identifier=image.index, labels=(float(image.label),), image=content)
                records.write(recordio.pack(record))
                done += 1
                if progress:
                    progress(done, total)
        files[-1].write("".join(f"{name}\n" for name in classes).encode())
    return tuple(targets)


def _read_image(path: Path, resize: int | None) -> bytes:
    """Return the bytes to pack: the file's own where they are JPEG or PNG of the right size, else a new JPEG."""
    content = path.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        # A phone's MPO file is a JPEG file with more pictures after the first.
        fits = image.format in ("JPEG", "MPO", "PNG") and resize in (None, min(image.size))
        if fits:
            return content
        upright = _make_opaque(ImageOps.exif_transpose(image))
    if resize is not None:
        scale = resize / min(upright.size)
        width, height = (max(resize, round(side * scale)) for side in upright.size)
        upright = upright.resize((width, height), Image.Resampling.BICUBIC)
    encoded = io.BytesIO()
    upright.save(encoded, "JPEG", quality=JPEG_QUALITY)
    return encoded.getvalue()


def _make_opaque(image: Image.Image) -> Image.Image:
    """Return the image in RGB, on white where it is transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    picture = image.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("RGB")


@contextmanager
def _appear_together(targets: Sequence[Path]) -> Iterator[list[BinaryIO]]:
    """Open a temporary file for each target, renamed to it when all went well and removed when not."""
    partial = [target.with_name(f".{target.name}.partial") for target in targets]
    files: list[BinaryIO] = [path.open("wb") for path in partial]
    try:
        yield files
        for file in files:
            file.close()
        for path, target in zip(partial, targets, strict=True):
            path.replace(target)
    finally:
        for file in files:
            file.close()
        for path in partial:
            path.unlink(missing_ok=True)
