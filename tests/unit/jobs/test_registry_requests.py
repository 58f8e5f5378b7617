"""What is asked of the model registry, against golden files and botocore's own model of what SageMaker takes."""

import dataclasses
import json
import re
import tomllib
import unicodedata

import pytest

from sagescene import __version__
from sagescene.jobs import registry, requests
from sagescene.jobs.training_job import TrainingJob
from sagescene.settings import EvaluateSettings
from tests.checkout import ROOT
from tests.stack_template import environment_of
from tests.unit.jobs.test_requests import BUCKET, assert_sagemaker_takes, golden
from tests.unit.workflow.known import job, report

SETTINGS = EvaluateSettings.from_env(environment_of("EvaluateModelFunction"))
JOB = dataclasses.replace(
    job(status="Completed"),
    name="sagescene--pets--0f1e2d3c4b5a",
    image=registry.image_uri("us-east-1"),
    artifact=f"s3://{BUCKET}/models/sagescene--pets--0f1e2d3c4b5a/output/model.tar.gz",
)


def version(described: TrainingJob = JOB, data_set: str = "pets", *, is_approved: bool = False) -> dict[str, object]:
    return requests.model_package(
        job=described,
        data_set=data_set,
        evaluation_key=f"reports/{data_set}/{described.name}.evaluation.json",
        report=next(iter(report(content="0f1e2d3c4b5a").values())),
        figures={"verdict": "better", "accuracy": "0.97"},
        is_approved=is_approved,
        token="0f1e2d3c",
        settings=SETTINGS,
    )


def test_a_version_and_its_group_are_asked_for_like_this() -> None:
    group = requests.model_package_group("pets", SETTINGS)
    assert group == golden("model-package-group")
    assert_sagemaker_takes("CreateModelPackageGroup", group)
    assert version() == golden("model-package")
    assert_sagemaker_takes("CreateModelPackage", version())


@pytest.mark.parametrize(
    ("data_set", "shown"),
    [
        ("café n° 1", "café n° 1"),
        ("man\u200dwoman", r"man\u200dwoman"),
        ("soft\xadhyphen", r"soft\xadhyphen"),
        ("\ufeffpets\ue000", r"\ufeffpets\ue000"),
    ],
)
def test_a_group_is_described_in_characters_that_sagemaker_takes(data_set: str, shown: str) -> None:
    described = requests.model_package_group(data_set, SETTINGS)["ModelPackageGroupDescription"]
    assert described == f"Models of data set {shown}, one version each"
    # EntityDescription: [\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*
    assert {unicodedata.category(letter)[0] for letter in described} <= {*"LMZSNP"}


def test_approving_changes_nothing_else() -> None:
    assert version(is_approved=True) == {**version(), "ModelApprovalStatus": "Approved"}


def test_a_version_has_no_tags_for_sagemaker_takes_none_in_a_group() -> None:
    assert "Tags" not in version()


@pytest.mark.parametrize("data_set", ["größe 東京?", "x" * 400])
def test_whatever_a_set_is_called_its_metadata_are_such_that_sagemaker_takes_them(data_set: str) -> None:
    asked = version(data_set=data_set)
    assert_sagemaker_takes("CreateModelPackage", asked)
    metadata = asked["CustomerMetadataProperties"]
    assert isinstance(metadata, dict)
    assert all(re.fullmatch(r"[\w .:/=+\-@]{1,256}", value) for value in metadata.values())


def test_a_version_says_whose_it_is() -> None:
    assert requests.job_of_version(requests.describe_version("a--b")) == "a--b"
    assert requests.job_of_version("made by hand") == ""


def test_the_code_has_the_projects_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
    assert json.loads(json.dumps(version()))["CustomerMetadataProperties"]["code-version"] == __version__
