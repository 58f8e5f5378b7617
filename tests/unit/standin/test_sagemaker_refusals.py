"""What the stand-in for SageMaker refuses, in AWS's codes and words."""

from typing import Any

import pytest

from sagescene_standin.sagemaker import SageMakerOptions
from tests.unit.standin.sagemaker_account import Account, training_request

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


def test_the_longest_run_is_a_quota() -> None:
    code, message = refusal(Account(), StoppingCondition={"MaxRuntimeInSeconds": 432_001})
    assert code == "ResourceLimitExceeded"
    assert "'Longest run time for a training job' is 432000 Seconds" in message


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
