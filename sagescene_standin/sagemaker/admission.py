"""What CreateTrainingJob refuses beyond the shape of the request, and the defaults it fills in."""

from collections.abc import Iterable, Mapping
from typing import Any

from sagescene_standin.account import Account
from sagescene_standin.sagemaker.collaborators import AssumeRole, ObjectStore, RoleSession, split_s3_url
from sagescene_standin.sagemaker.faults import (
    above_limit,
    denied,
    invalid,
    needs_gpu,
    no_objects,
    not_offered,
    quota_exceeded,
    role_refused,
    unsupported_type,
    volume_too_large,
)
from sagescene_standin.sagemaker.images import is_image_classification
from sagescene_standin.sagemaker.instances import local_storage_in_gb
from sagescene_standin.sagemaker.jobs import ENDED, JobRecord
from sagescene_standin.sagemaker.options import SageMakerOptions
from sagescene_standin.sagemaker.quotas import name_quota

_ONE_DAY = 86_400
_LONGEST_RUN = 432_000  # the quota 'Longest run time for a training job', 5 days unless raised
# Instances of these families bring their own NVMe disks.
_LOCAL_STORAGE = ("ml.g4dn.", "ml.g5.", "ml.g6.", "ml.g6e.", "ml.p3dn.", "ml.p4d.", "ml.p4de.", "ml.p5.")
_WITH_GPU = ("ml.g", "ml.p")
_CALLER = "assumed-role/local/local"  # the service is called without saying by whom


