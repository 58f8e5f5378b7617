"""What happens next: facts in, a step out. Nothing here knows the time, asks AWS or writes anything.

The whole machine is drawn in docs/states.md, which a test compares with these functions.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sagescene import dataset, keys, parts
from sagescene.bounds import LONGEST_REASON, MOMENT_IN_SECONDS
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet, StoredObject, UnfinishedUpload
from sagescene.findings import Severity
from sagescene.jobs import requests
from sagescene.messages import start_notices
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Verdict
from sagescene.quoting import quote
from sagescene.triggers import WaitCause
from sagescene.workflow import waits
from sagescene.workflow.content_names import tell_apart
from sagescene.workflow.decide_known import (
    job_name,
    judge,
    leave_at_once,
    stand_down_after_judgement,
    was_judged_since,
)
from sagescene.workflow.decide_wait import wait
from sagescene.workflow.facts import StartFacts
from sagescene.workflow.steps import (
    AskForModel,
    Claim,
    Examine,
    GiveUp,
    Ignore,
    JobLimit,
    Leave,
    Refuse,
    Remind,
    StandDown,
    Start,
    Wait,
    WarnOfMisplaced,
)


def before_reading(
    facts: StartFacts,
) -> Ignore | WarnOfMisplaced | StandDown | Wait | Remind | GiveUp | Leave | AskForModel | Examine:
    """Decide what a trigger asks for by what is listed and what was decided before; nothing of the data is read."""
    trigger, bucket = facts.trigger, facts.settings.data_bucket
    if trigger.bucket != bucket:
        return Ignore(subject=trigger.key, reason=f"this stack watches the bucket {bucket}, not {trigger.bucket}")
    is_elsewhere = not any(key.startswith(parts.DATASETS) for key in parts.readings_of(trigger.key))
    if facts.settings.existing_bucket and is_elsewhere:
        reason = f"it lies outside {parts.DATASETS}, in a bucket that holds other things, too"
        return Ignore(subject=trigger.key, reason=reason)
    is_unprintable = parts.is_unprintable(trigger.key)
    if parts.part_of(trigger.key) is None and not is_unprintable:
        return Ignore(subject=trigger.key, reason="the file is no part of a data set")
    if is_unprintable or not any(map(parts.set_of, parts.readings_of(trigger.key))):
        right_key = parts.suggest_key(trigger.key)
        return WarnOfMisplaced(
            key=trigger.key, right_key=right_key, notice=start_notices.misplaced(bucket, trigger.key)
        )
    located = _locate(facts)
    if located is None:
        reason = f"no such object is in the bucket {bucket} now"
        return Ignore(subject=trigger.key, reason=reason, decision="gone", level="info")
    name, key, objects = located
    later = dataset.uploaded_after(objects, key, trigger.time)
    if later:
        return StandDown(data_set=name, reason=f"{later.key} came later and will be judged")
    assembled = dataset.assemble(name, objects, bucket)
    left = leave_at_once(assembled, facts)
    if left:
        return left
    coming = find_upload_under_way(objects, facts.unfinished_uploads[name], facts.now)
    if coming:
        return _wait_for_upload(assembled, coming, facts)
    if isinstance(assembled, IncompleteSet):
        return _await_files(assembled, facts)
    return judge(tell_apart(assembled, facts.report_under), facts)


def after_reading(
    examine: Examine, facts: StartFacts, examination: Examination | None, changed: str = ""
) -> Refuse | Wait | GiveUp | Start:
    """Decide by the verdict on a data set; `changed` says which of its files did while they were read, if any."""
    assembled = examine.data_set
    if changed or examination is None:
        return wait(WaitCause.CHANGES, changed, assembled.name, examine.job, facts)
    if isinstance(assembled, AmbiguousSet) or examination.report.verdict is Verdict.REFUSED:
        return _refuse(examine, facts, examination)
    request = requests.request_training(
        assembled,
        examination.report,
        name=examine.job,
        instance_type=examine.instance_type,
        settings=facts.settings,
    )
    return Start(
        data_set=assembled.name,
        content=assembled.fingerprint,
        job=examine.job,
        instance_type=examine.instance_type,
        request=request,
        limits=_limits(facts),
        estimate=examination.report.estimate,
    )


def is_fresh(age_in_seconds: float) -> bool:
    """Tell whether a listing is so young that another, before the job is started, is not worth its calls."""
    return age_in_seconds <= MOMENT_IN_SECONDS  # false as well where nobody counts down, and the age is no number


def _limits(facts: StartFacts) -> tuple[JobLimit, ...]:
    at_once, a_day = facts.settings.max_jobs_at_once, facts.settings.max_jobs_per_day
    today = f"days/{facts.now.date().isoformat()}"
    limits = (
        JobLimit(cause=WaitCause.JOBS_AT_ONCE, group="at-once", most=at_once, ends_with_job=True),
        JobLimit(cause=WaitCause.JOBS_A_DAY, group=today, most=a_day, ends_with_job=False),
    )
    return tuple(limit for limit in limits if limit.most)


def find_upload_under_way(
    objects: Iterable[StoredObject], unfinished_uploads: Iterable[UnfinishedUpload], now: datetime
) -> UnfinishedUpload | None:
    """Find a multipart upload that is still to be waited for: of a part of the set, young, and not overtaken."""
    stored_at = {stored.key: stored.last_modified for stored in objects}
    for unfinished in unfinished_uploads:
        is_overtaken = unfinished.key in stored_at and stored_at[unfinished.key] > unfinished.began
        is_forgotten = now - unfinished.began >= waits.LONGEST_UPLOAD
        if parts.part_of(unfinished.key) and not is_overtaken and not is_forgotten:
            return unfinished
    return None


# --------------------------------------------------------------------------------------------- which data set it is


def _locate(facts: StartFacts) -> tuple[str, str, Sequence[StoredObject]] | None:
    left = []
    for key in parts.readings_of(facts.trigger.key):
        name = parts.set_of(key)
        if name:
            objects = facts.objects[name]
            # Of so many no more are listed, and the trigger's may be one of the others.
            if dataset.are_too_many(objects) or any(stored.key == key for stored in objects):
                return name, key, objects
            left.append((name, key, objects))
    # It was deleted since; uploads before it may have stood down for it, so the rest of its set is judged.
    return next((found for found in left if any(parts.part_of(stored.key) for stored in found[2])), None)


def _refuse(examine: Examine, facts: StartFacts, examination: Examination) -> Refuse:
    report, earlier, settings = examination.report, examine.earlier, facts.settings
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    topic = f"refused-after-{earlier.written:%Y-%m-%dT%H-%M-%S}" if earlier else "refused"
    page_key = keys.page_key(report.data_set, report.fingerprint)
    return Refuse(
        examination=examination,
        reason=quote(" ".join(str(finding) for finding in errors), LONGEST_REASON),
        claim=Claim.of(facts.trigger, keys.notice_key(report.data_set, report.fingerprint, topic)),
        notice=start_notices.refused(
            settings.data_bucket, report.data_set, page_key, report.findings, settings.stack_name
        ),
    )


# ------------------------------------------------------------------------------------------- what comes by itself


def _wait_for_upload(
    assembled: DataSet | IncompleteSet | AmbiguousSet, coming: UnfinishedUpload, facts: StartFacts
) -> Wait | GiveUp:
    name, bucket, notice = assembled.name, facts.settings.data_bucket, None
    if facts.now - coming.began >= waits.LONG_UPLOAD:
        claim = Claim.of(facts.trigger, keys.notice_key(name, "upload", "under-way"))
        notice = claim, start_notices.long_upload(name, bucket, coming.key, coming.id, coming.began)
    reason = f"{coming.key} is still being uploaded"
    return wait(WaitCause.UPLOAD, reason, name, job_name(assembled, facts, 1), facts, notice)


def _await_files(assembled: IncompleteSet, facts: StartFacts) -> StandDown | Wait | Remind | GiveUp:
    name, awaited = assembled.name, ", ".join(assembled.missing)
    if was_judged_since(name, facts):
        return stand_down_after_judgement(name)
    reason = f"it awaits its {awaited}"
    if waits.is_over(facts.trigger, WaitCause.FILES, facts.now):
        claim = Claim.of(facts.trigger, keys.notice_key(name, assembled.fingerprint, "reminder"))
        notice = start_notices.still_incomplete(
            name, awaited, waits.longest(WaitCause.FILES), [*assembled.likely.values()]
        )
        return Remind(data_set=name, reason=reason, claim=claim, notice=notice)
    return wait(WaitCause.FILES, reason, name, job_name(assembled, facts, 1), facts)
