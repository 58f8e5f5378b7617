"""What the hyperparameters of one job must fulfil together, with its data and with its instances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.grammar import count, either
from sagescene.instances import INSTANCE_TYPES, gpus_of
from sagescene.preflight.hyperparameter_table import (
    DEFAULTS,
    LARGE_IMAGE_DEPTHS,
    SMALL_IMAGE_DEPTHS,
    TABLE,
    TALLEST_SMALL_IMAGE,
)
from sagescene.preflight.hyperparameters import Measured, Origin, Value, share_evenly

_DEFAULT_BATCH = int(DEFAULTS["mini_batch_size"])
_SMALL_BATCH = 8  # of fewer images, means and variances that batch normalization takes are noise
_OPTIMIZERS_USING: Mapping[str, tuple[str, ...]] = {
    "beta_1": ("adam",),
    "beta_2": ("adam",),
    "eps": ("adam", "rmsprop"),
    "gamma": ("rmsprop",),
    "momentum": ("sgd", "nag"),
    "weight_decay": ("sgd", "nag"),
}


def validate(
    values: Mapping[str, Value],
    measured: Measured,
    *,
    instance_type: str,
    instance_count: int,
    max_epochs: int = 0,
    file: str = "training.json",
) -> tuple[Finding, ...]:
    """Check what is sent against the algorithm's ranges, against each other, the data and the instances.

    `max_epochs` is the most that the stack pays for, 0 without a limit; `file` is named where `training.json` chose
    the value. A value out of range takes part in no further rule.
    """
    job = _Job(
        sent=values,
        measured=measured,
        instance_type=instance_type,
        instance_count=instance_count,
        max_epochs=max_epochs,
        file=file,
    )
    return tuple(finding for rule in _RULES for finding in rule(job))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """All that a rule may look at."""

    sent: Mapping[str, Value]
    measured: Measured
    instance_type: str
    instance_count: int
    max_epochs: int
    file: str

    def get(self, name: str) -> str | None:
        """Give the value that the algorithm will use; None when it has none, or one out of range."""
        if name not in self.sent:
            return DEFAULTS.get(name)
        value = self.sent[name].value
        return value if TABLE[name].type.accepts(value) else None

    def number(self, name: str) -> int | None:
        """Give the whole number that the algorithm will use; None as in `get`."""
        text = self.get(name)
        return None if text is None else int(text)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Give the whole numbers of a list; none of them as in `get`."""
        text = self.get(name)
        return () if text is None else tuple(int(number) for number in text.split(","))

    def is_chosen(self, name: str) -> bool:
        return name in self.sent and self.sent[name].origin in (Origin.STACK, Origin.TRAINING_JSON)

    def find(self, code: Code, name: str, message: str, remedy: str) -> Finding:
        origin = self.sent[name].origin if name in self.sent else Origin.ALGORITHM
        place = {
            Origin.TRAINING_JSON: name,
            Origin.STACK: f"{name} of the stack",
            Origin.MEASURED: f"{name} as measured",
            Origin.ALGORITHM: f"{name} by default",
        }
        return code.found(
            file=self.file if origin is Origin.TRAINING_JSON else "",
            where=place[origin],
            message=message,
            remedy=remedy,
        )


def _check_ranges(job: _Job) -> Iterator[Finding]:
    for name, value in job.sent.items():
        expected = TABLE[name].type
        # What is measured is judged with the data, where it can be mended.
        if value.origin is not Origin.MEASURED and not expected.accepts(value.value):
            yield job.find(
                Code.HYPERPARAMETER_INVALID,
                name,
                f"{name} must be {expected.expects}, but it is {value.value!r}.",
                f"Set {name} to {expected.expects}.",
            )


def _check_channels(job: _Job) -> Iterator[Finding]:
    shape = job.numbers("image_shape")
    if shape and shape[0] == 1:
        yield job.find(
            Code.ONE_CHANNEL,
            "image_shape",
            "The algorithm is documented for images of 3 channels, but image_shape asks for 1.",
            f"Set image_shape to 3,{shape[1]},{shape[2]} if training fails; grey images are read in colour, too.",
        )


