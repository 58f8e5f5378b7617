"""What happens next: facts in, a step out. Nothing here knows the time, asks AWS or writes anything.

The whole machine is drawn in docs/states.md, which a test compares with these functions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from urllib.parse import unquote_plus

from sagescene import dataset, keys, parts
from sagescene.bounds import LONGEST_REASON, MOMENT_IN_SECONDS
from sagescene.dataset import LISTING_DOUBT, AmbiguousSet, DataSet, IncompleteSet, StoredObject, UnfinishedUpload
from sagescene.findings import Severity
from sagescene.instances import choose_type
from sagescene.jobs import registry, requests
from sagescene.jobs.failures import NO_IMAGE, count_tries_without_capacity
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import start_notices
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Report, Verdict
from sagescene.quoting import quote
from sagescene.triggers import RetryRequested, Uploaded, WaitCause
from sagescene.workflow import waits
from sagescene.workflow.decide_names import explain_other_names, names_of
from sagescene.workflow.decide_wait import give_up, wait
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
from sagescene.workflow.unfinished import Unfinished


def before_reading(
    facts: StartFacts,
) -> Ignore | WarnOfMisplaced | StandDown | Wait | Remind | GiveUp | Leave | AskForModel | Examine:
    """Decide what a trigger asks for by what is listed and what was decided before; nothing of the data is read."""
    trigger, bucket = facts.trigger, facts.settings.data_bucket
    if trigger.bucket != bucket:
        return Ignore(subject=trigger.key, reason=f"this stack watches the bucket {bucket}, not {trigger.bucket}")
    is_unprintable = parts.is_unprintable(trigger.key)
    if parts.part_of(trigger.key) is None and not is_unprintable:
        return Ignore(subject=trigger.key, reason="the file is no part of a data set")
    if is_unprintable or not any(map(parts.set_of, _readings_of(trigger.key))):
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
    left = _leave_at_once(assembled, facts)
    if left:
        return left
    coming = find_upload_under_way(objects, facts.unfinished_uploads[name], facts.now)
    if coming:
        return _wait_for_upload(assembled, coming, facts)
    if isinstance(assembled, IncompleteSet):
        return _await_files(assembled, facts)
    return _judge(_tell_apart(assembled, facts), facts)


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


def _readings_of(key: str) -> Iterable[str]:
    # Whether EventBridge encodes keys is not documented; what the listing holds decides.
    return dict.fromkeys((key, unquote_plus(key)))


def _locate(facts: StartFacts) -> tuple[str, str, Sequence[StoredObject]] | None:
    left = []
    for key in _readings_of(facts.trigger.key):
        name = parts.set_of(key)
        if name:
            objects = facts.objects[name]
            if any(stored.key == key for stored in objects):
                return name, key, objects
            left.append((name, key, objects))
    # It was deleted since; uploads before it may have stood down for it, so the rest of its set is judged.
    return next((found for found in left if any(parts.part_of(stored.key) for stored in found[2])), None)


# ------------------------------------------------------------------------------------- what came of the same files


def _leave_at_once(assembled: DataSet | IncompleteSet | AmbiguousSet, facts: StartFacts) -> Leave | None:
    """Leave files that have their job, or were refused, where nothing is to be done, whatever is on its way."""
    if isinstance(assembled, IncompleteSet):
        return None
    judged = _judge(_tell_apart(assembled, facts), facts)
    return judged if isinstance(judged, Leave) and not judged.notice else None


def _tell_apart(assembled: DataSet | AmbiguousSet, facts: StartFacts) -> DataSet | AmbiguousSet:
    """Give a content whose name is another's already a longer one."""
    named_so = _find_report(assembled, facts)
    if named_so is None or named_so.is_of(assembled.digest):
        return assembled
    return replace(assembled, digits=dataset.LONGER_FORM)


def _judge(assembled: DataSet | AmbiguousSet, facts: StartFacts) -> StandDown | Leave | AskForModel | GiveUp | Examine:
    attempts: list[TrainingJob] = []
    while job := facts.jobs[_job_name(assembled, facts, len(attempts) + 1)]:
        if not job.is_ended:
            return _leave_to(job, "running", "its training job is running", assembled, facts)
        if job.status == "Completed":
            return _leave_trained(assembled, job, facts)
        attempts.append(job)
    if attempts and not _asks_for_another_try(facts, attempts[-1]):
        reason = "its training job ended without a model; a later upload tries again"
        return Leave(subject=attempts[-1].name, decision="ended", reason=reason)
    if isinstance(facts.trigger, RetryRequested) and not attempts:
        return StandDown(data_set=assembled.name, reason=f"the files of {facts.trigger.job} were replaced")

    earlier = _find_report(assembled, facts)
    if earlier is None and _was_judged_since(assembled.name, facts):
        return _stand_down_after_judgement(assembled.name)
    # An event's time is cut to the second: within the one in which the set was listed, it may tell of a newer file.
    if earlier and earlier.verdict is Verdict.REFUSED and facts.trigger.time + LISTING_DOUBT <= earlier.written:
        reason = "it was refused already; a later upload tries again"
        return Leave(subject=assembled.name, decision="refused", reason=reason)
    region, job_name = facts.settings.aws_region, _job_name(assembled, facts, len(attempts) + 1)
    if region not in registry.REGIONS:  # asked before gigabytes are read
        return _give_up_region(assembled.name, job_name, facts)
    most = facts.settings.max_capacity_tries
    tries = count_tries_without_capacity(reversed(attempts), most)
    return Examine(
        data_set=assembled,
        job=job_name,
        instance_type=choose_type(facts.settings.instance_types, tries, most),
        earlier=earlier,
    )


