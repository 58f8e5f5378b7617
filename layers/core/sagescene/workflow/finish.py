"""A job's end becomes a model or a reason, a notice, and then its outcome."""

from dataclasses import replace

from sagescene.aws import ModelTakenError, RefusedError
from sagescene.jobs.failures import MODEL_TAKEN
from sagescene.observability import log_about
from sagescene.settings import FinishSettings
from sagescene.triggers import WaitCause
from sagescene.workflow import reports
from sagescene.workflow.context import Context
from sagescene.workflow.decide_end import after_refused_model, decide_end
from sagescene.workflow.end_steps import AdoptOutcome, CreateModel, RecordFailure, RecordStop, TryAgain
from sagescene.workflow.facts import EndFacts, OnDemand
from sagescene.workflow.perform_end import perform_end
from sagescene.workflow.steps import Decision
from sagescene.workflow.unfinished import Unfinished


def finish(job_name: str, context: Context[FinishSettings], unfinished: Unfinished | None = None) -> Decision:
    """Make what a training job's end asks for: a model or a logged reason, a notice, then the outcome object.

    `unfinished` is the mark that says that its model is still to be made, where the clock has found one.
    """
    log_about(job=job_name)
    facts = replace(gather(job_name, context), unfinished=unfinished)
    step = decide_end(facts)
    if isinstance(step, CreateModel | TryAgain | RecordFailure | RecordStop | AdoptOutcome):
        log_about(job=job_name, data_set=step.data_set)
    if not isinstance(step, CreateModel):
        return perform_end(step, context)
    try:
        return perform_end(step, context)
    except ModelTakenError as taken:
        reason, failure = str(taken), MODEL_TAKEN
    except RefusedError as refused:
        if refused.refusal.waits_for is WaitCause.RATE:
            raise  # it passes by itself: the event comes again, and the clock strikes
        reason, failure = str(refused), refused.refusal.failure
    # An end that is told of twice may find a mark as well.
    known = unfinished or read_unfinished(Unfinished.of(step.job, step.data_set).key, context)
    return perform_end(after_refused_model(step, replace(facts, unfinished=known), reason, failure), context)


def read_unfinished(key: str, context: Context[FinishSettings]) -> Unfinished | None:
    """Read a mark of a model that is still to be made; None where there is none."""
    mark = context.cloud.read_json(context.settings.data_bucket, key)
    return Unfinished.from_json(key, mark) if mark else None


def gather(job_name: str, context: Context[FinishSettings]) -> EndFacts:
    """Give what is known; AWS is asked for each thing when it is first needed."""

    def exists(address: str) -> bool:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        return context.cloud.exists(bucket, key)

    return EndFacts(
        job_name=job_name,
        now=context.now,
        jitter=context.jitter,
        settings=context.settings,
        jobs=OnDemand(context.cloud.describe_training_job),
        exists=OnDemand(exists),
        documents=OnDemand(lambda key: reports.read_newest(key, context)),
        models=OnDemand(context.cloud.has_model),
    )
