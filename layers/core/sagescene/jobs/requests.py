"""The requests sent to SageMaker, built as plain dicts of plain values.

Forms: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and, beside it,
API_CreateModel.html, API_CreateModelPackageGroup.html and API_CreateModelPackage.html.
"""

import re
from collections.abc import Mapping
from typing import Any

from sagescene import __version__, keys
from sagescene.dataset import DataSet
from sagescene.foreign_text import printable
from sagescene.instances import local_storage_of, volume_of
from sagescene.jobs import registry, tag_names
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.report import Report
from sagescene.settings import EvaluateSettings, FinishSettings, Settings, StartSettings

APPROVED, PENDING = "Approved", "PendingManualApproval"
RECORDIO = "application/x-recordio"
# SageMaker itself retries nothing but an InternalServerError.
_RETRIES_AFTER_INTERNAL_ERRORS = 2
_OF_JOB = "Training job "


def request_training(
    data_set: DataSet, report: Report, *, name: str, instance_type: str, settings: StartSettings
) -> dict[str, Any]:
    """Build the CreateTrainingJob request of the job `name` for a data set that its report calls ready.

    Raises:
        UnknownRegionError: SageMaker offers no image of the algorithm in the Region.
    """
    bucket = settings.data_bucket
    return training_job(
        name=name,
        image=registry.image_uri(settings.aws_region),
        train_uri=f"s3://{bucket}/{data_set.train_records.key}",
        validation_uri=f"s3://{bucket}/{data_set.validation_records.key}",
        output_uri=f"s3://{bucket}/{keys.MODELS.rstrip('/')}",
        hyperparameters={name: value.value for name, value in report.hyperparameters.items()},
        tags={
            tag_names.DATA_SET: data_set.name,
            tag_names.DIGEST: report.digest,
            tag_names.REPORT: keys.report_key(data_set.name, report.fingerprint),
        },
        instance_type=instance_type,
        settings=settings,
    )


def training_job(
    *,
    name: str,
    image: str,
    train_uri: str,
    validation_uri: str,
    output_uri: str,
    hyperparameters: Mapping[str, str],
    tags: Mapping[str, str],
    instance_type: str,
    settings: StartSettings,
) -> dict[str, Any]:
    """Build the CreateTrainingJob request; each channel's URI names its exact `.rec`.

    Only a job on Spot instances has checkpoints, from which it goes on when they were taken away.
    """
    key = settings.kms_key_arn
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": settings.training_role_arn,
        "HyperParameters": dict(hyperparameters),
        "InputDataConfig": [_channel("train", train_uri), _channel("validation", validation_uri)],
        "OutputDataConfig": {"S3OutputPath": output_uri, **({"KmsKeyId": key} if key else {})},
        "ResourceConfig": _resources(instance_type, settings),
        **_limits(name, settings),
        "RetryStrategy": {"MaximumRetryAttempts": _RETRIES_AFTER_INTERNAL_ERRORS},
        **_network(settings),
        "Tags": _tags({**tags, **settings.cost_allocation_tags}),
    }


def on_type(request: Mapping[str, Any], instance_type: str, settings: StartSettings) -> dict[str, Any]:
    """Give the CreateTrainingJob request of the same job on another type."""
    return {**request, "ResourceConfig": _resources(instance_type, settings)}


def model(*, name: str, image: str, artifact: str, tags: Mapping[str, str], settings: FinishSettings) -> dict[str, Any]:
    """Build the CreateModel request; the algorithm's image hosts what it trained."""
    return {
        "ModelName": name,
        "PrimaryContainer": {"Image": image, "ModelDataUrl": artifact},
        "ExecutionRoleArn": settings.hosting_role_arn,
        **_network(settings),
        "Tags": _tags({**tags, **settings.cost_allocation_tags}),
    }


