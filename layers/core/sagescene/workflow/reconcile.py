"""The clock mends what was lost: jobs without an outcome, models that were not made, notices that wait too long."""

from collections.abc import Callable, Iterator
from functools import partial

from sagescene import keys
from sagescene.jobs.training_job import LONGEST_JOB
from sagescene.observability import log_about, logger
from sagescene.settings import FinishSettings
from sagescene.workflow import awaited
from sagescene.workflow.context import Context
from sagescene.workflow.decide_end import after_long_evaluation
from sagescene.workflow.finish import finish, gather, read_unfinished
from sagescene.workflow.perform_end import perform_end
from sagescene.workflow.steps import Decision
from sagescene.workflow.unfinished import is_due


def reconcile(context: Context[FinishSettings]) -> list[Decision]:
    """Finish every ended job of this stack that has no outcome object, and all that waits and is due."""
    decisions, faults = [], []
    for finish_one in _find_unfinished(context):
        log_about()  # the one before is not what this one's lines are about
        try:
            decisions += finish_one()
        except Exception as fault:
            logger.exception("a job could not be finished")
            faults.append(fault)
    if faults:
        raise ExceptionGroup("jobs could not be finished", faults)
    return decisions


def _find_unfinished(context: Context[FinishSettings]) -> Iterator[Callable[[], list[Decision]]]:
    settings, cloud = context.settings, context.cloud
    since = context.now - LONGEST_JOB
    ended = cloud.list_ended_jobs(f"{settings.job_prefix}--", created_after=since)
    outcomes = cloud.list_objects(settings.data_bucket, keys.OUTCOMES, after=keys.first_outcome_key(since))
    known = {stored.key for stored in outcomes}
    for job in ended:
        if known.isdisjoint((keys.outcome_key(job.name, job.created), keys.unfinished_key(job.name, job.created))):
            yield partial(_finish, job.name, context)
    for key in sorted(known):
        outcome = keys.outcome_beside(key)
        if keys.is_asked_key(key) or (outcome and outcome not in known):
            yield partial(_try_again, key, context)
        told = keys.told_beside(key)
        if told and told not in known:
            yield partial(_tell_overdue, key, context)


def _finish(job: str, context: Context[FinishSettings]) -> list[Decision]:
    return [finish(job, context)]


def _try_again(key: str, context: Context[FinishSettings]) -> list[Decision]:
    unfinished = read_unfinished(key, context)
    return [finish(unfinished.job, context, unfinished)] if unfinished and is_due(unfinished, context.now) else []


def _tell_overdue(key: str, context: Context[FinishSettings]) -> list[Decision]:
    notice = awaited.read(key, context)
    if notice is None or not awaited.is_overdue(notice, context.now):
        return []
    log_about(job=notice.job, data_set=notice.data_set)
    return [perform_end(after_long_evaluation(notice, gather(notice.job, context)), context)]
