"""What an evaluation asks for: facts in, a step out, as in `decide`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from sagescene import dataset, keys, parts
from sagescene.dataset import DataSet, StoredObject
from sagescene.evaluation_messages import EvaluationRequested, EvaluationTrigger, NewTestRecords
from sagescene.jobs.training_job import TrainingJob
from sagescene.parts import Part
from sagescene.preflight.report import Report
from sagescene.settings import EvaluateSettings
from sagescene.workflow.evaluation_state import EvaluationPhase, EvaluationState
from sagescene.workflow.evaluation_steps import Conclude, GoOn, Measure, PutOff, RecordUnevaluated
from sagescene.workflow.evaluator import Assignment, EvaluationProgress
from sagescene.workflow.steps import Ignore, StandDown

# Lambda is told to let the chain of function and queue go on, so that its end is decided here. Every hop but those that
# were put off measures for minutes, so that MaxEvaluationMinutes end an evaluation long before.
MOST_HOPS = 200
_DELAY_IN_SECONDS = 60
_DELAY_OF_TELLING_IN_SECONDS = 900  # whoever took the model's notice, and was kept from sending it, holds it so long
_LONGEST_DISTURBANCE = timedelta(hours=1)  # after which the queue's own tries are left
_BESIDE = (".idx", ".lst")  # what decides which images come first
_RESERVE_IN_SECONDS = 60.0  # of an invocation: for the batch in hand, and to keep, conclude and tell


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationFacts:
    """What is known when a model is to be evaluated.

    `jobs` are by name, `objects` by data set, `stored` by s3:// address, `documents` are reports on data sets by their
    keys, `states` by theirs; each is None where there is none. `seconds_left` are those of this invocation.
    """

    trigger: EvaluationTrigger
    now: datetime
    seconds_left: float
    settings: EvaluateSettings
    jobs: Mapping[str, TrainingJob | None]
    objects: Mapping[str, Sequence[StoredObject]]
    stored: Mapping[str, StoredObject | None]
    documents: Mapping[str, Report | None]
    states: Mapping[str, EvaluationState | None]


def before_measuring(facts: EvaluationFacts) -> Ignore | StandDown | Measure | Conclude | RecordUnevaluated:
    """Decide what a trigger asks for by what is listed and how far an evaluation has come; no image is read."""
    trigger = facts.trigger
    if isinstance(trigger, EvaluationRequested):
        found: TrainingJob | Ignore | StandDown = _check_job(trigger.job, facts)
    else:
        found = _find_job(trigger, facts)
    return _assign(found, facts) if isinstance(found, TrainingJob) else found


def after_measuring(
    step: Measure, progress: EvaluationProgress, took: float, facts: EvaluationFacts
) -> GoOn | Conclude | RecordUnevaluated:
    """Decide by what was counted: all is read, or the time is over, or the next message goes on."""
    hops = max(step.state.hops, step.hop) + 1
    state = replace(
        step.state,
        hops=hops,
        seconds=step.state.seconds + took,
        images=progress.images,
        tally=progress.tally,
    )
    is_stuck = progress.images == step.state.images  # the rest of the time is less than a batch takes
    # Measuring ends a batch before its seconds do: where they were the last, another message could count nothing.
    is_used_up = max(took, step.seconds) >= _seconds_left(step.state, facts)
    is_over = is_stuck or is_used_up or hops >= MOST_HOPS
    if is_over and not progress.images:
        return after_refused_evaluation(replace(step, state=state), _explain_nothing_read(step.assignment, progress))
    if progress.is_whole or is_over:
        measured = replace(state, phase=EvaluationPhase.MEASURED, is_whole=progress.is_whole)
        return Conclude(assignment=step.assignment, state=measured)
    return GoOn(
        assignment=step.assignment,
        state=state,
        message=EvaluationRequested(job=step.assignment.job.name, hop=hops),
    )


def after_refused_evaluation(step: Measure | Conclude, reason: str) -> RecordUnevaluated:
    """Decide what follows where the model, or its files, cannot be measured."""
    given = step.assignment
    state = replace(step.state, phase=EvaluationPhase.MEASURED, reason=reason)
    return RecordUnevaluated(job=given.job, data_set=given.data_set, report=given.report, reason=reason, state=state)


def after_disturbance(step: Measure | Conclude | RecordUnevaluated, reason: str) -> PutOff | RecordUnevaluated:
    """Decide when an evaluation is tried again whose files have just changed, or which AWS disturbed."""
    hop = max(step.state.hops, step.hop if isinstance(step, Measure) else 0) + 1
    if hop >= MOST_HOPS:
        return step if isinstance(step, RecordUnevaluated) else after_refused_evaluation(step, reason)
    job = step.job if isinstance(step, RecordUnevaluated) else step.assignment.job
    delay = _DELAY_IN_SECONDS if isinstance(step, Measure) else _DELAY_OF_TELLING_IN_SECONDS
    message = EvaluationRequested(job=job.name, hop=hop)
    return PutOff(subject=job.name, reason=reason, message=message, delay_in_seconds=delay)


def may_be_put_off(facts: EvaluationFacts) -> bool:
    """Tell whether a trigger may still come back by a message of its own, before it is known what it asks for."""
    if isinstance(facts.trigger, EvaluationRequested):
        return facts.trigger.hop + 1 < MOST_HOPS
    return facts.now - facts.trigger.time < _LONGEST_DISTURBANCE


def after_early_disturbance(facts: EvaluationFacts, reason: str) -> PutOff:
    """Decide when a trigger comes back of which AWS did not let know what it asks for."""
    trigger = facts.trigger
    if isinstance(trigger, EvaluationRequested):
        trigger, subject = replace(trigger, hop=trigger.hop + 1), trigger.job
    else:
        subject = trigger.key
    return PutOff(subject=subject, reason=reason, message=trigger, delay_in_seconds=_DELAY_IN_SECONDS)


def _explain_nothing_read(given: Assignment, progress: EvaluationProgress) -> str:
    names = ", ".join(stored.key for stored in given.files)
    if progress.fault:
        return f"No image of {names} can be read. {progress.fault}. Pack the images again, and upload the files anew."
    if progress.is_whole:
        return f"{names}: there is no image in it. Pack the images again, and upload the files anew."
    return "No image could be read in the time there was."


def _seconds_left(state: EvaluationState, facts: EvaluationFacts) -> float:
    return facts.settings.max_evaluation_minutes * 60 - state.seconds


# -------------------------------------------------------------------------------------------------- which job it is


def _check_job(name: str, facts: EvaluationFacts) -> TrainingJob | Ignore:
    prefix = facts.settings.job_prefix
    if not name.startswith(f"{prefix}--"):
        return Ignore(subject=name, reason=f"the job is not of the stack {prefix}")
    job = facts.jobs[name]
    if job is None:
        reason = "there is no training job of this name"
        return Ignore(subject=name, reason=reason, decision="unknown", level="warning")
    if job.status != "Completed":
        return Ignore(subject=name, reason=f"the job has no model: it is {job.status}")
    return job


def _find_job(trigger: NewTestRecords, facts: EvaluationFacts) -> TrainingJob | Ignore | StandDown:
    """Find the newest model of the data set that test files were uploaded to."""
    if trigger.bucket != facts.settings.data_bucket:
        return Ignore(subject=trigger.key, reason=f"this stack watches another bucket than {trigger.bucket}")
    # Whether EventBridge encodes keys is not documented; what the listing holds decides.
    for key in dict.fromkeys((trigger.key, unquote_plus(trigger.key))):
        name = parts.set_of(key)
        if name and any(stored.key == key for stored in facts.objects[name]):
            break
    else:
        return Ignore(subject=trigger.key, reason="there is no such file now", decision="gone", level="info")
    tests = _test_records(facts.objects[name])
    if not any(stored.key == key for stored in tests):
        return Ignore(subject=key, reason="it is no test file")
    later = dataset.uploaded_after(tests, key, trigger.time)
    if later:
        return StandDown(data_set=name, reason=f"{later.key} came later and will be evaluated on")
    assembled = _assemble(name, facts)
    if not isinstance(assembled, DataSet):
        return Ignore(subject=key, reason="its data set is not complete")
    attempt = 1
    while job := facts.jobs[keys.job_name(facts.settings.job_prefix, name, assembled.fingerprint, attempt)]:
        if job.status == "Completed":
            return job
        attempt += 1
    return Ignore(subject=key, reason="there is no model of these files yet, and the evaluation of one will find it")


def _assemble(name: str, facts: EvaluationFacts) -> DataSet | None:
    assembled = dataset.assemble(name, facts.objects[name], facts.settings.data_bucket)
    if not isinstance(assembled, DataSet):
        return None
    # As in `decide_known`: a content whose name is another's already has a longer one.
    named_so = facts.documents[keys.report_key(name, assembled.fingerprint)]
    if named_so is None or named_so.is_of(assembled.digest):
        return assembled
    return replace(assembled, digits=dataset.LONGER_FORM)


# ----------------------------------------------------------------------------------------------- what it is measured on


def _assign(job: TrainingJob, facts: EvaluationFacts) -> Ignore | Measure | Conclude | RecordUnevaluated:
    data_set = parts.set_of(job.train_uri.removeprefix(f"s3://{facts.settings.data_bucket}/")) or ""
    fingerprint = keys.fingerprint_of(job.name)
    report = facts.documents[keys.report_key(data_set, fingerprint)]
    assembled = dataset.assemble(data_set, facts.objects[data_set], facts.settings.data_bucket) if data_set else None
    if not isinstance(assembled, DataSet) or not assembled.digest.startswith(fingerprint):
        return _refuse(
            job, data_set, report, "The files that it was trained on were replaced since.", "replaced", facts
        )
    tests = _test_records(facts.objects[data_set])
    files = tuple(sorted(tests, key=lambda stored: stored.key)) or (assembled.validation_records,)
    stems = {stored.key.removesuffix(".rec") for stored in files}
    beside = tuple(
        stored for stored in facts.objects[data_set] if stored.key[-4:] in _BESIDE and stored.key[:-4] in stems
    )
    artifact = facts.stored[job.artifact]
    identity = dataset.digest([*([artifact] if artifact else []), *files, *beside])[: dataset.SHORT_FORM]
    if artifact is None:
        reason = (
            f"There is no {job.artifact} any more. Put it back and upload the test files again, or train on a changed "
            "set to have another model."
        )
        return _refuse(job, data_set, report, reason, identity, facts)
    assignment = Assignment(
        job=job,
        data_set=data_set,
        artifact=artifact,
        files=files,
        beside=beside,
        role="test" if tests else "validation",
        identity=identity,
        report=report,
        copies=tuple(stored.key for stored in tests if stored.is_copy_of(assembled.validation_records)),
    )
    return _go_on(assignment, facts)


def _refuse(
    job: TrainingJob, data_set: str, report: Report | None, reason: str, identity: str, facts: EvaluationFacts
) -> Ignore | RecordUnevaluated:
    """Say why a model is not measured, unless that was said of the same files already."""
    state = _find_state(job, identity, facts)
    if state.phase is EvaluationPhase.ENDED:
        return Ignore(subject=job.name, reason="why it is not evaluated was said already", decision="known")
    state = replace(state, phase=EvaluationPhase.MEASURED, hops=state.hops + 1, reason=reason)
    return RecordUnevaluated(job=job, data_set=data_set or "other", report=report, reason=reason, state=state)


def _find_state(job: TrainingJob, identity: str, facts: EvaluationFacts) -> EvaluationState:
    key = keys.evaluation_state_key(job.name, job.created, identity)
    return facts.states[key] or EvaluationState(key=key, job=job.name)


def _test_records(objects: Sequence[StoredObject]) -> list[StoredObject]:
    return [stored for stored in objects if parts.part_of(stored.key) is Part.TEST and stored.key.endswith(".rec")]


def _go_on(assignment: Assignment, facts: EvaluationFacts) -> Ignore | Measure | Conclude | RecordUnevaluated:
    job = assignment.job
    state = _find_state(job, assignment.identity, facts)
    if state.phase is EvaluationPhase.ENDED:
        return Ignore(subject=job.name, reason="it was evaluated on these files already", decision="known")
    if state.phase is EvaluationPhase.MEASURED:  # whoever was to tell of it died, and of two that follow one does
        state = replace(state, hops=state.hops + 1)
        if state.reason:
            return RecordUnevaluated(
                job=job, data_set=assignment.data_set, report=assignment.report, reason=state.reason, state=state
            )
        return Conclude(assignment=assignment, state=state)
    hop = facts.trigger.hop if isinstance(facts.trigger, EvaluationRequested) else 0
    seconds = min(facts.seconds_left - _RESERVE_IN_SECONDS, _seconds_left(state, facts))
    return Measure(assignment=assignment, state=state, hop=hop, seconds=max(0.0, seconds))
