"""The verdict on a data set: the report that holds it, and what it asks for, a refusal or a training job."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sagescene import examination, names, notices, page, telling
from sagescene.aws import ObjectReplacedError
from sagescene.config import StartSettings
from sagescene.dataset import AmbiguousSet, DataSet
from sagescene.decisions import Decision
from sagescene.errors import Finding, Severity
from sagescene.events import Upload
from sagescene.examination import Examined, Reader
from sagescene.invocation import Invocation
from sagescene.jobrequest import request_job
from sagescene.observability import count, count_by, logger
from sagescene.report import Conditions, Report, Verdict, read_report


def find_report(assembled: DataSet | AmbiguousSet, invocation: Invocation) -> Report | None:
    """Find the report that an earlier upload of the same files left, if any."""
    key = names.report_key(assembled.name, assembled.fingerprint)
    bucket, cloud = invocation.settings.data_bucket, invocation.cloud
    for stored in cloud.list_objects(bucket, key):
        if stored.key == key:
            try:
                return read_report(b"".join(cloud.read(bucket, stored)))
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
    claim_key = names.notice_key(report.data_set, report.fingerprint, topic)
    if not telling.falls_to(upload, claim_key, invocation):
        return decision
    for finding in errors:
        _log(finding, logger.error)
    count("DatasetRefused")
    for code in sorted({finding.code for finding in errors}):
        count_by("DatasetRefused", "code", code)
    page_key = _write_page(examined, {}, invocation)
    telling.tell(notices.refused(bucket, report.data_set, page_key, report.findings), invocation)
    key = names.report_key(report.data_set, report.fingerprint)
    invocation.cloud.write_json(bucket, key, report.as_json())  # last: it is what a redelivery asks for
    return decision


def start_job(
    data_set: DataSet, examined: Examined, name: str, instance_type: str, invocation: Invocation[StartSettings]
) -> Decision:
    """Write the report and start the training job; raises QuotaExceededError and ThrottledError."""
    settings, cloud, report = invocation.settings, invocation.cloud, examined.report
    for finding in report.findings:
        _log(finding, logger.warning)
    bucket = settings.data_bucket
    request = request_job(data_set, report, name=name, instance_type=instance_type, settings=settings)
    if not examined.is_kept:
        _write_page(examined, request, invocation)
        cloud.write_json(bucket, names.report_key(data_set.name, data_set.fingerprint), report.as_json())
    if not cloud.create_training_job(request):
        logger.info("training job was started already", job=name)
        return Decision(decision="running", subject=name, reason="another upload of the same files started it")
    logger.info(
        "training job started",
        job=name,
        input=f"s3://{bucket}/{data_set.train_records.key}",
        hyperparameters=request["HyperParameters"],
    )
    count("TrainingStarted")
    return Decision(decision="started", subject=name, reason=f"data set {data_set.name} is complete")


def _write_page(examined: Examined, request: Mapping[str, Any], invocation: Invocation) -> str:
    key = names.page_key(examined.report.data_set, examined.report.fingerprint)
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
