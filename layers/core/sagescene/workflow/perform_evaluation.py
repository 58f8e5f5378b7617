"""Steps of an evaluation carried out, in an order that lets whatever dies be done again."""

from dataclasses import replace
from functools import partial
from typing import assert_never

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.bounds import SECONDS_TO_REPORT
from sagescene.evaluation_messages import EvaluationTrigger, write_trigger
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import console_links, evaluation_notices
from sagescene.observability import correlation_id, count, logger
from sagescene.preflight.reading import Reader
from sagescene.preflight.report import Report
from sagescene.settings import EvaluateSettings
from sagescene.workflow import awaited, registering
from sagescene.workflow.context import Context
from sagescene.workflow.evaluation_state import EvaluationPhase, EvaluationState, write_state
from sagescene.workflow.evaluation_steps import Conclude, GoOn, PutOff, RecordUnevaluated
from sagescene.workflow.evaluator import Assignment, Conclusion, Evaluator
from sagescene.workflow.notifying import notify
from sagescene.workflow.perform import perform
from sagescene.workflow.steps import Decision, Ignore, StandDown


def perform_evaluation(
    step: Ignore | StandDown | GoOn | PutOff | Conclude | RecordUnevaluated,
    context: Context[EvaluateSettings],
    evaluator: Evaluator,
) -> Decision:
    """Carry a step out and say what was decided."""
    match step:
        case Ignore() | StandDown():
            return perform(step, context)
        case GoOn():
            return _go_on(step, context)
        case PutOff():
            logger.warning("evaluation put off", reason=step.reason, delay_in_seconds=step.delay_in_seconds)
            _send(step.message, step.delay_in_seconds, context)
            return Decision(decision="postponed", subject=step.subject, reason=step.reason)
        case Conclude():
            return _conclude(step, context, evaluator)
        case RecordUnevaluated():
            return _record_unevaluated(step, context)
    assert_never(step)


def _go_on(step: GoOn, context: Context[EvaluateSettings]) -> Decision:
    job = step.assignment.job.name
    if write_state(step.state, context) is None:
        return _leave(job)
    _send(step.message, 0, context)
    reason = f"{step.state.images:,} images are read, and the next message goes on"
    logger.info("evaluation goes on", images=step.state.images, measured_in_seconds=step.state.seconds)
    return Decision(decision="evaluating", subject=job, reason=reason)


def _conclude(step: Conclude, context: Context[EvaluateSettings], evaluator: Evaluator) -> Decision:
    given, job = step.assignment, step.assignment.job
    state = write_state(step.state, context)
    if state is None or state.tally is None:
        return _leave(job.name)
    standing = registering.look_up(given, context)
    opponent = standing.opponent if standing else None
    log = partial(context.cloud.search_training_log, job)
    concluded = evaluator.conclude(
        given,
        state.tally,
        read_by(context),
        context.now,
        opponent,
        log,
        lambda: context.seconds_left() - SECONDS_TO_REPORT,
    )
    name = _write_report(given, concluded, context)
    entered = ""
    if standing:
        evaluation_key = keys.evaluation_key(given.data_set, job.name, name)
        entered = registering.register(given, concluded, standing, evaluation_key, context)
    took = state.seconds
    logger.info("model evaluated", images=state.images, measured_in_seconds=took, summary=concluded.summary)
    count("ModelEvaluated")
    page_key = keys.evaluation_page_key(given.data_set, job.name, name)
    page_url = console_links.object_url(context.settings.aws_region, context.settings.data_bucket, page_key)
    compared = [concluded.challenge.said] if concluded.challenge else []
    said = evaluation_notices.figures(concluded.summary, concluded.warnings, page_url, [*compared, entered])
    is_told = _tell_of_model(job, given.report, said, state, context)
    if not is_told and not _was_told_of(state, job, context):
        notify(evaluation_notices.evaluated_apart(given.data_set, job.name, said), context)
    # Last of all: whatever dies before this line is done again when the queue brings the message back.
    write_state(replace(state, phase=EvaluationPhase.ENDED), context)
    return Decision(decision="evaluated", subject=job.name, reason=concluded.summary)


def _record_unevaluated(step: RecordUnevaluated, context: Context[EvaluateSettings]) -> Decision:
    logger.warning("model not evaluated", reason=step.reason)
    job, state = step.job, write_state(step.state, context)
    if state is None:
        return _leave(job.name)
    count("EvaluationFailed")
    said = evaluation_notices.without_figures(step.reason)
    is_told = _tell_of_model(job, step.report, said, state, context)
    if not is_told and not _was_told_of(state, job, context):
        notify(evaluation_notices.evaluated_apart(step.data_set, job.name, said), context)
    write_state(replace(state, phase=EvaluationPhase.ENDED), context)
    return Decision(decision="not evaluated", subject=job.name, reason=step.reason)


def _tell_of_model(
    job: TrainingJob,
    report: Report | None,
    said: evaluation_notices.Said,
    state: EvaluationState,
    context: Context[EvaluateSettings],
) -> bool:
    """Send the notice of a model that waits for its evaluation; False where none waits, or another sends it."""
    taken = awaited.acquire(job, f"{state.key} {state.hops}", context)
    if taken is None:
        return False
    awaited.tell(taken, job, report, said, context)
    return True


def _write_report(given: Assignment, concluded: Conclusion, context: Context[EvaluateSettings]) -> str:
    """Write an evaluation and its page; gives what names it beside the job: nothing for the first of a job."""
    bucket, cloud, job = context.settings.data_bucket, context.cloud, given.job.name
    document = concluded.document
    first_key, name = keys.evaluation_key(given.data_set, job), ""
    if not cloud.write_json_once(bucket, first_key, document):
        try:
            first = cloud.read_json(bucket, first_key)
        except ObjectReplacedError:
            first = None
        is_same = first and all(first.get(part) == document[part] for part in ("artifact", "files"))
        name = "" if is_same else given.identity
        cloud.write_json(bucket, keys.evaluation_key(given.data_set, job, name), document)
    cloud.write_page(bucket, keys.evaluation_page_key(given.data_set, job, name), concluded.page)
    return name


def read_by(context: Context[EvaluateSettings]) -> Reader:
    """Give how the files of the data set are read."""
    cloud, bucket = context.cloud, context.settings.data_bucket
    return Reader(whole=partial(cloud.read, bucket), span=partial(cloud.read_span, bucket))


def _was_told_of(state: EvaluationState, job: TrainingJob, context: Context[EvaluateSettings]) -> bool:
    """Tell whether the model's own notice says what came of this evaluation; any other has a notice of its own."""
    waited = awaited.read(keys.awaited_key(job.name, job.created), context)
    return waited is not None and waited.holder.rpartition(" ")[0] == state.key


def _leave(job: str) -> Decision:
    reason = "another message is at work on the same evaluation"
    logger.info("stood down", reason=reason)
    return Decision(decision="stood down", subject=job, reason=reason)


def _send(message: EvaluationTrigger, delay_in_seconds: int, context: Context[EvaluateSettings]) -> None:
    context.cloud.send_later(
        context.settings.evaluations_queue_url, write_trigger(message), delay_in_seconds, correlation_id()
    )
