"""The hyperparameters of a job: who decides each value, what the data measures, and what is fitted to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sagescene.preflight import phrases
from sagescene.preflight.hyperparameter_table import (
    DEFAULTS,
    LARGE_IMAGE_DEPTHS,
    SMALL_IMAGE_DEPTHS,
    TABLE,
    TALLEST_SMALL_IMAGE,
)


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
        why = f"a channel has {phrases.images(images)} only, fewer than the default {DEFAULTS['mini_batch_size']}"
        fitted["mini_batch_size"] = _measured(str(share_evenly(images, gpus)), why)
    return fitted


def share_evenly(images: int, gpus: int) -> int:
    """Give the largest batch of so many images of which every GPU gets an equal share, all where they are fewer."""
    return images - images % gpus or images


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
