"""Makes the files that are measured: the same bytes from the same seed, kept in a folder for the next run."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sagescene.files import recordio
from sagescene.files.framing import MAGIC
from sagescene.files.recordio import Record

SEED = 20260101
IMAGENET_IMAGES, IMAGENET_CLASSES = 1_281_167, 1000
LARGE_IMAGES, LARGE_CLASSES = 14_197_122, 21_841
RECORDS = 16_000
PHOTO_CLASSES = 10
LINES_AT_ONCE = 20_000
JPEG_HEAD = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xc0\0\x11\x08\1\x77\1\xf4\3\1\x22\0\2\x11\1\3\x11\1"
JPEG_SCAN, JPEG_END = b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0", b"\xff\xd9"

BAD_LINES = (
    "{index}\tcat\tn{label:08d}/{index}.JPEG",
    "{index} {label} n{label:08d}/{index}.JPEG",
    "{index}\t{label:f}\t",
    "x{index}\t{label:f}\tn{label:08d}/{index}.JPEG",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """A list with what is true of it; `samples` are the rows with index, numeric label and path."""

    path: Path
    samples: int


def make_list(
    folder: Path,
    *,
    images: int = IMAGENET_IMAGES,
    classes: int = IMAGENET_CLASSES,
    line_end: str = "\n",
    bad_every: int = 0,
    fractions: bool = False,
) -> ListFile:
    """Make a shuffled list as im2rec writes it; every `bad_every`-th line is one of four kinds that are no row."""
    bad = images // bad_every if bad_every else 0
    kind = f"{'crlf-' * (line_end != '\n')}{'fractions-' * fractions}{f'bad{bad_every}-' * bool(bad_every)}"
    path = folder / f"{kind}{images}-{classes}.lst"

    def lines() -> Iterator[bytes]:
        chance = random.Random(SEED)  # nosec B311 # noqa: S311 - a fixed seed is the point
        order = list(range(images))
        chance.shuffle(order)
        text: list[str] = []
        for number, index in enumerate(order, start=1):
            label = index * classes // images
            if bad_every and number % bad_every == 0:
                form = BAD_LINES[number // bad_every % len(BAD_LINES)]
            elif fractions:
                form = "{index}\t{index}.5\tn{label:08d}/{index}.JPEG"
            else:
                form = "{index}\t{label:f}\tn{label:08d}/n{label:08d}_{index}.JPEG"
            text.append(form.format(index=index, label=label) + line_end)
            if len(text) == LINES_AT_ONCE:
                yield "".join(text).encode()
                text.clear()
        yield "".join(text).encode()

    _keep(path, lines)
    return ListFile(path=path, samples=images - bad)


def make_line_without_end(folder: Path) -> Path:
    """Make 64 MB without a line feed."""
    path = folder / "one-line.lst"
    _keep(path, lambda: (b"x" * (1 << 20) for _ in range(64)))
    return path


def make_set(folder: Path, megabytes: int) -> Path:
    """Make a data set of about so many MB, a tenth of it for validation, in a folder of its own."""
    folder, records = folder / f"set-{megabytes}", megabytes * 1000 // 61
    make_records(folder, records=records * 9 // 10, name="train")
    make_records(folder, records=records // 10, name="validation", seed=SEED + 1)
    return folder


def make_set_of_photos(folder: Path, photos: Path, megabytes: int) -> Path:
    """Make a data set of about so many MB of these photographs, the same ones again and again, a tenth to validate."""
    contents = [path.read_bytes() for path in sorted(photos.rglob("*.jpg"))]
    records = megabytes * 10**6 * len(contents) // sum(map(len, contents))
    folder /= f"photo-set-{megabytes}"

    def pack(number: int) -> bytes:
        image = with_comment(contents[number % len(contents)], number)
        return recordio.pack(Record(identifier=number, labels=(float(number % PHOTO_CLASSES),), image=image))

    def list_(number: int) -> bytes:
        return f"{number}\t{number % PHOTO_CLASSES:f}\tn{number}.JPEG\n".encode()

    bound = records * 9 // 10
    for name, numbers in (("train", range(bound)), ("validation", range(bound, records))):
        _keep(folder / f"{name}.lst", partial(map, list_, numbers))
        _keep(folder / f"{name}.rec", partial(map, pack, numbers))
    return folder


def with_comment(jpeg: bytes, number: int) -> bytes:
    """Give a JPEG file with a number in a comment, by which it is another file of the same picture."""
    return b"%b\xff\xfe\0\x0a%08d%b" % (jpeg[:2], number, jpeg[2:])


def make_records(folder: Path, *, records: int = RECORDS, name: str = "", seed: int = SEED) -> tuple[Path, Path]:
    """Make records of 10 to 110 KB of noise as a JPEG's scan, one in fifty with magic numbers inside, and a list."""
    path, listed = folder / f"{name or records}.rec", folder / f"{name or records}.lst"

    def rows() -> Iterator[bytes]:
        for number in range(records):
            yield f"{number}\t{number % IMAGENET_CLASSES:f}\tn{number}.JPEG\n".encode()

    def contents() -> Iterator[bytes]:
        chance = random.Random(seed)  # nosec B311 # noqa: S311
        noise = chance.randbytes(8 << 20).replace(MAGIC, b"")
        for number in range(records):
            start = chance.randrange(len(noise) - (128 << 10))
            image = JPEG_HEAD + JPEG_SCAN + noise[start : start + chance.randrange(10_000, 112_000)] + JPEG_END
            if number % 50 == 7:
                image = image[:4000] + MAGIC * 2 + image[4000:]
            yield recordio.pack(
                Record(identifier=number, labels=(float(number % IMAGENET_CLASSES),), image=image),
            )

    _keep(listed, rows)
    _keep(path, contents)
    return path, listed


def _keep(path: Path, make: Callable[[], Iterable[bytes]]) -> None:
    """Write a file unless it is there, so that it is there only whole."""
    if path.exists():
        return
    print(f"Making {path.name}", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_suffix(".partial")
    with begun.open("wb") as file:
        file.writelines(make())
    begun.replace(path)
