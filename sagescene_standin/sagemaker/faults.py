"""The errors that the API answers, with AWS's codes and words."""


class ServiceFault(Exception):
    """An error answer: its code (`__type`), its message, and the HTTP status (400 unless said otherwise)."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> ServiceFault:
    """Build the ValidationException that AWS answers to nearly everything."""
    return ServiceFault("ValidationException", message)


def name_in_use(arn: str) -> ServiceFault:
    """Build the answer to a second training job of one name."""
    return ServiceFault(
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, "
        f"and a training job with this name already exists ({arn})",
    )


def quota_exceeded(quota: str, unit: str, limit: int, used: int, asked: int) -> ServiceFault:
    """Build the answer to a request above a quota; `quota` as the Service Quotas console names it."""
    return ServiceFault(
        "ResourceLimitExceeded",
        f"The account-level service limit '{quota}' is {limit} {unit}, with current utilization of {used} {unit} and a "
        f"request delta of {asked} {unit}. Please use AWS Service Quotas to request an increase for this quota. If AWS "
        "Service Quotas is not available, contact AWS support to request an increase for this quota.",
    )


def above_limit(quota: str, unit: str, limit: int, asked: int) -> ServiceFault:
    """Build the answer to one request that is larger than a quota lets any be, such as a volume or a run time.

    The words are those of a volume, in aws/sagemaker-python-sdk#4939; no report of a run time was found.
    """
    return ServiceFault(
        "ResourceLimitExceeded",
        f"The request delta of {asked} {unit} for '{quota}' is greater than the account-level service-limit of {limit} "
        f"{unit}. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not "
        "available, contact AWS support to request an increase for this quota.",
    )


def not_offered(instance_type: str) -> ServiceFault:
    """Build the answer to a type that the Region lacks, as in aws/amazon-sagemaker-examples#1001."""
    return ServiceFault(
        "ResourceLimitExceeded",
        f"The requested resource training-job/{instance_type} is not available in this region",
    )


def unsupported_type(instance_type: str) -> ServiceFault:
    """Build the answer to a type that the API knows and the Region refuses (aws/amazon-sagemaker-examples#3494)."""
    return invalid(f"Unsupported instance type {instance_type}")


def needs_gpu(instance_type: str, algorithm: str) -> ServiceFault:
    """Build the answer to a type without a GPU, as in aws/amazon-sagemaker-examples#1951."""
    return invalid(
        f"Instance type {instance_type} is not supported by algorithm {algorithm}; only GPU instances are supported."
    )


def volume_too_large() -> ServiceFault:
    """Build the answer to a volume larger than the storage that a type brings with it: it says nothing.

    aws/sagemaker-python-sdk#4939 saw this from the size of the type's own disks up to the quota on volumes; that
    VolumeSizeInGB cannot be greater than the former is documented for tuning jobs.
    """
    return invalid("")


def denied(caller: str, action: str, resource: str) -> ServiceFault:
    """Build the answer to what an organization's policy forbids, as in aws/amazon-sagemaker-feedback#193."""
    return ServiceFault(
        "AccessDeniedException",
        f"User: {caller} is not authorized to perform: {action} on resource: {resource} with an explicit deny in a "
        "service control policy",
    )


def model_data_unreadable(url: str, role: str, region: str) -> ServiceFault:
    """Build the answer to an artifact that the role cannot read, as in philschmid/llm-sagemaker-sample#2."""
    return invalid(
        f'Could not access model data at {url}. Please ensure that the role "{role}" exists and that its trust '
        'relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". '
        f'Also ensure that the role has "s3:GetObject" permissions and that the object is located in {region}. If your '
        'Model uses multiple models or uncompressed models, please ensure that the role has "s3:ListBucket" permission.'
    )


def model_data_missing(url: str) -> ServiceFault:
    """Build the answer to an artifact that is not there, as in aws/amazon-sagemaker-examples#4479."""
    return invalid(f"Could not find model data at {url}.")


def no_objects(url: str, region: str, role: str, bucket: str) -> ServiceFault:
    """Build the answer to an input location that holds nothing."""
    return invalid(
        f'No S3 objects found under S3 URL "{url}" given in input data source. Please ensure that the bucket exists in '
        f'the selected region ({region}), that objects exist under that S3 prefix, and that the role "{role}" has '
        f'"s3:ListBucket" permissions on bucket "{bucket}".'
    )


def role_refused(role: str) -> ServiceFault:
    """Build the answer to a role that does not exist or does not trust SageMaker."""
    return invalid(
        f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )


def throttled() -> ServiceFault:
    """Build the answer to calls that come too fast."""
    return ServiceFault("ThrottlingException", "Rate exceeded")


def unknown_operation(operation: str, offered: list[str]) -> ServiceFault:
    """Build the answer to an operation that this stand-in lacks; the wording is ours."""
    return ServiceFault(
        "UnknownOperationException",
        f"This local stand-in for SageMaker does not offer {operation}. It offers: {', '.join(offered)}.",
    )
