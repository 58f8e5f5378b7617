"""Steps carried out: the calls, log lines, metrics and notices that each of them stands for."""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from sagescene import keys
from sagescene.aws import RefusedError
from sagescene.evaluation_messages import write_request
from sagescene.findings import Finding, Severity
from sagescene.jobs.failures import Failure
from sagescene.messages import notices, page
from sagescene.messages.notices import Notice
from sagescene.observability import count, count_by, logger
from sagescene.preflight.reading import Examination
from sagescene.triggers import WaitCause, write_message
from sagescene.workflow import awaited, claims, rate_limit, reports, slots
from sagescene.workflow.awaited import AwaitedNotice
from sagescene.workflow.context import Context
from sagescene.workflow.steps import (
    AdoptOutcome,
    AskForModel,
    Claim,
    CreateModel,
    Decision,
    EndStep,
    GiveUp,
    Ignore,
    Leave,
    LeaveUnfinished,
    NoteModel,
    RecordFailure,
    RecordStop,
    Refuse,
    Remind,
    StandDown,
    Start,
    StartStep,
    TellWithoutFigures,
    TryAgain,
    Wait,
    WarnOfMisplaced,
)
from sagescene.workflow.unfinished import Unfinished


def perform(step: StartStep | EndStep, context: Context) -> Decision:
    """Carry a step out and say what was decided.

    Raises:
        RefusedError: SageMaker, or a limit of the stack, refuses a training job, or SageMaker a model.
        ModelTakenError: a model of the job's name was made of something else.
    """
    match step:
        case Ignore():
            _log_at(step.level)("ignored", reason=step.reason)
            return Decision(decision=step.decision, subject=step.subject, reason=step.reason)
        case WarnOfMisplaced():
            logger.warning("file is in no data set", right_key=step.right_key)
            _notify(step.notice, context)  # puts within one second cannot be told apart
            return Decision(decision="misplaced", subject=step.key, reason=f"upload it as {step.right_key}")
        case StandDown():
            logger.debug("stood down", reason=step.reason)
            return Decision(decision="stood down", subject=step.data_set, reason=step.reason)
        case Leave():
            logger.info("nothing to start", subject=step.subject, reason=step.reason)
            if step.notice:
                _notify_once(*step.notice, context)
            return Decision(decision=step.decision, subject=step.subject, reason=step.reason)
        case Wait():
            return _wait(step, context)
        case Remind():
            logger.warning("data set is still incomplete", reason=step.reason)
            _notify_once(step.claim, step.notice, context)
            return Decision(decision="waiting", subject=step.data_set, reason=step.reason)
        case GiveUp():
            return _give_up(step, context)
        case Refuse():
            return _refuse(step, context)
        case Start():
            return _start(step, context)
        case AskForModel():
            logger.info("model asked for", model=step.unfinished.job)
            _mark(step.unfinished, step.reason, context)
            return Decision(decision="model asked for", subject=step.unfinished.job, reason=step.reason)
        case CreateModel():
            return _create_model(step, context)
        case TellWithoutFigures():
            return _tell_without_figures(step, context)
        case NoteModel():
            reason = "there is a model of it"
            _mark(step.asked.fulfilled(), reason, context)
            return Decision(decision="known", subject=step.asked.job, reason=reason)
        case LeaveUnfinished():
            return _leave_unfinished(step, context)
        case TryAgain():
            return _try_again(step, context)
        case RecordFailure():
            return _record_failure(step, context)
        case RecordStop():
            return _record_stop(step, context)
        case AdoptOutcome():
            return _adopt_outcome(step, context)
    assert_never(step)


def keep(examination: Examination, request: Mapping[str, Any], context: Context) -> bool:
    """Write the report on a data set that can be trained on, and its page, so that it need not be read again.

    False when another content has taken its name since that was found free.
    """
    for finding in examination.report.findings:
        _log_finding(finding, logger.warning)
    _write_page(examination, request, context)
    return reports.write(examination.report, context)


# --------------------------------------------------------------------------------- an upload becomes a training job


def _wait(step: Wait, context: Context) -> Decision:
    if step.notice:
        _notify_once(*step.notice, context)
    message = write_message(step.message)
    context.cloud.send_later(context.settings.uploads_queue_url, message, step.delay_in_seconds)
    since = step.message.waiting.since.isoformat() if step.message.waiting else ""
    logger.info("waiting", cause=step.cause, reason=step.reason, delay_in_seconds=step.delay_in_seconds, since=since)
    count("TrainingWaiting")
    word = "waiting" if step.cause is WaitCause.FILES else "postponed"
    return Decision(decision=word, subject=step.data_set, reason=step.reason)


