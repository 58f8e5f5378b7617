"""An account for the tests of SageMaker's stand-in: a clock set by hand, containers that do as they are told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagescene_standin.account import Account as AwsAccount
from sagescene_standin.occurrence import Occurrence
from sagescene_standin.sagemaker import SageMakerOptions, TrainingService, UncheckedRole
from sagescene_standin.sagemaker.container import Emit, Phase, Plan

GOLDEN = Path(__file__).parents[2] / "golden" / "training-job.json"
BUCKET = "sagescene-123456789012-us-east-1"
START = 1_800_000_000.0
SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 100},
    "CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/checkpoints/job/"},
}


def training_request(**changes: object) -> dict[str, Any]:
    """Return the product's golden request with some members replaced."""
    golden: dict[str, Any] = json.loads(GOLDEN.read_text())
    return golden | changes


@dataclass
class FakeRun:
    """A container whose phases the test sets."""

    plan: Plan
    emit: Emit
    phase: Phase = Phase.DOWNLOADING
    failure: str | None = None
    signals: list[str] = field(default_factory=list)

    def terminate(self) -> None:
        self.signals.append("SIGTERM")

    def kill(self) -> None:
        self.signals.append("SIGKILL")
        self.phase = Phase.ENDED

    def reclaim(self) -> None:
        self.signals.append("reclaimed")
        self.phase = Phase.ENDED


class FakeLauncher:
    """Start containers that do nothing by themselves."""

    def __init__(self) -> None:
        self.runs: dict[str, FakeRun] = {}

    def start(self, plan: Plan, emit: Emit) -> FakeRun:
        self.runs[plan.job_name] = FakeRun(plan, emit)
        return self.runs[plan.job_name]

    def close(self) -> None:
        for run in self.runs.values():
            run.kill()


class FakeObjects:
    """A bucket's keys."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        yield from (key for key in self.keys if bucket == BUCKET and key.startswith(prefix))

    def is_there(self, bucket: str, key: str) -> bool:
        return key in self.list_keys(bucket, key)

    def download(self, bucket: str, key: str, path: Path) -> None:
        raise NotImplementedError

    def upload(self, path: Path, bucket: str, key: str) -> None:
        raise NotImplementedError

    def delete(self, bucket: str, key: str) -> None:
        raise NotImplementedError


class Account:
    """The service with all its collaborators in the test's hand."""

    def __init__(self, options: SageMakerOptions | None = None) -> None:
        self.now = START
        self.events: list[dict[str, Any]] = []
        self.occurrences: list[Occurrence] = []
        self.lines: list[tuple[str, str, str, float]] = []
        self.trusted = True
        self.launcher = FakeLauncher()
        self.objects = FakeObjects("datasets/pets/train.rec", "datasets/pets/validation.rec")
        self.role = UncheckedRole(self.objects, lambda *line: self.lines.append(line))
        self.service = TrainingService(
            account=AwsAccount(),
            options=options or SageMakerOptions(),
            clock=lambda: self.now,
            assume=lambda _role, _source: self.role if self.trusted else None,
            publish=self.events.append,
            launcher=self.launcher,
            listen=self.occurrences.append,
        )

    def call(self, operation: str, **request: object) -> dict[str, Any]:
        """Call an operation that must succeed."""
        status, response = self.service.handle(operation, request)
        assert status == 200, response
        return response

    def refusal(self, operation: str, **request: object) -> tuple[str, str]:
        """Call an operation that must fail, and return its code and message."""
        status, response = self.service.handle(operation, request)
        assert status == 400, response
        return response["__type"], response["message"]

    def create(self, name: str = "job", **changes: object) -> None:
        self.call("CreateTrainingJob", **training_request(TrainingJobName=name, **changes))

    def describe(self, name: str = "job") -> dict[str, Any]:
        return self.call("DescribeTrainingJob", TrainingJobName=name)

    def run(self, name: str = "job") -> FakeRun:
        return self.launcher.runs[name]

    def wait(self, seconds: float) -> None:
        """Let time pass, then let everything happen that is due."""
        self.now += seconds
        self.service.step()

    def train(self, name: str = "job") -> None:
        """Bring a new job as far as Training."""
        self.wait(1)
        self.run(name).phase = Phase.TRAINING
        self.wait(1)

    def finish(self, name: str = "job", failure: str | None = None) -> None:
        """Let the container of a job in training end."""
        self.run(name).failure = failure
        self.run(name).phase = Phase.ENDED
        self.wait(1)
        self.wait(1)

    def statuses(self, name: str = "job") -> list[str]:
        return [one["Status"] for one in self.describe(name)["SecondaryStatusTransitions"]]
