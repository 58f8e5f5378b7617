"""Records and rows that other algorithms are trained on: face sets' meta records, and labels of objects in images."""

from collections.abc import Sequence

from sagescene.files.recordimages import Places
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog

_LARGEST_NUMBER = 64  # of a header's or an object's values; im2rec's lists have 2 to 4 and 5 or 6
_FEWEST_OF_AN_OBJECT = 5  # its class and the corners of its box

DETECTION = (
    "The labels are those of object detection (two sizes, then a class and a box for each object); image "
    "classification takes one class an image."
)
DETECTION_REMEDY = (
    "Train another algorithm on it, such as SageMaker's object detection; or cut the objects out, and pack these "
    "images with one label each."
)


def is_detection(labels: Sequence[float]) -> bool:
    """Tell whether labels begin with the size of a header and of an object, as MXNet's detection iterator reads them.

    These are at least 2 and 5, so no labels of 0 and 1 are taken for them.
    """
    if len(labels) < 4:
        return False
    header, width = labels[:2]
    is_plausible = 2 <= header <= _LARGEST_NUMBER and _FEWEST_OF_AN_OBJECT <= width <= _LARGEST_NUMBER
    if not is_plausible or header % 1 or width % 1:
        return False
    # Some write the size of a header that they then leave out.
    return (len(labels) - header) % width == 0 or (len(labels) - 2) % width == 0


class OtherRecords:
    """Sets aside the records that are no labelled images, and tells each kind once."""

    def __init__(self, log: FindingLog) -> None:
        """Start with none."""
        self.log = log
        self._meta, self._detection = Places(), Places()

    @property
    def count(self) -> int:
        """Count those that hold no image."""
        return self._meta.count

    def take_meta(self, record: int, offset: int, labels: tuple[float, ...], image_length: int) -> bool:
        """Take a record of several numbers and no image; tell whether it is one."""
        if image_length or len(labels) == 1 or set(labels) <= {0, 1}:  # these would be labels, of a lost image
            return False
        self._meta.add(record, offset)
        return True

    def take_detection(self, record: int, offset: int, labels: tuple[float, ...]) -> bool:
        """Take a record whose labels are those of objects; tell whether they are."""
        if not is_detection(labels):
            return False
        self._detection.add(record, offset)
        return True

    def report(self) -> None:
        """Report what was set aside."""
        if self._meta.count:
            hold = "record holds" if self._meta.count == 1 else "records hold"
            self.log.report(
                Code.META_RECORDS,
                self._meta.first,
                f"{self._meta.count:,} {hold} no image, but several numbers, as the meta records of face sets "
                f"(insightface) do: {self._meta}.",
                "Pack the images alone, with one label each: from a list of index, label and path, by im2rec or "
                "sagescene pack.",
            )
        if self._detection.count:
            self.log.report(Code.DETECTION_LABELS, self._detection.first, DETECTION, DETECTION_REMEDY)
