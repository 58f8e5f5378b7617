"""One image made ready for its record: decoded, to know that it is whole, and encoded anew only where it must be."""

import hashlib
import io
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from sagescene.errors import SagesceneError
from sagescene.files.images import PNG_SIGNATURE
from sagescene_command.packing.encoded import Piece, append_jpeg
from sagescene_command.packing.shortage import is_shortage
from sagescene_command.packing.source import PackingError
from sagescene_model.photographs import TURNS, drop_optional_parts, has_too_many_scans

JPEG_QUALITY = 95  # im2rec's own
HIGHEST_QUALITY = 100
LARGEST_IMAGE_SIDE = 1 << 14
# Three bytes a pixel are held, in every thread at once. The largest cameras have 151 million, and to scale their images
# down is what packing is for; a model is asked about fewer, `sagescene_model.photographs.LARGEST_IN_PIXELS`.
MOST_PIXELS = 160_000_000
# libjpeg gives a large JPEG file in a half, a quarter or an eighth of its size, in a third of the time; with sides at
# least so many times as long as asked it differs by far less than the encoding.
LEFT_TO_SCALE = 2
_JPEGS = ("JPEG", "MPO")  # a phone's MPO file is a JPEG file with more pictures after the first
# Every pixel counts, as by BICUBIC, in three fifths of its time; im2rec's way passes over some.
_SMALLER = Image.Resampling.HAMMING


class UnpackableImageError(SagesceneError):
    """A file that cannot be packed as an image; the message is the reason."""


class Square(StrEnum):
    """How an image becomes a square: filled up with black, or cut on both sides alike."""

    PAD = "pad"
    CROP = "crop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How images are changed: first made square, then scaled to `resize` pixels on the shorter side.

    `quality`, 1 to 100, has every image encoded anew as JPEG. `exact` packs the files' own bytes, whatever EXIF says of
    their orientation, and leaves out what is neither JPEG nor PNG.
    """

    resize: int | None = None
    square: Square | None = None
    quality: int | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises:
            PackingError: if a number is out of range, or a change is asked for that exact bytes cannot have.
        """
        if self.resize is not None and not 0 < self.resize <= LARGEST_IMAGE_SIDE:
            raise PackingError(f"The shorter side cannot be {self.resize} pixels; choose 1 to {LARGEST_IMAGE_SIDE}.")
        if self.quality is not None and not 0 < self.quality <= HIGHEST_QUALITY:
            raise PackingError(f"The quality of JPEG cannot be {self.quality}; choose 1 to {HIGHEST_QUALITY}.")
        if self.exact and (self.resize, self.square, self.quality) != (None, None, None):
            raise PackingError("Exact bytes cannot be resized, made square or encoded anew; give --exact alone.")


AS_IT_IS = Treatment()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyImage:
    """Where the bytes for a record were encoded, None where they are the file's own, and their digest."""

    piece: Piece | None
    digest: bytes


def prepare(path: Path, treatment: Treatment, encoded: BinaryIO) -> ReadyImage:
    """Decode an image whole, so that a cut one is found, and append it to `encoded` where it cannot go in as it is.

    JPEG and PNG files go in unchanged if they are upright and already as the treatment would have them.

    Raises:
        UnpackableImageError: if the file is no whole image, or has more pixels than can be held.
        OSError: if `encoded` cannot be written, or too many files are open.
    """
    own = _read(path)
    read = drop_optional_parts(own, only_damaged=True) if own.startswith(PNG_SIGNATURE) else own
    try:
        with Image.open(io.BytesIO(read)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnpackableImageError(_explain_bomb(f"{image.width:,} x {image.height:,}"))
            if image.format in _JPEGS and has_too_many_scans(own, image.width * image.height):
                raise UnpackableImageError("it is a JPEG of too many scans to be decoded; save it anew")
            if treatment.resize is not None:
                image.draft(None, (treatment.resize * LEFT_TO_SCALE,) * 2)
            image.load()
            changed = None if _fits(image, treatment) else _change(image, treatment)
    except Image.DecompressionBombError as error:
        raise UnpackableImageError(_explain_bomb("too many")) from error
    except UnpackableImageError:
        raise
    except UnidentifiedImageError as error:
        raise UnpackableImageError("it is no image of a format that Pillow reads") from error
    except Exception as error:  # Pillow's decoders let bytes that nobody foresaw raise almost anything
        raise UnpackableImageError(f"it cannot be read as an image ({error})") from error
    if changed is None:
        return ReadyImage(piece=None, digest=digest(own))
    try:
        piece, content = append_jpeg(changed, treatment.quality or JPEG_QUALITY, encoded)
    except Exception as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk is full, which is no fault of the image
        raise UnpackableImageError(f"it cannot be encoded as JPEG ({error})") from error
    return ReadyImage(piece=piece, digest=digest(content))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        if is_shortage(error):
            raise  # of open files, as a rule
        raise UnpackableImageError(f"it cannot be read ({error.strerror})") from error


def digest(content: bytes) -> bytes:
    """Identify the bytes of an image."""
    return hashlib.blake2b(content, digest_size=16).digest()


def _explain_bomb(size: str) -> str:
    return f"it has {size} pixels; at most {MOST_PIXELS:,} can be decoded"


def _fits(image: Image.Image, treatment: Treatment) -> bool:
    is_readable = image.format in (*_JPEGS, "PNG")
    if treatment.exact and not is_readable:
        raise UnpackableImageError(
            f"it is {image.format}, which the algorithm cannot read; without --exact it becomes JPEG"
        )
    return treatment.exact or (
        is_readable
        and treatment.quality is None
        and treatment.resize in (None, min(image.size))
        and (treatment.square is None or image.width == image.height)
        and _read_turn(image) is None
    )


def _read_turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF is no reason to leave out an image whose pixels are whole
        return None


def _change(image: Image.Image, treatment: Treatment) -> Image.Image:
    turn = _read_turn(image)
    changed = _make_opaque(image.transpose(turn) if turn is not None else image)
    if treatment.square is Square.CROP:
        changed = ImageOps.fit(changed, (min(changed.size),) * 2)
    elif treatment.square is Square.PAD:
        changed = ImageOps.pad(changed, (max(changed.size),) * 2)
    if treatment.resize is not None:
        scale = treatment.resize / min(changed.size)
        width, height = (max(treatment.resize, round(side * scale)) for side in changed.size)
        changed = changed.resize((width, height), _SMALLER if scale < 1 else Image.Resampling.BICUBIC)
    return changed


def _make_opaque(image: Image.Image) -> Image.Image:
    """Return the image in RGB, on white where it is transparent."""
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    picture = image.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("RGB")
