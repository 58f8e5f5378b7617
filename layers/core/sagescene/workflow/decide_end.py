"""What a training job's end asks for: facts in, a step out, as in `decide`."""

from dataclasses import replace
from datetime import timedelta

from sagescene import keys, parts
from sagescene.evaluation_messages import EvaluationRequested
from sagescene.instances import choose_type
from sagescene.jobs import requests, tag_names
from sagescene.jobs.failures import Failure, count_tries_without_capacity, explain_end, reason_of
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import console_links, end_notices, evaluation_notices
from sagescene.triggers import RetryRequested, WaitCause
from sagescene.workflow import awaited, waits
from sagescene.workflow.awaited import AwaitedNotice
from sagescene.workflow.end_steps import (
    AdoptOutcome,
    CreateModel,
    LeaveUnfinished,
    NoteModel,
    RecordFailure,
    RecordStop,
    TellWithoutFigures,
    TryAgain,
)
from sagescene.workflow.facts import EndFacts
from sagescene.workflow.steps import Ignore
from sagescene.workflow.unfinished import Unfinished, interval

# Ends are handled within seconds; what is handled later may have an outcome that an earlier version wrote.
_LATE = timedelta(minutes=1)


def decide_end(
    facts: EndFacts,
) -> Ignore | CreateModel | NoteModel | TryAgain | RecordFailure | RecordStop | AdoptOutcome:
    """Decide what a job's end asks for: a model, another try, or the reason why there is none."""
    name, settings = facts.job_name, facts.settings
    if not name.startswith(f"{settings.job_prefix}--"):
        return Ignore(subject=name, reason=f"the job is not of the stack {settings.job_prefix}")
    job = facts.jobs[name]
    if job is None:
        reason = "there is no training job of this name"
        return Ignore(subject=name, reason=reason, decision="unknown", level="warning")
    if not job.is_ended:
        return Ignore(subject=name, reason=f"the job has not ended: it is {job.status}")
    asked = facts.unfinished if facts.unfinished and facts.unfinished.is_asked else None
    if asked:
        return NoteModel(asked=asked) if facts.models[name] else _create_model(job, asked.data_set, facts, asked)
    bucket = f"s3://{settings.data_bucket}/"
    key = bucket + keys.outcome_key(name, job.created)
    if facts.exists[key]:
        return Ignore(subject=name, reason=f"its outcome is {key}", decision="known")
    data_set = parts.set_of(job.train_uri.removeprefix(bucket)) or "other"
    former_key = keys.former_outcome_key(data_set, name)
    if facts.now - job.ended >= _LATE and facts.exists[bucket + former_key]:
        return AdoptOutcome(job=job, data_set=data_set, former_key=former_key)
    match job.status:
        case "Completed":
            return _create_model(job, data_set, facts)
        case _:
            return _explain(job, data_set, facts)


def after_refused_model(step: CreateModel, facts: EndFacts, reason: str, failure: Failure) -> LeaveUnfinished:
    """Decide when the model is tried again that cannot be made: its name is taken, or SageMaker refuses it."""
    job, known = step.job, facts.unfinished or Unfinished.of(step.job, step.data_set)
    tries = known.tries + 1
    is_news = failure != known.failure
    return LeaveUnfinished(
        unfinished=replace(known, tries=tries, next_try=facts.now + interval(tries), failure=failure),
        reason=reason,
        failure=failure,
        notice=end_notices.model_not_created(step.data_set, job.name, reason, failure, facts.settings.stack_name)
        if is_news
        else None,
    )


def after_long_evaluation(notice: AwaitedNotice, facts: EndFacts) -> Ignore | TellWithoutFigures:
    """Decide what people are told of a model whose evaluation has not ended in time."""
    job = facts.jobs[notice.job]
    if job is None or not awaited.is_overdue(notice, facts.now):
        return Ignore(subject=notice.job, reason="its evaluation is waited for")
    page_key = keys.evaluation_page_key(notice.data_set, job.name)
    page_url = console_links.object_url(facts.settings.aws_region, facts.settings.data_bucket, page_key)
    return TellWithoutFigures(
        job=job,
        report=facts.documents[_report_key(job, notice.data_set)],
        said=evaluation_notices.still_evaluated(page_url),
    )


