"""What a training job's end without a model means, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The cause in one word or two, the remedy in one sentence, and whether a try elsewhere may mend it."""

    cause: str
    remedy: str
    is_worth_another_try: bool = False


# The first text that the FailureReason contains decides; the texts were seen in public reports of real jobs.
_KNOWN: tuple[tuple[str, Failure], ...] = (
    (
        "CapacityError",
        Failure(
            cause="capacity",
            remedy="Drop the data set again later, or deploy with other InstanceTypes.",
            is_worth_another_try=True,
        ),
    ),
    (
        "InternalServerError",
        Failure(cause="platform", remedy="SageMaker failed by itself: drop the data set again."),
    ),
    (
        "Data download failed",
        Failure(
            cause="permission",
            remedy="Let the training role read the data set's objects, and its KMS key if any.",
        ),
    ),
    (
        "must be bigger or equal to the mini_batch_size",
        Failure(cause="configuration", remedy="Choose a smaller mini_batch_size, or add images."),
    ),
    (
        "hyperparameter",
        Failure(cause="configuration", remedy="Correct that hyperparameter in training.json or in the stack."),
    ),
    (
        "magic number",
        Failure(cause="data", remedy="Pack the images anew: the file is not RecordIO."),
    ),
    (
        "smaller than input shape",
        Failure(cause="data", remedy="Pack larger images, or choose a smaller image_shape."),
    ),
    (
        "num_classes",
        Failure(cause="data", remedy="Pack multi-label lists with --pack-label, one 0/1 column a class."),
    ),
    (
        "out of memory",
        Failure(
            cause="out of memory",
            remedy="Choose a smaller mini_batch_size or image_shape, or larger InstanceTypes.",
        ),
    ),
    (
        "137",
        Failure(
            cause="out of memory",
            remedy="The container was killed: deploy with InstanceTypes that have more memory.",
        ),
    ),
    (
        "more memory",
        Failure(cause="out of memory", remedy="Deploy with InstanceTypes that have more memory."),
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


def explain_failure(reason: str) -> Failure:
    """Tell the cause and the remedy of a FailureReason."""
    lower = reason.lower()
    return next((failure for text, failure in _KNOWN if text.lower() in lower), _UNKNOWN)


def explain_stop(secondary_status: str) -> Failure:
    """Tell which limit stopped a job, by its SecondaryStatus, or that a person did."""
    return _STOPPED.get(secondary_status, _STOPPED_BY_A_PERSON)
