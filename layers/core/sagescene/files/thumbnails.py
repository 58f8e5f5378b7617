"""A few images of distinct classes, as they are packed, to look at in a report."""

from dataclasses import dataclass

from sagescene.bounds import MOST_THUMBNAILS, THUMBNAIL_IN_BYTES, THUMBNAIL_IN_PIXELS, THUMBNAILS_IN_BYTES
from sagescene.files.images import read_size
from sagescene.files.recordcontent import PackedImage

_SHOWN = {"jpeg", "png"}  # by every browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """One image of a class: `label` as in `ListSummary.classes`, `format` jpeg or png."""

    label: int
    format: str
    image: bytes


class Thumbnails:
    """Picks the first image of each class that is small enough to be shown, until there are twelve."""

    def __init__(self) -> None:
        self._by_label: dict[int, Thumbnail] = {}
        self._room = THUMBNAILS_IN_BYTES

    def consider(self, image: PackedImage) -> None:
        """Take an image if it is of use."""
        if len(self._by_label) >= MOST_THUMBNAILS or image.length > min(THUMBNAIL_IN_BYTES, self._room):
            return
        label = _label_of(image.labels)
        if label is None or label in self._by_label or len(image.head) < image.length:
            return
        size = read_size(image.head)
        if size is not None and size.format in _SHOWN and 0 < size.height * size.width <= THUMBNAIL_IN_PIXELS:
            self._by_label[label] = Thumbnail(label=label, format=size.format, image=bytes(image.head))
            self._room -= image.length

    def pick(self) -> tuple[Thumbnail, ...]:
        """Give the images in the order of their classes."""
        return tuple(self._by_label[label] for label in sorted(self._by_label))


def _label_of(labels: tuple[float, ...]) -> int | None:
    if len(labels) == 1:
        return int(labels[0]) if labels[0] >= 0 and labels[0].is_integer() else None
    return labels.index(1) if 1 in labels else None
