"""What a training job's end without a model means, and what to do about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from sagescene.instances import local_storage_of
from sagescene.jobs.training_job import TrainingJob
from sagescene.triggers import WaitCause


class Cause(StrEnum):
    """Why there is no model, in a word or two: what notices, logs, outcomes and the metric's dimension say."""

    CAPACITY = "capacity"
    CONFIGURATION = "configuration"
    DATA = "data"
    INCOMPLETE = "incomplete"
    LIMIT = "limit of the stack"
    MODEL_TAKEN = "model taken"
    OUT_OF_MEMORY = "out of memory"
    PERMISSION = "permission"
    PLATFORM = "platform"
    QUOTA = "quota"
    RATE = "rate"
    STOPPED = "stopped by a person"
    TIME_LIMIT = "time limit"
    UNKNOWN = "unknown"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no model, the remedy in one sentence, and whether a try elsewhere (`retry`) may mend it."""

    cause: Cause
    remedy: str
    retry: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give the failure as it is kept in an outcome."""
        return {"cause": str(self.cause), "remedy": self.remedy, "retry": self.retry}

    @classmethod
    def from_json(cls, failure: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError and ValueError for something else."""
        return cls(cause=Cause(failure["cause"]), remedy=failure["remedy"], retry=failure["retry"])


_VOLUME_FULL = Failure(cause=Cause.CONFIGURATION, remedy="The volume is full: deploy with a larger VolumeSizeInGB.")
# For a type with disks of its own there is no volume to enlarge.
_DISKS_FULL = Failure(
    cause=Cause.CONFIGURATION,
    remedy="The type's own disks are full: deploy with InstanceTypes that have larger ones, such as ml.g5.16xlarge.",
)

# The first pattern found in the FailureReason decides, in any case of letters. The texts were seen in public reports
# of real jobs; a new class of failures is one more entry here.
_KNOWN: tuple[tuple[str, Failure], ...] = (
    (
        r"CapacityError|not enough capacity for instance type|insufficient instance capacity",
        Failure(
            cause=Cause.CAPACITY,
            remedy="Drop the data set again later, or deploy with other InstanceTypes.",
            retry=True,
        ),
    ),
    (
        r"ResourceLimitExceeded|account-level service limit",
        Failure(
            cause=Cause.QUOTA,
            remedy="Raise that quota in the Service Quotas console, and drop the data set again.",
        ),
    ),
    (
        r"InternalServerError",
        Failure(cause=Cause.PLATFORM, remedy="SageMaker failed by itself: drop the data set again."),
    ),
    (
        # The address is that of a built-in algorithm, which no role of the stack has to be let pull.
        r"cannot pull algorithm container",
        Failure(
            cause=Cause.PLATFORM,
            remedy="SageMaker did not get the algorithm's image: drop the data set again, or deploy in another Region.",
        ),
    ),
    (
        r"no CUDA-capable device",
        Failure(cause=Cause.PLATFORM, remedy="The instance came without a working GPU: drop the data set again."),
    ),
    (r"\bno space\b|disk (is )?full|not enough (disk )?space|insufficient (disk|storage) space", _VOLUME_FULL),
    (
        r"use a larger instance|instance type with more memory|exit ?code:? ?137\b|std::bad_alloc",
        Failure(cause=Cause.OUT_OF_MEMORY, remedy="Deploy with InstanceTypes that have more memory."),
    ),
    (
        r"out of memory|_STATUS_ALLOC_FAILED",
        Failure(
            cause=Cause.OUT_OF_MEMORY,
            remedy="Choose a smaller mini_batch_size or image_shape, or larger InstanceTypes.",
        ),
    ),
    (
        r"(download|upload) failed.*(route to|route table|\bsubnets?\b)",
        Failure(cause=Cause.PERMISSION, remedy="Give the training job's network a way to S3, such as a VPC endpoint."),
    ),
    (
        # S3's words, then SageMaker's; only an ExistingBucket can be elsewhere.
        r"load failed.*(PermanentRedirect|bucket is in this region|BucketRegionError)",
        Failure(
            cause=Cause.CONFIGURATION,
            remedy="The bucket is in another Region than the job: deploy the stack in the bucket's Region.",
        ),
    ),
    (
        r"download failed.*(Access ?Denied|\b403\b|Forbidden|ListObjectsV2|\bKMS\b)",
        Failure(
            cause=Cause.PERMISSION,
            remedy="Let the training role read the data set's objects, and its KMS key if any.",
        ),
    ),
    (
        r"download failed.*illegal char sub-sequence",
        Failure(
            cause=Cause.DATA,
            remedy="Upload the data set under keys with single slashes, and delete the objects with the others.",
        ),
    ),
    (
        r"upload failed.*(Access ?Denied|\b403\b|Forbidden|\bKMS\b)",
        Failure(
            cause=Cause.PERMISSION,
            remedy="Let the training role write below models/ and checkpoints/, and use the bucket's KMS key if any.",
        ),
    ),
    (
        r"could not assume role|unable to assume the role|unable to perform: sts:AssumeRole",
        Failure(cause=Cause.PERMISSION, remedy="Let SageMaker assume the training role: deploy the stack again."),
    ),
    (
        r"must be bigger (or equal to|than) the (mini_batch_size|batch size)",
        Failure(cause=Cause.CONFIGURATION, remedy="Choose a smaller mini_batch_size, or add images."),
    ),
    (
        r"hyperparameters are not allowed|for the '[^']*' hyperparameter|are required hyperparameter|"
        r"validate hyperparameters|hyperparameter.*is a required property|should be larger than \d",
        Failure(cause=Cause.CONFIGURATION, remedy="Correct that hyperparameter in training.json or in the stack."),
    ),
    (
        r"empty \.rec file|cannot find any files that matches the URI",  # the latter of a file of 0 bytes
        Failure(cause=Cause.DATA, remedy="Pack the images anew: the file holds no image."),
    ),
    (
        r"invalid lst file",
        Failure(cause=Cause.DATA, remedy="Write the list anew: a number, the label and a path, parted by tabs."),
    ),
    (
        r"no file found in path /opt/ml/input",
        Failure(cause=Cause.DATA, remedy="The files were gone when the job began: drop the data set again."),
    ),
    (
        r"pos_cls_weights",  # what the algorithm says of use_weighted_loss without several labels
        Failure(cause=Cause.CONFIGURATION, remedy="Remove use_weighted_loss, and drop the data set again."),
    ),
    (
        r"magic number|RecordIOWriter::kMagic|Invalid RecordIO File|correct recordio format",
        Failure(cause=Cause.DATA, remedy="Pack the images anew: the file is not RecordIO."),
    ),
    (
        # what MXNet says of records whose lengths or flags are not theirs
        r"Invalid RecordIO Format|do not align by 4 bytes|image_recordio.*size >= sizeof\(header\)",
        Failure(cause=Cause.DATA, remedy="Pack the images anew: the file is cut short or damaged."),
    ),
    (
        r"'imdecode_?'|!buf\.empty\(\)|!ssize\.empty\(\)",  # what OpenCV says of an image that is damaged or empty
        Failure(cause=Cause.DATA, remedy="Pack the images anew without those that cannot be read."),
    ),
    (
        r"smaller than input shape",
        Failure(cause=Cause.DATA, remedy="Pack larger images, or choose a smaller image_shape."),
    ),
    (
        r"kth ?\(?.*out of bounds",  # MXNet's TopKAccuracy
        Failure(cause=Cause.CONFIGURATION, remedy="Choose a top_k that is no larger than the number of classes."),
    ),
    (
        r"labels in the multi-label data|not enough label packed|label_width (is set to|must be)",
        Failure(cause=Cause.DATA, remedy="Pack multi-label lists with --pack-label, one 0/1 column a class."),
    ),
    (
        r"Algorithm ?Error: Internal Server Error",  # behind what the text says more: it was records in a public report
        Failure(
            cause=Cause.PLATFORM,
            remedy="The algorithm failed by itself: drop the data set again; if it fails anew, read the job's log.",
        ),
    ),
    (
        r"exit code:? ?139\b",
        Failure(
            cause=Cause.UNKNOWN,
            remedy="The algorithm crashed (segmentation fault): drop the data set again; if it fails anew, read the "
            "job's log.",
        ),
    ),
)
_UNKNOWN = Failure(cause=Cause.UNKNOWN, remedy="Read the job's log, mend what it names, and drop the data set again.")

_STOPPED = {
    "MaxRuntimeExceeded": Failure(
        cause=Cause.TIME_LIMIT,
        remedy="Deploy with a higher MaxRuntimeInSeconds, or train fewer epochs, and drop the data set again.",
    ),
    "MaxWaitTimeExceeded": Failure(
        cause=Cause.TIME_LIMIT,
        remedy="Waiting for Spot instances left it too little time to train: deploy with a longer MaxSpotWaitInSeconds "
        "or with ManagedSpotTraining no, and drop the data set again.",
    ),
}
# The same status of a job that never had instances. Another try costs nothing until it finds some.
_NO_SPOT_INSTANCES = Failure(
    cause=Cause.CAPACITY,
    remedy="Deploy with ManagedSpotTraining no, or with other InstanceTypes, and drop the data set again.",
    retry=True,
)
_STOPPED_BY_A_PERSON = Failure(
    cause=Cause.STOPPED,
    remedy="Someone called StopTrainingJob: drop the data set again to train it after all.",
)

MODEL_TAKEN = Failure(cause=Cause.MODEL_TAKEN, remedy="Delete the model of that name.")
NO_IMAGE = Failure(cause=Cause.CONFIGURATION, remedy="Deploy the stack in a Region that has the image.")

# What a wait that lasted too long comes to. For capacity it is the last try's own failure; AWS's own faults are left
# to the queue and its dead letters.
WAITED_TOO_LONG: Mapping[WaitCause, Failure] = {
    WaitCause.UPLOAD: Failure(cause=Cause.UPLOAD, remedy="End the uploads that nobody completes."),
    WaitCause.CHANGES: Failure(cause=Cause.UPLOAD, remedy="Leave the files as they are until they are judged."),
    WaitCause.FILES: Failure(cause=Cause.INCOMPLETE, remedy="Upload what is missing."),
    WaitCause.RATE: Failure(cause=Cause.RATE, remedy="Drop the data set again when fewer jobs are started at once."),
    WaitCause.QUOTA: Failure(cause=Cause.QUOTA, remedy="Raise that quota in the Service Quotas console."),
    WaitCause.JOBS_AT_ONCE: Failure(cause=Cause.LIMIT, remedy="Deploy with a higher MaxJobsAtOnce."),
    WaitCause.JOBS_A_DAY: Failure(cause=Cause.LIMIT, remedy="Deploy with a higher MaxJobsPerDay."),
}

_LOCATION = re.compile(r"s3://[^\s:,\"']+")


def without_locations(text: str) -> str:
    """Leave S3 addresses out: what people call their buckets and data sets says nothing about a failure."""
    return _LOCATION.sub("", text)


def explain_failure(reason: str, instance_type: str = "") -> Failure:
    """Tell the cause and the remedy of the FailureReason of a job on a type."""
    said = without_locations(reason)
    found = next(
        (failure for pattern, failure in _KNOWN if re.search(pattern, said, re.IGNORECASE | re.DOTALL)), _UNKNOWN
    )
    return _DISKS_FULL if found is _VOLUME_FULL and local_storage_of(instance_type) else found


def count_tries_without_capacity(attempts: Iterable[TrainingJob | None], most: int) -> int:
    """Count the tries of the present round that found no capacity; 0 when the latest failed for another reason.

    `attempts` are the latest first, None for one that is unknown. A round has at most `most` tries; what a person asks
    for after that begins the next one.
    """
    in_a_row = 0
    for job in attempts:
        if job is None or not explain_end(job).retry:
            break
        in_a_row += 1
    return (in_a_row - 1) % most + 1 if in_a_row else 0


def explain_end(job: TrainingJob) -> Failure:
    """Tell the cause and the remedy of a job's end without a model."""
    if job.status == "Stopped":
        return explain_stop(job.secondary_status, had_instances=job.had_instances)
    return explain_failure(job.failure_reason, job.instance_type)


def explain_stop(secondary_status: str, *, had_instances: bool = True) -> Failure:
    """Tell which limit stopped a job, by its SecondaryStatus, or that a person did."""
    if secondary_status == "MaxWaitTimeExceeded" and not had_instances:
        return _NO_SPOT_INSTANCES
    return _STOPPED.get(secondary_status, _STOPPED_BY_A_PERSON)


def reason_of(job: TrainingJob) -> str:
    """Say why a job failed in SageMaker's words, or in ours where it has none."""
    if explain_end(job) is _NO_SPOT_INSTANCES:
        return f"No Spot instances of {job.instance_type} came in the time that it may wait ({job.secondary_status})."
    return job.failure_reason
