"""The model registry of the stand-in for SageMaker."""

from typing import Any

import pytest

from tests.unit.standin.sagemaker_account import BUCKET, START, Account

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"


@pytest.fixture
def account() -> Account:
    account = Account()
    account.call("CreateModelPackageGroup", ModelPackageGroupName="pets", Tags=[{"Key": "a", "Value": "b"}])
    return account


def package(**changes: object) -> dict[str, Any]:
    containers = [{"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/models/job/output/model.tar.gz"}]
    return {
        "ModelPackageGroupName": "pets",
        "InferenceSpecification": {
            "Containers": containers,
            "SupportedContentTypes": ["image/jpeg"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "CustomerMetadataProperties": {"fingerprint": "0123"},
    } | changes


def test_a_group_is_described_by_its_name_and_by_its_arn(account: Account) -> None:
    arn = f"{ARN}:model-package-group/pets"
    described = account.call("DescribeModelPackageGroup", ModelPackageGroupName=arn)
    assert described == account.call("DescribeModelPackageGroup", ModelPackageGroupName="pets")
    assert (described["ModelPackageGroupArn"], described["CreationTime"]) == (arn, START)
    assert "Tags" not in described
    assert account.call("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert account.refusal("CreateModelPackageGroup", ModelPackageGroupName="pets") == (
        "ValidationException",
        f"Model Package Group already exists: {arn}",
    )


def test_versions_are_counted_and_never_counted_again(account: Account) -> None:
    first, second = (account.call("CreateModelPackage", **package())["ModelPackageArn"] for _ in range(2))
    assert (first, second) == (f"{ARN}:model-package/pets/1", f"{ARN}:model-package/pets/2")
    account.call("DeleteModelPackage", ModelPackageName=second)
    assert account.call("CreateModelPackage", **package())["ModelPackageArn"] == f"{ARN}:model-package/pets/3"


def test_a_package_waits_for_approval_and_keeps_its_metadata(account: Account) -> None:
    arn = account.call("CreateModelPackage", **package())["ModelPackageArn"]
    described = account.call("DescribeModelPackage", ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["CustomerMetadataProperties"] == {"fingerprint": "0123"}
    assert described["InferenceSpecification"] == package()["InferenceSpecification"]
    account.call(
        "UpdateModelPackage",
        ModelPackageArn=arn,
        CustomerMetadataProperties={"verdict": "better"},
        CustomerMetadataPropertiesToRemove=["fingerprint"],
    )
    metadata = account.call("DescribeModelPackage", ModelPackageName=arn)["CustomerMetadataProperties"]
    assert metadata == {"verdict": "better"}


def test_the_same_client_token_gives_the_same_package(account: Account) -> None:
    arns = [account.call("CreateModelPackage", **package(ClientToken="t"))["ModelPackageArn"] for _ in range(2)]
    assert arns == [f"{ARN}:model-package/pets/1"] * 2
    assert len(account.call("ListModelPackages", ModelPackageGroupName="pets")["ModelPackageSummaryList"]) == 1
    code, message = account.refusal("CreateModelPackage", **package(ClientToken="t", ModelPackageDescription="x"))
    assert (code, "used with other parameters" in message) == ("ValidationException", True)


def test_an_approval_is_announced_once(account: Account) -> None:
    arn = account.call("CreateModelPackage", **package())["ModelPackageArn"]
    for _ in range(2):
        account.call("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert [
        (event["detail-type"], event["resources"], event["detail"]["ModelApprovalStatus"]) for event in account.events
    ] == [
        ("SageMaker Model Package State Change", [arn], "PendingManualApproval"),
        ("SageMaker Model Package State Change", [arn], "Approved"),
    ]
    assert account.events[0]["detail"]["ModelPackageVersion"] == 1
    found = account.call("ListModelPackages", ModelApprovalStatus="Approved")["ModelPackageSummaryList"]
    assert [one["ModelPackageArn"] for one in found] == [arn]
    assert account.call("ListModelPackages", ModelApprovalStatus="Rejected")["ModelPackageSummaryList"] == []


def test_what_is_not_there_is_named(account: Account) -> None:
    missing = account.refusal("CreateModelPackage", **package(ModelPackageGroupName="cars"))
    assert missing == ("ValidationException", "ModelPackageGroup cars does not exist.")
    arn = f"{ARN}:model-package/pets/9"
    for operation, name in (("DescribeModelPackage", "ModelPackageName"), ("UpdateModelPackage", "ModelPackageArn")):
        assert account.refusal(operation, **{name: arn}) == (
            "ValidationException",
            f"ModelPackage {arn} does not exist.",
        )


def test_a_group_with_packages_is_not_deleted(account: Account) -> None:
    arn = account.call("CreateModelPackage", **package())["ModelPackageArn"]
    assert account.refusal("DeleteModelPackageGroup", ModelPackageGroupName="pets")[0] == "ValidationException"
    account.call("DeleteModelPackage", ModelPackageName=arn)
    account.call("DeleteModelPackageGroup", ModelPackageGroupName="pets")
    assert account.call("ListModelPackageGroups")["ModelPackageGroupSummaryList"] == []


def test_a_package_outside_a_group_is_not_offered(account: Account) -> None:
    request = package(ModelPackageName="alone")
    del request["ModelPackageGroupName"]
    assert "versioned model packages only" in account.refusal("CreateModelPackage", **request)[1]
