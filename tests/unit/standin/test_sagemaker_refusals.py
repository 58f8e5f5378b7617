"""What the stand-in for SageMaker refuses, in AWS's codes and words."""

from typing import Any

import pytest

from sagescene_standin.sagemaker import SageMakerOptions
from tests.unit.standin.sagemaker_account import SPOT, Account, training_request

ARN = "arn:aws:sagemaker:us-east-1:123456789012"


def refusal(account: Account, **changes: object) -> tuple[str, str]:
    return account.refusal("CreateTrainingJob", **training_request(**changes))


def test_a_name_is_used_up_for_ever() -> None:
    account = Account()
    account.create()
    account.train()
    account.finish()
    code, message = refusal(account, TrainingJobName="job")
    assert code == "ResourceInUse"
    assert message == (
        "Training job names must be unique within an AWS account and region, "
        f"and a training job with this name already exists ({ARN}:training-job/job)"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"TrainingJobName": "a_b"},
            "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        ({"TrainingJobName": "a" * 64}, "Member must have length less than or equal to 63"),
        ({"RoleArn": "nobody"}, "2 validation errors detected: Value 'nobody' at 'roleArn'"),
        ({"Tags": [{"Key": "a", "Value": "b*c"}]}, "Value 'b*c' at 'tags.1.member.value'"),
        ({"Tags": [{"Key": "a"}]}, "Value null at 'tags.1.member.value'"),
        ({"HyperParameters": {"x": "y" * 2501}}, "length less than or equal to 2500"),
        ({"HyperParameters": {str(number): "1" for number in range(101)}}, "length less than or equal to 100"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, "value greater than or equal to 1"),
        ({"ResourceConfig": {"InstanceType": "ml.g4.xlarge"}}, "Member must satisfy enum value set: ["),
        ({"OutputDataConfig": {}}, "Value null at 'outputDataConfig.s3OutputPath'"),
        ({"AlgorithmSpecification": None}, "Value null at 'algorithmSpecification'"),
        ({"Speed": "high"}, "Value at 'speed' is no member"),
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
        (
            SPOT | {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}},
            "present and be greater",
        ),
        (SPOT | {"EnableManagedSpotTraining": False}, "MaxWaitTimeInSeconds is only allowed with"),
        (
            {"ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeKmsKeyId": "k"}},
            "VolumeKmsKeyId",
        ),
    ],
)
def test_a_request_that_breaks_the_model_is_refused(changes: dict[str, Any], words: str) -> None:
    request = {name: value for name, value in training_request(**changes).items() if value is not None}
    code, message = Account().refusal("CreateTrainingJob", **request)
    assert code == "ValidationException"
    assert words in message


def test_a_hyperparameter_that_is_no_text_is_refused() -> None:
    assert refusal(Account(), HyperParameters={"epochs": 2})[0] == "SerializationException"


def test_tags_may_hold_letters_of_every_alphabet() -> None:
    Account().create(Tags=[{"Key": "Größe", "Value": "дом 5_.:/=+-@"}])


def test_an_input_without_objects_is_refused() -> None:
    account = Account()
    account.objects.keys.remove("datasets/pets/validation.rec")
    code, message = refusal(account)
    assert code == "ValidationException"
    assert message.startswith(
        'No S3 objects found under S3 URL "s3://sagescene-123456789012-us-east-1/datasets/pets/validation.rec"'
    )


def test_a_role_that_does_not_trust_sagemaker_is_refused() -> None:
    account = Account()
    account.trusted = False
    code, message = refusal(account)
    assert code == "ValidationException"
    assert message.startswith("Could not assume role arn:aws:iam::123456789012:role/sagescene-TrainingRole.")


def test_a_refused_request_does_not_use_up_the_name() -> None:
    account = Account()
    account.trusted = False
    refusal(account, TrainingJobName="job")
    account.trusted = True
    account.create("job")


def test_the_quota_counts_the_instances_in_use() -> None:
    account = Account(SageMakerOptions(quota={"ml.g4dn.xlarge": 1}))
    account.create("first")
    code, message = refusal(account, TrainingJobName="second")
    assert code == "ResourceLimitExceeded"
    assert message.startswith(
        "The account-level service limit 'ml.g4dn.xlarge for training job usage' is 1 Instances, "
        "with current utilization of 1 Instances and a request delta of 1 Instances."
    )
    account.train("first")
    account.finish("first")
    account.create("second")


def test_spot_instances_count_for_a_quota_of_their_own() -> None:
    account = Account(SageMakerOptions(quota={"ml.g4dn.xlarge": 1}))
    account.create("first")
    account.create("second", **SPOT)
    code, message = refusal(account, TrainingJobName="third", **SPOT)
    assert code == "ResourceLimitExceeded"
    assert message.startswith(
        "The account-level service limit 'ml.g4dn.xlarge for spot training job usage' is 1 Instances, "
        "with current utilization of 1 Instances and a request delta of 1 Instances."
    )


