"""The sizes of all images held against the job's `image_shape`: which are too small for it, and what it cuts off.

One image decides nothing. An outlier has a shorter side below half of what 95 % of the images reach; there are none of
them where more than one image and more than 1 % would be one. The algorithm crops and never shrinks, unless it is told
to `resize`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sagescene.files.recordimages import NAMED, name, place
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import name_some
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.hyperparameter_table import DEFAULTS, TABLE, TALLEST_SMALL_IMAGE
from sagescene.preflight.hyperparameters import Origin, Value

_OUTLIERS = 0.01  # of all images
_SMALL = 0.05
_OUTLYING = 0.5
_FEW = 0.1
_MUCH_SMALLER = 0.7  # of the usual shorter side: about half of the pixels
_LITTLE = 0.5  # of a picture
_ROOM_TO_CROP = 8 / 7  # 256 for 224, as is usual
_FAR_FROM_SQUARE = 1.25  # longer by shorter side


def find_shorter_side(channels: Sequence[ChannelFiles]) -> int | None:
    """Give the shorter side, in pixels, that all images but outliers reach."""
    bound = _find_bound_of_outliers(channels)
    return min((side for side in _weigh(channels) if side >= bound), default=None)


def find_faults_of_size(
    train: ChannelFiles, validation: ChannelFiles, values: Mapping[str, Value]
) -> Iterator[Finding]:
    """Report images below the job's shape, few ones that decide it for all, and pictures of which it sees little."""
    shape = values["image_shape"].value if "image_shape" in values else DEFAULTS["image_shape"]
    if not TABLE["image_shape"].type.accepts(shape):
        return  # it is judged with the other hyperparameters
    channels = (train, validation)
    if "resize" not in values:
        small = [finding for channel in channels for finding in _find_small_images(channel, shape, values)]
        if not small and "image_shape" in values and values["image_shape"].origin is Origin.MEASURED:
            small = [*_find_few_small_images(channels, shape)]
        yield from small
        if Code.FEW_SMALL_IMAGES in {finding.code for finding in small}:
            return  # what is cut off is a consequence, of which that finding tells
    yield from _find_cropped_images(train, shape, values)


def _find_small_images(channel: ChannelFiles, shape: str, values: Mapping[str, Value]) -> Iterator[Finding]:
    _, height, width = map(int, shape.split(","))
    records, resize = channel.records, max(height, width)
    images = sum(records.shorter_sides.values())
    # Those of the sizes that were not counted are known by their shorter side alone.
    small = max(
        sum(count for size, count in records.sizes.items() if size[0] < height or size[1] < width),
        sum(count for side, count in records.shorter_sides.items() if side < min(height, width)),
    )
    if not small:
        return
    named = [image for image in records.smallest if image.height < height or image.width < width][:NAMED]
    names = [f"{name(image.record, image.offset)} ({image.height} by {image.width})" for image in named]
    looked_at = " looked at" if channel.is_sampled else ""
    is_pretrained = "use_pretrained_model" in values and values["use_pretrained_model"].value == "1"
    side = find_shorter_side((channel,))
    enlarge = f"set resize to {resize} in training.json, which enlarges them"
    if small <= images / 2:
        remedy = f"Leave {'it' if small == 1 else 'them'} out and pack again, or {enlarge}."
    elif is_pretrained:
        remedy = f"{enlarge[0].upper()}{enlarge[1:]}."
    else:
        remedy = f"Set image_shape to 3,{side},{side} or less, or {enlarge}."
    yield Code.IMAGES_BELOW_IMAGE_SHAPE.found(
        file=channel.records_file,
        where=place(named[0].record, named[0].offset),
        message=f"{small:,} of {images:,} images{looked_at} {'is' if small == 1 else 'are'} smaller than image_shape "
        f"{shape}, which takes no less than {height} by {width} pixels: {name_some(names, small)}.",
        remedy=remedy,
    )