def fill_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as DescribeTrainingJob will repeat it: without tags, with what SageMaker adds."""
    return {
        **{name: value for name, value in request.items() if name != "Tags"},
        "InputDataConfig": [
            {"CompressionType": "None", "RecordWrapperType": "None", **channel}
            for channel in request.get("InputDataConfig", [])
        ],
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]},
        "StoppingCondition": {"MaxRuntimeInSeconds": _ONE_DAY, **request.get("StoppingCondition", {})},
        **{
            switch: request.get(switch, False)
            for switch in (
                "EnableNetworkIsolation",
                "EnableInterContainerTrafficEncryption",
                "EnableManagedSpotTraining",
            )
        },
    }


def check_consistency(request: Mapping[str, Any]) -> None:
    """Make sure that members go together, and that this stand-in has what they ask for.

    Raises:
        ServiceFault: ValidationException.
    """
    for name in ("AlgorithmSpecification", "ResourceConfig"):
        # Optional in the model, for serverless jobs only.
        if name not in request:
            place = name[0].lower() + name[1:]
            raise invalid(
                f"1 validation error detected: Value null at '{place}' failed to satisfy constraint: "
                "Member must not be null"
            )
    algorithm, resources = request["AlgorithmSpecification"], request["ResourceConfig"]
    if ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
        raise invalid("You must specify exactly one of TrainingImage and AlgorithmName in AlgorithmSpecification.")
    if "VolumeKmsKeyId" in resources and resources.get("InstanceType", "").startswith(_LOCAL_STORAGE):
        raise invalid(f"VolumeKmsKeyId is not supported for the instance type {resources['InstanceType']}.")
    stopping = request.get("StoppingCondition", {})
    if request.get("EnableManagedSpotTraining"):
        if stopping.get("MaxWaitTimeInSeconds", 0) < stopping.get("MaxRuntimeInSeconds", _ONE_DAY):
            raise invalid(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
            )
    elif "MaxWaitTimeInSeconds" in stopping:
        raise invalid("MaxWaitTimeInSeconds is only allowed with EnableManagedSpotTraining.")
    _check_channels(request.get("InputDataConfig", []), algorithm["TrainingInputMode"])


def _check_channels(channels: list[Mapping[str, Any]], default_mode: str) -> None:
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) != len(names):
        raise invalid("Channel names must be unique within InputDataConfig.")
    for channel in channels:
        source = channel["DataSource"].get("S3DataSource", {})
        mode = channel.get("InputMode", default_mode)
        if (source.get("S3DataType"), mode) != ("S3Prefix", "File"):
            raise invalid(
                f"The channel {channel['ChannelName']} asks for {source.get('S3DataType', 'no S3DataSource')} in "
                f"{mode} mode; this local stand-in offers S3Prefix in File mode only."
            )


def check_type(request: Mapping[str, Any], account: Account, arn: str, options: SageMakerOptions) -> None:
    """Make sure that the account may train on the type, that the Region has it and that the algorithm takes it.

    Raises:
        ServiceFault: AccessDeniedException, ValidationException, ResourceLimitExceeded.
    """
    kind = request["ResourceConfig"].get("InstanceType", "")
    if kind in options.denied:
        raise denied(f"arn:aws:sts::{account.id}:{_CALLER}", "sagemaker:CreateTrainingJob", arn)
    if kind in options.unsupported:
        raise unsupported_type(kind)
    image = request["AlgorithmSpecification"].get("TrainingImage", "")
    if is_image_classification(image) and not kind.startswith(_WITH_GPU):
        raise needs_gpu(kind, "image-classification")
    if kind in options.not_offered:
        raise not_offered(kind)


def check_volume(request: Mapping[str, Any], options: SageMakerOptions) -> None:
    """Make sure that the volume is no larger than an account's may be, and than the type's own disks.

    Raises:
        ServiceFault: ResourceLimitExceeded, ValidationException.
    """
    resources = request["ResourceConfig"]
    asked, kind = resources.get("VolumeSizeInGB", 0), resources.get("InstanceType", "")
    if asked > options.largest_volume_in_gb:
        limit = options.largest_volume_in_gb
        raise above_limit("Size of EBS volume for a training job instance", "GBs", limit, asked)
    local = local_storage_in_gb(kind)
    if local is not None and asked > local:
        raise volume_too_large()


def assume_role(role: str, source: str, assume: AssumeRole) -> RoleSession:
    """Assume the role for a job or model (its ARN).

    Raises:
        ServiceFault: ValidationException.
    """
    session = assume(role, source)
    if session is None:
        raise role_refused(role)
    return session


def check_inputs(request: Mapping[str, Any], objects: ObjectStore, region: str) -> None:
    """Make sure that the role sees objects under every channel's prefix.

    Raises:
        ServiceFault: ValidationException.
    """
    for channel in request.get("InputDataConfig", []):
        url = channel["DataSource"]["S3DataSource"]["S3Uri"]
        bucket, prefix = split_s3_url(url)
        if not _holds_any(objects, bucket, prefix):
            raise no_objects(url, region, request["RoleArn"], bucket)


def _holds_any(objects: ObjectStore, bucket: str, prefix: str) -> bool:
    try:
        return next(iter(objects.list_keys(bucket, prefix)), None) is not None
    except PermissionError:
        return False  # SageMaker's words are the same


def check_quota(request: Mapping[str, Any], jobs: Iterable[JobRecord], options: SageMakerOptions) -> None:
    """Make sure that the request asks for no more than the account may use.

    Raises:
        ServiceFault: ResourceLimitExceeded.
    """
    asked_time = request["StoppingCondition"]["MaxRuntimeInSeconds"]
    if asked_time > _LONGEST_RUN:
        raise above_limit("Longest run time for a training job", "Seconds", _LONGEST_RUN, asked_time)
    kind = request["ResourceConfig"].get("InstanceType", "")
    if kind not in options.quota:
        return
    is_spot = bool(request.get("EnableManagedSpotTraining"))  # whose instances count for a quota of their own
    used = options.used_elsewhere.get(kind, 0)
    used += sum(
        job.instances[1]
        for job in jobs
        if job.status not in ENDED and job.instances[0] == kind and job.is_spot == is_spot
    )
    asked = request["ResourceConfig"].get("InstanceCount", 1)
    if used + asked > options.quota[kind]:
        raise quota_exceeded(name_quota(kind, is_spot=is_spot), "Instances", options.quota[kind], used, asked)
