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
