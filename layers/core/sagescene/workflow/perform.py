"""What an upload asks for carried out: the calls, log lines, metrics and notices that each step stands for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, assert_never

from sagescene import keys
from sagescene.aws import RefusedError
from sagescene.findings import Finding, Severity
from sagescene.messages import page
from sagescene.observability import correlation_id, count, count_by, logger
from sagescene.preflight.reading import Examination
from sagescene.triggers import WaitCause, write_message
from sagescene.workflow import claims, outcomes, reports, slots
from sagescene.workflow.context import Context
from sagescene.workflow.notifying import notify, notify_as_claimed, notify_once
from sagescene.workflow.steps import (
    AskForModel,
    Decision,
    GiveUp,
    Ignore,
    Leave,
    Refuse,
    Remind,
    StandDown,
    Start,
    StartStep,
    Wait,
    WarnOfMisplaced,
)
from sagescene.workflow.unfinished import mark


def perform(step: StartStep, context: Context) -> Decision:
    """Carry a step out and say what was decided.

    Raises:
        RefusedError: SageMaker, or a limit of the stack, refuses a training job.
    """
    match step:
        case Ignore():
            return ignore(step)
        case WarnOfMisplaced():
            logger.warning("file is in no data set", right_key=step.right_key)
            notify(step.notice, context)  # puts within one second cannot be told apart
            return Decision(decision="misplaced", subject=step.key, reason=f"upload it as {step.right_key}")
        case StandDown():
            logger.debug("stood down", reason=step.reason)
            return Decision(decision="stood down", subject=step.data_set, reason=step.reason)
        case Leave():
            logger.info("nothing to start", subject=step.subject, reason=step.reason)
            if step.notice:
                notify_once(*step.notice, context)
            return Decision(decision=step.decision, subject=step.subject, reason=step.reason)
        case Wait():
            return _wait(step, context)
        case Remind():
            logger.warning("data set is still incomplete", reason=step.reason)
            notify_once(step.claim, step.notice, context)
            return Decision(decision="waiting", subject=step.data_set, reason=step.reason)
        case GiveUp():
            return _give_up(step, context)
        case Refuse():
            return _refuse(step, context)
        case Start():
            return _start(step, context)
        case AskForModel():
            logger.info("model asked for", model=step.unfinished.job)
            mark(step.unfinished, step.reason, context)
            return Decision(decision="model asked for", subject=step.unfinished.job, reason=step.reason)
    assert_never(step)


def keep(examination: Examination, request: Mapping[str, Any], context: Context) -> bool:
    """Write the report on a data set that can be trained on, and its page, so that it need not be read again.

    False when another content has taken its name since that was found free.
    """
    for finding in examination.report.findings:
        _log_finding(finding, logger.warning)
    _write_page(examination, request, context)
    if examination.images:
        reports.write_images(examination.images, examination.report, context)
    return reports.write(examination.report, context)


def ignore(step: Ignore) -> Decision:
    """Do nothing, and say so as loudly as the step asks."""
    {"debug": logger.debug, "info": logger.info, "warning": logger.warning}[step.level]("ignored", reason=step.reason)
    return Decision(decision=step.decision, subject=step.subject, reason=step.reason)


def _wait(step: Wait, context: Context) -> Decision:
    if step.notice:
        notify_once(*step.notice, context)
    message = write_message(step.message)
    context.cloud.send_later(context.settings.uploads_queue_url, message, step.delay_in_seconds, correlation_id())
    since = step.message.waiting.since.isoformat() if step.message.waiting else ""
    logger.info("waiting", cause=step.cause, reason=step.reason, delay_in_seconds=step.delay_in_seconds, since=since)
    count("TrainingWaiting")
    count_by("TrainingWaiting", "cause", step.cause)
    word = "waiting" if step.cause is WaitCause.FILES else "postponed"
    return Decision(decision=word, subject=step.data_set, reason=step.reason)


def _give_up(step: GiveUp, context: Context) -> Decision:
    decision = Decision(decision="given up", subject=step.job, reason=step.reason)
    bucket, cloud = context.settings.data_bucket, context.cloud
    if not claims.acquire(step.claim, bucket, cloud):
        return decision
    what, cause = ("waited too long", str(step.waited_for)) if step.waited_for else ("not started", step.failure.cause)
    logger.error(what, cause=cause, reason=step.reason, remedy=step.failure.remedy)
    outcomes.count_failure(step.failure)
    notify_as_claimed(step.notice, context)
    outcome = outcomes.describe(step.job, "NotStarted", step.data_set, decision, step.failure, step.notice, context)
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
    notify_as_claimed(step.notice, context)
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
    taken: Sequence[slots.Slot] = []
    try:
        taken = slots.acquire(step, context)
        return context.cloud.create_training_job(step.request)
    except RefusedError:
        if context.cloud.describe_training_job(step.job):
            return False  # another upload of the same files was given the last slot, or the last of a quota
        slots.release(taken, context)
        raise


def _write_page(examination: Examination, request: Mapping[str, Any], context: Context) -> None:
    report = examination.report
    key = keys.page_key(report.data_set, report.fingerprint)
    html = page.render(report, examination.thumbnails, request)
    context.cloud.write_page(context.settings.data_bucket, key, html)


def _log_finding(finding: Finding, log: Callable[..., None]) -> None:
    log(finding.message, code=finding.code, file=finding.file, where=finding.where, remedy=finding.remedy)
