"""How a training job is told: DescribeTrainingJob's answer, ListTrainingJobs' summary, EventBridge's event."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sagescene_standin.account import Account
from sagescene_standin.sagemaker.jobs import ENDED, JobRecord
from sagescene_standin.sagemaker.validation import service_model


def describe_job(job: JobRecord) -> dict[str, Any]:
    """Build the answer of DescribeTrainingJob, which repeats the request with its defaults; it holds no tags."""
    output = service_model().operation_model("DescribeTrainingJob").output_shape
    known = set(output.members) if output else set()
    repeated = {name: value for name, value in job.request.items() if name in known}
    return repeated | _drop_missing(
        {
            "TrainingJobArn": job.arn,
            "ModelArtifacts": {"S3ModelArtifacts": job.artifact_url},
            "TrainingJobStatus": job.status,
            "SecondaryStatus": job.secondary_status,
            "FailureReason": job.failure_reason,
            "CreationTime": job.created,
            "TrainingStartTime": job.started,
            "TrainingEndTime": job.ended,
            "LastModifiedTime": job.modified,
            "SecondaryStatusTransitions": [
                _drop_missing(
                    {
                        "Status": one.status,
                        "StartTime": one.start,
                        "EndTime": one.end,
                        "StatusMessage": one.message,
                    }
                )
                for one in job.transitions
            ],
            "FinalMetricDataList": [
                {"MetricName": name, "Value": metric.value, "Timestamp": metric.time}
                for name, metric in sorted(job.metrics.items())
            ]
            or None,
            "TrainingTimeInSeconds": job.seconds_trained,
            "BillableTimeInSeconds": job.seconds_billed,
        }
    )


def summarize_job(job: JobRecord) -> dict[str, Any]:
    """Build a job's entry in the answer of ListTrainingJobs."""
    return _drop_missing(
        {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "CreationTime": job.created,
            "TrainingEndTime": job.ended if job.status in ENDED else None,
            "LastModifiedTime": job.modified,
            "TrainingJobStatus": job.status,
            "SecondaryStatus": job.secondary_status,
        }
    )


def describe_change(job: JobRecord, account: Account) -> dict[str, Any]:
    """Build the 'SageMaker Training Job State Change' event of the job's present status.

    Times are epoch milliseconds as numbers, tags an object, what is not known yet null, as in events caught on AWS; see
    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html.
    """
    request = job.request
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "SageMaker Training Job State Change",
        "source": "aws.sagemaker",
        "account": account.id,
        "time": datetime.fromtimestamp(job.modified, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": account.region,
        "resources": [job.arn],
        "detail": {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "TrainingJobStatus": job.status,
            "SecondaryStatus": job.secondary_status,
            "FailureReason": job.failure_reason,
            "HyperParameters": request.get("HyperParameters", {}),
            "AlgorithmSpecification": request["AlgorithmSpecification"],
            "RoleArn": request["RoleArn"],
            "InputDataConfig": request.get("InputDataConfig", []),
            "OutputDataConfig": request["OutputDataConfig"],
            "ResourceConfig": {"VolumeKmsKeyId": "", **request["ResourceConfig"]},
            "VpcConfig": request.get("VpcConfig", {}),
            "StoppingCondition": request["StoppingCondition"],
            "CreationTime": _milliseconds(job.created),
            "TrainingStartTime": _milliseconds(job.started),
            "TrainingEndTime": _milliseconds(job.ended),
            "LastModifiedTime": _milliseconds(job.modified),
            "SecondaryStatusTransitions": [
                _drop_missing(
                    {
                        "Status": one.status,
                        "StartTime": _milliseconds(one.start),
                        "EndTime": _milliseconds(one.end),
                        "StatusMessage": one.message,
                    }
                )
                for one in job.transitions
            ],
            "ModelArtifacts": {"S3ModelArtifacts": job.artifact_url},
            "Tags": dict(job.tags),
        },
    }


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _drop_missing(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
