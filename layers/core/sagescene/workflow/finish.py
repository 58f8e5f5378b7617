"""A job's end becomes a model or a reason, a notice, and then its outcome."""

from sagescene.aws import ModelTakenError, RefusedError
from sagescene.jobs.failures import MODEL_TAKEN
from sagescene.observability import logger
from sagescene.preflight.report import Report
from sagescene.settings import FinishSettings
from sagescene.triggers import WaitCause
from sagescene.workflow import reports
from sagescene.workflow.context import Context
from sagescene.workflow.decide_end import after_refused_model, decide_end
from sagescene.workflow.facts import EndFacts, OnDemand
from sagescene.workflow.perform import perform
from sagescene.workflow.steps import CreateModel, Decision


def finish(job_name: str, context: Context[FinishSettings]) -> Decision:
    """Make what a training job's end asks for: a model or a logged reason, a notice, then the outcome object."""
    logger.append_keys(job=job_name)
    facts = gather(job_name, context)
    step = decide_end(facts)
    if not isinstance(step, CreateModel):
        return perform(step, context)
    try:
        return perform(step, context)
    except ModelTakenError as taken:
        return perform(after_refused_model(step, facts, str(taken), MODEL_TAKEN), context)
    except RefusedError as refused:
        if refused.refusal.waits_for is WaitCause.RATE:
            raise  # it passes by itself: the event comes again, and the clock strikes
        return perform(after_refused_model(step, facts, str(refused), refused.refusal.failure), context)


def gather(job_name: str, context: Context[FinishSettings]) -> EndFacts:
    """Give what is known; AWS is asked for each thing when it is first needed."""

    def exists(address: str) -> bool:
        bucket, _, key = address.removeprefix("s3://").partition("/")
        return context.cloud.exists(bucket, key)

    def read(key: str) -> Report | None:
        stored = context.cloud.find_object(context.settings.data_bucket, key)
        return reports.read(stored, context) if stored else None

    return EndFacts(
        job_name=job_name,
        now=context.now,
        jitter=context.jitter,
        settings=context.settings,
        jobs=OnDemand(context.cloud.describe_training_job),
        exists=OnDemand(exists),
        documents=OnDemand(read),
    )
