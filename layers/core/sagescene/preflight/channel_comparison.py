"""Where the two channels of a data set disagree: classes that only one has, and files that are exchanged."""

from collections.abc import Iterator

from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.grammar import agree
from sagescene.preflight import phrases
from sagescene.preflight.channel_checks import LABEL_FAULTS, ChannelFiles
from sagescene.preflight.class_sizes import FEW_IN_ALL
from sagescene.preflight.known_classes import possible_classes, sure_classes, with_images

_CLEARLY_MORE = 1.25  # a division in equal halves, class by class, comes out uneven by less


def compare_channels(train: ChannelFiles, validation: ChannelFiles) -> Iterator[Finding]:
    """Find labels in the validation images that training never sees."""
    if not train.classes or not validation.classes:
        return
    if train.label_width != validation.label_width:
        yield Code.LABEL_WIDTH_OF_VALIDATION.found(
            file=validation.records_file,
            message=(
                f"The images have {phrases.labels(validation.label_width)} each, but those of {train.records_file} "
                f"have {phrases.labels(train.label_width)}."
            ),
            remedy="Give the images of both channels the same number of labels.",
        )
        return
    # A class that one channel has lost is told there.
    unknown = sorted(sure_classes(validation) - possible_classes(train) - {*train.lost_classes})
    unseen = sorted(sure_classes(train) - possible_classes(validation) - {*validation.lost_classes})
    is_shifted = _begin_at_0_and_1(train, validation)
    if unknown:
        here, there = min(with_images(validation.classes)), min(with_images(train.classes), default=0)
        yield Code.CLASS_NOT_IN_TRAIN.found(
            file=validation.records_file,
            message=(
                f"The file has images of {phrases.classes(unknown, train.names)}, of which {train.records_file} has "
                f"none{f': its labels begin at {here}, and those there at {there}' if is_shifted else ''}."
            ),
            remedy=(
                "Number the classes of both channels alike, from 0, and pack again."
                if is_shifted
                else "Add training images of every class, or leave these images out."
            ),
        )
    if not unknown and _is_of_one_class(train, validation):
        (label,) = with_images(validation.classes)
        yield Code.VALIDATION_OF_ONE_CLASS.found(
            file=validation.records_file,
            message=(
                f"{agree(validation.images, 'The only image has', f'All {validation.images:,} images have')} the label "
                f"{train.names.tell(label)}, but "
                f"{train.records_file} has {sum(map(bool, train.classes.values())):,} classes: the accuracy would "
                "mean nothing."
            ),
            remedy="Sort the validation images into the folders of their classes, and make list and records again.",
        )
    elif unseen and not is_shifted:
        yield Code.CLASS_NOT_IN_VALIDATION.found(
            file=validation.records_file,
            message=f"The file has no image of {phrases.classes(unseen, train.names)}, which {train.records_file} has.",
            remedy="Add validation images of every class; the accuracy says nothing about the others.",
        )


def find_larger_validation(train: ChannelFiles, validation: ChannelFiles) -> Iterator[Finding]:
    """Warn of clearly more images to validate with than to train on; a handful of them says nothing."""
    if Code.RECORD_REPEATED in validation.records.counts:
        return  # they are not as many
    # Rows that were never packed are told of elsewhere, and exchange no channel.
    to_train_on = max(train.images, train.listed.samples if train.listed else 0)
    if validation.images >= FEW_IN_ALL and 0 < _CLEARLY_MORE * to_train_on < validation.images:
        yield Code.VALIDATION_LARGER_THAN_TRAIN.found(
            file=validation.records_file,
            message=f"There are {phrases.images(validation.images)} to validate with, but {to_train_on:,} to train on.",
            remedy="Exchange the files of both channels if they were exchanged; nothing needs doing if it is meant so.",
        )


def find_exchanged_lists(train: ChannelFiles, validation: ChannelFiles) -> Iterator[Finding]:
    """Find lists that count the images of each other's records, class by class, and not those of their own."""
    channels = train, validation
    lists = [(each.listed.samples, dict(each.listed.classes)) for each in channels if each.listed]
    records = [(each.records.records, dict(each.records.classes)) for each in channels if each.records.records]
    if lists == records[::-1] != records:
        yield Code.LISTS_EXCHANGED.found(
            file=train.list_file,
            message=(
                f"The list counts the images of {validation.records_file}, class by class, and {validation.list_file} "
                f"those of {train.records_file}."
            ),
            remedy="Exchange the two lists, or the two .rec files, whichever are in each other's place.",
        )


def _begin_at_0_and_1(train: ChannelFiles, validation: ChannelFiles) -> bool:
    """Tell whether the channels have as many classes, numbered from 0 in one of them and from 1 in the other."""
    low, high = sorted(
        (with_images(train.classes), with_images(validation.classes)), key=lambda labels: min(labels, default=0)
    )
    return train.label_width == 1 < len(low) and 0 in low and high == {label + 1 for label in low}


def _is_of_one_class(train: ChannelFiles, validation: ChannelFiles) -> bool:
    """Tell whether validation has one class of several; a sample, a dead packing and wrong labels say nothing."""
    is_known = not validation.is_sampled or validation.listed is not None
    is_cut = validation.losses is not None and validation.losses.is_packing_ended
    is_faulty = bool(
        LABEL_FAULTS & {*validation.records.counts, *(validation.listed.counts if validation.listed else ())}
    )
    here, there = (sum(map(bool, channel.classes.values())) for channel in (validation, train))
    return validation.label_width == 1 and is_known and not is_cut and not is_faulty and here == 1 < there