def _give_up(step: GiveUp, context: Context) -> Decision:
    decision = Decision(decision="given up", subject=step.job, reason=step.reason)
    bucket, cloud = context.settings.data_bucket, context.cloud
    if not claims.acquire(step.claim, bucket, cloud):
        return decision
    what, cause = ("waited too long", str(step.waited_for)) if step.waited_for else ("not started", step.failure.cause)
    logger.error(what, cause=cause, reason=step.reason, remedy=step.failure.remedy)
    _count_failure(step.failure)
    _notify(step.notice, context, step.claim.as_json())
    outcome = _outcome(step.job, "NotStarted", step.data_set, decision, step.failure, step.notice, context)
    cloud.write_json(bucket, step.outcome_key, outcome)
    claims.mark_as_notified(step.claim, bucket, cloud)
    return decision


def _refuse(step: Refuse, context: Context) -> Decision:
    report = step.examination.report
    decision = Decision(decision="refused", subject=report.data_set, reason=step.reason)
    if not claims.acquire(step.claim, context.settings.data_bucket, context.cloud):
        return decision
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    for finding in errors:
        _log_finding(finding, logger.error)
    count("DatasetRefused")
    for code in sorted({finding.code for finding in errors}):
        count_by("DatasetRefused", "code", code)
    _write_page(step.examination, {}, context)
    _notify(step.notice, context, step.claim.as_json())
    reports.write(report, context)  # last: it is what a redelivery asks for
    return decision


def _start(step: Start, context: Context) -> Decision:
    if not _create_within_limits(step, context):
        logger.info("training job was started already", job=step.job)
        return Decision(decision="running", subject=step.job, reason="another upload of the same files started it")
    uri = step.request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    hyperparameters = step.request["HyperParameters"]
    logger.info("training job started", job=step.job, input=uri, hyperparameters=hyperparameters)
    count("TrainingStarted")
    return Decision(decision="started", subject=step.job, reason=f"data set {step.data_set} is complete")


def _create_within_limits(step: Start, context: Context) -> bool:
    taken = slots.acquire(step, context)
    try:
        return context.cloud.create_training_job(step.request)
    except RefusedError:
        slots.release(taken, context)
        raise


def _write_page(examination: Examination, request: Mapping[str, Any], context: Context) -> None:
    report = examination.report
    key = keys.page_key(report.data_set, report.fingerprint)
    html = page.render(report, examination.thumbnails, request)
    context.cloud.write_page(context.settings.data_bucket, key, html)


def _log_finding(finding: Finding, log: Callable[..., None]) -> None:
    log(finding.message, code=finding.code, file=finding.file, where=finding.where, remedy=finding.remedy)


# ---------------------------------------------------------------------------------- a job's end becomes an outcome


def _create_model(step: CreateModel, context: Context) -> Decision:
    job = step.job
    arn = context.cloud.create_model(step.request)
    logger.info("model created", model=job.name, arn=arn, artifact=job.artifact, metrics=job.metrics)
    count("ModelCreated")
    if step.evaluation:
        notice = None
        awaited.ask(AwaitedNotice.of(job, step.data_set, arn, context.now), context)
        context.cloud.send_later(step.evaluations_queue_url, write_request(step.evaluation), 0)
    else:
        notice = notices.model_created(step.data_set, job, arn, step.report, step.page_url)
    decision = _conclude(step, Decision(decision="model created", subject=job.name, reason=arn), notice, context)
    if step.asked:
        _mark(step.asked.fulfilled(), arn, context)
    return decision


def _tell_without_figures(step: TellWithoutFigures, context: Context) -> Decision:
    taken = awaited.acquire(step.job, awaited.CLOCK, context)
    if taken is None:
        return Decision(decision="known", subject=step.job.name, reason="people are told of its model")
    logger.warning("evaluation has not ended in time")
    awaited.tell(taken, step.job, step.report, step.said, context)
    return Decision(decision="told", subject=step.job.name, reason="its evaluation has not ended within an hour")


def _leave_unfinished(step: LeaveUnfinished, context: Context) -> Decision:
    failure, unfinished = step.failure, step.unfinished
    log = logger.error if step.notice else logger.warning
    next_try = str(unfinished.next_try)
    log("model not created", failure_reason=step.reason, cause=failure.cause, remedy=failure.remedy, next_try=next_try)
    if step.notice:
        _count_failure(failure)
        _notify(step.notice, context)
    # Last: whatever dies before this line is done again by the next event or the clock.
    _mark(unfinished, step.reason, context)
    return Decision(decision="failed", subject=unfinished.job, reason=step.reason)


