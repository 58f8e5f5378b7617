"""The settings of each function, read from the environment that `template.yaml` gives it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NamedTuple, Self

from sagescene.costs import read_prices
from sagescene.errors import SagesceneError
from sagescene.instances import gpus_of, storage_of

_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_SWITCH = {"true": True, "yes": True, "false": False, "no": False}


class _Form(NamedTuple):
    """How a variable is written: whether a text is one, what it says, and what is wrong with any other."""

    fits: Callable[[str], object]
    read: Callable[[str], Any]
    fault: str


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_FORMS: Mapping[Any, _Form] = {  # by the type of the field
    int: _Form(str.isdecimal, int, "is no whole number"),
    Decimal: _Form(_NUMBER.fullmatch, Decimal, "is no number"),
    bool: _Form(_SWITCH.__contains__, _SWITCH.__getitem__, "is neither yes nor no"),
    tuple[str, ...]: _Form(lambda _: True, _split, ""),
    str: _Form(lambda _: True, str, ""),
}


class InvalidEnvironmentError(SagesceneError):
    """The environment lacks variables, or holds ones that are not what they should be."""

    def __init__(self, faults: list[str]) -> None:
        """Name every variable at once."""
        super().__init__(f"Set the environment as template.yaml does: {', '.join(faults)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every function needs to know about its stack; without a `chat_topic_arn` no chat is told anything."""

    aws_region: str
    stack_name: str
    data_bucket: str
    job_prefix: str
    topic_arn: str
    chat_topic_arn: str
    uploads_queue_url: str
    instance_types: tuple[str, ...]
    max_capacity_tries: int
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    network_isolation: bool
    cost_allocation_tag: str
    hourly_price_usd: str

    @property
    def prices(self) -> dict[str, Decimal]:
        """Give the dollars that an hour of one instance costs, by its type; none where no prices were given."""
        return read_prices(self.hourly_price_usd)

    @property
    def largest_instance_type(self) -> str:
        """Give the type with the most GPUs: a batch must suit whichever of the types there is capacity of."""
        return max(self.instance_types, key=gpus_of)

    @property
    def cost_allocation_tags(self) -> dict[str, str]:
        """Give the tag by its name, if the stack has one."""
        name, _, value = self.cost_allocation_tag.partition("=")
        return {name: value} if name else {}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read every field from the variable of its name in capitals; raises InvalidEnvironmentError."""
        values: dict[str, Any] = {}
        missing, wrong = [], []
        for field in fields(cls):
            name, form = field.name.upper(), _FORMS[field.type]
            if name not in environ:
                missing.append(f"{name} is missing")
            elif not form.fits(environ[name]):
                wrong.append(f"{name} {form.fault}")
            else:
                values[field.name] = form.read(environ[name])
        if missing or wrong:
            raise InvalidEnvironmentError([*missing, *wrong])
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSettings(Settings):
    """What starting a training job needs besides; an empty hyperparameter is not chosen by the stack.

    On Spot instances (`managed_spot_training`) a job may wait `max_spot_wait_in_seconds` on top of its run time.
    An `existing_bucket` is somebody's who keeps other things in it, too; it is empty where the stack made its own. Up
    to `largest_whole_in_megabytes` (of 10^6 bytes) the `.rec` files of a set are read whole, above in samples. A
    limit (`max_jobs_at_once`, `max_jobs_per_day`, `max_epochs`, `max_job_cost_usd`) of 0 is none.
    """

    training_role_arn: str
    kms_key_arn: str
    instance_count: int
    volume_size_in_gb: int
    max_runtime_in_seconds: int
    managed_spot_training: bool
    max_spot_wait_in_seconds: int
    max_jobs_at_once: int
    max_jobs_per_day: int
    max_epochs: int
    max_job_cost_usd: Decimal
    existing_bucket: str
    largest_whole_in_megabytes: int
    num_layers: str
    image_shape: str
    mini_batch_size: str
    epochs: str
    learning_rate: str

    @property
    def tightest_instance_type(self) -> str:
        """Give the type with the least storage: a data set must fit whichever of the types there is capacity of."""
        return min(self.instance_types, key=lambda name: storage_of(name, self.volume_size_in_gb))

    def quota_of(self, instance_type: str) -> str:
        """Name the quota of instances of a type as the Service Quotas console does: Spot has one of its own."""
        return f"{instance_type} for {'spot ' if self.managed_spot_training else ''}training job usage"

    @property
    def hyperparameters(self) -> dict[str, str]:
        """Give the hyperparameters that the stack offers, by the algorithm's names."""
        names = ("num_layers", "image_shape", "mini_batch_size", "epochs", "learning_rate")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishSettings(Settings):
    """What making a model of an ended job needs besides; without a queue of evaluations there are none."""

    hosting_role_arn: str
    evaluations_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings(Settings):
    """What evaluating a model needs besides; `registers_models` and `approves_when_better` are about the registry."""

    evaluations_queue_url: str
    max_evaluation_minutes: int
    registers_models: bool
    approves_when_better: bool
