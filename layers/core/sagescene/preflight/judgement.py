"""The look before the paid job: what lists, records and hyperparameters say when they are held together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import RecordSummary
from sagescene.files.recordimages import place
from sagescene.findings import Code, Finding, Severity
from sagescene.instances import gpus_of
from sagescene.preflight.acceptance import weigh
from sagescene.preflight.channel_checks import ChannelFiles, compare_channels
from sagescene.preflight.class_sizes import find_small_classes
from sagescene.preflight.hyperparameters import DEFAULTS, TABLE, Measured, Origin, Value, count, derive
from sagescene.preflight.report import Conditions, Report, Verdict
from sagescene.preflight.rules import validate
from sagescene.preflight.storage import find_lack_of_storage
from sagescene.preflight.training_json import parse, parse_accepted

_FEW = 0.1  # of all images
_MUCH_SMALLER = 0.7  # of the usual shorter side: about half of the pixels


def examine(
    *,
    data_set: str,
    fingerprint: str,
    written: datetime,
    train_list: ListSummary,
    train_records: RecordSummary,
    validation_list: ListSummary | None,
    validation_records: RecordSummary,
    training_json: bytes | None,
    stack: Mapping[str, str],
    instance_type: str,
    instance_count: int,
    max_epochs: int = 0,
    records_in_bytes: int = 0,
    storage_type: str = "",
    storage_in_gb: int = 0,
    companions: Mapping[str, str] | None = None,
    leaks: Iterable[Finding] = (),
    train_list_file: str = "train .lst",
    train_records_file: str = "train .rec",
    validation_list_file: str = "validation .lst",
    validation_records_file: str = "validation .rec",
    training_json_file: str = "training.json",
) -> Report:
    """Judge a complete data set: every finding at once, and the hyperparameters its job would have.

    `training_json` is the file's content, None without one; `stack` holds the stack's hyperparameters, an empty value
    meaning that it leaves the choice. `max_epochs`, `storage_...` and `companions` are as in `Conditions`, `leaks`
    what comparing the images of both channels found. The `..._file` are the names that findings carry.
    """
    train = ChannelFiles(
        listed=train_list, list_file=train_list_file, records=train_records, records_file=train_records_file
    )
    validation = ChannelFiles(
        listed=validation_list,
        list_file=validation_list_file,
        records=validation_records,
        records_file=validation_records_file,
        is_training=False,
    )
    content = b"{}" if training_json is None else training_json
    asked, faults_of_json = parse(content, file=training_json_file)
    accepted, faults_of_acceptance = parse_accepted(content, file=training_json_file)
    measured = _measure(train, validation)
    values = derive(measured=measured, training_json=asked, stack=stack, gpus=gpus_of(instance_type))
    found = (
        *train.findings(),
        *validation.findings(),
        *compare_channels(train, validation),
        *leaks,
        *faults_of_json,
        *faults_of_acceptance,
        *find_small_classes(train),
        *_find_several_labels(train),
        *_find_contradictions(asked, measured, training_json_file),
        *find_lack_of_storage(records_in_bytes, storage_type, storage_in_gb),
        *_find_small_images((train, validation), values),
        *_find_few_small_images((train, validation), values),
        *validate(
            values,
            measured,
            instance_type=instance_type,
            instance_count=instance_count,
            max_epochs=max_epochs,
            file=training_json_file,
        ),
    )
    findings = weigh(found, accepted, file=training_json_file)
    refused = any(finding.severity is Severity.ERROR for finding in findings)
    return Report(
        data_set=data_set,
        fingerprint=fingerprint,
        written=written,
        verdict=Verdict.REFUSED if refused else Verdict.READY,
        conditions=Conditions(
            instance_type=instance_type,
            instance_count=instance_count,
            max_epochs=max_epochs,
            storage_type=storage_type,
            storage_in_gb=storage_in_gb,
            hyperparameters=stack,
            companions=companions or {},
        ),
        train=train.channel(),
        validation=validation.channel(),
        findings=findings,
        hyperparameters=values,
    )


def _measure(train: ChannelFiles, validation: ChannelFiles) -> Measured:
    width = train.label_width
    heights = (train.records.smallest_height, validation.records.smallest_height)
    widths = (train.records.smallest_width, validation.records.smallest_width)
    return Measured(
        training_images=train.images,
        validation_images=validation.images,
        num_classes=width if width > 1 else max(train.classes, default=-1) + 1,
        label_width=width,
        height=min((height for height in heights if height), default=None),
        width=min((width for width in widths if width), default=None),
    )


def _find_several_labels(train: ChannelFiles) -> Iterator[Finding]:
    width = train.records.label_width
    if width > 1:
        yield Code.MULTI_LABEL_IN_RECORDS.found(
            file=train.records_file,
            message=f"The images have {width} labels each, which is no longer documented for RecordIO.",
            remedy="Hold the accuracy against images of your own; AWS documents augmented manifest files for this.",
        )


def _find_contradictions(asked: Mapping[str, str], measured: Measured, file: str) -> Iterator[Finding]:
    for name, counted in count(measured).items():
        if asked.get(name, counted) != counted:
            yield Code.CONTRADICTS_DATA.found(
                file=file,
                where=name,
                message=f"{name} is {asked[name]}, but the data says {counted}.",
                remedy=f"Remove {name}; it is measured.",
            )


def _find_small_images(channels: Iterable[ChannelFiles], values: Mapping[str, Value]) -> Iterator[Finding]:
    shape = values["image_shape"].value if "image_shape" in values else DEFAULTS["image_shape"]
    if "resize" in values or not TABLE["image_shape"].type.accepts(shape):
        return  # resizing, and a shape that is none, are judged with the other hyperparameters
    _, height, width = map(int, shape.split(","))
    is_pretrained = "use_pretrained_model" in values and values["use_pretrained_model"].value == "1"
    for channel in channels:
        high, wide = channel.records.smallest_height, channel.records.smallest_width
        if high is not None and wide is not None and (high < height or wide < width):
            side = min(high, wide)
            yield Code.IMAGES_BELOW_IMAGE_SHAPE.found(
                file=channel.records_file,
                message=(
                    f"There are images only {high} pixels high or {wide} wide, but "
                    f"image_shape {shape} takes no less than {height} by {width}."
                ),
                remedy=(
                    f"Set resize to {max(height, width)}."
                    if is_pretrained
                    else f"Set image_shape to 3,{side},{side} or less, or resize to {max(height, width)}."
                ),
            )


def _find_few_small_images(channels: Sequence[ChannelFiles], values: Mapping[str, Value]) -> Iterator[Finding]:
    """Warn when a few images that are much smaller than the others decide image_shape for all."""
    shape = values.get("image_shape")
    if "resize" in values or shape is None or shape.origin is not Origin.MEASURED:
        return
    sides = sum((Counter(channel.records.shorter_sides) for channel in channels), Counter[int]())
    largest = int(DEFAULTS["image_shape"].split(",")[1])
    least = _MUCH_SMALLER * min(_find_usual_side(channels), largest)
    few = sum(images for side, images in sides.items() if side < least)
    if not few:
        return
    found = [(channel.records_file, image) for channel in channels for image in channel.records.smallest]
    file, smallest = min(found, key=lambda named: min(named[1].height, named[1].width))
    side = min(largest, *(side for side in sides if side >= least))
    them, those, so_small = ("it", "this 1", "") if few == 1 else ("them", f"the {few:,}", " that are so small")
    looked_at = " looked at" if any(channel.is_sampled for channel in channels) else ""
    yield Code.FEW_SMALL_IMAGES.found(
        file=file,
        where=place(smallest.record, smallest.offset),
        message=f"The smallest image has {smallest.height} by {smallest.width} pixels, so that image_shape is "
        f"{shape.value}; without {those} of {sides.total():,} images{looked_at}{so_small}, it would be "
        f"3,{side},{side}.",
        remedy=f"Replace {them} or leave {them} out and pack again, or set image_shape to 3,{side},{side} and resize "
        f"to {side} in training.json.",
    )


def _find_usual_side(channels: Iterable[ChannelFiles]) -> int:
    """Give the shorter side that all images but a few reach; images looked at stand for those that were not."""
    weights: defaultdict[int, float] = defaultdict(float)
    for channel in channels:
        looked_at = sum(channel.records.shorter_sides.values())
        for side, images in channel.records.shorter_sides.items():
            weights[side] += images * channel.images / looked_at
    room = _FEW * sum(weights.values())
    for side in sorted(weights):
        room -= weights[side]
        if room < 0:
            return side
    return 0
