"""A model becomes its evaluation: figures, a page and the notice that has them."""

from dataclasses import replace

from sagescene import parts
from sagescene.aws import ObjectReplacedError, RefusedError, explain_passing_fault
from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.evaluation_messages import EvaluationRequested, EvaluationTrigger
from sagescene.observability import log_about, logger
from sagescene.settings import EvaluateSettings
from sagescene.workflow import reports
from sagescene.workflow.context import Context
from sagescene.workflow.decide_evaluation import (
    after_disturbance,
    after_early_disturbance,
    after_measuring,
    after_refused_evaluation,
    before_measuring,
    may_be_put_off,
)
from sagescene.workflow.evaluation_state import read_state
from sagescene.workflow.evaluation_steps import Conclude, GoOn, Measure, PutOff, RecordUnevaluated
from sagescene.workflow.evaluator import Evaluator
from sagescene.workflow.facts import EvaluationFacts, OnDemand
from sagescene.workflow.perform_evaluation import perform_evaluation, read_by
from sagescene.workflow.steps import Decision, StandDown


def evaluate(trigger: EvaluationTrigger, context: Context[EvaluateSettings], evaluator: Evaluator) -> Decision:
    """Evaluate the model that a trigger names, or go on with it, and tell people once it has ended."""
    if isinstance(trigger, EvaluationRequested):
        log_about(job=trigger.job)
    else:
        logger.append_keys(upload=trigger.key)
        log_about(data_set=parts.set_of(trigger.key))
    facts = gather(trigger, context)
    try:
        step = before_measuring(facts)
    except ObjectReplacedError as replaced:  # how far the evaluation has come, and another message brings it further
        step = StandDown(data_set="", reason=str(replaced))
    except Exception as fault:
        reason = explain_passing_fault(fault)
        if reason is None or not may_be_put_off(facts):
            raise
        return perform_evaluation(after_early_disturbance(facts, reason), context, evaluator)
    if isinstance(step, Measure | Conclude):
        log_about(job=step.assignment.job.name, data_set=step.assignment.data_set)
    elif isinstance(step, RecordUnevaluated):
        log_about(job=step.job.name, data_set=step.data_set)
    decided = _measure(step, facts, context, evaluator) if isinstance(step, Measure) else step
    try:
        return perform_evaluation(decided, context, evaluator)
    except Exception as fault:
        reason = _explain_disturbance(fault)
        if reason is None or not isinstance(decided, Conclude | RecordUnevaluated):
            raise
        later = after_disturbance(decided, reason)
    return perform_evaluation(later, context, evaluator)


def gather(trigger: EvaluationTrigger, context: Context[EvaluateSettings]) -> EvaluationFacts:
    """Give what is known; AWS is asked for each thing when it is first needed."""
    cloud, bucket = context.cloud, context.settings.data_bucket

    def find(address: str) -> StoredObject | None:
        holder, _, key = address.removeprefix("s3://").partition("/")
        return cloud.find_object(holder, key)

    return EvaluationFacts(
        trigger=trigger,
        now=context.now,
        seconds_left=context.seconds_left(),
        settings=context.settings,
        jobs=OnDemand(cloud.describe_training_job),
        objects=OnDemand(lambda data_set: cloud.list_data_set(bucket, data_set)),
        stored=OnDemand(find),
        documents=OnDemand(lambda key: reports.read_newest(key, context)),
        states=OnDemand(lambda key: read_state(key, context)),
    )


def _measure(
    step: Measure, facts: EvaluationFacts, context: Context[EvaluateSettings], evaluator: Evaluator
) -> GoOn | Conclude | PutOff | RecordUnevaluated:
    given, began = step.assignment, context.seconds_left()

    def took() -> float:
        return began - context.seconds_left()

    logger.info("evaluating", role=given.role, files=[stored.key for stored in given.files], hop=step.hop)
    try:
        if given.report:
            given = replace(given, trained_on=reports.read_images(given.report, context))
        progress = evaluator.measure(given, step.state.tally, read_by(context), lambda: step.seconds - took())
    except Exception as fault:
        reason = _explain_disturbance(fault)
        if reason is not None:
            return after_disturbance(step, reason)
        if isinstance(fault, SagesceneError):
            return after_refused_evaluation(step, str(fault))
        raise
    return after_measuring(step, progress, took(), facts)


def _explain_disturbance(fault: Exception) -> str | None:
    """Say what keeps an evaluation from going on for now; None for what does not pass by itself."""
    is_passing = isinstance(fault, ObjectReplacedError) or (isinstance(fault, RefusedError) and fault.refusal.waits_for)
    return str(fault) if is_passing else explain_passing_fault(fault)
