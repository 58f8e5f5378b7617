"""What each way in which a training job can end asks for: the model, or the reason why there is none."""

from collections.abc import Iterable, Iterator

from sagescene import keys
from sagescene.aws import Cloud, ModelTakenError, TrainingJob
from sagescene.events import Upload, postponed
from sagescene.instances import choose_type
from sagescene.jobs import requests
from sagescene.jobs.failures import explain_failure, explain_stop
from sagescene.messages import notices
from sagescene.messages.notices import Notice
from sagescene.observability import count, logger
from sagescene.settings import Settings
from sagescene.workflow import waiting
from sagescene.workflow.decisions import Decision
from sagescene.workflow.invocation import Invocation


def create_model(job: TrainingJob, data_set: str, invocation: Invocation) -> tuple[Decision, Notice]:
    """Create the model of a completed job: the same image, the job's artifact, the job's name."""
    request = requests.model(
        name=job.name,
        image=job.image,
        artifact=job.artifact,
        role_arn=invocation.settings.training_role_arn,
        tags={"sagescene:dataset": data_set},
    )
    try:
        arn = invocation.cloud.create_model(request)
    except ModelTakenError as taken:
        logger.error("model not created", reason=str(taken))
        count("TrainingFailed")
        notice = notices.model_taken(data_set, job.name, str(taken))
        return Decision(decision="failed", subject=job.name, reason=str(taken)), notice
    logger.info("model created", model=job.name, arn=arn, artifact=job.artifact, metrics=job.metrics)
    count("ModelCreated")
    notice = notices.model_created(data_set, job.name, arn, job.artifact, job.metrics)
    return Decision(decision="model created", subject=job.name, reason=arn), notice


def log_failure(job: TrainingJob, data_set: str, settings: Settings) -> tuple[Decision, Notice]:
    """Log why a job failed."""
    failure = explain_failure(job.failure_reason)
    logs = notices.job_logs_url(settings.aws_region, job.name)
    logger.error(
        "training job failed",
        failure_reason=job.failure_reason,
        cause=failure.cause,
        remedy=failure.remedy,
        logs=logs,
    )
    count("TrainingFailed")
    notice = notices.training_failed(data_set, job.name, job.failure_reason, failure, logs)
    return Decision(decision="failed", subject=job.name, reason=job.failure_reason), notice


def list_attempts(job: TrainingJob, cloud: Cloud) -> Iterator[TrainingJob | None]:
    """Give the attempts up to a job's own, the latest first, each described when it is asked for."""
    for name in reversed(keys.name_attempts(job.name)):
        yield job if name == job.name else cloud.describe_training_job(name)


def count_tries_without_capacity(latest_first: Iterable[TrainingJob | None], most: int) -> int:
    """Count the tries of the present round that found no capacity; 0 when the latest failed for another reason.

    A round has at most so many tries; what a person asks for after that begins the next one.
    """
    in_a_row = 0
    for attempt in latest_first:
        if attempt is None or not explain_failure(attempt.failure_reason).is_worth_another_try:
            break
        in_a_row += 1
    return (in_a_row - 1) % most + 1 if in_a_row else 0


def try_again(job: TrainingJob, tries: int, data_set: str, invocation: Invocation) -> tuple[Decision, Notice]:
    """Have a job that found no capacity tried again through the queue, on the next instance type.

    Not when that try exists already: the job's end may have gone unnoticed until a person dropped the set again, or
    this may have died once the queue had the message. What is decided is the same.
    """
    next_name = keys.next_attempt(job.name)
    if next_name and invocation.cloud.describe_training_job(next_name):
        logger.warning("training job found no capacity", failure_reason=job.failure_reason, tried_again_as=next_name)
        notice = notices.tried_since(data_set, job.name, job.failure_reason, next_name)
        return Decision(decision="tried again", subject=job.name, reason=f"{next_name} was started since"), notice
    settings = invocation.settings
    next_type = choose_type(settings.instance_types, tries, settings.max_capacity_tries)
    bucket, _, key = job.train_uri.removeprefix("s3://").partition("/")
    upload = Upload(bucket=bucket, key=key, time=job.ended, retry_of=job.name)
    message = postponed(upload, waiting.CAPACITY, invocation.now)
    delay = waiting.delay_for_capacity_in_seconds(tries, invocation.chance)
    invocation.cloud.send_later(settings.uploads_queue_url, message, delay)
    logger.warning(
        "training job found no capacity", failure_reason=job.failure_reason, next_type=next_type, delay=delay
    )
    count("TrainingWaiting")
    notice = notices.capacity_lacking(
        data_set, job.name, job.failure_reason, next_type, tries, settings.max_capacity_tries
    )
    return Decision(decision="tried again", subject=job.name, reason=job.failure_reason), notice


def log_stop(job: TrainingJob, data_set: str, cloud: Cloud) -> tuple[Decision, Notice]:
    """Log what stopped a job, and whether it left an artifact; no model is made of half a training."""
    stop = explain_stop(job.secondary_status)
    bucket, _, key = job.artifact.removeprefix("s3://").partition("/")
    partial_artifact = job.artifact if bucket and cloud.exists(bucket, key) else None
    logger.warning("training job was stopped", cause=stop.cause, remedy=stop.remedy, artifact=partial_artifact)
    count("TrainingStopped")
    notice = notices.training_stopped(data_set, job.name, stop, partial_artifact)
    return Decision(decision="stopped", subject=job.name, reason=stop.cause), notice
