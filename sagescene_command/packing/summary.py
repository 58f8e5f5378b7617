"""What a person is told of a packing: before it begins, and when it is done."""

import statistics
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from sagescene.shell_words import quote_path
from sagescene_command.packing.folders import name_some
from sagescene_command.packing.images import Treatment
from sagescene_command.packing.pack import Packed
from sagescene_command.packing.source import PackedChannel, PictureSource

CROPPED_TO = 224  # the algorithm's usual image_shape, in pixels
PROPOSED_SIDE = 256  # leaves the usual margin for random crops
LARGE_SIDE = 2 * CROPPED_TO
SAMPLED = 200
NAMED = 5


def propose_resize(source: PictureSource, treatment: Treatment, command: str) -> Iterator[str]:
    """Yield the sentence that proposes to scale large photos down, if they are and nobody asked for a size."""
    if treatment.resize is not None or treatment.exact:
        return
    pictures = source.pictures
    sides = list(_read_sides([picture.path for picture in pictures[:: max(1, len(pictures) // SAMPLED)]]))
    side = round(statistics.median(sides)) if sides else 0
    if side > LARGE_SIDE:
        yield (
            f"The images are large, typically {side:,} pixels on the shorter side, and training crops pieces of about "
            f"{CROPPED_TO} x {CROPPED_TO} out of them without shrinking them; to have whole pictures seen: "
            f"{command} --resize {PROPOSED_SIDE}"
        )


def _read_sides(paths: Sequence[Path]) -> Iterator[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        for path in paths:
            try:
                with Image.open(path) as image:
                    yield min(image.size)
            except Exception:  # nosec B112 # noqa: S112 - what cannot be read is named when it is decoded
                continue


def tell_faults(packed: Packed) -> Iterator[str]:
    """Yield what was left out by its reasons, and what stands in two channels: how many, and the first few by name."""
    if packed.skipped:
        yield f"{_count(len(packed.skipped), 'file')} left out:"
        by_reason: dict[str, list[str]] = {}
        for skipped in packed.skipped:
            by_reason.setdefault(skipped.reason, []).append(str(skipped.path))
        told = list(by_reason.items())[:NAMED]
        yield from (f"  {reason}: {name_some(paths)}" for reason, paths in told)
        yield from _tell_more(len(packed.skipped) - sum(len(paths) for _, paths in told))
    if packed.duplicates:
        yield (
            f"{_count(len(packed.duplicates), 'image')} trained on and held back as well, so that the accuracy would "
            "promise too much; remove one of each pair:"
        )
        yield from (f"  {held_back} equals {learned}" for learned, held_back in packed.duplicates[:NAMED])
        yield from _tell_more(len(packed.duplicates[NAMED:]))


def tell_result(packed: Packed) -> Iterator[str]:
    """Yield what was packed and written, and what to type next."""
    tested = packed.images.get(PackedChannel.TEST, 0)
    testing = f", and {tested} to test with" if tested else ""
    yield (
        f"{packed.train} images to train on and {packed.validation} to validate with{testing}, "
        f"of {len(packed.classes)} classes"
    )
    yield from (f"  {path}" for path in packed.files)
    yield f"Next: sagescene check {quote_path(packed.files[0].parent)}"


def as_json(packed: Packed) -> dict[str, Any]:
    """Give what was packed and written, and what was left out, as a program reads it."""
    return {
        "files": [str(path) for path in packed.files],
        "images": {str(channel): number for channel, number in packed.images.items()},
        "classes": list(packed.classes),
        "skipped": [{"path": str(skipped.path), "reason": skipped.reason} for skipped in packed.skipped],
        "duplicates": [{"trained_on": learned, "held_back": held_back} for learned, held_back in packed.duplicates],
    }


def _count(number: int, noun: str) -> str:
    return f"1 {noun} is" if number == 1 else f"{number:,} {noun}s are"


def _tell_more(left: int) -> Iterator[str]:
    if left:
        yield f"  and {left:,} more"
