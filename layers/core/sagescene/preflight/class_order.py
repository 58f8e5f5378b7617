"""Whether training images stand class by class, farther apart than training shuffles them."""

from collections.abc import Iterator

from sagescene.bounds import SHUFFLED_AT_ONCE_IN_BYTES
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.preflight import phrases
from sagescene.preflight.channel_checks import ChannelFiles

_SHARE_BY_CHANCE = 0.1  # of the changes of label that shuffling would make


def find_order_of_classes(train: ChannelFiles) -> Iterator[Finding]:
    """Warn of training records that stand class by class in a file of several parts that are shuffled by themselves."""
    records = train.records
    sizes = [images for images in records.classes.values() if images]
    is_known = records.label_width == 1 < len(sizes) and not train.is_sampled
    if not is_known or records.size <= 2 * SHUFFLED_AT_ONCE_IN_BYTES or records.runs > 2 * len(sizes):
        return
    images = sum(sizes)
    by_chance = (images**2 - sum(size**2 for size in sizes)) / images
    if records.runs - 1 <= _SHARE_BY_CHANCE * by_chance:
        yield Code.RECORDS_IN_ORDER_OF_CLASSES.found(
            file=train.records_file,
            message=(
                f"The {phrases.images(images)} of {len(sizes):,} classes stand class by class, but of the file's "
                f"{records.size // 1_000_000:,} MB training shuffles only some {SHUFFLED_AT_ONCE_IN_BYTES >> 20} at a "
                "time: a batch has images of one class, or of few, from which the model learns badly."
            ),
            remedy=(
                "Shuffle the lines of the list and pack again: im2rec.py --list does so without --no-shuffle, "
                "sagescene pack always, and shuf with any list."
            ),
        )
