"""What it means that SageMaker refuses a request: the one table that tells what passes by itself from what does not."""

import re
from dataclasses import dataclass

from sagescene.jobs import tag_names
from sagescene.jobs.failures import WAITED_TOO_LONG, Cause, Failure, without_locations
from sagescene.triggers import WaitCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request that was refused: in SageMaker's words, what that means, and what can help.

    Waiting helps where `waits_for` says for what, another instance type where it `is_of_type`, else nothing does.
    """

    message: str
    failure: Failure
    waits_for: WaitCause | None = None
    is_of_type: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One row: errors of these codes in whose message the pattern is found, in any case of letters."""

    codes: tuple[str, ...]
    pattern: str = ""
    cause: Cause
    remedy: str
    waits_for: WaitCause | None = None
    is_of_type: bool = False


# Which of them a service answers with differs; S3 says SlowDown.
TOO_FAST = (
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "SlowDown",
)
_LIMIT = ("ResourceLimitExceeded",)
# AWS says in numbers, and not by a code, whether a limit can ever be kept to.
_ABOVE_LIMIT = ("ResourceLimitExceeded above the limit",)
_INVALID = ("ValidationException",)
_DENIED = ("AccessDeniedException", "AccessDenied")

# The first row decides. What stands in none, such as InternalFailure and ServiceUnavailable, is a fault of AWS that
# passes by itself, and is left to the queue's deliveries. The texts were seen in public reports: see the local stack's
# sagemaker/faults.py. {quota} is the quota that the message names.
_KINDS = (
    _Kind(
        codes=TOO_FAST,
        cause=Cause.RATE,
        remedy="Drop the data set again when fewer calls are made at once.",
        waits_for=WaitCause.RATE,
    ),
    _Kind(
        codes=_LIMIT,
        pattern="is not available in this region",
        cause=Cause.CONFIGURATION,
        remedy="Deploy with InstanceTypes that the Region has for training.",
        is_of_type=True,
    ),
    _Kind(
        codes=_ABOVE_LIMIT,
        # A limit of 0 admits no InstanceCount at all.
        pattern=r"(for (spot )?training job usage|training-job/ml\.).* (is|service-limit of) 0 instances",
        cause=Cause.QUOTA,
        remedy='Raise the quota "{quota}" in the Service Quotas console, or deploy with other InstanceTypes.',
        is_of_type=True,
    ),
    _Kind(
        codes=_ABOVE_LIMIT,
        pattern=r"for (spot )?training job usage|training-job/ml\.",
        cause=Cause.QUOTA,
        remedy='Raise the quota "{quota}" in the Service Quotas console, or deploy with a smaller InstanceCount, or '
        "with other InstanceTypes.",
        is_of_type=True,
    ),
    _Kind(
        codes=_ABOVE_LIMIT,
        pattern="volume",
        cause=Cause.QUOTA,
        remedy='Raise the quota "{quota}" in the Service Quotas console, or deploy with a smaller VolumeSizeInGB.',
    ),
    _Kind(
        codes=_ABOVE_LIMIT,
        pattern="run ?time",
        cause=Cause.QUOTA,
        remedy='Raise the quota "{quota}" in the Service Quotas console, or deploy with a smaller MaxRuntimeInSeconds.',
    ),
    _Kind(
        codes=_ABOVE_LIMIT,
        cause=Cause.QUOTA,
        remedy='Raise the quota "{quota}" in the Service Quotas console, or deploy with a smaller InstanceCount.',
    ),
    _Kind(
        codes=_LIMIT,
        cause=Cause.QUOTA,
        remedy='Raise the quota "{quota}" in the Service Quotas console.',
        waits_for=WaitCause.QUOTA,
    ),
    _Kind(
        codes=_INVALID,
        pattern=r"unsupported instance type|is not supported by algorithm|'resourceConfig\.instanceType' failed",
        cause=Cause.CONFIGURATION,
        remedy="Deploy with InstanceTypes that SageMaker takes for this algorithm in the Region.",
        is_of_type=True,
    ),
    _Kind(
        codes=_INVALID,
        pattern=r"could not access model data|could not find model data",
        cause=Cause.PERMISSION,
        remedy="Let the stack's role read the artifact, and its KMS key if any; put it back if it is gone.",
    ),
    _Kind(
        codes=_INVALID,
        pattern=r"could not assume role|unable to assume the role|unable to perform: sts:AssumeRole",
        cause=Cause.PERMISSION,
        remedy="Let SageMaker assume the stack's role: deploy the stack again.",
    ),
    _Kind(
        codes=_INVALID,
        pattern=r"no S3 objects found",
        cause=Cause.PERMISSION,
        remedy="Let the training role list the bucket; upload the files again if they are gone.",
    ),
    _Kind(
        codes=_INVALID,
        pattern=r"s3Uri' failed to satisfy",
        cause=Cause.CONFIGURATION,
        remedy="Give the files shorter keys without line breaks: s3://, the bucket and the key have 1,024 characters.",
    ),
    _Kind(
        codes=(*_DENIED, *_INVALID, "TagPolicyViolation"),
        pattern=r"tag polic",
        cause=Cause.PERMISSION,
        remedy=f"Let the organization's tag policy admit the tags {tag_names.DATA_SET}, {tag_names.DIGEST} and "
        f"{tag_names.REPORT}, and that of CostAllocationTag.",
    ),
    _Kind(
        codes=_DENIED,
        pattern="explicit deny in a service control policy",  # many deny some types only
        cause=Cause.PERMISSION,
        remedy="Let the organization's service control policy admit the call, or deploy with InstanceTypes it admits.",
        is_of_type=True,
    ),
    _Kind(
        codes=_DENIED,
        cause=Cause.PERMISSION,
        remedy="Let the function's role make this call: deploy the stack again, or mend the policy that is named.",
    ),
    _Kind(
        codes=(*_INVALID, "ResourceNotFound"),
        cause=Cause.UNKNOWN,
        remedy="Mend what SageMaker's message names.",
    ),
)

