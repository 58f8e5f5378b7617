"""Splits that were packed as classes, as im2rec does from a folder that holds them."""

from collections.abc import Iterator

from sagescene.files.numbering import Numbering
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.quoting import quote
from sagescene.splits import find_split_class


def find_splits_as_classes(numbering: Numbering, file: str) -> Iterator[Finding]:
    """Report a list, `file`, that was read to its end and gives one class in several splits as many labels."""
    labels = numbering.labels if numbering.is_whole else {}
    found = find_split_class(labels)
    if not found:
        return
    *first, last = (quote(folder) for folder in found.folders)
    folders = f"{', '.join(first)} and {last}"
    *first, last = (f"{labels[folder]:g}" for folder in found.folders)
    what = f"one class in {len(found.folders)} splits" if found.name else f"{len(found.folders)} splits of a data set"
    below = "Put the images of each split into a folder for each class, and pack" if not found.name else "Pack"
    yield Code.SPLITS_AS_CLASSES.found(
        file=file,
        message=(
            f"{folders} are {what}, but have labels of their own ({', '.join(first)} and {last}): the model would "
            "learn which split an image came from."
        ),
        remedy=(
            f"{below} the folder that holds the splits with `sagescene pack`, which makes a channel of each and "
            "numbers the classes once for all."
        ),
    )
