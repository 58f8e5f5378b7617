"""What MXNet's reader, libjpeg and libpng in it, makes of an image whose header is sound."""

import io
from enum import Enum, auto

from PIL import Image

from sagescene.bounds import LARGEST_RECORD_IN_BYTES
from sagescene.files.images import Soundness, inspect
from sagescene.files.recordimages import TRAINED_AS_GREY, TRAINING_FAILS
from sagescene.grammar import agree
from sagescene_command.decoding.png import RefusedPngError, require_readable
from sagescene_command.packing.images import MOST_PIXELS
from sagescene_model.photographs import BEHIND_SCAN, LARGEST_IN_PIXELS, has_too_many_scans

_START_OF_SCAN = b"\xff\xda"
_END_OF_IMAGE = b"\xff\xd9"


class Damage(Enum):
    """What decoding an image shows that its header does not."""

    REFUSED = auto()
    READ = auto()
    TOO_LARGE = auto()
    TOO_LONG = auto()
    TOO_MANY_SCANS = auto()
    TOO_LARGE_FOR_MODELS = auto()

    def tell(self, number: int) -> str:
        """Say it of so many images, as the end of a sentence."""
        match self:
            case Damage.REFUSED:
                return f"cannot be decoded{TRAINING_FAILS}"
            case Damage.READ:
                files = agree(number, "is a JPEG file", "are JPEG files")
                return f"{files} whose picture breaks off at damaged bytes{TRAINED_AS_GREY}"
            case Damage.TOO_LARGE:
                have, were = agree(number, "has", "have"), agree(number, "was", "were")
                return f"{have} more than {MOST_PIXELS:,} pixels, and {were} not decoded"
            case Damage.TOO_LONG:
                lie, were = agree(number, "lies in a record", "lie in records"), agree(number, "was", "were")
                return f"{lie} of more than {LARGEST_RECORD_IN_BYTES >> 20} MiB, and {were} not decoded"
            case Damage.TOO_MANY_SCANS:
                files, were = agree(number, "is a JPEG file", "are JPEG files"), agree(number, "was", "were")
                return f"{files} of too many scans to be decoded, and {were} not"
            case Damage.TOO_LARGE_FOR_MODELS:
                have, them = agree(number, "has", "have"), agree(number, "it", "them")
                others = "an evaluation and sagescene predict do not"
                return f"{have} more than {LARGEST_IN_PIXELS:,} pixels: training reads {them}, {others}"


def judge(image: bytes) -> Damage | None:
    """Decode an image; None also for one that the look at headers reports already."""
    seen = inspect(image)
    if seen is None or seen.soundness is Soundness.BROKEN:
        return None
    pixels = seen.size.height * seen.size.width
    if pixels > MOST_PIXELS:
        return Damage.TOO_LARGE
    if seen.size.format == "jpeg" and has_too_many_scans(image, pixels):
        return Damage.TOO_MANY_SCANS
    damage = _judge_pixels(image, seen.size.format)
    return damage or (Damage.TOO_LARGE_FOR_MODELS if pixels > LARGEST_IN_PIXELS else None)


def _judge_pixels(image: bytes, image_format: str) -> Damage | None:
    if image_format == "png":
        try:
            require_readable(image)
        except RefusedPngError:
            return Damage.REFUSED
        return None
    return _judge_jpeg(image) if image_format == "jpeg" else None


def _judge_jpeg(image: bytes) -> Damage | None:
    # The look at headers tells of a missing end; with one, all that is left is what libjpeg refuses.
    if _decodes(image + _END_OF_IMAGE):
        return None
    if image.count(_START_OF_SCAN) == 1:  # what comes behind a scan matters only where more scans follow
        behind = BEHIND_SCAN.search(image, image.index(_START_OF_SCAN) + len(_START_OF_SCAN))
        if behind and _decodes(image[: behind.start()] + _END_OF_IMAGE):
            return Damage.READ
    return Damage.REFUSED


def _decodes(image: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(image), formats=["JPEG"]) as opened:
            opened.draft(None, (1, 1))  # libjpeg reads the whole stream as ever, and computes one pixel of 64
            opened.load()
    except Exception:  # Pillow's decoders let bytes that nobody foresaw raise almost anything
        return False
    return True
