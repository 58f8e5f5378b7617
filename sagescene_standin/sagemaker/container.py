"""What the service asks of whoever runs a training container; a test puts a fake in its place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from sagescene_standin.sagemaker.collaborators import ObjectStore

type Emit = Callable[[str], None]
"""Take one line that the container printed."""


class Phase(IntEnum):
    """How far a run has come."""

    DOWNLOADING = 1
    TRAINING = 2
    UPLOADING = 3
    ENDED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run needs to know about its training job; the objects are S3 as the job's role sees it."""

    job_name: str
    job_arn: str
    region: str
    hyperparameters: Mapping[str, str]
    channels: Sequence[Mapping[str, Any]]
    resources: Mapping[str, Any]
    artifact_url: str
    checkpoints_url: str  # empty for a job without
    objects: ObjectStore


class Run(Protocol):
    """One training container's life; every member returns at once."""

    @property
    def phase(self) -> Phase:
        """Return how far the run has come."""
        ...

    @property
    def failure(self) -> str | None:
        """Return the FailureReason once the run has ended without success."""
        ...

    def terminate(self) -> None:
        """Send SIGTERM: the container may store what it has and go; its artifact is still uploaded."""
        ...

    def kill(self) -> None:
        """Send SIGKILL; what the container has stored is still uploaded."""
        ...

    def reclaim(self) -> None:
        """Take the instance away: the container is gone, and of what it has stored only the checkpoints in S3 stay."""
        ...


class Launcher(Protocol):
    """Start training containers."""

    def start(self, plan: Plan, emit: Emit) -> Run:
        """Start a run and return at once; `emit` is called with each line the container prints."""
        ...

    def close(self) -> None:
        """End all runs at once and leave nothing behind."""
        ...
