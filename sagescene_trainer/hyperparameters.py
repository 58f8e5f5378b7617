"""The algorithm's hyperparameters: their types, ranges and defaults, and the words in which a wrong one is refused.

Follows https://docs.aws.amazon.com/sagemaker/latest/dg/IC-Hyperparameter.html. Deliberately a table of its own: a
stand-in that shared the product's table could never prove it wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagescene_trainer.failures import CustomerFault

if TYPE_CHECKING:
    Parser = Callable[[str], object]


class _WrongValue(ValueError):
    """The text is no value of the hyperparameter; the message completes 'which expects ...'."""


def _integer(minimum: int) -> Parser:
    expected = f"an integer greater than or equal to {minimum}"

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text) or int(text) < minimum:
            raise _WrongValue(expected)
        return int(text)

    return parse


def _fraction(text: str) -> float:
    expected = "a float from 0 to 1"
    try:
        value = float(text)
    except ValueError:
        raise _WrongValue(expected) from None
    if not 0 <= value <= 1:
        raise _WrongValue(expected)
    return value


def _one_of(*choices: str) -> Parser:
    def parse(text: str) -> str:
        if text not in choices:
            raise _WrongValue(f"one of the following: {', '.join(choices)}")
        return text

    return parse


def _depth(text: str) -> int:
    return int(str(_one_of("18", "34", "50", "101", "152", "200", "20", "32", "44", "56", "110")(text)))


def _switch(text: str) -> bool:
    return _one_of("0", "1")(text) == "1"


def _truth(text: str) -> bool:
    return _one_of("True", "False")(text) == "True"


def _image_shape(text: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"\s*([13])\s*,\s*([1-9]\d{0,4})\s*,\s*([1-9]\d{0,4})\s*", text)
    if not found:
        raise _WrongValue("three comma-separated integers: channels (1 or 3), height, width")
    return int(found[1]), int(found[2]), int(found[3])


def _epoch_list(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\s*\d{1,9}\s*(,\s*\d{1,9}\s*)*", text):
        raise _WrongValue("comma-separated epoch numbers, such as '10,20'")
    return tuple(int(part) for part in text.split(","))


# name -> (how it is read, the algorithm's default; None where there is none)
_TABLE: dict[str, tuple[Parser, object]] = {
    "num_classes": (_integer(1), None),
    "num_training_samples": (_integer(1), None),
    "augmentation_type": (_one_of("crop", "crop_color", "crop_color_transform"), None),
    "beta_1": (_fraction, 0.9),
    "beta_2": (_fraction, 0.999),
    "checkpoint_frequency": (_integer(1), None),
    "early_stopping": (_truth, False),
    "early_stopping_min_epochs": (_integer(1), 10),
    "early_stopping_patience": (_integer(1), 5),
    "early_stopping_tolerance": (_fraction, 0.0),
    "epochs": (_integer(1), 30),
    "eps": (_fraction, 1e-8),
    "gamma": (_fraction, 0.9),
    "image_shape": (_image_shape, (3, 224, 224)),
    "kv_store": (_one_of("dist_sync", "dist_async"), None),
    "learning_rate": (_fraction, 0.1),
    "lr_scheduler_factor": (_fraction, 0.1),
    "lr_scheduler_step": (_epoch_list, ()),
    "mini_batch_size": (_integer(1), 32),
    "momentum": (_fraction, 0.9),
    "multi_label": (_switch, False),
    "num_layers": (_depth, 152),
    "optimizer": (_one_of("sgd", "adam", "rmsprop", "nag"), "sgd"),
    "precision_dtype": (_one_of("float32", "float16"), "float32"),
    "resize": (_integer(1), None),
    "top_k": (_integer(2), None),
    "use_pretrained_model": (_switch, False),
    "use_weighted_loss": (_switch, False),
    "weight_decay": (_fraction, 0.0001),
}
_REQUIRED = ("num_classes", "num_training_samples")


@dataclass(frozen=True)
class Hyperparameters:
    """The checked values, with the algorithm's defaults; `image_shape` is channels, height, width."""

    num_classes: int
    num_training_samples: int
    augmentation_type: str | None
    beta_1: float
    beta_2: float
    checkpoint_frequency: int | None
    early_stopping: bool
    early_stopping_min_epochs: int
    early_stopping_patience: int
    early_stopping_tolerance: float
    epochs: int
    eps: float
    gamma: float
    image_shape: tuple[int, int, int]
    kv_store: str | None
    learning_rate: float
    lr_scheduler_factor: float
    lr_scheduler_step: tuple[int, ...]
    mini_batch_size: int
    momentum: float
    multi_label: bool
    num_layers: int
    optimizer: str
    precision_dtype: str
    resize: int | None
    top_k: int | None
    use_pretrained_model: bool
    use_weighted_loss: bool
    weight_decay: float


def parse_hyperparameters(texts: Mapping[str, str]) -> Hyperparameters:
    """Read the strings of `hyperparameters.json`.

    Raises:
        CustomerFault: one is unknown, missing or ill-typed, looked for in this order and said in the algorithm's words.
    """
    unknown = sorted(set(texts) - set(_TABLE))
    if unknown:
        names = ", ".join(f"'{name}'" for name in unknown)
        verb = "was" if len(unknown) == 1 else "were"
        raise CustomerFault(f"Additional hyperparameters are not allowed ({names} {verb} unexpected)")
    missing = [name for name in _REQUIRED if name not in texts]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise CustomerFault(
            f"No value(s) were specified for {names} which are required hyperparameter(s) (caused by ValidationError)"
        )
    values: dict[str, object] = {}
    for name, (parse, default) in _TABLE.items():
        values[name] = _read(name, texts[name], parse) if name in texts else default
    checked = Hyperparameters(**values)  # type: ignore[arg-type]  # the table gives each field its type
    _check_together(checked)
    return checked


def _read(name: str, text: str, parse: Parser) -> object:
    try:
        return parse(text)
    except _WrongValue as wrong:
        raise _not_valid(name, text, str(wrong)) from wrong


def _check_together(values: Hyperparameters) -> None:
    # The documentation states these rules; the algorithm's own words for them were never seen.
    if values.checkpoint_frequency is not None and values.checkpoint_frequency > values.epochs:
        raise _not_valid("checkpoint_frequency", str(values.checkpoint_frequency), f"at most epochs ({values.epochs})")
    if values.use_pretrained_model and values.image_shape != (3, 224, 224):
        shape = ",".join(map(str, values.image_shape))
        raise _not_valid("image_shape", shape, "'3,224,224' with use_pretrained_model")


def _not_valid(name: str, text: str, expected: str) -> CustomerFault:
    return CustomerFault(
        f"The value '{text}' is not valid for the '{name}' hyperparameter which expects {expected} "
        "(caused by ValidationError)"
    )