def test_the_quota_counts_what_others_in_the_account_use() -> None:
    account = Account(SageMakerOptions(quota={"ml.g4dn.xlarge": 2}, used_elsewhere={"ml.g4dn.xlarge": 2}))
    code, message = refusal(account)
    assert code == "ResourceLimitExceeded"
    assert "is 2 Instances, with current utilization of 2 Instances and a request delta of 1 Instances" in message


def test_a_run_time_or_a_volume_above_its_limit_is_refused_in_words_of_its_own() -> None:
    assert refusal(Account(), StoppingCondition={"MaxRuntimeInSeconds": 432_001}) == (
        "ResourceLimitExceeded",
        "The request delta of 432001 Seconds for 'Longest run time for a training job' is greater than the "
        "account-level service-limit of 432000 Seconds. Please use AWS Service Quotas to request an increase for this "
        "quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.",
    )
    code, message = refusal(Account(), ResourceConfig=resources("ml.p3.2xlarge", 1025))
    assert code == "ResourceLimitExceeded"
    assert message.startswith("The request delta of 1025 GBs for 'Size of EBS volume for a training job instance' is")
    Account(SageMakerOptions(largest_volume_in_gb=1025)).create(ResourceConfig=resources("ml.p3.2xlarge", 1025))


def resources(instance_type: str, volume: int = 50) -> dict[str, Any]:
    return {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": volume}


@pytest.mark.parametrize(("instance_type", "size"), [("ml.g4dn.xlarge", 125), ("ml.g5.4xlarge", 600)])
def test_a_volume_above_the_types_own_disks_is_refused_without_a_word(instance_type: str, size: int) -> None:
    assert refusal(Account(), ResourceConfig=resources(instance_type, size + 1)) == ("ValidationException", "")
    Account().create(ResourceConfig=resources(instance_type, size))


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            {"not_offered": {"ml.p2.xlarge"}},
            "ResourceLimitExceeded",
            "The requested resource training-job/ml.p2.xlarge is not available in this region",
        ),
        ({"unsupported": {"ml.p2.xlarge"}}, "ValidationException", "Unsupported instance type ml.p2.xlarge"),
        (
            {"denied": {"ml.p2.xlarge"}},
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/local/local is not authorized to perform: "
            f"sagemaker:CreateTrainingJob on resource: {ARN}:training-job/job with an explicit deny in a service "
            "control policy",
        ),
    ],
)
def test_a_type_that_cannot_be_had_is_refused_by_name(options: dict[str, Any], code: str, message: str) -> None:
    account = Account(SageMakerOptions(**options))
    request = {"TrainingJobName": "job", "ResourceConfig": resources("ml.p2.xlarge")}
    assert refusal(account, **request) == (code, message)
    account.create(ResourceConfig=resources("ml.p3.2xlarge"))


def test_the_algorithm_takes_types_with_a_gpu_only() -> None:
    assert refusal(Account(), ResourceConfig=resources("ml.c5.2xlarge")) == (
        "ValidationException",
        "Instance type ml.c5.2xlarge is not supported by algorithm image-classification; only GPU instances are "
        "supported.",
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("x" * 1024, "length less than or equal to 1024"),
        ("a\nb", "satisfy regular expression pattern: (https|s3)://"),
        ("a\u2028b", "satisfy regular expression pattern: (https|s3)://"),
    ],
)
def test_an_address_is_refused_that_s3_would_take(key: str, words: str) -> None:
    (channel, *_) = training_request()["InputDataConfig"]
    channel["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://bucket/{key}"
    code, message = refusal(Account(), InputDataConfig=[channel])
    assert code == "ValidationException"
    assert "at 'inputDataConfig.1.member.dataSource.s3DataSource.s3Uri' failed to satisfy constraint" in message
    assert words in message


def test_the_throttle_lets_one_creation_a_second_through() -> None:
    account = Account(SageMakerOptions(throttle=True))
    account.create("first")
    assert refusal(account, TrainingJobName="second") == ("ThrottlingException", "Rate exceeded")
    account.now += 1
    account.create("second")


@pytest.mark.parametrize("operation", ["DescribeTrainingJob", "StopTrainingJob"])
def test_an_unknown_job_is_not_found(operation: str) -> None:
    assert Account().refusal(operation, TrainingJobName="x") == ("ValidationException", "Requested resource not found.")


def test_an_operation_that_is_not_offered_says_so() -> None:
    code, message = Account().refusal("CreateEndpoint", EndpointName="x")
    assert code == "UnknownOperationException"
    assert "does not offer CreateEndpoint" in message
