"""SageMaker in virtual time: the local stack's own service, with containers that end when the scenario says so."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sagescene import aws
from sagescene_standin.account import Account
from sagescene_standin.sagemaker import SageMakerOptions, TrainingService
from sagescene_standin.sagemaker.collaborators import AssumeRole, Publish, split_s3_url
from sagescene_standin.sagemaker.container import Emit, Phase, Plan
from sagescene_standin.sagemaker.descriptions import summarize_job
from tests.proof.access import Access
from tests.proof.faults import Gate, refused
from tests.proof.simulation import Simulation
from tests.proof.storage import Paginator

_STARTING = 20.0  # seconds; a job without capacity fails after them
CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."
_ATTEMPTS = 1 + aws._CONFIG.retries["max_attempts"]  # type: ignore[attr-defined]


@dataclass(slots=True)
class VirtualRun:
    """A container that trains until its time is up."""

    ends: float
    clock: Callable[[], float]
    failure: str | None = None

    @property
    def phase(self) -> Phase:
        """How far it has come."""
        return Phase.ENDED if self.clock() >= self.ends else Phase.TRAINING

    def terminate(self) -> None:
        """End at once."""
        self.ends = min(self.ends, self.clock())

    def kill(self) -> None:
        """End at once."""
        self.terminate()

    def reclaim(self) -> None:
        """End at once."""
        self.terminate()


@dataclass(slots=True)
class Containers:
    """Starts the containers; `failures` are the FailureReasons of the next of them, empty for success.

    `duration` is how long, in seconds, those that are started from now on train; on Spot instances, with checkpoints,
    each job is interrupted once after half of it.
    """

    simulation: Simulation
    step: Callable[[], object]
    duration: float = 120.0
    failures: list[str] = field(default_factory=list)
    runs: dict[str, VirtualRun] = field(default_factory=dict)

    def start(self, plan: Plan, emit: Emit) -> VirtualRun:
        """Begin to train; the artifact is stored at the end, unless the container is stopped before it."""
        ends = self.simulation.now + self.duration
        run = VirtualRun(ends, lambda: self.simulation.now)
        run.failure = (self.failures.pop(0) if self.failures else "") or _download(plan) or _go_on(plan)
        self.runs[plan.job_name] = run
        for channel in ("Train", "Validation"):
            emit(f"Epoch[0] {channel}-accuracy=0.5")

        def end() -> None:
            if not run.failure and run.ends == ends:
                run.failure = _upload(plan)
            self.step()

        def end_two_epochs() -> None:
            for epoch in (0, 1):
                emit(f"Epoch[{epoch}] Validation-accuracy=0.5")
            self.step()

        self.simulation.after(self.duration, end)
        if plan.checkpoints_url:
            self.simulation.after(self.duration / 2, end_two_epochs)
        return run

    def close(self) -> None:
        """Leave nothing behind: there is nothing."""


def _download(plan: Plan) -> str | None:
    try:
        for channel in plan.channels:
            bucket, prefix = split_s3_url(channel["DataSource"]["S3DataSource"]["S3Uri"])
            for key in plan.objects.list_keys(bucket, prefix):
                plan.objects.download(bucket, key, Path())
    except PermissionError as error:
        return f"ClientError: Data download failed:({error})"
    return None


def _go_on(plan: Plan) -> str | None:
    if not plan.checkpoints_url:
        return None
    bucket, prefix = split_s3_url(plan.checkpoints_url)
    try:
        earlier = list(plan.objects.list_keys(bucket, prefix))
        for key in earlier:
            plan.objects.download(bucket, key, Path())
        plan.objects.upload(Path(), bucket, f"{prefix}epoch-{len(earlier) + 1}")
        for key in earlier:
            plan.objects.delete(bucket, key)
    except PermissionError as error:
        return f"ClientError: Checkpoint upload failed:({error})"
    return None


def _upload(plan: Plan) -> str | None:
    try:
        plan.objects.upload(Path(), *split_s3_url(plan.artifact_url))
    except PermissionError as error:
        return f"ClientError: Artifact upload failed:({error})"
    return None


class Training:
    """The service, stepped whenever something is due."""

    def __init__(self, simulation: Simulation, assume: AssumeRole, publish: Publish) -> None:
        self._simulation = simulation
        self._planned: set[float] = set()
        self.quota: dict[str, int] = {}
        self.used_elsewhere: dict[str, int] = {}
        self.not_offered: set[str] = set()
        self.no_spot_capacity: set[str] = set()
        self.unsupported: set[str] = set()
        self.denied: set[str] = set()
        self.unreadable: list[str] = []
        self.is_trusted = True
        self.containers = Containers(simulation, self._step)
        self.service = TrainingService(
            account=Account(),
            options=SageMakerOptions(
                throttle=True,
                quota=self.quota,
                used_elsewhere=self.used_elsewhere,
                not_offered=self.not_offered,
                no_spot_capacity=self.no_spot_capacity,
                unsupported=self.unsupported,
                denied=self.denied,
                unreadable=self.unreadable,
                spot_interruptions=1,
                starting=_STARTING,
                downloading=0.0,
                uploading=0.0,
            ),
            clock=lambda: simulation.now,
            assume=lambda role, source: assume(role, source) if self.is_trusted else None,
            publish=publish,
            launcher=self.containers,
        )

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Call an operation past the gate, as a person or a test does."""
        status, answer = self.answer(operation, request)
        assert status == 200, answer
        return answer

    def answer(self, operation: str, request: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a call, and step when it has something begin or end; a container's end asks for a step as well."""
        status, answer = self.service.handle(operation, request)
        if operation in {"CreateTrainingJob", "StopTrainingJob"} and status == 200:
            self._simulation.after(0, self._step)
        return status, answer

    def summaries(self) -> list[dict[str, Any]]:
        """Summarize every training job, as a listing does, which sorts all of them for each of its pages."""
        return [summarize_job(job) for job in self.service._jobs.values()]

    def pages(self, operation: str, member: str) -> list[dict[str, Any]]:
        """List everything of one kind."""
        found: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while True:
            _, answer = self.service.handle(operation, {"MaxResults": 100, **token})
            found += answer[member]
            if "NextToken" not in answer:
                return found
            token = {"NextToken": answer["NextToken"]}

    def _step(self) -> None:
        due = self.service.step()
        if due is not None and due not in self._planned:
            self._planned.add(due)
            self._simulation.after(due - self._simulation.now, lambda: self._step_at(due))

    def _step_at(self, due: float) -> None:
        self._planned.discard(due)
        self._step()


class SageMakerClient:
    """The calls that a function makes, with boto3's answers, errors and retries of throttled calls."""

    def __init__(self, training: Training, gate: Gate, random: Random, access: Access) -> None:
        self._training, self._gate, self._random, self._access = training, gate, random, access

    def create_training_job(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Start a training job."""
        return self._call("CreateTrainingJob", request)

    def describe_training_job(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Describe a training job."""
        return self._call("DescribeTrainingJob", request)

    def create_model(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Create a model."""
        return self._call("CreateModel", request)

    def describe_model(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Describe a model."""
        return self._call("DescribeModel", request)

    def create_model_package_group(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Create a group of versions."""
        return self._call("CreateModelPackageGroup", request)

    def create_model_package(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """Enter a version in the model registry."""
        return self._call("CreateModelPackage", request)

    def get_paginator(self, operation: str) -> Paginator:
        """Page through the training jobs, or the versions of a group."""
        listing = {"list_training_jobs": "ListTrainingJobs", "list_model_packages": "ListModelPackages"}[operation]
        return Paginator(partial(self._list, listing))

    def _list(self, listing: str, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        request = dict(request)
        size = (request.pop("PaginationConfig", None) or {}).get("PageSize")
        request |= {"MaxResults": size} if size else {}
        while True:
            answer = self._call(listing, request)
            yield answer
            if "NextToken" not in answer:
                return
            request["NextToken"] = answer["NextToken"]

    def _call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        plain = {name: value.timestamp() if isinstance(value, datetime) else value for name, value in request.items()}

        def perform() -> tuple[int, dict[str, Any]]:
            self._access.require("sagemaker", operation, parameters=request)
            return self._training.answer(operation, plain)

        for attempt in range(_ATTEMPTS):
            status, answer = self._gate.call(operation, perform)
            if status == 200:
                return {name: _as_boto_gives(name, value) for name, value in answer.items()}
            if answer["__type"] != "ThrottlingException" or attempt == _ATTEMPTS - 1:
                break
            self._gate.pause(self._random.random() * min(2**attempt, 20))  # botocore's standard mode
        raise refused(operation, answer["__type"], answer["message"], status=status)


def _as_boto_gives(name: str, value: Any) -> Any:  # noqa: ANN401
    match value:
        case dict():
            return {inner: _as_boto_gives(inner, each) for inner, each in value.items()}
        case list():
            return [_as_boto_gives(name, each) for each in value]
    return datetime.fromtimestamp(value, UTC) if name.endswith("Time") else value
