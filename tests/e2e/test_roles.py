"""SageMaker works as the roles that it is passed: what they may not do, fails in its words."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import DATA, LocalStack


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("s3:GetObject", "Data download failed:Unable to download object s3://{bucket}/datasets/multi/"),
        ("s3:PutObject", "Artifact upload failed:Unable to upload object s3://{bucket}/models/{job}/output/"),
    ],
)
def test_a_job_fails_where_its_role_may_not_read_or_write(local: LocalStack, action: str, words: str) -> None:
    local.take_from("TrainingRole", action)
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Training on data set multi failed")
    (job,) = local.jobs()
    reason = local.sagemaker.describe_training_job(TrainingJobName=job)["FailureReason"]
    assert reason.startswith(f"ClientError: {words.format(bucket=local.bucket, job=job)}")
    assert "AccessDenied" in reason
    assert "(permission)" in text


def test_no_job_is_taken_whose_role_may_not_list_its_input(local: LocalStack) -> None:
    local.take_from("TrainingRole", "s3:ListBucket")
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Training on data set multi could not be started")
    assert 'that the role "arn:aws:iam::123456789012:role/' in text
    assert '"s3:ListBucket" permissions on bucket' in text


def test_a_job_whose_role_may_not_log_trains_in_silence(local: LocalStack) -> None:
    local.take_from("TrainingRole", "logs:CreateLogStream")
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    groups = [group["logGroupName"] for group in local.stack.client("logs").describe_log_groups()["logGroups"]]
    assert "/aws/sagemaker/TrainingJobs" not in groups


def test_a_job_logs_and_measures_as_its_role(local: LocalStack) -> None:
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    (job,) = local.jobs()
    streams = local.stack.client("logs").describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs")
    assert [stream["logStreamName"].partition("/")[0] for stream in streams["logStreams"]] == [job]
    metrics = local.stack.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/TrainingJobs")["Metrics"]
    assert {metric["MetricName"] for metric in metrics} == {"train:accuracy", "validation:accuracy"}


def test_sagemaker_assumes_no_role_that_trusts_it_for_another_account_only(local: LocalStack) -> None:
    iam, role = local.stack.client("iam"), local.stack.resources["TrainingRole"]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": "999999999999"}}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    local.drop(DATA / "multi", "multi")
    assert "Could not assume role" in local.await_notice("Training on data set multi could not be started")
    with pytest.raises(ClientError, match="Could not assume role"):
        local.sagemaker.create_model(
            ModelName="m",
            ExecutionRoleArn=f"arn:aws:iam::123456789012:role/{role}",
            PrimaryContainer={"Image": "x", "ModelDataUrl": f"s3://{local.bucket}/models/x"},
        )
