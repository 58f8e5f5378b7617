"""A real boto3 client, a real container process: the stand-in for SageMaker as the stack uses it."""

import json
import os
import re
import shutil
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.serving import WSGIRequestHandler, make_server

from sagescene_standin.account import Account
from sagescene_standin.sagemaker import (
    ProcessLauncher,
    Runner,
    SageMakerOptions,
    TrainingProgram,
    TrainingService,
    UncheckedRole,
    make_application,
)

TESTS = Path(__file__).parents[2]
BUCKET = "sagescene-123456789012-us-east-1"
VALUES = {"num_classes": "2", "num_training_samples": "40", "mini_batch_size": "20", "epochs": "2"}


class FolderStore:
    """Objects as files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        files = sorted(path for path in (self.root / bucket).rglob("*") if path.is_file())
        yield from (
            key for key in (path.relative_to(self.root / bucket).as_posix() for path in files) if key.startswith(prefix)
        )

    def is_there(self, bucket: str, key: str) -> bool:
        return (self.root / bucket / key).is_file()

    def download(self, bucket: str, key: str, path: Path) -> None:
        shutil.copy(self.root / bucket / key, path)

    def upload(self, path: Path, bucket: str, key: str) -> None:
        (target := self.root / bucket / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)  # like S3, all of it or nothing: the container may delete it meanwhile

    def delete(self, bucket: str, key: str) -> None:
        (self.root / bucket / key).unlink()


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing."""


