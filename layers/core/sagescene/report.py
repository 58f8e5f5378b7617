"""What was found out about a data set, as one value and as the JSON that is kept beside the data."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sagescene.errors import Finding, Severity
from sagescene.hyperparameters import Origin, Value


class Verdict(StrEnum):
    """What a data set is fit for: ready to train on, refused, or waiting for its missing files."""

    READY = "ready"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What one channel holds: `images` counts records, `rows` the lines of its list, None without a list.

    `classes` maps a class to its images: the label, or the label's column where an image has several labels.
    `smallest_height` and `smallest_width` are pixels, None when no image could be read.
    """

    images: int = 0
    rows: int | None = None
    label_width: int = 0
    classes: Mapping[int, int] = field(default_factory=dict)
    smallest_height: int | None = None
    smallest_width: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the channel as plain values."""
        return asdict(self) | {"classes": {str(label): images for label, images in self.classes.items()}}

    @classmethod
    def from_json(cls, channel: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        return cls(**{**channel, "classes": {int(label): images for label, images in channel["classes"].items()}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything known about one content of a data set before any money is spent."""

    data_set: str
    fingerprint: str
    written: datetime
    verdict: Verdict
    train: Channel = field(default_factory=Channel)
    validation: Channel = field(default_factory=Channel)
    findings: tuple[Finding, ...] = ()
    hyperparameters: Mapping[str, Value] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the report as plain values."""
        return {
            "dataset": self.data_set,
            "fingerprint": self.fingerprint,
            "written": self.written.isoformat(),
            "verdict": str(self.verdict),
            "train": self.train.as_json(),
            "validation": self.validation.as_json(),
            "findings": [asdict(finding) | {"severity": str(finding.severity)} for finding in self.findings],
            "hyperparameters": {
                name: {"value": value.value, "origin": str(value.origin)}
                for name, value in self.hyperparameters.items()
            },
        }

    @classmethod
    def from_json(cls, report: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError, TypeError or ValueError when it is something else."""
        return cls(
            data_set=report["dataset"],
            fingerprint=report["fingerprint"],
            written=datetime.fromisoformat(report["written"]),
            verdict=Verdict(report["verdict"]),
            train=Channel.from_json(report["train"]),
            validation=Channel.from_json(report["validation"]),
            findings=tuple(
                Finding(**{**finding, "severity": Severity(finding["severity"])}) for finding in report["findings"]
            ),
            hyperparameters={
                name: Value(value=value["value"], origin=Origin(value["origin"]))
                for name, value in report["hyperparameters"].items()
            },
        )


def read_report(content: bytes) -> Report | None:
    """Read a report that was kept; None for anything else, such as one of another version: examine again."""
    try:
        return Report.from_json(json.loads(content))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