def _try_again(step: TryAgain, context: Context) -> Decision:
    if step.message:
        message = write_message(step.message)
        context.cloud.send_later(context.settings.uploads_queue_url, message, step.delay_in_seconds)
        count("TrainingWaiting")
    logger.warning(
        "training job found no capacity",
        failure_reason=step.job.failure_reason,
        reason=step.reason,
        next_type=step.next_type,
        delay_in_seconds=step.delay_in_seconds,
    )
    decision = Decision(decision="tried again", subject=step.job.name, reason=step.reason)
    return _conclude(step, decision, step.notice, context)


def _record_failure(step: RecordFailure, context: Context) -> Decision:
    failure = step.failure
    logger.error(
        "training job failed", failure_reason=step.reason, cause=failure.cause, remedy=failure.remedy, logs=step.logs
    )
    _count_failure(failure)
    decision = Decision(decision="failed", subject=step.job.name, reason=step.reason)
    return _conclude(step, decision, step.notice, context)


def _record_stop(step: RecordStop, context: Context) -> Decision:
    failure = step.failure
    logger.warning(
        "training job was stopped", cause=failure.cause, remedy=failure.remedy, artifact=step.partial_artifact
    )
    count("TrainingStopped")
    decision = Decision(decision="stopped", subject=step.job.name, reason=failure.cause)
    return _conclude(step, decision, step.notice, context)


def _adopt_outcome(step: AdoptOutcome, context: Context) -> Decision:
    bucket, job = context.settings.data_bucket, step.job
    address = f"s3://{bucket}/{step.former_key}"
    pointer = {"job": job.name, "status": job.status, "data_set": step.data_set, "outcome": address}
    context.cloud.write_json_once(bucket, keys.outcome_key(job.name, job.created), pointer)
    return Decision(decision="known", subject=job.name, reason=f"its outcome is {address}")


def _conclude(
    step: CreateModel | TryAgain | RecordFailure | RecordStop,
    decision: Decision,
    notice: Notice | None,
    context: Context,
) -> Decision:
    if notice:
        _notify(notice, context)
    failure = None if isinstance(step, CreateModel) else step.failure
    job = step.job
    outcome = _outcome(job.name, job.status, step.data_set, decision, failure, notice, context)
    if isinstance(step, CreateModel) and step.report:
        outcome["class_names"] = step.report.class_names.as_json()
    # Last of all: whatever dies before this line is done again by the next event or the clock.
    context.cloud.write_json_once(context.settings.data_bucket, keys.outcome_key(job.name, job.created), outcome)
    return decision


# ------------------------------------------------------------------------------------------------ what all of it needs


def _outcome(
    job: str,
    status: str,
    data_set: str,
    decision: Decision,
    failure: Failure | None,
    notice: Notice | None,
    context: Context,
) -> dict[str, Any]:
    return {
        "job": job,
        "status": status,
        "data_set": data_set,
        "written": context.now.isoformat(),
        **decision.as_json(),
        **({"failure": failure.as_json()} if failure else {}),
        **({"notice": notices.as_json(notice)} if notice else {}),
    }


def _mark(unfinished: Unfinished, reason: str, context: Context) -> None:
    mark = unfinished.as_json() | {"written": context.now.isoformat(), "reason": reason}
    context.cloud.write_json(context.settings.data_bucket, unfinished.key, mark)


def _count_failure(failure: Failure) -> None:
    count("TrainingFailed")
    count_by("TrainingFailed", "cause", failure.cause)


def _notify(notice: Notice, context: Context, asked_by: Mapping[str, str] | None = None) -> None:
    admitted = rate_limit.admit(notice, asked_by or {}, context) if notice.topic else notice
    if admitted:
        context.cloud.notify(context.settings.topic_arn, admitted.subject, admitted.text)
    else:
        logger.warning("notice held back", topic=notice.topic, subject=notice.subject, text=notice.text)


def _notify_once(claim: Claim, notice: Notice, context: Context) -> None:
    bucket, cloud = context.settings.data_bucket, context.cloud
    if claims.acquire(claim, bucket, cloud):
        _notify(notice, context, claim.as_json())
        claims.mark_as_notified(claim, bucket, cloud)


def _log_at(level: str) -> Callable[..., None]:
    return {"debug": logger.debug, "info": logger.info, "warning": logger.warning}[level]