def _check_depth(job: _Job) -> Iterator[Finding]:
    shape, depth = job.numbers("image_shape"), job.get("num_layers")
    if not shape or depth is None:
        return
    fitting, bound = (SMALL_IMAGE_DEPTHS, "above") if shape[1] <= TALLEST_SMALL_IMAGE else (LARGE_IMAGE_DEPTHS, "up to")
    if depth not in fitting:
        yield job.find(
            Code.DEPTH_NOT_FOR_HEIGHT,
            "num_layers",
            f"A network of {depth} layers takes image heights {bound} {TALLEST_SMALL_IMAGE}, but "
            f"image_shape has {shape[1]}.",
            f"Set num_layers to {either(fitting)}, or change the height in image_shape.",
        )


def _check_transfer_learning(job: _Job) -> Iterator[Finding]:
    if job.get("use_pretrained_model") != "1":
        return
    if job.get("num_layers") not in (*LARGE_IMAGE_DEPTHS, None):
        yield job.find(
            Code.PRETRAINED_DEPTH,
            "use_pretrained_model",
            f"There is no pretrained model of {job.get('num_layers')} layers.",
            f"Set num_layers to {either(LARGE_IMAGE_DEPTHS)}, or use_pretrained_model to 0.",
        )
    if job.numbers("image_shape") not in ((3, 224, 224), ()):
        yield job.find(
            Code.PRETRAINED_IMAGE_SHAPE,
            "use_pretrained_model",
            f"The pretrained models take image_shape 3,224,224 only, but it is {job.get('image_shape')}.",
            "Set image_shape to 3,224,224, or use_pretrained_model to 0.",
        )


def _check_classes(job: _Job) -> Iterator[Finding]:
    if job.get("use_weighted_loss") == "1" and job.get("multi_label") == "0":
        yield job.find(
            Code.WEIGHTED_LOSS_NEEDS_MULTI_LABEL,
            "use_weighted_loss",
            "use_weighted_loss is for images of several labels, but these have one.",
            "Remove use_weighted_loss.",
        )
    top_k, classes = job.number("top_k"), job.measured.num_classes
    if top_k and 0 < classes < top_k:
        yield job.find(
            Code.TOP_K_ABOVE_CLASSES,
            "top_k",
            f"There are no {top_k} best of {classes} classes: training would end in an error.",
            f"Set top_k below {classes}, or remove it." if classes > 2 else "Remove top_k.",
        )


def _check_batch(job: _Job) -> Iterator[Finding]:
    size, gpus = job.number("mini_batch_size"), gpus_of(job.instance_type)
    if size is None:
        return
    channels = {"training": job.measured.training_images, "validation": job.measured.validation_images}
    for channel, images in channels.items():
        if 0 < images < size:  # no image at all is a finding about the file
            yield job.find(
                Code.BATCH_ABOVE_IMAGES,
                "mini_batch_size",
                f"A batch of {size} needs as many {channel} images, but there {_are(images)}.",
                f"Set mini_batch_size to {min(filter(None, channels.values()))} or less, or add {channel} images.",
            )
    if size < gpus:
        yield job.find(
            Code.BATCH_BELOW_GPUS,
            "mini_batch_size",
            f"A batch of {size} leaves some of the {gpus} GPUs of {job.instance_type} without an image.",
            f"Set mini_batch_size to {gpus} or more, or use an instance type with fewer GPUs.",
        )
    elif size < _SMALL_BATCH and not job.is_chosen("mini_batch_size"):
        yield from _check_validation_batch(job, size)
    elif size % gpus:
        yield job.find(
            Code.BATCH_UNEVEN,
            "mini_batch_size",
            f"A batch of {size} cannot be shared equally by the {gpus} GPUs of {job.instance_type}.",
            f"Set mini_batch_size to a multiple of {gpus}.",
        )


def _check_validation_batch(job: _Job, size: int) -> Iterator[Finding]:
    """Warn of a batch that is small because hardly any images are validated with."""
    to_train_on, to_validate = job.measured.training_images, job.measured.validation_images
    otherwise = share_evenly(min(to_train_on, _DEFAULT_BATCH), gpus_of(job.instance_type))
    if size < otherwise:
        yield job.find(
            Code.BATCH_OF_FEW_VALIDATION_IMAGES,
            "mini_batch_size",
            f"A batch has only {count(size, 'image')}, because there {_are(to_validate)} to validate with; the "
            f"{to_train_on:,} training images would make batches of {otherwise}. From so few at a time, the model "
            "learns badly.",
            f"Add validation images: from {otherwise} on, a batch has {otherwise}.",
        )


