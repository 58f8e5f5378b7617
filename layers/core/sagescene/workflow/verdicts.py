"""The verdict on a data set: the report that holds it, and what it asks for, a refusal or a training job."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sagescene import keys
from sagescene.aws import ObjectReplacedError
from sagescene.dataset import LISTING_DOUBT, AmbiguousSet, DataSet, StoredObject
from sagescene.events import Upload
from sagescene.findings import Finding, Severity
from sagescene.messages import notices, page
from sagescene.observability import count, count_by, logger
from sagescene.preflight import examination
from sagescene.preflight.examination import Examined, Reader
from sagescene.preflight.report import Conditions, Report, Verdict, read_report
from sagescene.settings import StartSettings
from sagescene.workflow import telling
from sagescene.workflow.decisions import Decision
from sagescene.workflow.invocation import Invocation


def list_reports(data_set: str, invocation: Invocation) -> list[StoredObject]:
    """List the reports on all contents that a data set has had."""
    objects = invocation.cloud.list_objects(invocation.settings.data_bucket, f"{keys.REPORTS}{data_set}/")
    return [stored for stored in objects if keys.is_report_key(stored.key)]


def find_report(reports: Iterable[StoredObject], content: str, invocation: Invocation) -> Report | None:
    """Read the report on this content, if an earlier upload left one."""
    return next((_read(stored, invocation) for stored in reports if keys.is_report_key(stored.key, content)), None)


def was_judged_since(reports: Iterable[StoredObject], upload: Upload, invocation: Invocation) -> bool:
    """Tell whether the data set was refused or trained on after an upload that has not itself been put off since.

    Then that verdict knew of the upload, and what has come later rings by itself.
    """
    if upload.waiting_since:
        return False
    after = upload.time + LISTING_DOUBT
    written = (_read(stored, invocation) for stored in reports if stored.last_modified >= upload.time)
    return any(report.written >= after and _is_carried_out(report, invocation) for report in written if report)


def _is_carried_out(report: Report, invocation: Invocation) -> bool:
    job = keys.job_name(invocation.settings.job_prefix, report.data_set, report.fingerprint)
    return report.verdict is Verdict.REFUSED or invocation.cloud.describe_training_job(job) is not None


def _read(stored: StoredObject, invocation: Invocation) -> Report | None:
    try:
        return read_report(b"".join(invocation.cloud.read(invocation.settings.data_bucket, stored)))
    except ObjectReplacedError:
        logger.debug("the report is being replaced by another try")
        return None


def examine(
    assembled: DataSet | AmbiguousSet, earlier: Report | None, invocation: Invocation[StartSettings]
) -> Examined:
    """Examine a data set, unless an earlier report calls it ready under the same conditions."""
    settings, cloud = invocation.settings, invocation.cloud
    conditions = Conditions(
        instance_type=settings.largest_instance_type,
        instance_count=settings.instance_count,
        hyperparameters=settings.hyperparameters,
        beside=examination.beside(assembled),
    )
    if earlier and earlier.verdict is Verdict.READY and earlier.conditions == conditions:
        logger.info("data set was examined already", images=earlier.train.images)
        return Examined(report=earlier, is_kept=True)
    bucket = settings.data_bucket
    examined = examination.examine(
        assembled,
        Reader(whole=partial(cloud.read, bucket), span=partial(cloud.read_span, bucket)),
        conditions,
        written=invocation.now,
        largest_whole_in_bytes=settings.largest_whole_in_megabytes * 10**6,
    )
    if isinstance(assembled, DataSet):
        train = examined.report.train
        logger.info("counted the images", images=train.images, classes=len(train.classes))
    return examined


def refuse(examined: Examined, earlier: Report | None, upload: Upload, invocation: Invocation) -> Decision:
    """Tell people of every error that was found, and write the report; of several uploads, one does."""
    bucket, report = invocation.settings.data_bucket, examined.report
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    decision = Decision(
        decision="refused", subject=report.data_set, reason=" ".join(str(finding) for finding in errors)
    )
    topic = f"refused-after-{earlier.written:%Y-%m-%dT%H-%M-%S}" if earlier else "refused"
    claim_key = keys.notice_key(report.data_set, report.fingerprint, topic)
    if not telling.falls_to(upload, claim_key, invocation):
        return decision
    for finding in errors:
        _log(finding, logger.error)
    count("DatasetRefused")
    for code in sorted({finding.code for finding in errors}):
        count_by("DatasetRefused", "code", code)
    page_key = _write_page(examined, {}, invocation)
    telling.tell(notices.refused(bucket, report.data_set, page_key, report.findings), invocation)
    _write_report(report, invocation)  # last: it is what a redelivery asks for
    return decision


def keep(examined: Examined, request: Mapping[str, Any], invocation: Invocation) -> None:
    """Write the report on a data set that can be trained on, and its page, so that it need not be read again."""
    report = examined.report
    for finding in report.findings:
        _log(finding, logger.warning)
    _write_page(examined, request, invocation)
    _write_report(report, invocation)


def start_job(report: Report, request: Mapping[str, Any], invocation: Invocation) -> Decision:
    """Start the training job; raises QuotaExceededError and ThrottledError."""
    name = request["TrainingJobName"]
    if not invocation.cloud.create_training_job(request):
        logger.info("training job was started already", job=name)
        return Decision(decision="running", subject=name, reason="another upload of the same files started it")
    logger.info(
        "training job started",
        job=name,
        input=request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"],
        hyperparameters=request["HyperParameters"],
    )
    count("TrainingStarted")
    return Decision(decision="started", subject=name, reason=f"data set {report.data_set} is complete")


def _write_report(report: Report, invocation: Invocation) -> None:
    key = keys.report_key(report.data_set, report.fingerprint)
    invocation.cloud.write_json(invocation.settings.data_bucket, key, report.as_json())


def _write_page(examined: Examined, request: Mapping[str, Any], invocation: Invocation) -> str:
    key = keys.page_key(examined.report.data_set, examined.report.fingerprint)
    html = page.render(examined.report, examined.thumbnails, request)
    invocation.cloud.write_page(invocation.settings.data_bucket, key, html)
    return key


def _log(finding: Finding, log: Callable[..., None]) -> None:
    log(
        finding.message,
        code=finding.code,
        file=finding.file,
        where=finding.where,
        remedy=finding.remedy,
    )