def _report_key(job: TrainingJob, data_set: str) -> str:
    return keys.report_key(data_set, keys.fingerprint_of(job.name))


def _create_model(job: TrainingJob, data_set: str, facts: EndFacts, asked: Unfinished | None = None) -> CreateModel:
    request = requests.model(
        name=job.name,
        image=job.image,
        artifact=job.artifact,
        tags={tag_names.DATA_SET: data_set},
        settings=facts.settings,
    )
    settings, page_key = facts.settings, keys.page_key(data_set, keys.fingerprint_of(job.name))
    # Whoever wants a deleted model back was told of its evaluation.
    is_evaluated = bool(settings.evaluations_queue_url) and not asked
    return CreateModel(
        job=job,
        data_set=data_set,
        request=request,
        report=facts.documents[_report_key(job, data_set)],
        page_url=console_links.object_url(settings.aws_region, settings.data_bucket, page_key),
        asked=asked,
        evaluation=EvaluationRequested(job=job.name) if is_evaluated else None,
        evaluations_queue_url=settings.evaluations_queue_url,
    )


def _explain(job: TrainingJob, data_set: str, facts: EndFacts) -> TryAgain | RecordFailure | RecordStop:
    most = facts.settings.max_capacity_tries
    attempts = (facts.jobs[name] for name in reversed(keys.name_attempts(job.name)))
    tries = count_tries_without_capacity(attempts, most)
    failure = explain_end(job)
    if 0 < tries < most:
        return _try_again(job, data_set, tries, failure, facts)
    # What never found instances has failed, whichever way SageMaker ended it.
    if job.status == "Stopped" and not failure.retry:
        return _record_stop(job, data_set, failure, facts)
    return _record_failure(job, data_set, reason_of(job), failure, facts)


def _try_again(job: TrainingJob, data_set: str, tries: int, failure: Failure, facts: EndFacts) -> TryAgain:
    """Ask for the next try, unless it exists already.

    The job's end may have gone unnoticed until a person dropped the set again, or whoever handled it may have died
    once the queue had the message.
    """
    next_job = keys.next_attempt(job.name)
    if next_job and facts.jobs[next_job]:
        return TryAgain(
            job=job,
            data_set=data_set,
            reason=f"{next_job} was started since",
            failure=failure,
            notice=end_notices.tried_since(data_set, job.name, reason_of(job), next_job),
        )
    most = facts.settings.max_capacity_tries
    next_type = choose_type(facts.settings.instance_types, tries, most)
    bucket, _, key = job.train_uri.removeprefix("s3://").partition("/")
    report = facts.documents[_report_key(job, data_set)]
    estimate = report.estimate if report else None
    retry = RetryRequested(bucket=bucket, key=key, time=job.ended, job=job.name)
    return TryAgain(
        job=job,
        data_set=data_set,
        reason=reason_of(job),
        failure=failure,
        notice=end_notices.capacity_lacking(data_set, job.name, reason_of(job), next_type, tries, most, estimate),
        message=retry.put_off(WaitCause.CAPACITY, facts.now),
        delay_in_seconds=waits.delay_for_capacity_in_seconds(tries, facts.jitter),
        next_type=next_type,
    )


def _record_failure(job: TrainingJob, data_set: str, reason: str, failure: Failure, facts: EndFacts) -> RecordFailure:
    logs = console_links.job_logs_url(facts.settings.aws_region, job.name)
    stack, bill = facts.settings.stack_name, job.bill(facts.settings.prices)
    notice = end_notices.training_failed(data_set, job, reason, failure, logs, stack, bill)
    return RecordFailure(job=job, data_set=data_set, reason=reason, failure=failure, logs=logs, notice=notice)


def _record_stop(job: TrainingJob, data_set: str, failure: Failure, facts: EndFacts) -> RecordStop:
    # No model is made of half a training.
    partial_artifact = job.artifact if job.artifact and facts.exists[job.artifact] else None
    notice = end_notices.training_stopped(
        data_set, job.name, failure, partial_artifact, job.bill(facts.settings.prices)
    )
    return RecordStop(job=job, data_set=data_set, failure=failure, partial_artifact=partial_artifact, notice=notice)
