"""What a training job's end without a model means, and what to do about it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The cause in one word or two, the remedy in one sentence, and whether a try elsewhere may mend it."""

    cause: str
    remedy: str
    is_worth_another_try: bool = False


# The first pattern found in the FailureReason decides, in any case of letters. The texts were seen in public reports
# of real jobs; a new class of failures is one more entry here.
_KNOWN: tuple[tuple[str, Failure], ...] = (
    (
        r"CapacityError|not enough capacity for instance type|insufficient instance capacity",
        Failure(
            cause="capacity",
            remedy="Drop the data set again later, or deploy with other InstanceTypes.",
            is_worth_another_try=True,
        ),
    ),
    (
        r"ResourceLimitExceeded|account-level service limit",
        Failure(
            cause="quota",
            remedy="Raise that quota in the Service Quotas console, and drop the data set again.",
        ),
    ),
    (
        r"InternalServerError",
        Failure(cause="platform", remedy="SageMaker failed by itself: drop the data set again."),
    ),
    (
        r"\bno space\b|disk (is )?full|not enough (disk )?space|insufficient (disk|storage) space",
        Failure(cause="configuration", remedy="The volume is full: deploy with a larger VolumeSizeInGB."),
    ),
    (
        r"use a larger instance|instance type with more memory|exit ?code:? ?137\b",
        Failure(cause="out of memory", remedy="Deploy with InstanceTypes that have more memory."),
    ),
    (
        r"out of memory",
        Failure(
            cause="out of memory",
            remedy="Choose a smaller mini_batch_size or image_shape, or larger InstanceTypes.",
        ),
    ),
    (
        r"(download|upload) failed.*(route to|route table|\bsubnets?\b)",
        Failure(cause="permission", remedy="Give the training job's network a way to S3, such as a VPC endpoint."),
    ),
    (
        r"download failed.*(Access ?Denied|\b403\b|Forbidden|ListObjectsV2|\bKMS\b)",
        Failure(
            cause="permission",
            remedy="Let the training role read the data set's objects, and its KMS key if any.",
        ),
    ),
    (
        r"upload failed.*(Access ?Denied|\b403\b|Forbidden|\bKMS\b)",
        Failure(
            cause="permission",
            remedy="Let the training role write below models/ in the bucket, and use its KMS key if any.",
        ),
    ),
    (
        r"could not assume role",
        Failure(cause="permission", remedy="Let SageMaker assume the training role: deploy the stack again."),
    ),
    (
        r"must be bigger or equal to the mini_batch_size",
        Failure(cause="configuration", remedy="Choose a smaller mini_batch_size, or add images."),
    ),
    (
        r"hyperparameters are not allowed|for the '[^']*' hyperparameter|are required hyperparameter",
        Failure(cause="configuration", remedy="Correct that hyperparameter in training.json or in the stack."),
    ),
    (
        r"magic number",
        Failure(cause="data", remedy="Pack the images anew: the file is not RecordIO."),
    ),
    (
        r"smaller than input shape",
        Failure(cause="data", remedy="Pack larger images, or choose a smaller image_shape."),
    ),
    (
        r"labels in the multi-label data|\bnum_classes\b",
        Failure(cause="data", remedy="Pack multi-label lists with --pack-label, one 0/1 column a class."),
    ),
)
_UNKNOWN = Failure(cause="unknown", remedy="Read the job's log, mend what it names, and drop the data set again.")

_STOPPED = {
    "MaxRuntimeExceeded": Failure(
        cause="time limit",
        remedy="Deploy with a higher MaxRuntimeInSeconds, or train fewer epochs, and drop the data set again.",
    ),
    "MaxWaitTimeExceeded": Failure(
        cause="time limit",
        remedy="It waited longer for its instances than it may: drop the data set again later.",
    ),
}
_STOPPED_BY_A_PERSON = Failure(
    cause="stopped by a person",
    remedy="Someone called StopTrainingJob: drop the data set again to train it after all.",
)

# How people call their buckets and data sets says nothing about a failure.
_LOCATION = re.compile(r"s3://[^\s:,\"']+")


def explain_failure(reason: str) -> Failure:
    """Tell the cause and the remedy of a FailureReason."""
    said = _LOCATION.sub("", reason)
    return next(
        (failure for pattern, failure in _KNOWN if re.search(pattern, said, re.IGNORECASE | re.DOTALL)), _UNKNOWN
    )


def explain_stop(secondary_status: str) -> Failure:
    """Tell which limit stopped a job, by its SecondaryStatus, or that a person did."""
    return _STOPPED.get(secondary_status, _STOPPED_BY_A_PERSON)
