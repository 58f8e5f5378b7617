"""Facts made by hand: what is known of a data set or of a job's end, with as little said as matters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sagescene import keys
from sagescene.dataset import StoredObject, UnfinishedUpload, assemble
from sagescene.files.classnames import ListedNames, read_class_names
from sagescene.findings import Finding, Severity
from sagescene.jobs.failures import Cause, Failure
from sagescene.jobs.refusals import Refusal
from sagescene.jobs.training_job import TrainingJob
from sagescene.parts import DATASETS
from sagescene.preflight.reading import Examination
from sagescene.preflight.report import Report, Verdict
from sagescene.settings import EvaluateSettings, FinishSettings, StartSettings
from sagescene.triggers import Trigger, Uploaded, WaitCause
from sagescene.workflow.facts import EndFacts, StartFacts
from sagescene.workflow.unfinished import Unfinished
from tests.stack_template import environment_of

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=seconds) for seconds in (1, 60, 3600, 86_400))
SETTINGS = StartSettings.from_env(
    environment_of("StartTrainingFunction", InstanceTypes="ml.g4dn.xlarge,ml.g5.xlarge,ml.p3.2xlarge")
)
END_SETTINGS = FinishSettings.from_env(
    environment_of(
        "FinishTrainingFunction", InstanceTypes="ml.g4dn.xlarge,ml.g5.xlarge,ml.p3.2xlarge", EvaluateModel="no"
    )
)
EVALUATE_SETTINGS = EvaluateSettings.from_env(environment_of("EvaluateModelFunction"))
EVALUATIONS_QUEUE = EVALUATE_SETTINGS.evaluations_queue_url
BUCKET, PREFIX = SETTINGS.data_bucket, SETTINGS.job_prefix
SET = "pets"
TRAIN_RECORDS, TRAIN_LIST, VALIDATION_RECORDS = "train.rec", "train.lst", "validation.rec"
COMPLETE = (TRAIN_RECORDS, TRAIN_LIST, VALIDATION_RECORDS)
CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."


def stored(name: str, modified: datetime = NOON - MINUTE, data_set: str = SET) -> StoredObject:
    """Give an object of a data set."""
    return StoredObject(key=f"{DATASETS}{data_set}/{name}", etag=name, size=1, last_modified=modified)


def stored_all(*names: str, modified: datetime = NOON - MINUTE) -> list[StoredObject]:
    """Give several objects of one data set."""
    return [stored(name, modified) for name in names]


def uploaded(name: str = TRAIN_LIST, time: datetime = NOON - MINUTE, **more: Any) -> Uploaded:  # noqa: ANN401
    """Give the trigger of an upload that has just passed its quiet period."""
    return Uploaded(**{"bucket": BUCKET, "key": f"{DATASETS}{SET}/{name}", "time": time, **more})


def unfinished(name: str, began: datetime) -> UnfinishedUpload:
    """Give a multipart upload of a part of the data set."""
    return UnfinishedUpload(key=f"{DATASETS}{SET}/{name}", id="upload-id", began=began)


def known(
    trigger: Trigger | None = None,
    *,
    objects: Iterable[StoredObject] | None = None,
    unfinished_uploads: Iterable[UnfinishedUpload] = (),
    jobs: Iterable[TrainingJob] = (),
    has_models: bool = True,
    reports: Mapping[StoredObject, Report | None] | None = None,
    class_names: bytes | None = b"",
    now: datetime = NOON,
    jitter: float = 0,
) -> StartFacts:
    """Give what is known of the data set pets; by default it is complete, and nothing came of it yet.

    `class_names` is the content of its `classes.txt`, None when that was replaced since.
    """
    listed = stored_all(*COMPLETE) if objects is None else list(objects)
    by_set: defaultdict[str, list[StoredObject]] = defaultdict(list)
    for each in listed:
        by_set[each.key.split("/")[1]].append(each)
    names: ListedNames | None = None if class_names is None else read_class_names([class_names])
    return StartFacts(
        trigger=trigger or uploaded(),
        now=now,
        jitter=jitter,
        settings=SETTINGS,
        objects=by_set,
        unfinished_uploads=defaultdict(list, {SET: list(unfinished_uploads)}),
        jobs=defaultdict(lambda: None, {job.name: job for job in jobs}),
        models=defaultdict(lambda: has_models),
        reports=defaultdict(list, {SET: list(reports or {})}),
        documents=dict(reports or {}),
        report_under=defaultdict(lambda: None, {stored.key: report for stored, report in (reports or {}).items()}),
        class_names=defaultdict(lambda: names),
    )


def digest_of() -> str:
    """Give the whole digest of the complete data set."""
    return assemble(SET, stored_all(*COMPLETE)).digest


def content_of(objects: Iterable[StoredObject] | None = None) -> str:
    """Give the fingerprint of a data set of these objects."""
    return assemble(SET, stored_all(*COMPLETE) if objects is None else objects).fingerprint


def job_name(attempt: int = 1, objects: Iterable[StoredObject] | None = None) -> str:
    """Name the nth attempt to train on a data set of these objects."""
    return keys.job_name(PREFIX, SET, content_of(objects), attempt)


def job(attempt: int = 1, status: str = "Failed", **more: Any) -> TrainingJob:  # noqa: ANN401
    """Describe the nth attempt to train on the complete data set; it ended an hour ago."""
    described = TrainingJob(
        name=job_name(attempt),
        status=status,
        secondary_status=status,
        failure_reason="AlgorithmError: it diverged" if status == "Failed" else "",
        instance_type="ml.g4dn.xlarge",
        image="image",
        train_uri=f"s3://{BUCKET}/{DATASETS}{SET}/{TRAIN_RECORDS}",
        artifact=f"s3://{BUCKET}/models/{job_name(attempt)}/output/model.tar.gz",
        created=NOON - 3 * HOUR,
        ended=NOON - HOUR,
        metrics={"validation:accuracy": 0.75},
    )
    return replace(described, **more)


def report(
    verdict: Verdict = Verdict.READY,
    written: datetime = NOON - 2 * HOUR,
    content: str = "",
    **more: Any,  # noqa: ANN401
) -> dict[StoredObject, Report | None]:
    """Give a report that an earlier trigger left, as the object that holds it."""
    fingerprint = content or content_of()
    key = keys.report_key(SET, fingerprint)
    document = Report(data_set=SET, fingerprint=fingerprint, written=written, verdict=verdict, **more)
    return {StoredObject(key=key, etag="e", size=1, last_modified=written): document}


def fault(code: str = "list-empty", severity: Severity = Severity.ERROR) -> Finding:
    """Give a finding about the train list."""
    message, remedy = "The list names no image.", "Write one line for each image."
    return Finding(code=code, severity=severity, file="train.lst", where="", message=message, remedy=remedy)


def refusal(
    waits_for: WaitCause | None = None, *, is_of_type: bool = False, message: str = "AWS's own words"
) -> Refusal:
    """Give a refusal by SageMaker; without more said, nothing can help."""
    failure = Failure(cause=Cause.PERMISSION, remedy="Mend it.")
    return Refusal(message=message, failure=failure, waits_for=waits_for, is_of_type=is_of_type)


def examination(verdict: Verdict = Verdict.READY, *findings: Finding) -> Examination:
    """Give what was found in the complete data set."""
    return Examination(
        report=Report(data_set=SET, fingerprint=content_of(), written=NOON, verdict=verdict, findings=findings)
    )


def ended(
    *jobs: TrainingJob,
    job_name: str = "",
    exists: Iterable[str] = (),
    documents: Mapping[str, Report | None] | None = None,
    unfinished: Unfinished | None = None,
    has_model: bool = False,
    now: datetime = NOON,
    jitter: float = 0,
) -> EndFacts:
    """Give what is known when the last of these jobs is said to have ended."""
    return EndFacts(
        job_name=job_name or jobs[-1].name,
        now=now,
        jitter=jitter,
        settings=END_SETTINGS,
        jobs=defaultdict(lambda: None, {each.name: each for each in jobs}),
        exists=defaultdict(bool, dict.fromkeys(exists, True)),
        documents=defaultdict(lambda: None, documents or {}),
        models=defaultdict(lambda: has_model),
        unfinished=unfinished,
    )
