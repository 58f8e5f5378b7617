"""The versions of a model are listed with their figures and verdicts, whoever entered them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner

from sagescene.aws import Cloud
from sagescene.dataset import StoredObject
from sagescene_command.cli import commands
from sagescene_command.following import stacks
from sagescene_command.following.versions import Version, read_versions, tell_versions
from tests.unit.command.aws_clients import STACK
from tests.unit.jobs.test_requests import golden

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
GROUP = "sagescene--pets"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}"


def describe(number: int, *, is_ours: bool = True, compared_with: str = "none", **noted: str) -> dict[str, Any]:
    """Give what SageMaker describes a version as; of somebody else's it knows nothing but its number."""
    common = {
        "ModelPackageName": GROUP,
        "ModelPackageArn": f"{ARN}/{number}",
        "ModelPackageVersion": number,
        "CreationTime": NOON,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
    }
    if not is_ours:
        return common
    asked = {name: value for name, value in golden("model-package").items() if name != "ClientToken"}
    figures = {"accuracy": "0.9717", "images": "1600", "role": "test", "compared-with": compared_with, **noted}
    return {**asked, **common, "CustomerMetadataProperties": {**asked["CustomerMetadataProperties"], **figures}}


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("sagemaker", region_name="us-east-1")
    monkeypatch.setattr(boto3, "client", lambda _service: client)
    monkeypatch.setattr(stacks, "find", lambda _name: STACK)
    monkeypatch.setattr(stacks, "read_job_prefix", lambda _stack: "sagescene")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def answer(sagemaker: Stubber, *pages: list[dict[str, Any]]) -> None:
    """Let the registry list these versions, then describe each."""
    names = ("ModelPackageArn", "ModelPackageVersion", "CreationTime", "ModelPackageStatus")
    for number, page in enumerate(pages, 1):
        listed = {"ModelPackageSummaryList": [{name: each[name] for name in names} for each in page]}
        more = {"NextToken": str(number)} if number < len(pages) else {}
        sagemaker.add_response("list_model_packages", {**listed, **more})
    for each in (each for page in pages for each in page):
        sagemaker.add_response("describe_model_package", each, {"ModelPackageName": each["ModelPackageArn"]})


def test_every_version_is_told_newest_first(sagemaker: Stubber) -> None:
    older = [describe(1), describe(2, is_ours=False)]
    newer = [
        describe(number, compared_with="1", verdict=verdict)
        for number, verdict in enumerate(("better", "worse", "within noise", "not comparable"), 3)
    ]
    answer(sagemaker, older, newer)
    found = read_versions(GROUP)
    assert [each.version for each in found] == [6, 5, 4, 3, 2, 1]
    lines = list(tell_versions(found))
    assert lines[0] == (
        "6  PendingManualApproval  97.2 % of 1,600 test images  not comparable with 1  sagescene--pets--0f1e2d3c4b5a"
    )
    assert ["within noise of 1" in lines[1], "worse than 1" in lines[2], "better than 1" in lines[3]] == [True] * 3
    assert lines[4].endswith("entered by hand")
    assert "no figures" in lines[4]
    assert "compared with none" in lines[5]


def test_the_command_prints_a_table_or_json(sagemaker: Stubber) -> None:
    answer(sagemaker, [describe(1)])
    told = CliRunner().invoke(commands, ["models", f"s3://{STACK.bucket}/datasets/pets/"])
    assert (told.exit_code, told.output.count("\n")) == (0, 1)
    assert told.output.startswith("1  PendingManualApproval  97.2 % of 1,600 test images")
    answer(sagemaker, [describe(1)])
    document = json.loads(CliRunner().invoke(commands, ["models", "pets", "--json"]).output)
    assert (document["data_set"], document["group"]) == ("pets", GROUP)
    (version,) = document["versions"]
    assert (version["version"], version["accuracy"], version["entered"]) == (1, 0.9717, NOON.isoformat())
    assert version["evaluation"].startswith("s3://")


def test_a_set_without_versions_is_told_how_it_gets_one_and_a_set_that_is_none_as_everywhere(
    sagemaker: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"datasets/cats/": [StoredObject(key="datasets/cats/train.rec", etag="e", size=1, last_modified=NOON)]}
    monkeypatch.setattr(Cloud, "list_objects", lambda _cloud, _bucket, prefix: files.get(prefix, []))
    for message in ("ModelPackageGroup sagescene--cats does not exist.", None):
        if message:
            sagemaker.add_client_error("list_model_packages", "ValidationException", message)
        else:
            answer(sagemaker, [])
        told = CliRunner().invoke(commands, ["models", "cats"])
        assert told.exit_code == 0
        assert "no version of cats yet: deploy with ModelRegistry=yes" in told.output
    answer(sagemaker, [])
    told = CliRunner().invoke(commands, ["models", "dogs"])
    assert (told.exit_code, "There is no data set dogs" in told.output) == (3, True)


def test_a_registry_that_may_not_be_asked_ends_with_3(sagemaker: Stubber) -> None:
    sagemaker.add_client_error("list_model_packages", "AccessDeniedException", "no")
    told = CliRunner().invoke(commands, ["models", "pets"])
    assert told.exit_code == 3
    assert "may not call ListModelPackages" in told.output


@pytest.mark.parametrize(
    ("accuracy", "told"),
    [
        ("1.00000000", "100 %"),
        ("0.99960000", "99.9 %"),
        ("0.99996000", "99.9 %"),
        ("1", "100 %"),
    ],
)
def test_a_single_mistake_is_no_full_score(accuracy: str, told: str) -> None:
    (line,) = tell_versions([Version.of(describe(1, accuracy=accuracy))])
    assert f"PendingManualApproval  {told} of 1,600 test images" in line


@pytest.mark.parametrize("accuracy", ["", "n/a", "1.2.3"])
def test_what_somebody_changed_by_hand_is_no_figure(accuracy: str) -> None:
    assert Version.of(describe(1, accuracy=accuracy, images="many")).accuracy is None
