"""Putting a data set off: the message that brings it back, and the word people get when waiting lasts."""

from sagescene import keys
from sagescene.aws import UnfinishedUpload
from sagescene.events import Upload, postponed
from sagescene.messages import notices
from sagescene.observability import count, logger
from sagescene.workflow import telling, waiting
from sagescene.workflow.decisions import Decision
from sagescene.workflow.invocation import Invocation
from sagescene.workflow.waiting import Patience


def postpone(
    upload: Upload, patience: Patience, data_set: str, job: str, reason: str, invocation: Invocation
) -> Decision:
    """Send the message that has the upload judged again later, and count the wait; of too many waits, none follows."""
    now = invocation.now
    if waiting.is_chain_over(upload.hops, upload.postponed_since, now):
        return give_up(upload, data_set, job, patience, reason, invocation)
    since = upload.wait_began(patience.waiting_for, now)
    delay = waiting.delay_in_seconds(patience, since, now, invocation.chance)
    message = postponed(upload, patience.waiting_for, now)
    invocation.cloud.send_later(invocation.settings.uploads_queue_url, message, delay)
    logger.info("waiting", waiting_for=patience.waiting_for, reason=reason, since=since.isoformat(), delay=delay)
    count("TrainingWaiting")
    return Decision(decision="postponed", subject=data_set, reason=reason)


def wait_for_upload(
    upload: Upload, data_set: str, job: str, coming: UnfinishedUpload, invocation: Invocation
) -> Decision:
    """Wait for the end of a multipart upload, and tell people once of one that has been under way for long."""
    if invocation.now - coming.began >= waiting.LONG_UPLOAD:
        notice = notices.long_upload(data_set, invocation.settings.data_bucket, coming.key, coming.id, coming.began)
        telling.tell_once(upload, keys.notice_key(data_set, "upload", "under-way"), notice, invocation)
    return postpone(upload, waiting.UPLOAD, data_set, job, f"{coming.key} is still being uploaded", invocation)


def tell_of_quota(upload: Upload, data_set: str, content: str, message: str, invocation: Invocation) -> None:
    """Tell people, when the wait begins, which quota is in the way and where it is raised."""
    if upload.waiting_for != waiting.QUOTA.waiting_for:
        notice = notices.waiting_for_quota(data_set, message=message, region=invocation.settings.aws_region)
        telling.tell_once(upload, keys.notice_key(data_set, content, "quota"), notice, invocation)


def remind_of_missing_files(
    upload: Upload, data_set: str, content: str, awaited: str, invocation: Invocation
) -> Decision:
    """Remind people once of a data set that lacks files; the next upload has it judged again."""
    logger.warning("data set is still incomplete", awaited=awaited)
    key = keys.notice_key(data_set, content, "reminder")
    telling.tell_once(upload, key, notices.still_incomplete(data_set, awaited), invocation)
    return Decision(decision="waiting", subject=data_set, reason=f"it awaits its {awaited}")


def give_up(
    upload: Upload, data_set: str, job: str, patience: Patience, reason: str, invocation: Invocation
) -> Decision:
    """End waiting that has lasted too long: log, alarm, notice and an outcome of the job that never was."""
    decision = Decision(decision="given up", subject=job, reason=reason)
    claim_key = keys.notice_key(data_set, job, "given-up")
    if not telling.falls_to(upload, claim_key, invocation):
        return decision
    logger.error("waited too long", waiting_for=patience.waiting_for, reason=reason)
    count("TrainingFailed")
    if waiting.is_over(patience, upload.wait_began(patience.waiting_for, invocation.now), invocation.now):
        notice = notices.waited_too_long(data_set, patience.waiting_for, reason)
    else:
        notice = notices.waited_too_often(data_set, upload.hops, upload.postponed_since, reason)
    telling.tell(notice, invocation)
    # Not the key of the job's own outcome: a later upload may still start a job of this name.
    key = keys.outcome_key(data_set, f"{job}.not-started")
    outcome = {"job": job, "status": "NotStarted", "written": invocation.now.isoformat(), **decision.as_json()}
    invocation.cloud.write_json(invocation.settings.data_bucket, key, {**outcome, "notice": notices.as_json(notice)})
    telling.note_told(upload, claim_key, invocation)
    return decision