def model_package_group(data_set: str, settings: EvaluateSettings) -> dict[str, Any]:
    """Build the CreateModelPackageGroup request for the versions of a data set's model."""
    shown = printable(data_set)  # of other characters SageMaker's pattern for descriptions takes none
    return {
        "ModelPackageGroupName": keys.model_group(settings.job_prefix, data_set),
        "ModelPackageGroupDescription": f"Models of data set {shown}, one version each"[:1024],
        "Tags": _tags({tag_names.DATA_SET: data_set, **settings.cost_allocation_tags}),
    }


def model_package(
    *,
    job: TrainingJob,
    data_set: str,
    evaluation_key: str,
    report: Report | None,
    figures: Mapping[str, str],
    is_approved: bool,
    token: str,
    settings: EvaluateSettings,
) -> dict[str, Any]:
    """Build the CreateModelPackage request of a job's model; one with the same `token` makes no second version.

    A version has the tags of its group; the class names stand in the report.
    """
    bucket = settings.data_bucket
    evaluation = f"s3://{bucket}/{evaluation_key}"
    known = f"s3://{bucket}/{keys.report_key(data_set, report.fingerprint)}" if report else ""
    metadata = {
        "dataset": data_set,
        "job": job.name,
        "fingerprint": report.fingerprint if report else "",
        "report": known,
        "class-names": known,
        "evaluation": evaluation,
        "code-version": __version__,
        **figures,
    }
    return {
        "ModelPackageGroupName": keys.model_group(settings.job_prefix, data_set),
        "ModelPackageDescription": describe_version(job.name),
        "InferenceSpecification": {
            "Containers": [{"Image": job.image, "ModelDataUrl": job.artifact}],
            "SupportedContentTypes": ["image/jpeg", "image/png", "application/x-image"],
            "SupportedResponseMIMETypes": ["application/json", "application/jsonlines"],
        },
        "ModelApprovalStatus": APPROVED if is_approved else PENDING,
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation}}},
        "MetadataProperties": {"GeneratedBy": f"sagescene {__version__}"},
        "CustomerMetadataProperties": {tag["Key"]: tag["Value"] for tag in _tags(metadata) if tag["Value"]},
        "ClientToken": token,
    }


def describe_version(job: str) -> str:
    """Describe the version of a job's model, so that a listing of versions tells whose they are."""
    return f"{_OF_JOB}{job}"


def job_of_version(description: str) -> str:
    """Give the job of a version by its description; nothing for one that somebody else entered."""
    return description.removeprefix(_OF_JOB) if description.startswith(_OF_JOB) else ""


def _network(settings: Settings) -> dict[str, Any]:
    subnets, groups = list(settings.subnet_ids), list(settings.security_group_ids)
    return {
        **({"VpcConfig": {"SecurityGroupIds": groups, "Subnets": subnets}} if subnets else {}),
        **({"EnableNetworkIsolation": True} if settings.network_isolation else {}),
    }


def _resources(instance_type: str, settings: StartSettings) -> dict[str, Any]:
    # For a type with disks of its own no volume is made, and SageMaker refuses a size above theirs, and a key:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
    key = "" if local_storage_of(instance_type) else settings.kms_key_arn
    return {
        "InstanceType": instance_type,
        "InstanceCount": settings.instance_count,
        "VolumeSizeInGB": volume_of(instance_type, settings.volume_size_in_gb),
        **({"VolumeKmsKeyId": key} if key else {}),
    }


def _limits(job: str, settings: StartSettings) -> dict[str, Any]:
    runtime = settings.max_runtime_in_seconds
    if not settings.managed_spot_training:
        return {"StoppingCondition": {"MaxRuntimeInSeconds": runtime}}
    # The wait that SageMaker bounds has the run time in it:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
    wait = runtime + settings.max_spot_wait_in_seconds
    return {
        "StoppingCondition": {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": wait},
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"s3://{settings.data_bucket}/{keys.checkpoints_prefix(job)}"},
    }


def _channel(name: str, uri: str) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
        "ContentType": RECORDIO,
        "CompressionType": "None",
    }


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    # An S3 key may hold characters that a tag may not.
    return [{"Key": key, "Value": re.sub(r"[^\w .:/=+\-@]", "_", value)[:256]} for key, value in tags.items()]
