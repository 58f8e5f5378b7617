"""What follows where files were judged, refused or trained on before: facts in, a step out, as in `decide`."""

from typing import Literal

from sagescene import keys
from sagescene.dataset import LISTING_DOUBT, AmbiguousSet, DataSet, IncompleteSet
from sagescene.instances import choose_type
from sagescene.jobs import registry
from sagescene.jobs.failures import NO_IMAGE, count_tries_without_capacity
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages import start_notices
from sagescene.preflight.report import Report, Verdict
from sagescene.triggers import RetryRequested, Uploaded
from sagescene.workflow.content_names import tell_apart
from sagescene.workflow.decide_names import explain_other_names, names_of
from sagescene.workflow.decide_wait import give_up
from sagescene.workflow.facts import StartFacts
from sagescene.workflow.steps import AskForModel, Claim, Examine, GiveUp, Leave, StandDown
from sagescene.workflow.unfinished import Unfinished


def leave_at_once(assembled: DataSet | IncompleteSet | AmbiguousSet, facts: StartFacts) -> Leave | None:
    """Leave files that have their job, or were refused, where nothing is to be done, whatever is on its way."""
    if isinstance(assembled, IncompleteSet):
        return None
    judged = judge(tell_apart(assembled, facts.report_under), facts)
    return judged if isinstance(judged, Leave) and not judged.notice else None


def judge(assembled: DataSet | AmbiguousSet, facts: StartFacts) -> StandDown | Leave | AskForModel | GiveUp | Examine:
    """Decide by what came of the same files, and whether a trigger asks for another try; else they are examined."""
    attempts: list[TrainingJob] = []
    while job := facts.jobs[job_name(assembled, facts, len(attempts) + 1)]:
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
    if earlier is None and was_judged_since(assembled.name, facts):
        return stand_down_after_judgement(assembled.name)
    # An event's time is cut to the second: within the one in which the set was listed, it may tell of a newer file.
    if earlier and earlier.verdict is Verdict.REFUSED and facts.trigger.time + LISTING_DOUBT <= earlier.written:
        reason = "it was refused already; a later upload tries again"
        return Leave(subject=assembled.name, decision="refused", reason=reason)
    region, name = facts.settings.aws_region, job_name(assembled, facts, len(attempts) + 1)
    if region not in registry.REGIONS:  # asked before gigabytes are read
        return _give_up_region(assembled.name, name, facts)
    most = facts.settings.max_capacity_tries
    tries = count_tries_without_capacity(reversed(attempts), most)
    return Examine(
        data_set=assembled,
        job=name,
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


def was_judged_since(data_set: str, facts: StartFacts) -> bool:
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


def stand_down_after_judgement(data_set: str) -> StandDown:
    """Stand down for the verdict that `was_judged_since` has found."""
    return StandDown(data_set=data_set, reason="it was judged after this upload, and has only lost files since")


def job_name(assembled: DataSet | IncompleteSet | AmbiguousSet, facts: StartFacts, attempt: int) -> str:
    """Name the nth attempt to train on these files."""
    return keys.job_name(facts.settings.job_prefix, assembled.name, assembled.fingerprint, attempt)
