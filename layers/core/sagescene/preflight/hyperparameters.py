"""The algorithm's hyperparameters: their types and defaults as one table, and how a job's values come about.

The table follows the page IC-Hyperparameter of the SageMaker developer guide.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

# MXNet keeps whole numbers in 32 bits.
_LARGEST = 2**31 - 1
# CreateTrainingJob takes no longer value.
_LONGEST = 2500


class Origin(StrEnum):
    """Who decided the value of a hyperparameter."""

    MEASURED = "measured"
    TRAINING_JSON = "training.json"
    STACK = "stack"
    ALGORITHM = "algorithm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value as it is sent, always text, and who decided it; `detail` names the stack's parameter, or says why."""

    value: str
    origin: Origin
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the data itself says; `shorter_side`, in pixels, is what all images reach but outliers (see `sizes`).

    `are_rows_counted` where they are the rows of the training list, because fewer records were read.
    """

    training_images: int
    are_rows_counted: bool = False
    validation_images: int
    num_classes: int
    label_width: int = 1
    shorter_side: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """What a hyperparameter's text may be; `expects` completes the sentence "it must be ...".

    `least` and `most` bound a number, and `count` says how many a list holds; docs/training.schema.json tells them.
    """

    expects: str
    accepts: Callable[[str], bool]
    choices: tuple[str, ...] = ()
    is_list: bool = False
    least: int | None = None
    most: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameter:
    """One row of the algorithm's table; no default means that the algorithm leaves it out."""

    name: str
    type: Type
    default: str | None = None


def _read_whole_number(text: str) -> int | None:
    # Longer text is beyond every bound, and int() refuses text of thousands of digits.
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,9}", text) else None


def _whole_number(*, above: int) -> Type:
    def accepts(text: str) -> bool:
        number = _read_whole_number(text)
        return number is not None and above < number <= _LARGEST

    expects = f"a whole number from {above + 1} to {_LARGEST}"
    return Type(expects=expects, accepts=accepts, least=above + 1, most=_LARGEST)


def _whole_numbers(expects: str, *, count: int | None = None) -> Type:
    each = _whole_number(above=0)

    def accepts(text: str) -> bool:
        numbers = text.split(",")
        is_right_length = len(text) <= _LONGEST and count in (None, len(numbers))
        return is_right_length and all(each.accepts(number.strip(" ")) for number in numbers)

    return Type(expects=expects, accepts=accepts, is_list=True, least=1, most=_LARGEST, count=count)


def either(choices: Sequence[str]) -> str:
    """Read the choices out: "18, 34 or 50"."""
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))


def _one_of(*choices: str) -> Type:
    return Type(expects=either(choices), accepts=choices.__contains__, choices=choices)


def _is_fraction(text: str) -> bool:
    # Possessive: a text of many digits must not be tried in every way of splitting it.
    written_as_number = re.fullmatch(r"[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?", text)
    return len(text) <= _LONGEST and bool(written_as_number) and 0 <= float(text) <= 1


LARGE_IMAGE_DEPTHS = ("18", "34", "50", "101", "152", "200")
SMALL_IMAGE_DEPTHS = ("20", "32", "44", "56", "110")
# The ResNet that the algorithm builds takes the small depths up to this height and the large ones above it.
TALLEST_SMALL_IMAGE = 28


def _image_shape() -> Type:
    numbers = _whole_numbers('3 channels (or 1), height and width such as "3,224,224"', count=3)

    def accepts(text: str) -> bool:
        return numbers.accepts(text) and int(text.split(",")[0]) in (3, 1)

    return replace(numbers, accepts=accepts)


_IMAGE_SHAPE = _image_shape()
_FLAG = _one_of("0", "1")
_FRACTION = Type(expects="a number from 0 to 1", accepts=_is_fraction, least=0, most=1)
_POSITIVE = _whole_number(above=0)

TABLE: Mapping[str, Hyperparameter] = {
    row.name: row
    for row in (
        Hyperparameter(
            name="num_layers", type=_one_of(*LARGE_IMAGE_DEPTHS, *SMALL_IMAGE_DEPTHS), default="152"
        ),
        Hyperparameter(
            name="image_shape",
            type=_IMAGE_SHAPE,
            default="3,224,224",
        ),
        Hyperparameter(name="num_training_samples", type=_POSITIVE),
        Hyperparameter(name="num_classes", type=_POSITIVE),
        Hyperparameter(name="mini_batch_size", type=_POSITIVE, default="32"),
        Hyperparameter(name="epochs", type=_POSITIVE, default="30"),
        Hyperparameter(name="learning_rate", type=_FRACTION, default="0.1"),
        Hyperparameter(
            name="augmentation_type", type=_one_of("crop", "crop_color", "crop_color_transform")
        ),
        Hyperparameter(name="beta_1", type=_FRACTION, default="0.9"),
        Hyperparameter(name="beta_2", type=_FRACTION, default="0.999"),
        Hyperparameter(name="checkpoint_frequency", type=_POSITIVE),
        Hyperparameter(name="early_stopping", type=_one_of("True", "False"), default="False"),
        Hyperparameter(name="early_stopping_min_epochs", type=_POSITIVE, default="10"),
        Hyperparameter(name="early_stopping_patience", type=_POSITIVE, default="5"),
        Hyperparameter(name="early_stopping_tolerance", type=_FRACTION, default="0.0"),
        Hyperparameter(name="eps", type=_FRACTION, default="1e-8"),
        Hyperparameter(name="gamma", type=_FRACTION, default="0.9"),
        Hyperparameter(name="kv_store", type=_one_of("dist_sync", "dist_async")),
        Hyperparameter(name="lr_scheduler_factor", type=_FRACTION, default="0.1"),
        Hyperparameter(name="lr_scheduler_step", type=_whole_numbers('epochs such as "10,20"')),
        Hyperparameter(name="momentum", type=_FRACTION, default="0.9"),
        Hyperparameter(name="multi_label", type=_FLAG, default="0"),
        Hyperparameter(name="optimizer", type=_one_of("sgd", "adam", "rmsprop", "nag"), default="sgd"),
        Hyperparameter(name="precision_dtype", type=_one_of("float32", "float16"), default="float32"),
        Hyperparameter(name="resize", type=_POSITIVE),
        Hyperparameter(name="top_k", type=_whole_number(above=1)),
        Hyperparameter(name="use_pretrained_model", type=_FLAG, default="0"),
        Hyperparameter(name="use_weighted_loss", type=_FLAG, default="0"),
        Hyperparameter(name="weight_decay", type=_FRACTION, default="0.0001"),
    )
}  # fmt: skip

