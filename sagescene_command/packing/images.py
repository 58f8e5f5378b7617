"""One image made ready for its record: decoded, to know that it is whole, and encoded anew only where it must be."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from sagescene.errors import SagesceneError
from sagescene_command.packing.source import PackingError

JPEG_QUALITY = 95
LARGEST_IMAGE_SIDE = 1 << 14
# Three bytes a pixel are held, in every thread at once. The largest cameras have 151 million.
MOST_PIXELS = 160_000_000


class UnpackableImageError(SagesceneError):
    """A file that cannot be packed as an image; the message is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How images are changed: `resize` is the length of the shorter side in pixels, None leaves it."""

    resize: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises:
            PackingError: if a number is out of range.
        """
        if self.resize is not None and not 0 < self.resize <= LARGEST_IMAGE_SIDE:
            raise PackingError(f"The shorter side cannot be {self.resize} pixels; choose 1 to {LARGEST_IMAGE_SIDE}.")


AS_IT_IS = Treatment()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyImage:
    """The bytes for a record, None where they are the file's own, and their digest."""

    content: bytes | None
    digest: bytes


def prepare(path: Path, treatment: Treatment) -> ReadyImage:
    """Decode an image whole, so that a cut one is found, and encode it as JPEG where it cannot go in as it is.

    JPEG and PNG files go in unchanged if they are upright and have the right size.

    Raises:
        UnpackableImageError: if the file is no whole image, or has more pixels than can be held.
    """
    try:
        own = path.read_bytes()
        with Image.open(io.BytesIO(own)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnpackableImageError(_explain_bomb(f"{image.width:,} x {image.height:,}"))
            image.load()
            content = None if _fits(image, treatment) else _encode(image, treatment)
    except Image.DecompressionBombError as error:
        raise UnpackableImageError(_explain_bomb("too many")) from error
    except UnpackableImageError:
        raise
    except Exception as error:  # Pillow's decoders let bytes that nobody foresaw raise almost anything
        raise UnpackableImageError(f"it cannot be read as an image ({error})") from error
    return ReadyImage(content=content, digest=digest(own if content is None else content))


def digest(content: bytes) -> bytes:
    """Identify the bytes of an image."""
    return hashlib.blake2b(content, digest_size=16).digest()


def _explain_bomb(size: str) -> str:
    return f"it has {size} pixels; at most {MOST_PIXELS:,} can be decoded"


def _fits(image: Image.Image, treatment: Treatment) -> bool:
    # A phone's MPO file is a JPEG file with more pictures after the first.
    return image.format in ("JPEG", "MPO", "PNG") and treatment.resize in (None, min(image.size))


def _encode(image: Image.Image, treatment: Treatment) -> bytes:
    changed = _make_opaque(ImageOps.exif_transpose(image))
    if treatment.resize is not None:
        scale = treatment.resize / min(changed.size)
        width, height = (max(treatment.resize, round(side * scale)) for side in changed.size)
        changed = changed.resize((width, height), Image.Resampling.BICUBIC)
    encoded = io.BytesIO()
    changed.save(encoded, "JPEG", quality=JPEG_QUALITY)
    return encoded.getvalue()


def _make_opaque(image: Image.Image) -> Image.Image:
    """Return the image in RGB, on white where it is transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    picture = image.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("RGB")
