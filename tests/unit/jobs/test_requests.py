"""Whole requests against golden files, and botocore's own model of what SageMaker takes."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from sagescene.jobs import registry, requests
from sagescene.preflight.hyperparameters import Measured, derive
from sagescene.settings import FinishSettings, StartSettings
from sagescene_standin.sagemaker.admission import check_consistency
from tests.stack_template import environment_of
from tests.unit.test_template import KEPT_CLOSE, overrides

GOLDEN = Path(__file__).parents[2] / "golden"
BUCKET = "sagescene-123456789012-us-east-1"


def golden(name: str) -> Any:  # noqa: ANN401
    return json.loads((GOLDEN / f"{name}.json").read_text())


def training_job(settings: StartSettings, measured: Measured) -> dict[str, Any]:
    hyperparameters = derive(measured=measured, training_json={}, stack=settings.hyperparameters, gpus=1)
    return requests.training_job(
        name=f"{settings.job_prefix}--pets--0f1e2d3c4b5a",
        image=registry.image_uri(settings.aws_region),
        train_uri=f"s3://{BUCKET}/datasets/pets/train.rec",
        validation_uri=f"s3://{BUCKET}/datasets/pets/validation.rec",
        output_uri=f"s3://{BUCKET}/models",
        hyperparameters={name: value.value for name, value in hyperparameters.items()},
        tags={"sagescene:dataset": "pets", "sagescene:report": "reports/pets/0f1e2d3c4b5a.json"},
        instance_type=settings.instance_types[0],
        settings=settings,
    )


MODEL = requests.model(
    name="sagescene--pets--0f1e2d3c4b5a",
    image=registry.image_uri("us-east-1"),
    artifact=f"s3://{BUCKET}/models/sagescene--pets--0f1e2d3c4b5a/output/model.tar.gz",
    tags={"sagescene:dataset": "pets"},
    settings=FinishSettings.from_env(environment_of("FinishTrainingFunction")),
)
PETS = Measured(training_images=1358, validation_images=340, num_classes=2, shorter_side=1100)


def assert_sagemaker_takes(operation: str, request: dict[str, Any]) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model(operation).input_shape
    assert shape
    assert not ParamValidator().validate(request, shape).has_errors()


def test_the_default_stack_asks_for_this_job() -> None:
    request = training_job(StartSettings.from_env(environment_of("StartTrainingFunction")), PETS)
    assert request == golden("training-job")
    assert_sagemaker_takes("CreateTrainingJob", request)


def test_a_model_is_asked_for_like_this() -> None:
    assert golden("model") == MODEL
    assert_sagemaker_takes("CreateModel", MODEL)


def test_a_stack_on_spot_instances_asks_for_this_job() -> None:
    environment = environment_of("StartTrainingFunction", ManagedSpotTraining="yes", MaxSpotWaitInSeconds="7200")
    request = training_job(StartSettings.from_env(environment), PETS)
    assert request == golden("training-job-spot")
    assert_sagemaker_takes("CreateTrainingJob", request)
    added = ("EnableManagedSpotTraining", "CheckpointConfig", "StoppingCondition")
    plain = golden("training-job")
    assert {name: value for name, value in request.items() if name not in added} == {
        name: value for name, value in plain.items() if name not in added
    }


@pytest.mark.parametrize(("runtime", "spot_wait"), [("60", "0"), ("60", "1"), ("2419200", "86400")])
def test_no_wait_can_be_asked_for_that_sagemaker_refuses(runtime: str, spot_wait: str) -> None:
    environment = environment_of(
        "StartTrainingFunction",
        ManagedSpotTraining="yes",
        MaxRuntimeInSeconds=runtime,
        MaxSpotWaitInSeconds=spot_wait,
    )
    request = training_job(StartSettings.from_env(environment), PETS)
    assert request["StoppingCondition"] == {
        "MaxRuntimeInSeconds": int(runtime),
        "MaxWaitTimeInSeconds": int(runtime) + int(spot_wait),
    }
    check_consistency(request)


@pytest.mark.parametrize(
    ("instance_type", "volume", "asked"),
    [
        ("ml.g4dn.xlarge", "50", 50),
        ("ml.g4dn.xlarge", "125", 125),
        ("ml.g4dn.xlarge", "126", 125),
        ("ml.g5.4xlarge", "1000", 600),
        ("ml.p3.2xlarge", "1000", 1000),
    ],
)
def test_no_volume_is_asked_for_above_the_disks_that_a_type_brings(instance_type: str, volume: str, asked: int) -> None:
    environment = environment_of("StartTrainingFunction", InstanceTypes="ml.p3.8xlarge", VolumeSizeInGB=volume)
    settings = StartSettings.from_env(environment)
    first = training_job(settings, PETS)
    request = requests.on_type(first, instance_type, settings)
    assert request["ResourceConfig"] == {
        "InstanceType": instance_type,
        "InstanceCount": 1,
        "VolumeSizeInGB": asked,
    }
    assert {**request, "ResourceConfig": first["ResourceConfig"]} == first


def test_the_procedure_by_hand_differs_in_nothing_but_names_and_places() -> None:
    settings = StartSettings.from_env(environment_of("StartTrainingFunction", **overrides("procedure")))
    request, by_hand = training_job(settings, PETS), golden("procedure-by-hand")
    assert request == golden("procedure")

    for side in (request, by_hand):
        del side["TrainingJobName"]
        del side["OutputDataConfig"]["S3OutputPath"]
        for channel in side["InputDataConfig"]:
            del channel["DataSource"]["S3DataSource"]["S3Uri"]
    assert request.pop("RetryStrategy") == {"MaximumRetryAttempts": 2}
    assert [tag["Key"] for tag in request.pop("Tags")] == ["sagescene:dataset", "sagescene:report"]
    added = request["HyperParameters"].keys() - by_hand["HyperParameters"].keys()
    assert {name: request["HyperParameters"].pop(name) for name in added} == {"momentum": "0.9"}
    assert request == by_hand


@pytest.mark.parametrize("value", ["reports/red flowers/x.json", "datasets/a?b/c*d", "x" * 300, "größe/東京"])
def test_a_key_becomes_a_value_that_a_tag_may_have(value: str) -> None:
    settings = FinishSettings.from_env(environment_of("FinishTrainingFunction"))
    request = requests.model(name="m", image="i", artifact="a", tags={"sagescene:report": value}, settings=settings)
    (tag,) = request["Tags"]
    assert len(tag["Value"]) <= 256
    assert not set(tag["Value"]) & set("?*")


def test_a_stack_with_a_key_and_a_network_asks_for_this_job_and_this_model() -> None:
    parameters = {**KEPT_CLOSE, "InstanceTypes": "ml.p3.2xlarge"}
    job = training_job(StartSettings.from_env(environment_of("StartTrainingFunction", **parameters)), PETS)
    assert job == golden("training-job-kept-close")
    assert_sagemaker_takes("CreateTrainingJob", job)
    model = requests.model(
        name=MODEL["ModelName"],
        image=MODEL["PrimaryContainer"]["Image"],
        artifact=MODEL["PrimaryContainer"]["ModelDataUrl"],
        tags={"sagescene:dataset": "pets"},
        settings=FinishSettings.from_env(environment_of("FinishTrainingFunction", **parameters)),
    )
    assert model == golden("model-kept-close")
    assert_sagemaker_takes("CreateModel", model)


@pytest.mark.parametrize(
    ("instance_type", "has_volume"), [("ml.g4dn.xlarge", False), ("ml.g5.xlarge", False), ("ml.p3.2xlarge", True)]
)
def test_sagemaker_takes_no_key_for_disks_that_an_instance_brings(instance_type: str, has_volume: bool) -> None:
    parameters = {**KEPT_CLOSE, "InstanceTypes": instance_type}
    job = training_job(StartSettings.from_env(environment_of("StartTrainingFunction", **parameters)), PETS)
    assert ("VolumeKmsKeyId" in job["ResourceConfig"]) is has_volume
    assert job["OutputDataConfig"]["KmsKeyId"] == KEPT_CLOSE["KmsKeyArn"]