def _check_epochs(job: _Job) -> Iterator[Finding]:
    epochs = job.number("epochs")
    if epochs is None:
        return
    if 0 < job.max_epochs < epochs:
        yield job.find(
            Code.EPOCHS_ABOVE_LIMIT,
            "epochs",
            f"The job would train {epochs} epochs, but this stack pays for {job.max_epochs} at most.",
            f"Set epochs to {job.max_epochs} or less, or have the stack deployed with a higher MaxEpochs.",
        )
    frequency = job.number("checkpoint_frequency")
    if frequency and frequency > epochs:
        yield job.find(
            Code.CHECKPOINT_AFTER_END,
            "checkpoint_frequency",
            f"A checkpoint every {frequency} epochs is never due, because {_has_only(epochs)}.",
            f"Set checkpoint_frequency to {epochs} or less, or remove it.",
        )
    steps = job.numbers("lr_scheduler_step")
    if any(step >= following for step, following in pairwise(steps)):
        yield job.find(
            Code.STEPS_NOT_RISING,
            "lr_scheduler_step",
            f"The epochs in lr_scheduler_step must rise, but they are {job.get('lr_scheduler_step')}.",
            "Write each epoch once, the smallest first.",
        )
    if steps and max(steps) >= epochs:
        yield job.find(
            Code.STEP_AFTER_END,
            "lr_scheduler_step",
            f"The learning rate would change after {max(steps)} epochs, but {_has_only(epochs)}.",
            f"Keep the epochs in lr_scheduler_step below {epochs}, or remove it.",
        )
    least = job.number("early_stopping_min_epochs")
    if job.get("early_stopping") == "True" and least and least > epochs:
        yield job.find(
            Code.EARLY_STOPPING_NEVER,
            "early_stopping",
            f"Training cannot stop early before {least} epochs, and {_has_only(epochs)}.",
            f"Set early_stopping_min_epochs to {epochs} or less, or remove early_stopping.",
        )


def _check_resize(job: _Job) -> Iterator[Finding]:
    resize, shape = job.number("resize"), job.numbers("image_shape")
    if resize and shape and resize < max(shape[1:]):
        yield job.find(
            Code.RESIZE_BELOW_IMAGE_SHAPE,
            "resize",
            f"resize makes the shorter side of every image {resize} pixels, too small for image_shape "
            f"{job.get('image_shape')}.",
            f"Set resize to {max(shape[1:])} or more, or remove it.",
        )


def _check_effect(job: _Job) -> Iterator[Finding]:
    """Warn of what is chosen and has no effect; what is chosen was meant."""
    optimizer = job.get("optimizer")
    needed = {
        name: f"optimizer {either(optimizers)}"
        for name, optimizers in _OPTIMIZERS_USING.items()
        if optimizer and optimizer not in optimizers
    }
    if "lr_scheduler_step" not in job.sent:
        needed["lr_scheduler_factor"] = "lr_scheduler_step"
    if job.get("early_stopping") == "False":
        needed |= {f"early_stopping_{part}": "early_stopping" for part in ("min_epochs", "patience", "tolerance")}
    if job.instance_count == 1:
        needed["kv_store"] = "several instances"
    for name, partner in needed.items():
        if job.is_chosen(name):
            yield job.find(
                Code.WITHOUT_EFFECT,
                name,
                f"{name} has no effect without {partner}.",
                f"Remove {name}, or use {partner}.",
            )


def _check_instance_type(job: _Job) -> Iterator[Finding]:
    if job.instance_type not in INSTANCE_TYPES:
        yield Code.INSTANCE_TYPE_UNDOCUMENTED.found(
            file="",
            message=f"The algorithm is not documented to train on {job.instance_type}.",
            remedy="Use a type of the families P2, P3, G4dn or G5, such as ml.g4dn.xlarge.",
        )


_RULES = (
    _check_ranges,
    _check_channels,
    _check_depth,
    _check_transfer_learning,
    _check_classes,
    _check_batch,
    _check_epochs,
    _check_resize,
    _check_effect,
    _check_instance_type,
)


def _has_only(epochs: int) -> str:
    return f"training has only {epochs} epoch{'s' if epochs > 1 else ''}"


def _are(number: int) -> str:
    return f"is only {number}" if number == 1 else f"are only {number}"
