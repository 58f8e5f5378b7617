"""Models, tags and lists of the stand-in for SageMaker."""

from typing import Any

import pytest

from sagescene_standin.sagemaker import SageMakerOptions
from tests.unit.standin.sagemaker_account import BUCKET, START, Account

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/Training"
KEY = "models/job/output/model.tar.gz"


@pytest.fixture
def account() -> Account:
    account = Account()
    account.objects.keys.append(KEY)
    return account


def model(name: str = "m", **changes: object) -> dict[str, Any]:
    return {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
            "ModelDataUrl": f"s3://{BUCKET}/{KEY}",
        },
    } | changes


def test_a_model_is_described_as_it_was_created(account: Account) -> None:
    arn = account.call("CreateModel", **model(Tags=[{"Key": "a", "Value": "b"}]))["ModelArn"]
    described = account.call("DescribeModel", ModelName="m")
    assert (described["ModelArn"], described["CreationTime"]) == (f"{ARN}:model/m", START)
    assert described["PrimaryContainer"]["ModelDataUrl"] == f"s3://{BUCKET}/{KEY}"
    assert "Tags" not in described
    assert account.call("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]


def test_a_model_is_not_created_twice_unless_deleted(account: Account) -> None:
    account.call("CreateModel", **model())
    assert account.refusal("CreateModel", **model()) == (
        "ValidationException",
        f'Cannot create already existing model "{ARN}:model/m".',
    )
    account.call("DeleteModel", ModelName="m")
    account.call("CreateModel", **model())


def test_a_model_without_its_artifact_is_refused(account: Account) -> None:
    account.objects.keys.remove(KEY)
    assert account.refusal("CreateModel", **model()) == (
        "ValidationException",
        f"Could not find model data at s3://{BUCKET}/{KEY}.",
    )


def test_a_model_whose_artifact_the_role_cannot_read_is_refused() -> None:
    account = Account(SageMakerOptions(unreadable=[f"s3://{BUCKET}/models/"]))
    account.objects.keys.append(KEY)
    assert account.refusal("CreateModel", **model()) == (
        "ValidationException",
        f'Could not access model data at s3://{BUCKET}/{KEY}. Please ensure that the role "{ROLE}" exists and that its '
        'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
        '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is '
        "located in us-east-1. If your Model uses multiple models or uncompressed models, please ensure that the role "
        'has "s3:ListBucket" permission.',
    )


@pytest.mark.parametrize("operation", ["DescribeModel", "DeleteModel"])
def test_an_unknown_model_is_not_found(account: Account, operation: str) -> None:
    assert account.refusal(operation, ModelName="x") == (
        "ValidationException",
        f'Could not find model "{ARN}:model/x".',
    )


def test_models_are_listed_newest_first_in_pages(account: Account) -> None:
    for number in range(5):
        account.now += 1
        account.call("CreateModel", **model(f"m{number}"))
    names, request = [], {"MaxResults": 2}
    while True:
        page = account.call("ListModels", **request)
        names += [one["ModelName"] for one in page["Models"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert names == ["m4", "m3", "m2", "m1", "m0"]
    assert [one["ModelName"] for one in account.call("ListModels", NameContains="m3")["Models"]] == ["m3"]


def test_jobs_are_listed_oldest_first_ten_a_page(account: Account) -> None:
    for number in range(12):
        account.now += 1
        account.create(f"job{number:02d}")
    first = account.call("ListTrainingJobs")
    second = account.call("ListTrainingJobs", NextToken=first["NextToken"])
    names = [one["TrainingJobName"] for one in first["TrainingJobSummaries"] + second["TrainingJobSummaries"]]
    assert names == [f"job{number:02d}" for number in range(12)]
    assert "NextToken" not in second
    assert account.refusal("ListTrainingJobs", NextToken="x")[0] == "ValidationException"


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ({"CreationTimeAfter": START + 5}, ["b-late", "a-late"]),
        ({"CreationTimeBefore": START + 15}, ["early", "b-late"]),
        ({"NameContains": "late", "SortBy": "Name"}, ["a-late", "b-late"]),
        ({"StatusEquals": "Failed"}, ["early"]),
        ({"LastModifiedTimeAfter": START + 19.5}, ["a-late"]),
        ({"LastModifiedTimeBefore": START + 5}, ["early"]),
        ({"SortBy": "Status", "SortOrder": "Descending"}, ["b-late", "a-late", "early"]),
        ({"SortOrder": "Descending", "MaxResults": 1}, ["a-late"]),
    ],
)
def test_jobs_are_found_by_each_filter(account: Account, wish: dict[str, Any], names: list[str]) -> None:
    account.service.fail_next("CapacityError: none")
    account.create("early")
    account.wait(1)
    for name in ("b-late", "a-late"):
        account.now = START + (10 if name == "b-late" else 20)
        account.create(name)
    found = account.call("ListTrainingJobs", **wish)["TrainingJobSummaries"]
    assert [one["TrainingJobName"] for one in found] == names


def test_tags_are_added_to_a_job(account: Account) -> None:
    account.create("job", Tags=[{"Key": "a", "Value": "1"}])
    arn = f"{ARN}:training-job/job"
    account.call("AddTags", ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    assert account.call("ListTags", ResourceArn=arn)["Tags"] == [
        {"Key": "a", "Value": "2"},
        {"Key": "b", "Value": "3"},
    ]
    assert account.refusal("ListTags", ResourceArn=f"{ARN}:training-job/none")[0] == "ValidationException"
