"""Which model an evaluation asks for, and which files it is measured on: facts in, as in `decide`."""

from dataclasses import replace

from sagescene import dataset, keys, parts
from sagescene.dataset import DataSet
from sagescene.evaluation_messages import EvaluationRequested, NewTestRecords
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.report import Report
from sagescene.workflow.content_names import tell_apart
from sagescene.workflow.evaluation_state import EvaluationPhase, EvaluationState
from sagescene.workflow.evaluation_steps import RecordUnevaluated
from sagescene.workflow.evaluator import Assignment
from sagescene.workflow.facts import EvaluationFacts
from sagescene.workflow.steps import Ignore, StandDown

_BESIDE = (".idx", ".lst")  # what decides which images come first


def find_job(facts: EvaluationFacts) -> TrainingJob | Ignore | StandDown:
    """Give the job whose model a trigger asks to have evaluated."""
    trigger = facts.trigger
    if isinstance(trigger, EvaluationRequested):
        return _check_job(trigger.job, facts)
    return _find_job_of_set(trigger, facts)


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


def _find_job_of_set(trigger: NewTestRecords, facts: EvaluationFacts) -> TrainingJob | Ignore | StandDown:
    """Find the newest model of the data set that test files were uploaded to."""
    if trigger.bucket != facts.settings.data_bucket:
        return Ignore(subject=trigger.key, reason=f"this stack watches another bucket than {trigger.bucket}")
    for key in parts.readings_of(trigger.key):
        name = parts.set_of(key)
        if name and any(stored.key == key for stored in facts.objects[name]):
            break
    else:
        return Ignore(subject=trigger.key, reason="there is no such file now", decision="gone", level="info")
    tests = dataset.find_test_records(facts.objects[name])
    if not any(stored.key == key for stored in tests):
        return Ignore(subject=key, reason="it is no test file")
    later = dataset.uploaded_after(tests, key, trigger.time)
    if later:
        return StandDown(data_set=name, reason=f"{later.key} came later and will be evaluated on")
    assembled = dataset.assemble(name, facts.objects[name], facts.settings.data_bucket)
    if not isinstance(assembled, DataSet):
        return Ignore(subject=key, reason="its data set is not complete")
    assembled = tell_apart(assembled, facts.documents)
    attempt = 1
    while job := facts.jobs[keys.job_name(facts.settings.job_prefix, name, assembled.fingerprint, attempt)]:
        if job.status == "Completed":
            return job
        attempt += 1
    return Ignore(subject=key, reason="there is no model of these files yet, and the evaluation of one will find it")


def assign(job: TrainingJob, facts: EvaluationFacts) -> Assignment | Ignore | RecordUnevaluated:
    """Give what a model is measured on: the set's test files, else its validation file."""
    data_set = parts.set_of(job.train_uri.removeprefix(f"s3://{facts.settings.data_bucket}/")) or ""
    fingerprint = keys.fingerprint_of(job.name)
    report = facts.documents[keys.report_key(data_set, fingerprint)]
    assembled = dataset.assemble(data_set, facts.objects[data_set], facts.settings.data_bucket) if data_set else None
    if not isinstance(assembled, DataSet) or not assembled.digest.startswith(fingerprint):
        return _refuse(
            job, data_set, report, "The files that it was trained on were replaced since.", "replaced", facts
        )
    tests = dataset.find_test_records(facts.objects[data_set])
    files = tests or (assembled.validation_records,)
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
    return Assignment(
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


def _refuse(
    job: TrainingJob, data_set: str, report: Report | None, reason: str, identity: str, facts: EvaluationFacts
) -> Ignore | RecordUnevaluated:
    """Say why a model is not measured, unless that was said of the same files already."""
    state = find_state(job, identity, facts)
    if state.phase is EvaluationPhase.ENDED:
        return Ignore(subject=job.name, reason="why it is not evaluated was said already", decision="known")
    state = replace(state, phase=EvaluationPhase.MEASURED, hops=state.hops + 1, reason=reason)
    return RecordUnevaluated(job=job, data_set=data_set or "other", report=report, reason=reason, state=state)


def find_state(job: TrainingJob, identity: str, facts: EvaluationFacts) -> EvaluationState:
    """Give how far the evaluation of a job's model on certain files has come."""
    key = keys.evaluation_state_key(job.name, job.created, identity)
    return facts.states[key] or EvaluationState(key=key, job=job.name)
