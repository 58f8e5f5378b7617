"""Whether there are training images enough to learn from, in all and of each class."""

from collections.abc import Iterator

from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.grammar import agree
from sagescene.preflight import phrases
from sagescene.preflight.channel_checks import ChannelFiles

HANDFUL = 5
FEW_IN_ALL = 10


def find_small_classes(train: ChannelFiles) -> Iterator[Finding]:
    """Warn of hardly any training images, in all or of single classes; a class without any is told elsewhere."""
    sizes = {label: images for label, images in train.classes.items() if images}
    few = [label for label, images in sizes.items() if images < HANDFUL]
    if 0 < train.images < FEW_IN_ALL:
        yield Code.FEW_TRAINING_IMAGES.found(
            file=train.records_file,
            message=f"There {'is' if train.images == 1 else 'are'} only {phrases.images(train.images)} to train on.",
            remedy="Add training images; from so few, the model learns those and nothing else.",
        )
    elif few:
        least = min(few, key=sizes.__getitem__)
        yield Code.FEW_IMAGES_OF_CLASS.found(
            file=train.records_file,
            message=(
                f"Of {len(sizes):,} classes, {len(few):,} "
                f"{agree(len(few), 'has', 'have')} fewer than {HANDFUL} images "
                f"({phrases.classes(few, train.names)}); class {train.names.tell(least)} has {sizes[least]}."
            ),
            remedy="Add images to the small classes, or expect them to be recognized badly.",
        )
