"""A job's end carried out: the model, the outcome, and the notice of either."""

from typing import assert_never

from sagescene import keys
from sagescene.evaluation_messages import write_trigger
from sagescene.messages import end_notices
from sagescene.messages.notices import Notice
from sagescene.observability import correlation_id, count, count_by, logger, measure_accuracy
from sagescene.triggers import WaitCause, write_message
from sagescene.workflow import awaited, outcomes
from sagescene.workflow.awaited import AwaitedNotice
from sagescene.workflow.context import Context
from sagescene.workflow.end_steps import (
    AdoptOutcome,
    CreateModel,
    EndStep,
    LeaveUnfinished,
    NoteModel,
    RecordFailure,
    RecordStop,
    TellWithoutFigures,
    TryAgain,
)
from sagescene.workflow.notifying import notify
from sagescene.workflow.perform import ignore
from sagescene.workflow.steps import Decision, Ignore
from sagescene.workflow.unfinished import mark


def perform_end(step: EndStep, context: Context) -> Decision:
    """Carry a step out and say what was decided.

    Raises:
        RefusedError: SageMaker refuses the model.
        ModelTakenError: a model of the job's name was made of something else.
    """
    match step:
        case Ignore():
            return ignore(step)
        case CreateModel():
            return _create_model(step, context)
        case TellWithoutFigures():
            return _tell_without_figures(step, context)
        case NoteModel():
            reason = "there is a model of it"
            mark(step.asked.fulfilled(), reason, context)
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


def _create_model(step: CreateModel, context: Context) -> Decision:
    job = step.job
    arn = context.cloud.create_model(step.request)
    logger.info("model created", model=job.name, arn=arn, artifact=job.artifact, metrics=job.metrics)
    count("ModelCreated")
    measure_accuracy(job.metrics.get("validation:accuracy"), step.data_set)
    if step.evaluation:
        notice = None
        awaited.ask(AwaitedNotice.of(job, step.data_set, arn, context.now), context)
        context.cloud.send_later(step.evaluations_queue_url, write_trigger(step.evaluation), 0, correlation_id())
    else:
        bill = job.bill(context.settings.prices)
        notice = end_notices.model_created(step.data_set, job, arn, step.report, step.page_url, bill=bill)
    decision = _conclude(step, Decision(decision="model created", subject=job.name, reason=arn), notice, context)
    if step.asked:
        mark(step.asked.fulfilled(), arn, context)
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
        outcomes.count_failure(failure)
        notify(step.notice, context)
    # Last: whatever dies before this line is done again by the next event or the clock.
    mark(unfinished, step.reason, context)
    return Decision(decision="failed", subject=unfinished.job, reason=step.reason)


def _try_again(step: TryAgain, context: Context) -> Decision:
    if step.message:
        message = write_message(step.message)
        context.cloud.send_later(context.settings.uploads_queue_url, message, step.delay_in_seconds, correlation_id())
        count("TrainingWaiting")
        count_by("TrainingWaiting", "cause", WaitCause.CAPACITY)
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
    outcomes.count_failure(failure)
    decision = Decision(decision="failed", subject=step.job.name, reason=step.reason)
    return _conclude(step, decision, step.notice, context)


def _record_stop(step: RecordStop, context: Context) -> Decision:
    failure = step.failure
    logger.warning(
        "training job was stopped", cause=failure.cause, remedy=failure.remedy, artifact=step.partial_artifact
    )
    count("TrainingStopped")
    count_by("TrainingStopped", "cause", failure.cause)
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
        notify(notice, context)
    failure = None if isinstance(step, CreateModel) else step.failure
    job = step.job
    outcome = outcomes.describe(job.name, job.status, step.data_set, decision, failure, notice, context)
    if isinstance(step, CreateModel) and step.report:
        outcome["class_names"] = step.report.class_names.as_json()
    bill = job.bill(context.settings.prices)
    if bill:
        outcome["bill"] = bill.as_json()
    bucket, key = context.settings.data_bucket, keys.outcome_key(job.name, job.created)
    # Last of all: whatever dies before this line is done again by the next event or the clock.
    is_first = context.cloud.write_json_once(bucket, key, outcome)
    if is_first and bill:
        outcomes.count_bill(bill)
    return decision
