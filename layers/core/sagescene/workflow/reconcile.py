"""The clock mends what was lost: ended jobs without an outcome are finished."""

from sagescene import keys
from sagescene.jobs.training_job import LONGEST_JOB
from sagescene.observability import logger
from sagescene.settings import FinishSettings
from sagescene.workflow.context import Context
from sagescene.workflow.finish import finish
from sagescene.workflow.steps import Decision


def reconcile(context: Context[FinishSettings]) -> list[Decision]:
    """Finish every ended job of this stack that has no outcome object."""
    settings, cloud = context.settings, context.cloud
    since = context.now - LONGEST_JOB
    ended = cloud.list_ended_jobs(f"{settings.job_prefix}--", created_after=since)
    outcomes = cloud.list_objects(settings.data_bucket, keys.OUTCOMES, after=keys.first_outcome_key(since))
    known = {stored.key for stored in outcomes}
    decisions, faults = [], []
    for job in ended:
        if keys.outcome_key(job.name, job.created) in known:
            continue
        try:
            decisions.append(finish(job.name, context))
        except Exception as fault:
            logger.exception("a job could not be finished")
            faults.append(fault)
    if faults:
        raise ExceptionGroup("jobs could not be finished", faults)
    return decisions
