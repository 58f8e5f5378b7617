"""What the sample events of `events/` tell of, laid into the local stack: two data sets, and a job for each end."""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import ClientError

from sagescene.jobs.training_job import ENDED
from sagescene_command import digits
from sagescene_command.local_stack import SAMPLE_EVENTS
from sagescene_command.packing import pack

if TYPE_CHECKING:
    from sagescene_standin.stack import Stack

_SETS = ("pets", "red flowers")
_NAMES = {  # as the events name what the packer calls after its prefix
    "animals_train.lst": "train.lst",
    "animals_train.rec": "train.rec",
    "animals_val.rec": "validation.rec",
    "animals_test.rec": "animals_test.rec",
}
_HYPERPARAMETERS = {"num_layers": 20, "image_shape": "3,28,28", "epochs": 2, "mini_batch_size": 32}
_MARGIN_IN_SECONDS = 60.0  # by which the sets are older than the events that tell of them


class SamplesRefusedError(click.ClickException):
    """The stack takes the samples not as they are."""

    def __init__(self, error: Exception) -> None:
        """Say why, and what the samples fit."""
        super().__init__(
            f"The samples fit a stack of the template's own JobPrefix, bucket and instance type alone: {error}"
        )


class SampleClock:
    """The local stack's clock, which can be set to another time while objects are stored."""

    def __init__(self) -> None:
        """Begin with the true time."""
        self._set_to: float | None = None

    def __call__(self) -> float:
        """Give the time in epoch seconds."""
        return time.time() if self._set_to is None else self._set_to

    @contextmanager
    def set_to(self, moment: float) -> Iterator[None]:
        """Stand still at a time (epoch seconds)."""
        self._set_to = moment
        try:
            yield
        finally:
            self._set_to = None


def lay(stack: "Stack", clock: SampleClock, fail_with: str | None = None) -> None:
    """Lay the data sets and the ended jobs that the sample events tell of into a standing stack.

    Nothing comes of either before a sample event tells of it: the rules that would, rest meanwhile. `clock` is the
    stack's own. The next job after them fails with `fail_with`, if any. Raises SamplesRefusedError.
    """
    with tempfile.TemporaryDirectory() as scratch, _resting_rules(stack):
        folder = Path(scratch)
        digits.write_digits(folder / "images")
        packed = pack.pack(folder / "images", folder / "set/animals", test_share=0.1)
        # An upload stands down for a later one, so a set that is younger than its events would start nothing.
        with clock.set_to(_time_of(_read("start_training/put")) - _MARGIN_IN_SECONDS):
            _upload(stack, folder / "set")
        try:
            _train(stack, packed.train)
        except ClientError as error:
            raise SamplesRefusedError(error) from error
    if fail_with:
        stack.training.fail_next(fail_with)


def list_events() -> list[Path]:
    """List the sample events in an order that leaves each its effect: the clock would finish what others tell of."""
    first, last = "put", "clock"
    return [
        path
        for folder in ("start_training", "finish_training", "evaluate_model")
        for path in sorted(
            (SAMPLE_EVENTS / folder).glob("*.json"), key=lambda path: (path.stem == last, path.stem != first, path.stem)
        )
    ]


def name_function(event: Path) -> str:
    """Name the function that a sample event is for, by its logical id."""
    return f"{event.parent.name.title().replace('_', '')}Function"


def _read(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((SAMPLE_EVENTS / f"{name}.json").read_text())
    return event


def _time_of(event: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(event["time"]).timestamp()


@contextmanager
def _resting_rules(stack: "Stack") -> Iterator[None]:
    events = stack.client("events")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"] if "EventPattern" in rule]
    for rule in rules:
        events.disable_rule(Name=rule)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)


def _upload(stack: "Stack", folder: Path) -> None:
    s3 = stack.client("s3")
    for name in _SETS:
        prefix = f"datasets/{name}/"
        for packed, stored in _NAMES.items():
            s3.upload_file(str(folder / packed), stack.outputs["Bucket"], f"{prefix}{stored}")
        settings = json.dumps(_HYPERPARAMETERS).encode()
        s3.put_object(Bucket=stack.outputs["Bucket"], Key=f"{prefix}training.json", Body=settings)


def _train(stack: "Stack", images: int) -> None:
    """Put the jobs whose ends the events tell of, and wait until each has ended so."""
    sagemaker = stack.client("sagemaker")
    role = stack.client("iam").get_role(RoleName=stack.resources["TrainingRole"])["Role"]["Arn"]
    ends = [
        json.loads(path.read_text())["detail"] for path in sorted((SAMPLE_EVENTS / "finish_training").glob("*.json"))
    ]
    jobs = [detail for detail in ends if detail]  # the clock's event tells of none
    for detail in jobs:
        if detail["TrainingJobStatus"] == "Failed":
            stack.training.fail_next(detail["FailureReason"])
        sagemaker.create_training_job(**_request(detail, role, images))
    for detail in jobs:
        name = detail["TrainingJobName"]
        while sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] not in ENDED:
            time.sleep(0.1)


def _request(detail: Mapping[str, Any], role: str, images: int) -> dict[str, Any]:
    """Ask for the job that an event tells of, on the images that were packed."""
    is_cut_off = detail["SecondaryStatus"] == "MaxRuntimeExceeded"
    settings = {**_HYPERPARAMETERS, "num_training_samples": images, "num_classes": 10}
    tags = detail["Tags"]  # SageMaker writes them in either form
    return {
        "TrainingJobName": detail["TrainingJobName"],
        "AlgorithmSpecification": detail["AlgorithmSpecification"],
        "RoleArn": role,
        "HyperParameters": {
            **detail["HyperParameters"],
            **{name: str(value) for name, value in settings.items()},
            **({"epochs": "5000"} if is_cut_off else {}),
        },
        "InputDataConfig": detail["InputDataConfig"],
        "OutputDataConfig": detail["OutputDataConfig"],
        "ResourceConfig": {name: value for name, value in detail["ResourceConfig"].items() if value},
        "StoppingCondition": {"MaxRuntimeInSeconds": 1} if is_cut_off else detail["StoppingCondition"],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags,
    }
