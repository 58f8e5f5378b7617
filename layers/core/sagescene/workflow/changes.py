"""What changed in a data set since it was trained on last, and what that cost."""

from dataclasses import replace

from sagescene import keys
from sagescene.bounds import EARLIER_LOOKED_AT
from sagescene.files.setchange import compare
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.estimate import LastRun
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Report, Verdict
from sagescene.workflow import reports
from sagescene.workflow.context import Context
from sagescene.workflow.facts import StartFacts


def with_change(examination: Examination, facts: StartFacts, context: Context) -> Examination:
    """Give an examination whose report tells what changed, where a content of the set was trained on before."""
    report = examination.report
    trained = find_trained(report, facts) if examination.images else None
    earlier_images = reports.read_images(trained[0], context) if trained else None
    if not (examination.images and trained and earlier_images):
        return examination
    earlier, job = trained
    change = compare(examination.images, report.class_names, earlier_images, earlier.class_names, job=job.name)
    return replace(examination, report=replace(report, change=change))


def with_last_run(examination: Examination, facts: StartFacts) -> Examination:
    """Give an examination whose report tells what the last run of the set cost, where prices are known."""
    report, prices = examination.report, facts.settings.prices
    trained = find_trained(report, facts) if prices and report.hyperparameters else None
    if trained is None:
        return examination
    _, job = trained
    return replace(examination, report=replace(report, last_run=LastRun.of(job.name, job.bill(prices))))


def find_trained(report: Report, facts: StartFacts) -> tuple[Report, TrainingJob] | None:
    """Find the newest other report on a set whose content has a completed job, among the newest ten."""
    own_key = keys.report_key(report.data_set, report.fingerprint)
    others = [stored for stored in facts.reports[report.data_set] if stored.key != own_key]
    for stored in sorted(others, key=lambda stored: stored.last_modified, reverse=True)[:EARLIER_LOOKED_AT]:
        earlier = facts.documents[stored]
        if earlier and earlier.verdict is Verdict.READY and (job := _completed_job(earlier, facts)):
            return earlier, job
    return None


def _completed_job(report: Report, facts: StartFacts) -> TrainingJob | None:
    attempt = 1
    while job := facts.jobs[_job_name(report, facts, attempt)]:
        if job.status == "Completed":
            return job
        attempt += 1
    return None


def _job_name(report: Report, facts: StartFacts, attempt: int) -> str:
    return keys.job_name(facts.settings.job_prefix, report.data_set, report.fingerprint, attempt)
