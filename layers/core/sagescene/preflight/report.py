"""What was found out about a data set, as one value and as the JSON that is kept next to the data."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from sagescene.files.classnames import ClassNames
from sagescene.files.setchange import SetChange
from sagescene.finding_log import in_order
from sagescene.findings import Finding, Severity
from sagescene.instances import local_storage_of, volume_of
from sagescene.preflight.estimate import Estimate, LastRun
from sagescene.preflight.hyperparameters import Origin, Value, defaults_beside

SHORTER_SIDES = (1, 16, 28, 32, 64, 96, 128, 160, 192, 224, 256, 320, 384, 512, 768, 1024, 2048)


class Verdict(StrEnum):
    """What a data set is fit for: ready to train on, refused, or waiting for its missing files."""

    READY = "ready"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What one channel holds: `images` counts records, `rows` the lines of its list, None without a list.

    `looked_at` says how many images were looked at where the file is too large for all, else it is None.
    `classes` maps a class to its images: the label, or the label's column where an image has several labels.
    `smallest_height` and `smallest_width` are pixels, None when no image could be read. `sizes` holds the most
    frequent (height, width) and their images, `shorter_sides` the images by the length of their shorter side, each
    under the lower bound of its range (`SHORTER_SIDES`). `formats` counts jpeg, png, bmp, tiff and unknown.
    """

    images: int = 0
    looked_at: int | None = None
    rows: int | None = None
    label_width: int = 0
    classes: Mapping[int, int] = field(default_factory=dict)
    smallest_height: int | None = None
    smallest_width: int | None = None
    sizes: Mapping[tuple[int, int], int] = field(default_factory=dict)
    shorter_sides: Mapping[int, int] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the channel as plain values."""
        return asdict(self) | {
            "classes": {str(label): images for label, images in self.classes.items()},
            "sizes": [
                {"height": height, "width": width, "images": images} for (height, width), images in self.sizes.items()
            ],
            "shorter_sides": {str(bound): images for bound, images in self.shorter_sides.items()},
        }

    @classmethod
    def from_json(cls, channel: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        read = {
            "classes": {int(label): images for label, images in channel["classes"].items()},
            "sizes": {(size["height"], size["width"]): size["images"] for size in channel["sizes"]},
            "shorter_sides": {int(bound): images for bound, images in channel["shorter_sides"].items()},
        }
        return cls(**{**channel, **read})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a verdict, and the cost of a job, depend on besides the content that the fingerprint is over.

    `instance_types` are the stack's in the order in which they are tried, none in a report of an earlier version;
    `instance_type` is the one with the most GPUs, `storage_type` the one with the least storage, `storage_in_gb`; 0 is
    not known. `max_epochs` and `max_job_cost_usd` are the most that the stack pays for, unless they are 0; `prices` are
    the dollars of an hour of one instance by its type, none where nobody gave any.
    `hyperparameters` are the stack's, an empty value meaning that it leaves the choice. `companions` are the ETags
    by key of the files that only describe the content: indices, the validation list and `classes.txt`.
    """

    instance_type: str = ""
    instance_count: int = 0
    max_epochs: int = 0
    storage_type: str = ""
    storage_in_gb: int = 0
    instance_types: tuple[str, ...] = ()
    volume_size_in_gb: int = 0
    max_runtime_in_seconds: int = 0
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    companions: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    max_job_cost_usd: Decimal = Decimal(0)

    def as_json(self) -> dict[str, Any]:
        """Give the conditions as plain values."""
        return {
            "instance_type": self.instance_type,
            "instance_count": self.instance_count,
            "max_epochs": self.max_epochs,
            "storage_type": self.storage_type,
            "storage_in_gb": self.storage_in_gb,
            "instance_types": list(self.instance_types),
            "volume_size_in_gb": self.volume_size_in_gb,
            "max_runtime_in_seconds": self.max_runtime_in_seconds,
            "hyperparameters": dict(self.hyperparameters),
            "beside": dict(self.companions),
            "hourly_prices_usd": {name: str(price) for name, price in self.prices.items()},
            "max_job_cost_usd": str(self.max_job_cost_usd),
        }

    @classmethod
    def from_json(cls, conditions: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        read = {
            "instance_types": tuple(conditions.get("instance_types", ())),
            "companions": conditions["beside"],
            "prices": {name: Decimal(price) for name, price in conditions.get("hourly_prices_usd", {}).items()},
            "max_job_cost_usd": Decimal(conditions.get("max_job_cost_usd", 0)),
        }
        others = conditions.keys() - {"beside", "hourly_prices_usd"}
        return cls(**{name: conditions[name] for name in others} | read)

    @property
    def estimate(self) -> Estimate:
        """Give what a job costs at most on whichever of the types there is capacity of."""
        return Estimate.of(self.prices, self.instance_types, self.instance_count, self.max_runtime_in_seconds)

    @property
    def resources(self) -> dict[str, Value]:
        """Give what is asked for on the first of the types, as the request names it; nothing where it is not known."""
        if not self.instance_types:
            return {}
        first, *others = self.instance_types
        volume = volume_of(first, self.volume_size_in_gb)
        local = local_storage_of(first)
        asked = {
            "InstanceType": (first, "InstanceTypes" + (f", then {', '.join(others)}" if others else "")),
            "InstanceCount": (str(self.instance_count), "InstanceCount"),
            "VolumeSizeInGB": (
                str(volume),
                f"VolumeSizeInGB, not used: {first} has {local} GB of its own" if local else "VolumeSizeInGB",
            ),
            "MaxRuntimeInSeconds": (str(self.max_runtime_in_seconds), "MaxRuntimeInSeconds"),
        }
        return {name: Value(value=value, origin=Origin.STACK, detail=why) for name, (value, why) in asked.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything known about one content of a data set before any money is spent.

    `digest` identifies the content, `fingerprint` is the form of it that stands in names. `change` is held against the
    content of the set that was trained on last, None where nothing is known of one; `last_run` is the job that did
    so, None where its cost is not known.
    """

    data_set: str
    fingerprint: str
    digest: str = ""
    written: datetime
    verdict: Verdict
    conditions: Conditions = field(default_factory=Conditions)
    train: Channel = field(default_factory=Channel)
    validation: Channel = field(default_factory=Channel)
    class_names: ClassNames = field(default_factory=ClassNames)
    findings: tuple[Finding, ...] = ()
    hyperparameters: Mapping[str, Value] = field(default_factory=dict)
    change: SetChange | None = None
    last_run: LastRun | None = None

    def __post_init__(self) -> None:
        """Let whoever reads the findings of a file go through it from its beginning."""
        object.__setattr__(self, "findings", in_order(self.findings))

    def is_of(self, digest: str) -> bool:
        """Tell whether it is on the content of this digest, as one by the version before is, which kept none."""
        return self.digest in {"", digest}

    @property
    def defaults(self) -> dict[str, Value]:
        """Give the algorithm's defaults of what is not sent; nothing where no hyperparameters were decided."""
        return defaults_beside(self.hyperparameters) if self.hyperparameters else {}

    @property
    def estimate(self) -> Estimate | None:
        """Give what its job may cost; None where no prices were given."""
        return replace(self.conditions.estimate, last_run=self.last_run) if self.conditions.prices else None

    def with_findings(self, found: Iterable[Finding]) -> Self:
        """Give the report with what else was found; an error refuses a set that was ready."""
        found = tuple(found)
        is_refused = any(finding.severity is Severity.ERROR for finding in found)
        verdict = Verdict.REFUSED if is_refused else self.verdict
        return replace(self, verdict=verdict, findings=(*self.findings, *found))

    def as_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return {
            "dataset": self.data_set,
            "fingerprint": self.fingerprint,
            "digest": self.digest,
            "written": self.written.isoformat(),
            "verdict": str(self.verdict),
            "conditions": self.conditions.as_json(),
            "train": self.train.as_json(),
            "validation": self.validation.as_json(),
            "class_names": self.class_names.as_json(),
            "findings": [finding.as_json() for finding in self.findings],
            "hyperparameters": _values_as_json(self.hyperparameters),
            "defaults": _values_as_json(self.defaults),
            "resources": _values_as_json(self.conditions.resources),
            **({"change": self.change.as_json()} if self.change else {}),
            **({"cost": self.estimate.as_json()} if self.estimate else {}),
        }

    @classmethod
    def from_json(cls, report: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave.

        Raises:
            ArithmeticError, AttributeError, KeyError, TypeError, ValueError: if it is something else.
        """
        return cls(
            data_set=report["dataset"],
            fingerprint=report["fingerprint"],
            digest=str(report.get("digest", "")),
            written=datetime.fromisoformat(report["written"]),
            verdict=Verdict(report["verdict"]),
            conditions=Conditions.from_json(report["conditions"]),
            train=Channel.from_json(report["train"]),
            validation=Channel.from_json(report["validation"]),
            class_names=ClassNames.from_json(report["class_names"]) if "class_names" in report else ClassNames(),
            findings=tuple(map(Finding.from_json, report["findings"])),
            hyperparameters={
                name: Value(value=value["value"], origin=Origin(value["origin"]), detail=value.get("detail", ""))
                for name, value in report["hyperparameters"].items()
            },
            change=SetChange.from_json(report["change"]) if "change" in report else None,
            last_run=LastRun.from_json(report["cost"]["last_run"]) if "last_run" in report.get("cost", {}) else None,
        )


def _values_as_json(values: Mapping[str, Value]) -> dict[str, Any]:
    return {
        name: {"value": value.value, "origin": str(value.origin), "detail": value.detail}
        for name, value in values.items()
    }


def read_report(content: bytes) -> Report | None:
    """Read a report that was kept; None for anything else, such as one of another version: examine again."""
    try:
        return Report.from_json(json.loads(content))
    except (ArithmeticError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