_QUOTA = re.compile(r"'([^']+)'|(training-job/[\w.]+)")
# Either wording: of one request that is too large, and of all that are under way together.
_TOO_LARGE = re.compile(r"request delta of \d+ \w+ for '[^']+' is greater than")
_NUMBERS = re.compile(r"service limit .+? is (?P<limit>\d+)\b.*\brequest delta of (?P<asked>\d+)\b", re.DOTALL)


def explain_refusal(code: str, message: str) -> Refusal | None:
    """Tell what a refusal means; None for an error of AWS's own, after which the same request may succeed."""
    if code in _LIMIT and _is_above_limit(message):
        (code,) = _ABOVE_LIMIT
    said = without_locations(message)
    for kind in _KINDS:
        if code in kind.codes and re.search(kind.pattern, said, re.IGNORECASE | re.DOTALL):
            quota = _QUOTA.search(message)
            remedy = kind.remedy.format(quota=next(filter(None, quota.groups())) if quota else "that is named")
            return Refusal(
                message=message or f"SageMaker answered {code}, and no word of why.",
                failure=Failure(cause=kind.cause, remedy=remedy),
                waits_for=kind.waits_for,
                is_of_type=kind.is_of_type,
            )
    return None


def explain_limit(cause: WaitCause, most: int) -> Refusal:
    """Tell that the stack itself refuses a job, because it allows no more at once or in a day."""
    said = {
        WaitCause.JOBS_AT_ONCE: f"The stack runs {most}, as many jobs as it may at once.",
        WaitCause.JOBS_A_DAY: f"The stack has started {most} today, as many jobs as it may in a day.",
    }
    return Refusal(message=said[cause], failure=WAITED_TOO_LONG[cause], waits_for=cause)


def _is_above_limit(message: str) -> bool:
    numbers = _NUMBERS.search(message)
    return bool(_TOO_LARGE.search(message)) or (numbers is not None and int(numbers["asked"]) > int(numbers["limit"]))
