"""The order of things: an upload becomes a training job, a job's end an outcome; the clock mends what was lost."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from sagescene import dataset, keys
from sagescene.aws import (
    Cloud,
    ObjectReplacedError,
    QuotaExceededError,
    ThrottledError,
    TrainingJob,
    UnfinishedUpload,
)
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, Part, StoredObject
from sagescene.events import Upload
from sagescene.instances import choose_type
from sagescene.jobs.jobrequest import request_job
from sagescene.messages import notices
from sagescene.observability import logger
from sagescene.preflight.report import Verdict
from sagescene.settings import Settings, StartSettings
from sagescene.workflow import endings, postponing, telling, verdicts, waiting
from sagescene.workflow.decisions import Decision
from sagescene.workflow.invocation import Invocation
from sagescene.workflow.waiting import Patience

# A job runs 28 days at most.
_LONGEST_JOB = timedelta(days=30)


# ------------------------------------------------------------------------------------ an upload becomes a job


def start(upload: Upload, invocation: Invocation[StartSettings]) -> Decision:
    """Judge the data set that an upload belongs to, and start its training job when it is time to."""
    bucket = invocation.settings.data_bucket
    logger.append_keys(upload=upload.key)
    if upload.bucket != bucket:
        return _ignore(upload.key, f"this stack watches the bucket {bucket}, not {upload.bucket}")
    if dataset.part_of(upload.key) is None:
        return _ignore(upload.key, "the file is no part of a data set")
    if not any(map(dataset.set_of, _readings_of(upload.key))):
        return _warn_of_misplaced(upload, invocation)
    located = _locate(upload, invocation.cloud)
    if located is None:
        logger.info("upload is gone", bucket=bucket)
        return Decision(decision="gone", subject=upload.key, reason=f"no such object is in the bucket {bucket} now")
    name, key, objects = located
    logger.append_keys(data_set=name)
    if dataset.part_of(key) is Part.TEST:
        logger.info("test files are not trained on")
    later = dataset.uploaded_after(objects, key, upload.time)
    if later:
        return _stand_down(name, f"{later.key} came later and will be judged")
    assembled = dataset.assemble(name, objects)
    coming = _find_upload_under_way(name, objects, invocation)
    if coming:
        job = _job_name(assembled, invocation.settings, 1)
        return postponing.wait_for_upload(upload, name, job, coming, invocation)
    if isinstance(assembled, IncompleteSet):
        return _await_files(assembled, upload, invocation)
    try:
        return _judge(assembled, upload, invocation)
    except ObjectReplacedError as replaced:
        return _wait(waiting.CHANGES, str(replaced), assembled, 1, upload, invocation)


def _ignore(key: str, reason: str) -> Decision:
    logger.debug("ignored", reason=reason)
    return Decision(decision="ignored", subject=key, reason=reason)


def _stand_down(name: str, reason: str) -> Decision:
    logger.debug("stood down", reason=reason)
    return Decision(decision="stood down", subject=name, reason=reason)


def _warn_of_misplaced(upload: Upload, invocation: Invocation) -> Decision:
    right_key = dataset.suggest_key(upload.key)
    logger.warning("file is in no data set", right_key=right_key)
    telling.tell(notices.misplaced(upload.bucket, upload.key), invocation)
    return Decision(decision="misplaced", subject=upload.key, reason=f"upload it as {right_key}")


def _readings_of(key: str) -> Iterable[str]:
    # Whether EventBridge encodes keys is not documented; what the listing holds decides.
    return dict.fromkeys((key, unquote_plus(key)))


def _locate(upload: Upload, cloud: Cloud) -> tuple[str, str, list[StoredObject]] | None:
    left = []
    for key in _readings_of(upload.key):
        name = dataset.set_of(key)
        if name:
            objects = cloud.list_objects(upload.bucket, f"{dataset.DATASETS}{name}/")
            if any(stored.key == key for stored in objects):
                return name, key, objects
            left.append((name, key, objects))
    # It was deleted since; uploads before it may have stood down for it, so the rest of its set is judged.
    return next((found for found in left if any(dataset.part_of(stored.key) for stored in found[2])), None)


def _find_upload_under_way(
    name: str, objects: Iterable[StoredObject], invocation: Invocation
) -> UnfinishedUpload | None:
    stored_at = {stored.key: stored.last_modified for stored in objects}
    bucket, prefix = invocation.settings.data_bucket, f"{dataset.DATASETS}{name}/"
    for unfinished in invocation.cloud.list_unfinished_uploads(bucket, prefix):
        began = unfinished.began
        is_superseded = unfinished.key in stored_at and stored_at[unfinished.key] > began
        is_forgotten = waiting.is_over(waiting.UPLOAD, began, invocation.now)
        if dataset.part_of(unfinished.key) and not is_superseded and not is_forgotten:
            return unfinished
    return None


def _judge(assembled: DataSet | AmbiguousSet, upload: Upload, invocation: Invocation[StartSettings]) -> Decision:
    settings, cloud = invocation.settings, invocation.cloud
    attempts: list[TrainingJob] = []
    while job := cloud.describe_training_job(_job_name(assembled, settings, len(attempts) + 1)):
        if not job.is_ended:
            return _leave(job, "running", "its training job is running")
        if job.status == "Completed":
            return _leave(job, "trained", f"model {job.name} was made of the same files")
        attempts.append(job)
    if attempts and not _asks_for_another_try(upload, attempts[-1]):
        return _leave(attempts[-1], "ended", "its training job ended without a model; a later upload tries again")
    if upload.retry_of and not attempts:
        return _stand_down(assembled.name, f"the files of {upload.retry_of} were replaced")

    reports = verdicts.list_reports(assembled.name, invocation)
    earlier = verdicts.find_report(reports, assembled.fingerprint, invocation)
    if earlier is None and verdicts.was_judged_since(reports, upload, invocation):
        return _stand_down(assembled.name, "it was judged after this upload, and has only lost files since")
    # An event's time is cut to the second: within the one in which the set was listed, it may tell of a newer file.
    if earlier and earlier.verdict is Verdict.REFUSED and upload.time + dataset.LISTING_DOUBT <= earlier.written:
        logger.info("data set was refused already")
        return Decision(
            decision="refused",
            subject=assembled.name,
            reason="it was refused already; a later upload tries again",
        )
    examined = verdicts.examine(assembled, earlier, invocation)
    if isinstance(assembled, AmbiguousSet) or examined.report.verdict is Verdict.REFUSED:
        return verdicts.refuse(examined, earlier, upload, invocation)
    most = settings.max_capacity_tries
    tries = endings.count_tries_without_capacity(reversed(attempts), most)
    instance_type = choose_type(settings.instance_types, tries, most)
    name = _job_name(assembled, settings, len(attempts) + 1)
    request = request_job(assembled, examined.report, name=name, instance_type=instance_type, settings=settings)
    if not examined.is_kept:
        verdicts.keep(examined, request, invocation)
        if not _is_unchanged(assembled, invocation):
            reason = "its files changed while they were being read"
            return _wait(waiting.CHANGES, reason, assembled, len(attempts) + 1, upload, invocation)
    try:
        return verdicts.start_job(examined.report, request, invocation)
    except QuotaExceededError as quota:
        postponing.tell_of_quota(upload, assembled.name, assembled.fingerprint, str(quota), invocation)
        patience, reason = waiting.QUOTA, str(quota)
    except ThrottledError as throttled:
        # Many that wait for the quota can throttle each other: that is no new wait.
        is_behind_quota = upload.waiting_for == waiting.QUOTA.waiting_for
        patience, reason = waiting.QUOTA if is_behind_quota else waiting.THROTTLING, str(throttled)
    return _wait(patience, reason, assembled, len(attempts) + 1, upload, invocation)


def _is_unchanged(assembled: DataSet, invocation: Invocation) -> bool:
    prefix = f"{dataset.DATASETS}{assembled.name}/"
    objects = invocation.cloud.list_objects(invocation.settings.data_bucket, prefix)
    is_same = dataset.assemble(assembled.name, objects).fingerprint == assembled.fingerprint
    return is_same and not _find_upload_under_way(assembled.name, objects, invocation)


def _wait(
    patience: Patience,
    reason: str,
    assembled: DataSet | AmbiguousSet,
    attempt: int,
    upload: Upload,
    invocation: Invocation,
) -> Decision:
    job = _job_name(assembled, invocation.settings, attempt)
    if waiting.is_over(patience, upload.wait_began(patience.waiting_for, invocation.now), invocation.now):
        return postponing.give_up(upload, assembled.name, job, patience, reason, invocation)
    return postponing.postpone(upload, patience, assembled.name, job, reason, invocation)


def _asks_for_another_try(upload: Upload, last: TrainingJob) -> bool:
    if upload.retry_of:
        return upload.retry_of == last.name
    # An event's time is cut to the second: within the one in which the job ended, it acts.
    return upload.time > last.ended - dataset.LISTING_DOUBT


def _await_files(assembled: IncompleteSet, upload: Upload, invocation: Invocation) -> Decision:
    reports = verdicts.list_reports(assembled.name, invocation)
    if verdicts.was_judged_since(reports, upload, invocation):
        return _stand_down(assembled.name, "it was judged after this upload, and has only lost files since")
    awaited = ", ".join(assembled.missing)
    patience, now = waiting.FILES, invocation.now
    if waiting.is_over(patience, upload.wait_began(patience.waiting_for, now), now):
        return postponing.remind_of_missing_files(upload, assembled.name, assembled.fingerprint, awaited, invocation)
    logger.info("data set is incomplete", awaited=awaited)
    reason = f"it awaits its {awaited}"
    job = _job_name(assembled, invocation.settings, 1)
    postponed = postponing.postpone(upload, patience, assembled.name, job, reason, invocation)
    is_given_up = postponed.decision == "given up"
    return postponed if is_given_up else Decision(decision="waiting", subject=assembled.name, reason=reason)


def _job_name(assembled: DataSet | IncompleteSet | AmbiguousSet, settings: Settings, attempt: int) -> str:
    return keys.job_name(settings.job_prefix, assembled.name, assembled.fingerprint, attempt)


def _leave(job: TrainingJob, decision: str, reason: str) -> Decision:
    logger.info("nothing to start", job=job.name, status=job.status, reason=reason)
    return Decision(decision=decision, subject=job.name, reason=reason)


# ----------------------------------------------------------------------------- a job's end becomes an outcome


def finish(job_name: str, invocation: Invocation) -> Decision:
    """Make what a training job's end asks for: a model or a logged reason, a notice, then the outcome object."""
    settings, cloud = invocation.settings, invocation.cloud
    logger.append_keys(job=job_name)
    if not job_name.startswith(f"{settings.job_prefix}--"):
        return _ignore(job_name, f"the job is not of the stack {settings.job_prefix}")
    job = cloud.describe_training_job(job_name)
    if job is None:
        logger.warning("no training job of this name", region=settings.aws_region)
        return Decision(decision="unknown", subject=job_name, reason="there is no training job of this name")
    if not job.is_ended:
        return _ignore(job_name, f"the job has not ended: it is {job.status}")
    data_set = dataset.set_of(job.train_uri.removeprefix(f"s3://{settings.data_bucket}/")) or "other"
    key = keys.outcome_key(data_set, job_name)
    if cloud.exists(settings.data_bucket, key):
        logger.debug("the outcome is known")
        return Decision(decision="known", subject=job_name, reason=f"its outcome is s3://{settings.data_bucket}/{key}")

    match job.status:
        case "Completed":
            decision, notice = endings.create_model(job, data_set, invocation)
        case "Failed":
            attempts = endings.list_attempts(job, cloud)
            tries = endings.count_tries_without_capacity(attempts, settings.max_capacity_tries)
            if 0 < tries < settings.max_capacity_tries:
                decision, notice = endings.try_again(job, tries, data_set, invocation)
            else:
                decision, notice = endings.log_failure(job, data_set, settings)
        case _:
            decision, notice = endings.log_stop(job, data_set, cloud)
    telling.tell(notice, invocation)
    outcome = {"job": job.name, "status": job.status, "written": invocation.now.isoformat(), **decision.as_json()}
    # Last of all: whatever dies before this line is done again by the next event or the clock.
    cloud.write_json_once(settings.data_bucket, key, {**outcome, "notice": notices.as_json(notice)})
    return decision


# ------------------------------------------------------------------------------ the clock mends what was lost


def reconcile(invocation: Invocation) -> list[Decision]:
    """Finish every ended job of this stack that has no outcome object."""
    settings, cloud = invocation.settings, invocation.cloud
    ended = cloud.list_ended_jobs(f"{settings.job_prefix}--", created_after=invocation.now - _LONGEST_JOB)
    outcomes = {stored.key.rpartition("/")[2] for stored in cloud.list_objects(settings.data_bucket, keys.REPORTS)}
    unfinished = [job for job in ended if keys.outcome_key("", job).rpartition("/")[2] not in outcomes]
    decisions, faults = [], []
    for job in unfinished:
        try:
            decisions.append(finish(job, invocation))
        except Exception as fault:
            logger.exception("a job could not be finished")
            faults.append(fault)
    if faults:
        raise ExceptionGroup("jobs could not be finished", faults)
    return decisions


def answer(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Give decisions as a function's answer, in which `sam local invoke` shows what would have happened."""
    return [decision.as_json() for decision in decisions]