class Stack:
    def __init__(self, root: Path) -> None:
        self.lines: list[str] = []
        self.objects = FolderStore(root)
        self.service = TrainingService(
            account=Account(),
            options=SageMakerOptions(starting=0, downloading=0, uploading=0, stop_grace=20),
            clock=time.time,
            assume=lambda _role, _source: UncheckedRole(
                self.objects, lambda _group, _stream, line, _time: self.lines.append(line)
            ),
            publish=lambda _event: None,
            launcher=ProcessLauncher(TrainingProgram()),
        )
        self.server = make_server("127.0.0.1", 0, make_application(self.service), threaded=True, request_handler=Quiet)
        self.client: Any = boto3.client(
            "sagemaker",
            endpoint_url=f"http://127.0.0.1:{self.server.port}",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def wait_for(self, name: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            job: dict[str, Any] = self.client.describe_training_job(TrainingJobName=name)
            if condition(job):
                return job
            time.sleep(0.02)
        raise AssertionError(f"{name} never came there; its log: {self.lines}")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    for name in ("train", "validation"):
        target = tmp_path / BUCKET / "datasets" / "pets" / f"{name}.rec"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TESTS / "data" / "two_class" / name / f"{name}.rec", target)
    stack = Stack(tmp_path)
    thread = threading.Thread(target=stack.server.serve_forever)
    thread.start()
    with Runner(stack.service, interval=0.01):
        yield stack
    stack.client.close()
    stack.server.shutdown()
    stack.server.server_close()
    thread.join()


def request(name: str, **hyperparameters: str) -> dict[str, Any]:
    golden: dict[str, Any] = json.loads((TESTS / "golden" / "training-job.json").read_text())
    return golden | {"TrainingJobName": name, "HyperParameters": VALUES | hyperparameters}


def has_ended(job: dict[str, Any]) -> bool:
    return job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped")


def test_a_job_trains_and_its_model_can_be_created(stack: Stack) -> None:
    stack.client.create_training_job(**request("job"))
    job = stack.wait_for("job", has_ended)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert {one["MetricName"] for one in job["FinalMetricDataList"]} == {"train:accuracy", "validation:accuracy"}
    assert job["TrainingEndTime"] > job["CreationTime"]
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    with tarfile.open(stack.objects.root / artifact.removeprefix("s3://")) as archive:
        assert "model-shapes.json" in archive.getnames()
    image = job["AlgorithmSpecification"]["TrainingImage"]
    container = {"Image": image, "ModelDataUrl": artifact}
    stack.client.create_model(ModelName="m", PrimaryContainer=container, ExecutionRoleArn=job["RoleArn"])
    assert stack.client.list_models()["Models"][0]["ModelName"] == "m"
    found = stack.client.list_training_jobs(CreationTimeAfter=job["CreationTime"].replace(year=2000))
    assert [one["TrainingJobName"] for one in found["TrainingJobSummaries"]] == ["job"]
    with pytest.raises(stack.client.exceptions.ResourceInUse, match="must be unique"):
        stack.client.create_training_job(**request("job"))
    with pytest.raises(ClientError, match="does not offer") as refused:
        stack.client.delete_training_job(TrainingJobName="job")
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"
    headers = refused.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-errortype"] == "UnknownOperationException"


def test_the_container_s_own_words_become_the_failure_reason(stack: Stack) -> None:
    stack.client.create_training_job(**request("job", mini_batch_size="21"))
    job = stack.wait_for("job", has_ended)
    assert job["FailureReason"] == (
        "ClientError: The number of input images must be bigger or equal to the mini_batch_size."
    )
    assert not list(stack.objects.root.rglob("model.tar.gz"))


def test_a_key_with_two_slashes_is_not_downloaded(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack.objects, "list_keys", lambda _bucket, _prefix: iter(["datasets/pets//train.rec"]))
    stack.client.create_training_job(**request("job"))
    assert stack.wait_for("job", has_ended)["FailureReason"] == (
        "ClientError: Data download failed:Failed to download data. "
        f"S3 key: s3://{BUCKET}/datasets/pets//train.rec has an illegal char sub-sequence '//' in it"
    )


def test_a_stopped_container_leaves_its_best_model(stack: Stack) -> None:
    stack.client.create_training_job(**request("job", epochs="100000"))
    stack.wait_for("job", lambda job: "FinalMetricDataList" in job)
    stack.client.stop_training_job(TrainingJobName="job")
    job = stack.wait_for("job", has_ended)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    with tarfile.open(stack.objects.root / job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://")) as archive:
        parameters, *others = sorted(archive.getnames())
    assert re.fullmatch(r"image-classification-\d{4}\.params", parameters)
    assert others == ["image-classification-symbol.json", "model-shapes.json"]


def test_an_interrupted_container_goes_on_from_its_checkpoints_elsewhere(stack: Stack) -> None:
    stack.service._lifecycle._options = SageMakerOptions(
        starting=0, downloading=0, uploading=0, interrupted=0, spot_interruptions=2
    )
    spot = {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600},
        "CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/checkpoints/job/"},
    }
    stack.client.create_training_job(**request("job", epochs="5") | spot)
    job = stack.wait_for("job", has_ended)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    instances = ["Starting", "Downloading", "Training"]
    assert [one["Status"] for one in job["SecondaryStatusTransitions"]] == [
        *(*instances, "Interrupted"),
        *(*instances, "Interrupted"),
        *(*instances, "Uploading", "Completed"),
    ]
    epochs = [line.partition("]")[0] for line in stack.lines if "Validation-accuracy" in line]
    # The epoch at whose end the instance was taken away is trained again, unless its checkpoint was written by then.
    assert list(dict.fromkeys(epochs)) == [f"Epoch[{epoch}" for epoch in range(5)]
    assert len(epochs) <= 5 + 2
    resumed = [line for line in stack.lines if line.startswith('Resuming from "/opt/ml/checkpoints/epoch-000')]
    assert len(resumed) == 2
    (checkpoint,) = (stack.objects.root / BUCKET / "checkpoints").rglob("*.checkpoint")
    assert checkpoint.name == "epoch-0005.checkpoint"


def test_the_container_sees_nothing_of_the_stack_s_environment(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for containers")
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\nimport os\nprint('environment', *os.environ.items())\n")
    script.chmod(0o700)
    stack.service._launcher = ProcessLauncher(TrainingProgram(python=os.fspath(script)))
    stack.client.create_training_job(**request("job"))
    stack.wait_for("job", has_ended)
    assert any("TRAINING_JOB_NAME" in line for line in stack.lines)
    assert "not for containers" not in "".join(stack.lines)
