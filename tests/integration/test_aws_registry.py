"""The model registry through boto3's own checks of requests and answers."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from sagescene.aws import Cloud, RefusedError
from sagescene.jobs.model_version import ModelVersion
from tests.unit.jobs.test_requests import golden

GROUP, VERSION = golden("model-package-group"), golden("model-package")
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud("us-east-1")


@pytest.fixture
def sagemaker(cloud: Cloud) -> Iterator[Stubber]:
    with Stubber(cloud._sagemaker) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_group_is_created_unless_there_is_one(cloud: Cloud, sagemaker: Stubber) -> None:
    answer = {"ModelPackageGroupArn": f"{ARN}:model-package-group/sagescene--pets"}
    sagemaker.add_response("create_model_package_group", answer, GROUP)
    exists = f"Model Package Group already exists: {answer['ModelPackageGroupArn']}"
    sagemaker.add_client_error("create_model_package_group", "ValidationException", exists)
    sagemaker.add_client_error("create_model_package_group", "ResourceLimitExceeded", "too many groups")
    cloud.create_model_package_group(GROUP)
    cloud.create_model_package_group(GROUP)
    with pytest.raises(RefusedError, match="too many groups"):
        cloud.create_model_package_group(GROUP)


def test_versions_are_listed_on_every_page_with_their_jobs(cloud: Cloud, sagemaker: Stubber) -> None:
    def summary(number: int, **more: str) -> dict[str, object]:
        return {
            "ModelPackageArn": f"{ARN}:model-package/sagescene--pets/{number}",
            "ModelPackageVersion": number,
            "CreationTime": NOON,
            "ModelPackageStatus": "Completed",
            **more,
        }

    asked = {"ModelPackageGroupName": "sagescene--pets", "SortBy": "CreationTime", "SortOrder": "Descending"}
    first = [summary(2, ModelPackageDescription=VERSION["ModelPackageDescription"], ModelApprovalStatus="Approved")]
    sagemaker.add_response("list_model_packages", {"ModelPackageSummaryList": first, "NextToken": "t"}, asked)
    last = {"ModelPackageSummaryList": [summary(1, ModelPackageDescription="by hand")]}
    sagemaker.add_response("list_model_packages", last, {**asked, "NextToken": "t"})
    newest, oldest = cloud.list_model_packages("sagescene--pets")
    assert (newest.version, newest.job, newest.approval) == (2, "sagescene--pets--0f1e2d3c4b5a", "Approved")
    assert (oldest.version, oldest.job, oldest.approval) == (1, "", "")


def test_a_version_is_entered(cloud: Cloud, sagemaker: Stubber) -> None:
    arn = f"{ARN}:model-package/sagescene--pets/12"
    sagemaker.add_response("create_model_package", {"ModelPackageArn": arn}, VERSION)
    assert cloud.create_model_package(VERSION) == ModelVersion(
        version=12, job="sagescene--pets--0f1e2d3c4b5a", approval="PendingManualApproval", arn=arn
    )


def test_what_is_refused_is_told_from_faults_of_aws(cloud: Cloud, sagemaker: Stubber) -> None:
    for code, error in (("AccessDeniedException", RefusedError), ("InternalFailure", ClientError)):
        sagemaker.add_client_error("create_model_package", code, "no")
        sagemaker.add_client_error("list_model_packages", code, "no")
        with pytest.raises(error):
            cloud.create_model_package(VERSION)
        with pytest.raises(error):
            cloud.list_model_packages("sagescene--pets")