DEFAULTS: Mapping[str, str] = {name: row.default for name, row in TABLE.items() if row.default is not None}


def derive(
    *, measured: Measured, training_json: Mapping[str, str], stack: Mapping[str, str], gpus: int
) -> dict[str, Value]:
    """Decide what is sent: what is measured, else `training.json`, else the stack, else what the data needs.

    An empty value of the stack is not chosen. What is left out has the algorithm's default; momentum alone is
    spelt out, because the algorithm prints another default for it than it uses. `training_json` holds values
    that `training_json.parse` accepted; `gpus` are those of one instance.
    """
    chosen = {
        name: Value(value=value, origin=Origin.STACK, detail=parameter_of(name))
        for name, value in stack.items()
        if value
    }
    chosen |= {name: Value(value=value, origin=Origin.TRAINING_JSON) for name, value in training_json.items()}
    # A count that equals the algorithm's default (multi_label 0) need not be sent.
    counted = _COUNTED | ({"num_training_samples": _ROWS_COUNTED} if measured.are_rows_counted else {})
    known = {
        name: _measured(value, counted[name]) for name, value in count(measured).items() if value != DEFAULTS.get(name)
    }
    values = _fit(measured, chosen, gpus) | chosen | known
    if values.get("optimizer", _default("optimizer")).value in ("sgd", "nag"):
        values.setdefault("momentum", _default("momentum"))
    return dict(sorted(values.items(), key=lambda named: list(TABLE).index(named[0])))


def defaults_beside(sent: Mapping[str, Value]) -> dict[str, Value]:
    """Give what the algorithm uses for the hyperparameters that are not sent; those without a default have none."""
    return {name: _default(name) for name in DEFAULTS if name not in sent}


def parameter_of(name: str) -> str:
    """Name the stack's parameter of a hyperparameter."""
    return "".join(word.capitalize() for word in name.split("_"))


def _default(name: str) -> Value:
    return Value(value=DEFAULTS[name], origin=Origin.ALGORITHM, detail="as AWS documents it")


def _measured(value: str, detail: str) -> Value:
    return Value(value=value, origin=Origin.MEASURED, detail=detail)


_COUNTED = {
    "num_training_samples": "the training images, counted",
    "num_classes": "as many as the labels need",
    "multi_label": "images have several labels",
}
_ROWS_COUNTED = "the rows of the training list, more than the records that were read"


def count(measured: Measured) -> dict[str, str]:
    """Give the hyperparameters that only count what the data holds, whatever anybody says."""
    return {
        "num_training_samples": str(measured.training_images),
        "num_classes": str(measured.num_classes),
        "multi_label": "1" if measured.label_width > 1 else "0",
    }


def _fit(measured: Measured, chosen: Mapping[str, Value], gpus: int) -> dict[str, Value]:
    """Give the hyperparameters whose defaults do not suit this data and that nobody chose."""
    fitted: dict[str, Value] = {}
    shape = _fit_image_shape(measured, chosen)
    if "image_shape" not in chosen and shape:
        why = "what resize leaves of the images" if "resize" in chosen else "the size that the images reach"
        fitted["image_shape"] = _measured(shape, f"{why}, below the default {DEFAULTS['image_shape']}")
    height = _image_height(chosen["image_shape"].value if "image_shape" in chosen else shape or "")
    if "num_layers" not in chosen and height is not None:
        why = f"the shallowest network for images of {height} pixels"
        if height <= TALLEST_SMALL_IMAGE:
            fitted["num_layers"] = _measured(SMALL_IMAGE_DEPTHS[0], why)
        elif "image_shape" in fitted:
            fitted["num_layers"] = _measured(LARGE_IMAGE_DEPTHS[0], why)
    images = min(measured.training_images, measured.validation_images)
    if "mini_batch_size" not in chosen and 0 < images < int(DEFAULTS["mini_batch_size"]):
        # Every GPU gets an equal share of a batch.
        why = f"a channel has {images} images only, fewer than the default {DEFAULTS['mini_batch_size']}"
        fitted["mini_batch_size"] = _measured(str(images - images % gpus or images), why)
    return fitted


def _fit_image_shape(measured: Measured, chosen: Mapping[str, Value]) -> str | None:
    is_pretrained = "use_pretrained_model" in chosen and chosen["use_pretrained_model"].value == "1"
    if measured.shorter_side is None or is_pretrained:
        return None
    shorter_side = measured.shorter_side
    if "resize" in chosen:
        shorter_side = int(chosen["resize"].value)
    default = _image_height(DEFAULTS["image_shape"])
    return f"3,{shorter_side},{shorter_side}" if default and 0 < shorter_side < default else None


def _image_height(image_shape: str) -> int | None:
    if not TABLE["image_shape"].type.accepts(image_shape):
        return None
    return int(image_shape.split(",")[1])
