"""What the images of a record file are: formats, sizes and damages, counted, with the places of the first few."""

from bisect import insort
from collections import Counter
from math import inf
from typing import NamedTuple

from sagescene.bounds import LARGEST_SIDE, MOST_SIZES
from sagescene.files.framing import RecordError, Remainder, read_header
from sagescene.files.images import Image, ImageSize, Soundness, inspect
from sagescene.files.othercontent import REPLACE_IMAGE, explain_image
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.grammar import agree, count, name_some

NAMED = 5

# What damaged images mean to training; left out where it is said of images that are not trained on.
TRAINING_FAILS = ", and training would fail at the first"
TRAINED_AS_GREY = "; training takes what is missing as grey"


class SmallImage(NamedTuple):
    """One of the smallest images: where it was seen, and its size in pixels."""

    record: int
    offset: int
    height: int
    width: int


def place(record: int, offset: int) -> str:
    """Say where a record is."""
    return f"record {record}, byte {offset}" if record else f"byte {offset}"


def name(record: int, offset: int) -> str:
    """Name a record in a sentence."""
    return f"record {record}" if record else f"the record at byte {offset}"


class Images:
    """Counts formats and sizes, and names the first records whose image cannot be read or is damaged."""

    def __init__(self, log: FindingLog) -> None:
        self.log = log
        self.height: int | None = None
        self.width: int | None = None
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.shorter_sides: Counter[int] = Counter()
        self.formats: Counter[str] = Counter()
        self._low, self._narrow = _Smallest(), _Smallest()
        self._cut, self._broken, self._unknown = Places(), Places(), Places()
        self._others = {"bmp": Places(), "tiff": Places()}
        self._usual: dict[ImageSize, int] = {}  # sound ones of which nothing is told but how many there are
        self._long: Image | None = None

    def read_on(self, head: bytes | memoryview, remainder: Remainder) -> None:
        """Look at an image that is longer than its head, before it is added."""
        try:
            *_, start = read_header(head, 0, len(head) + remainder.left)
        except RecordError:
            return  # whoever reads the header says so
        self._long = inspect(head[start:], remainder.left, remainder)

    def add(self, record: int, offset: int, head: bytes | memoryview, length: int) -> bool:
        """Take one image by its first bytes, of `length` in all; tell whether it can be read."""
        image, self._long = self._long or inspect(head, length - len(head)), None
        if image is None:
            self.formats["unknown"] += 1
            self.log.report(Code.IMAGE_NOT_READABLE, place(record, offset), *_explain_unreadable(head))
            return False
        size, soundness = image
        if soundness is Soundness.SOUND and size in self._usual:  # most are; 0.2 of the time of what follows
            self._usual[size] += 1
            return True
        kind, height, width = size
        self.formats[kind] += 1
        if kind in self._others:
            self._others[kind].add(record, offset)
        if soundness is Soundness.BROKEN:
            self._broken.add(record, offset)
        elif soundness is Soundness.CUT:
            self._cut.add(record, offset)
        elif not height:
            self._unknown.add(record, offset)
        if height:
            self._add_size(record, offset, height, width)
        if self._is_usual(size):
            self._usual.setdefault(size, 0)
        return soundness is not Soundness.BROKEN

    def _is_usual(self, size: ImageSize) -> bool:
        kind, height, width = size
        is_large = height >= self._low.bound and width >= self._narrow.bound
        return is_large and (height, width) in self.sizes and kind not in self._others

    def _add_size(self, record: int, offset: int, height: int, width: int) -> None:
        size = height, width
        self.shorter_sides[min(height, width, LARGEST_SIDE)] += 1
        if size in self.sizes:
            self.sizes[size] += 1
        else:
            if len(self.sizes) < MOST_SIZES:
                self.sizes[size] = 1
            self.height = min(height, self.height or height)
            self.width = min(width, self.width or width)
        if height < self._low.bound:
            self._low.add(height, SmallImage(record, offset, height, width))
        if width < self._narrow.bound:
            self._narrow.add(width, SmallImage(record, offset, height, width))

    def smallest(self) -> tuple[SmallImage, ...]:
        """Give the first few images of the least heights and of the least widths, as they were seen."""
        return tuple(sorted({*self._low.images(), *self._narrow.images()}, key=lambda image: image.offset))

    def report(self) -> None:
        """Report what is told by a count and the first places, and count what is told by its size alone."""
        for (kind, height, width), number in self._usual.items():
            self.formats[kind] += number
            self.sizes[height, width] += number
            self.shorter_sides[min(height, width, LARGEST_SIDE)] += number
        self._usual = {}
        images = self.formats.total()
        if self._broken.count:
            self.log.report(
                Code.IMAGE_BROKEN,
                self._broken.first,
                f"{self._broken.count:,} of {count(images, 'image')} "
                f"{agree(self._broken.count, 'lacks its pixels or its', 'lack their pixels or their')} end"
                f"{TRAINING_FAILS}: {self._broken}.",
                "Replace these images or leave them out, and pack again.",
            )
        if self._cut.count:
            self.log.report(
                Code.IMAGE_CUT,
                self._cut.first,
                f"{self._cut.count:,} of {count(images, 'image')} "
                f"{agree(self._cut.count, 'is a JPEG file that ends', 'are JPEG files that end')} within "
                f"{agree(self._cut.count, 'its', 'their')} picture{TRAINED_AS_GREY}: {self._cut}.",
                "Replace these images and pack again, if much of them is missing.",
            )
        for kind, places in self._others.items():
            if places.count:
                self.log.report(
                    Code.IMAGE_FORMAT_UNDOCUMENTED,
                    places.first,
                    f"{places.count:,} of {count(images, 'image')} {agree(places.count, 'is a', 'are')} {kind.upper()} "
                    f"{agree(places.count, 'file', 'files')}, which MXNet reads, but AWS documents JPEG and PNG alone: "
                    f"{places}.",
                    "Convert to JPEG or PNG and pack again.",
                )
        if self._unknown.count:
            self.log.report(
                Code.IMAGE_SIZE_UNKNOWN,
                self._unknown.first,
                f"The size of {self._unknown.count:,} of {count(images, 'image')} lies behind more metadata than was "
                f"read: {self._unknown}.",
                "Remove the metadata and pack again, or make sure that no image is smaller than image_shape.",
            )


