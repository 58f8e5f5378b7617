"""One training job: what was asked, where it stands, and how it came there."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagescene_standin.sagemaker.collaborators import RoleSession
from sagescene_standin.sagemaker.container import Run

ENDED = ("Completed", "Failed", "Stopped")
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Training job interrupted",  # the wording is ours: no report of it was found
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}
# Billable seconds are fewer than those trained by what Spot instances cost less, also where none was interrupted: 262
# of 874 and 107 of 338 in public reports.
_SPOT_PRICE = 0.3
_ACCURACY = re.compile(r"Epoch\[\d+\] (Train|Validation)-accuracy=([0-9.]+)")


@dataclass(slots=True, kw_only=True)
class Transition:
    """One secondary status, from when to when (epoch seconds; `end` is None while it lasts)."""

    status: str
    start: float
    end: float | None = None

    @property
    def message(self) -> str:
        """Return AWS's sentence for the status."""
        return _MESSAGES[self.status]


@dataclass(slots=True, kw_only=True)
class Metric:
    """The last value of a metric, and when it was printed (epoch seconds)."""

    value: float
    time: float


@dataclass(slots=True, kw_only=True)
class JobRecord:
    """A training job's state; all times are epoch seconds."""

    request: Mapping[str, Any]
    arn: str
    role: RoleSession
    created: float
    tags: dict[str, str]
    forced_failure: str | None = None
    status: str = "InProgress"
    failure_reason: str | None = None
    modified: float = 0.0
    started: float | None = None  # on its first instances
    run_started: float | None = None  # on its present ones
    seconds_of_earlier_runs: float = 0.0
    ended: float | None = None
    transitions: list[Transition] = field(default_factory=list)
    metrics: dict[str, Metric] = field(default_factory=dict)
    run: Run | None = None
    stop_cause: str | None = None  # the secondary status with which a job that is stopping will end
    kill_at: float | None = None
    interruptions: int = 0
    epochs_of_run: int = 0
    is_reclaimed: bool = False  # its instances are gone, which its status does not show yet

    @property
    def name(self) -> str:
        """Return the job's name."""
        return str(self.request["TrainingJobName"])

    @property
    def is_spot(self) -> bool:
        """Say whether the job runs on Spot instances."""
        return bool(self.request.get("EnableManagedSpotTraining"))

    @property
    def secondary_status(self) -> str:
        """Return the present secondary status."""
        return self.transitions[-1].status

    @property
    def artifact_url(self) -> str:
        """Return where the artifact will lie; SageMaker names it from the start and keeps naming it for failed jobs."""
        return f"{self.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.name}/output/model.tar.gz"

    @property
    def log_stream(self) -> str:
        """Return the name of the container's log stream."""
        return f"{self.name}/algo-1-{int(self.run_started or self.started or self.created)}"

    @property
    def seconds_trained(self) -> int | None:
        """Return the time on instances in whole seconds; None before the end or without an instance."""
        if self.started is None or self.ended is None:
            return None
        return max(1, math.ceil(self.seconds_on_instances(self.ended)))

    @property
    def seconds_billed(self) -> int | None:
        """Return the seconds that are paid for at the full price; None before the end or without an instance."""
        trained = self.seconds_trained
        return max(1, math.ceil(trained * _SPOT_PRICE)) if trained and self.is_spot else trained

    def seconds_on_instances(self, now: float) -> float:
        """Return how long the job has had instances; the time in which it waits for them does not count."""
        return self.seconds_of_earlier_runs + (now - self.run_started if self.run_started is not None else 0.0)

    @property
    def instances(self) -> tuple[str, int]:
        """Return the instance type and how many of it the job uses."""
        resources = self.request["ResourceConfig"]
        return resources.get("InstanceType", ""), resources.get("InstanceCount", 1)

    def enter(self, secondary_status: str, now: float) -> None:
        """Move on to a secondary status."""
        if self.transitions:
            self.transitions[-1].end = now
        # An end state begins and ends at one time, as in SageMaker's own answers.
        end = now if self.status in ENDED else None
        self.transitions.append(Transition(status=secondary_status, start=now, end=end))
        self.modified = now

    def note_line(self, line: str, now: float) -> tuple[str, float] | None:
        """Take the accuracy out of a line that the container printed: the name of the metric, and its value."""
        found = _ACCURACY.search(line)
        if not found:
            return None
        name, value = f"{found[1].lower()}:accuracy", float(found[2])
        self.metrics[name] = Metric(value=value, time=now)
        return name, value