def _find_few_small_images(channels: Sequence[ChannelFiles], shape: str) -> Iterator[Finding]:
    """Tell when a few images that are much smaller than the others decide image_shape for all.

    They are refused where the network is another one for their sake: that of small images.
    """
    sides = sum((Counter(channel.records.shorter_sides) for channel in channels), Counter[int]())
    largest = int(DEFAULTS["image_shape"].split(",")[1])
    least = _MUCH_SMALLER * min(_find_side(_weigh(channels), _FEW), largest)
    few = sum(images for side, images in sides.items() if side < least)
    if not few:
        return
    found = [(channel.records_file, image) for channel in channels for image in channel.records.smallest]
    file, smallest = min(found, key=lambda named: min(named[1].height, named[1].width))
    side = min(largest, *(side for side in sides if side >= least))
    them, those, so_small = ("it", "this 1", "") if few == 1 else ("them", f"the {few:,}", " that are so small")
    looked_at = " looked at" if any(channel.is_sampled for channel in channels) else ""
    typical, crop = _find_typical_size(channels[0].records.sizes), int(shape.split(",")[1])
    seen = _share(typical, (crop, crop), None) if typical else 1
    loss = f" and training sees {_percent(seen)} of the typical image" if seen < _LITTLE else ""
    is_cropped_without = typical and _share(typical, (side, side), None) < _LITTLE
    again = f", pack again and set resize to {side}" if is_cropped_without else " and pack again"
    yield Code.FEW_SMALL_IMAGES.found(
        file=file,
        where=place(smallest.record, smallest.offset),
        message=f"The smallest image has {smallest.height} by {smallest.width} pixels, so that image_shape is "
        f"{shape}{loss}; without {those} of {sides.total():,} images{looked_at}{so_small}, it would be "
        f"3,{side},{side}.",
        remedy=f"Replace {them} or leave {them} out{again}, or set image_shape to 3,{side},{side} and resize to {side} "
        "in training.json.",
        severity=Severity.ERROR if int(shape.split(",")[1]) <= TALLEST_SMALL_IMAGE < side else Severity.WARNING,
    )


def _find_cropped_images(train: ChannelFiles, shape: str, values: Mapping[str, Value]) -> Iterator[Finding]:
    typical = _find_typical_size(train.records.sizes)
    if typical is None:
        return
    crop = int(shape.split(",")[1]), int(shape.split(",")[2])
    resize = int(values["resize"].value) if "resize" in values else None
    seen = _share(typical, crop, resize)
    if seen >= _LITTLE:
        return
    roomy, tight = round(max(crop) * _ROOM_TO_CROP), max(crop)
    mend = roomy if _share(typical, crop, roomy) >= _LITTLE else tight
    mended = _share(typical, crop, mend)
    steps = [f"Set resize to {mend} in training.json, and training sees {mended:.0%} of it"] if mended > seen else []
    if mended < _LITTLE:
        target = "squares" if crop[0] == crop[1] else "the proportions of image_shape"
        steps.append(f"{'cut' if steps else 'Cut'} or pad the images to {target} and pack again")
    is_far_from_square = max(typical) >= _FAR_FROM_SQUARE * min(typical)
    squashed = (
        "; a caller that squashes the whole picture to that shape shows the model another one" * is_far_from_square
    )
    resized = f" after resize to {resize}" if resize else ""
    yield Code.IMAGES_MOSTLY_CROPPED.found(
        file=train.records_file,
        message=f"The typical image has {typical[0]:,} by {typical[1]:,} pixels; image_shape {shape} is a piece cut "
        f"out of it{resized} with {_percent(seen)} of the picture{squashed}.",
        remedy=f"{'; or '.join(steps)}.",
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _share(size: tuple[int, int], crop: tuple[int, int], resize: int | None) -> float:
    """Give the share of an image's picture that is seen, after its shorter side was made `resize` long."""
    scale = resize / min(size) if resize else 1
    return min(1, crop[0] / (size[0] * scale)) * min(1, crop[1] / (size[1] * scale))


def _find_typical_size(sizes: Mapping[tuple[int, int], int]) -> tuple[int, int] | None:
    """Give the size of the image in the middle when all are ordered by their pixels."""
    left = sum(sizes.values()) / 2
    for size in sorted(sizes, key=lambda size: (size[0] * size[1], size)):
        left -= sizes[size]
        if left <= 0:
            return size
    return None


def _find_bound_of_outliers(channels: Sequence[ChannelFiles]) -> float:
    weights = _weigh(channels)
    bound = _OUTLYING * _find_side(weights, _SMALL)
    outlying = {side for side in weights if side < bound}
    images = sum(channel.records.shorter_sides.get(side, 0) for channel in channels for side in outlying)
    are_too_many = images > 1 and sum(map(weights.__getitem__, outlying)) > _OUTLIERS * sum(weights.values())
    return 0 if are_too_many else bound


def _weigh(channels: Iterable[ChannelFiles]) -> dict[int, float]:
    """Count all images by their shorter side; images looked at stand for those that were not."""
    weights: defaultdict[int, float] = defaultdict(float)
    for channel in channels:
        looked_at = sum(channel.records.shorter_sides.values())
        for side, images in channel.records.shorter_sides.items():
            weights[side] += images * channel.images / looked_at
    return weights


def _find_side(weights: Mapping[int, float], share: float) -> int:
    """Give the shorter side that all images but this share reach."""
    room = share * sum(weights.values())
    for side in sorted(weights):
        room -= weights[side]
        if room < 0:
            return side
    return 0