def _explain_unreadable(head: bytes | memoryview) -> tuple[str, str]:
    """Give a message and a remedy."""
    if not head:
        return "The record has no image: it ends with its header.", REPLACE_IMAGE
    if other := explain_image(head):
        return f"The record's image is {other.name}, and MXNet does not read it.", other.remedy
    return (
        "The record's image is neither a JPEG nor a PNG file with a size, nor another that MXNet reads, or of a rare "
        "kind that it does not read, such as a lossless JPEG.",
        "Replace the image, or convert it to an ordinary JPEG, and pack again.",
    )


class _Smallest:
    """The first few images of the least sides; only one whose side is below `bound` can be among them."""

    def __init__(self) -> None:
        self.bound: float = inf
        self._seen = 0
        self._images: list[tuple[int, int, SmallImage]] = []

    def add(self, side: int, image: SmallImage) -> None:
        self._seen += 1
        insort(self._images, (side, self._seen, image))
        del self._images[NAMED:]
        self.bound = self._images[-1][0] if len(self._images) == NAMED else inf

    def images(self) -> tuple[SmallImage, ...]:
        return tuple(image for *_, image in self._images)


class Places:
    """How many records there are of a kind, and where the first few are."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.first = ""
        self._named: list[str] = []

    def add(self, record: int, offset: int) -> None:
        """Take one; `record` as in `place`."""
        self.count += 1
        self.first = self.first or place(record, offset)
        if len(self._named) < NAMED:
            self._named.append(name(record, offset))

    def __str__(self) -> str:
        """Name the first few and count the others."""
        return name_some(self._named, self.count)
