"""The algorithm's hyperparameters, their types and their defaults as one table.

It follows the page IC-Hyperparameter of the SageMaker developer guide.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sagescene.bounds import LARGEST_TRAINED_SIDE
from sagescene.grammar import either

# MXNet keeps whole numbers in 32 bits.
_LARGEST = 2**31 - 1
# CreateTrainingJob takes no longer value.
_LONGEST = 2500


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """What a hyperparameter's text may be; `expects` completes the sentence "it must be ...".

    `least` and `most` bound a number, which is never the least if it `excludes_least`, and `count` says how many a list
    holds; docs/training.schema.json tells them.
    """

    expects: str
    accepts: Callable[[str], bool]
    choices: tuple[str, ...] = ()
    is_list: bool = False
    least: int | None = None
    most: int | None = None
    excludes_least: bool = False
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


def _whole_number(*, above: int, most: int = _LARGEST) -> Type:
    def accepts(text: str) -> bool:
        number = _read_whole_number(text)
        return number is not None and above < number <= most

    expects = f"a whole number from {above + 1} to {most}"
    return Type(expects=expects, accepts=accepts, least=above + 1, most=most)


def _whole_numbers(expects: str, *, count: int | None = None, most: int = _LARGEST) -> Type:
    each = _whole_number(above=0, most=most)

    def accepts(text: str) -> bool:
        numbers = text.split(",")
        is_right_length = len(text) <= _LONGEST and count in (None, len(numbers))
        return is_right_length and all(each.accepts(number.strip(" ")) for number in numbers)

    return Type(expects=expects, accepts=accepts, is_list=True, least=1, most=most, count=count)


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
    expects = f'3 channels (or 1), height and width such as "3,224,224", no side above {LARGEST_TRAINED_SIDE}'
    numbers = _whole_numbers(expects, count=3, most=LARGEST_TRAINED_SIDE)

    def accepts(text: str) -> bool:
        return numbers.accepts(text) and int(text.split(",")[0]) in (3, 1)

    return replace(numbers, accepts=accepts)


_IMAGE_SHAPE = _image_shape()
_FLAG = _one_of("0", "1")
_FRACTION = Type(expects="a number from 0 to 1", accepts=_is_fraction, least=0, most=1)
# With a rate of 0 the algorithm trains, is paid for, and learns nothing.
_RATE = Type(
    expects="a number above 0, up to 1",
    accepts=lambda text: _is_fraction(text) and float(text) > 0,
    least=0,
    most=1,
    excludes_least=True,
)
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
        Hyperparameter(name="learning_rate", type=_RATE, default="0.1"),
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
        Hyperparameter(name="resize", type=_whole_number(above=0, most=LARGEST_TRAINED_SIDE)),
        Hyperparameter(name="top_k", type=_whole_number(above=1)),
        Hyperparameter(name="use_pretrained_model", type=_FLAG, default="0"),
        Hyperparameter(name="use_weighted_loss", type=_FLAG, default="0"),
        Hyperparameter(name="weight_decay", type=_FRACTION, default="0.0001"),
    )
}  # fmt: skip

DEFAULTS: Mapping[str, str] = {name: row.default for name, row in TABLE.items() if row.default is not None}