def _leave_to(
    job: TrainingJob,
    decision: Literal["running", "trained"],
    reason: str,
    assembled: DataSet | AmbiguousSet,
    facts: StartFacts,
) -> Leave:
    stored = names_of(assembled)
    differing = explain_other_names(stored, _find_report(assembled, facts), facts) if stored else ""
    if not differing:
        return Leave(subject=job.name, decision=decision, reason=reason)
    claim = Claim.of(facts.trigger, keys.notice_key(assembled.name, assembled.fingerprint, "class-names"))
    notice = start_notices.other_names(assembled.name, job.name, differing)
    return Leave(subject=job.name, decision=decision, reason=f"{reason}; but {differing}", notice=(claim, notice))


def _leave_trained(assembled: DataSet | AmbiguousSet, job: TrainingJob, facts: StartFacts) -> Leave | AskForModel:
    # A model may be deleted on purpose: only who asks after the training wants it back.
    if _asks_for_another_try(facts, job) and not facts.models[job.name]:
        reason = "the same files were trained on, and there is no model of it: it is made anew within the hour"
        return AskForModel(unfinished=Unfinished.asked(job, assembled.name, facts.now), reason=reason)
    outcome = f"s3://{facts.settings.data_bucket}/{keys.outcome_key(job.name, job.created)}"
    reason = f"the same files were trained on: what came of it is in {outcome}"
    return _leave_to(job, "trained", reason, assembled, facts)


def _give_up_region(data_set: str, job: str, facts: StartFacts) -> GiveUp:
    reason = str(registry.UnknownRegionError(facts.settings.aws_region))
    notice = start_notices.not_started(data_set, [reason], [NO_IMAGE.remedy], facts.settings.stack_name)
    return give_up(data_set, job, reason, NO_IMAGE, notice, facts)


def _asks_for_another_try(facts: StartFacts, last: TrainingJob) -> bool:
    trigger = facts.trigger
    if isinstance(trigger, RetryRequested):
        return trigger.job == last.name
    # An event's time is cut to the second: within the one in which the job ended, it acts.
    return trigger.time > last.ended - LISTING_DOUBT


def _find_report(assembled: DataSet | AmbiguousSet, facts: StartFacts) -> Report | None:
    # Asked for under its key: of files that were refused nothing more has to be listed.
    return facts.report_under[keys.report_key(assembled.name, assembled.fingerprint)]


def _was_judged_since(data_set: str, facts: StartFacts) -> bool:
    """Tell whether the data set was refused or trained on after an upload that was not put off since.

    Then that verdict knew of the upload, and what has come later is an event of its own.
    """
    trigger = facts.trigger
    if trigger.waiting or not isinstance(trigger, Uploaded):
        return False
    written = (facts.documents[stored] for stored in facts.reports[data_set] if stored.last_modified >= trigger.time)
    after = trigger.time + LISTING_DOUBT
    return any(report.written >= after and _is_carried_out(report, facts) for report in written if report)


def _is_carried_out(report: Report, facts: StartFacts) -> bool:
    job = keys.job_name(facts.settings.job_prefix, report.data_set, report.fingerprint)
    return report.verdict is Verdict.REFUSED or facts.jobs[job] is not None


def _stand_down_after_judgement(data_set: str) -> StandDown:
    return StandDown(data_set=data_set, reason="it was judged after this upload, and has only lost files since")


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
    return wait(WaitCause.UPLOAD, reason, name, _job_name(assembled, facts, 1), facts, notice)


def _await_files(assembled: IncompleteSet, facts: StartFacts) -> StandDown | Wait | Remind | GiveUp:
    name, awaited = assembled.name, ", ".join(assembled.missing)
    if _was_judged_since(name, facts):
        return _stand_down_after_judgement(name)
    reason = f"it awaits its {awaited}"
    if waits.is_over(facts.trigger, WaitCause.FILES, facts.now):
        claim = Claim.of(facts.trigger, keys.notice_key(name, assembled.fingerprint, "reminder"))
        return Remind(data_set=name, reason=reason, claim=claim, notice=start_notices.still_incomplete(name, awaited))
    return wait(WaitCause.FILES, reason, name, _job_name(assembled, facts, 1), facts)


def _job_name(assembled: DataSet | IncompleteSet | AmbiguousSet, facts: StartFacts, attempt: int) -> str:
    return keys.job_name(facts.settings.job_prefix, assembled.name, assembled.fingerprint, attempt)
