"""The messages people receive: a subject and a text in plain words."""

import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import sqrt
from typing import Any
from urllib.parse import quote

from sagescene import parts
from sagescene.bounds import FINDINGS_OF_A_NOTICE_IN_BYTES
from sagescene.costs import Bill
from sagescene.files.classnames import ClassNames
from sagescene.findings import Finding, Severity
from sagescene.foreign_text import printable, printable_lines
from sagescene.grammar import count
from sagescene.jobs.failures import Failure
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages.bills import tell_bill, tell_estimate
from sagescene.preflight.estimate import Estimate
from sagescene.preflight.report import Channel, Report
from sagescene.triggers import WaitCause

_NAMED_CLASSES = 20
_SURE_DEVIATIONS = 2  # from what naming one class each time would give

# AWS's message when a quota is in the way, seen in public reports.
_QUOTA = re.compile(r"service limit '(?P<name>[^']+)' is \d+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message for people; of one `topic` they get one an hour, and without a topic all of them.

    `data_set` is the one it is about, empty for none.
    """

    subject: str
    text: str
    topic: str = ""
    data_set: str = ""

    def __post_init__(self) -> None:
        """Let what it quotes pass the door for foreign text."""
        object.__setattr__(self, "subject", printable(self.subject))
        object.__setattr__(self, "text", printable_lines(self.text))


def _on_one_line(reason: str) -> str:
    """Give a reason without the line feeds of AWS's longer ones, which would tear a notice's paragraphs apart."""
    return " ".join(reason.split())


def misplaced(bucket: str, key: str) -> Notice:
    """Say where a file belongs that lies outside `datasets/<set>/`, or whose key is too long or cannot be printed."""
    right_key = parts.suggest_key(key)
    shown = printable(key)
    if parts.is_named_too_long(key):
        subject = "The name of a data set is too long"
        reason = f"the name of its data set has more than {parts.LONGEST_NAME_IN_BYTES} bytes"
    elif parts.is_unprintable(key):
        subject, reason = f"{shown} is not in a data set", "its key holds control characters (escaped here)"
    else:
        subject, reason = f"{shown} is not in a data set", "it is in no data set"
    return Notice(
        subject=subject,
        text=f"s3://{bucket}/{shown} starts no training, because {reason}.\n"
        f"Upload it as s3://{bucket}/{right_key}, beside the other files of its set.",
        topic=f"{parts.set_of(right_key) or 'no-set'}/misplaced",
        data_set=parts.set_of(right_key) or "",
    )


def refused(bucket: str, data_set: str, report_key: str, findings: Collection[Finding], stack: str) -> Notice:
    """Say why a data set is not trained on: every finding, how it is judged again, and where the report lies."""
    errors_first = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    lines = "\n".join(_list_findings(errors_first, warning="Warning: "))
    return Notice(
        subject=f"Data set {data_set} is refused",
        text=f"No training job was started for data set {data_set}:\n{lines}\n\n"
        "Upload the corrected files; the data set is then judged again. Deleting files asks for nothing by itself: "
        f"after it, upload one of the others again, or run: {_start_command(data_set, stack)}\n"
        f"The whole report: s3://{bucket}/{report_key}",
        topic=f"{data_set}/refused-{_digest(finding.code for finding in findings)}",
        data_set=data_set,
    )


def _list_findings(findings: Collection[Finding], *, warning: str = "") -> Iterator[str]:
    room = FINDINGS_OF_A_NOTICE_IN_BYTES
    for number, finding in enumerate(findings):
        line = f"- {warning if finding.severity is Severity.WARNING else ''}{finding}"
        room -= len(line.encode()) + 1
        if room < 0:
            yield f"- There are {len(findings) - number:,} more; the whole report has them."
            return
        yield line


def _digest(codes: Iterable[str]) -> str:
    """Tell one complaint from another: whoever mends a set and fails hears of it at once."""
    return sha256(" ".join(sorted(set(codes))).encode()).hexdigest()[:8]


def model_created(
    data_set: str,
    job: TrainingJob,
    arn: str,
    report: Report | None,
    page_url: str,
    evaluation: str = "",
    *,
    bill: Bill | None,
) -> Notice:
    """Say which model came of a data set, how good it is, and what was doubtful before.

    `report` is what was found before training, None when it cannot be read any more; `page_url` opens it for people.
    `evaluation` is what is said of the model's own evaluation, empty where there is none; `bill` what the job is
    paid for.
    """
    warnings = list(_list_findings(report.findings)) if report else []
    accuracy = _judge_accuracy(job.metrics, report, is_evaluated=bool(evaluation))
    classes = _name_classes(report.class_names) if report else ""
    change = f"{report.change}\n" if report and report.change else ""
    sections = [
        f"Training job {job.name} completed, {_tell_duration(job.ended - job.created)} after it was created.\n"
        f"{tell_bill(bill)}{accuracy}{classes}{change}Model: {arn}\nArtifact: {job.artifact}",
        *([evaluation] if evaluation else []),
        *(["\n".join(["Before training there were warnings:", *warnings])] if warnings else []),
        *([f"What was found in the files, as long as the bucket keeps it: {page_url}"] if report else []),
    ]
    return Notice(subject=f"Data set {data_set} has a model", text="\n\n".join(sections), data_set=data_set)


def _tell_duration(duration: timedelta) -> str:
    minutes = max(1, round(duration.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return " ".join([count(hours, "hour")] * (hours > 0) + [count(rest, "minute")] * (rest > 0))


def _name_classes(names: ClassNames) -> str:
    """Say what the numbers of a model's answer stand for."""
    if not names.names:
        return ""
    shown = list(names.names)[:_NAMED_CLASSES]
    others = len(names.names) + names.more - len(shown)
    listed = ", ".join(map(names.tell, shown)) + (f" and {others:,} more" if others else "")
    return f"Its classes, named by {names.source}: {listed}.\n"


def _judge_accuracy(metrics: Mapping[str, float], report: Report | None, *, is_evaluated: bool) -> str:
    accuracy = metrics.get("validation:accuracy")
    if accuracy is None:
        return ""
    # SageMaker's final metric is the last epoch's, while the model is the best one's.
    said = f"Its accuracy on the validation images was {accuracy:.4f} in its last epoch"
    chance = _chance_level(report.validation) if report else None
    if report is None or chance is None:
        return f"{said}.\n"
    compared = f"{said}; naming the most frequent class each time would give {chance:.4f}"
    images = sum(report.validation.classes.values())
    if accuracy > chance + _SURE_DEVIATIONS * sqrt(chance * (1 - chance) / images):
        return f"{compared}.\n"
    unsure = f", and of {count(images, 'image')} that is no sure difference" if accuracy > chance else ""
    told_by = "its evaluation or the job's log" if is_evaluated else "the job's log"
    return (
        f"{compared}{unsure}. Unless an epoch before was better, whose weights the model then has ({told_by} says), it "
        "has learnt nothing that helps: look at the labels and the images, or train longer.\n"
    )


def _chance_level(validation: Channel) -> float | None:
    """Give the accuracy of always naming the most frequent class; None for images of several labels, or of none."""
    if validation.label_width != 1 or not validation.classes:
        return None
    return max(validation.classes.values()) / sum(validation.classes.values())


def other_names(data_set: str, job: str, differing: str) -> Notice:
    """Say that names of classes have changed since the files were trained on, and what that asks for."""
    return Notice(
        subject=f"Data set {data_set} has other class names",
        text=f"Training job {job} has the same files, so none is started; but {differing}.\n\n"
        "A model answers with numbers and need not be trained again. If the new names are right, read its answers by "
        "them; if not, upload the former classes.txt again.",
        topic=f"{data_set}/class-names",
        data_set=data_set,
    )


def model_not_created(data_set: str, job: str, reason: str, failure: Failure, stack: str) -> Notice:
    """Say why a completed job has no model, and when it is made after all."""
    return Notice(
        subject=f"Data set {data_set} has no model",
        text=f"Training job {job} completed, but its model could not be created ({failure.cause}):\n"
        f"{_on_one_line(reason)}\n\n{failure.remedy}\n"
        "Then it is made by itself, without training again: it is tried at the next full hour, and after that at "
        "intervals that grow to a day, for 30 days after the job.\n"
        f"To have it tried at once: sagescene redrive --stack-name {stack}",
        data_set=data_set,
    )


def training_failed(data_set: str, job: str, reason: str, failure: Failure, logs_url: str, bill: Bill | None) -> Notice:
    """Say why a training job failed and what to do."""
    return Notice(
        subject=f"Training on data set {data_set} failed",
        text=f"Training job {job} failed ({failure.cause}):\n{_on_one_line(reason)}\n\n{failure.remedy}\n"
        f"{tell_bill(bill)}Its logs: {logs_url}",
        data_set=data_set,
    )


def training_stopped(data_set: str, job: str, stop: Failure, partial_artifact: str | None, bill: Bill | None) -> Notice:
    """Say what stopped a training job, and what it left."""
    left = (
        f"What it had learnt by then lies at {partial_artifact}; no model was created from it."
        if partial_artifact
        else "It left no artifact."
    )
    return Notice(
        subject=f"Training on data set {data_set} was stopped",
        text=f"Training job {job} was stopped ({stop.cause}). {left}\n{tell_bill(bill)}\n{stop.remedy}",
        data_set=data_set,
    )


def capacity_lacking(
    data_set: str, job: str, reason: str, next_type: str, tries: int, most: int, estimate: Estimate | None
) -> Notice:
    """Say that a job found no instances, where it is tried next, and what it may cost there."""
    text = (
        f"Training job {job} found no instances:\n{_on_one_line(reason)}\n\n"
        f"It is tried again by itself on {next_type} (try {tries + 1} of {most}).\n{tell_estimate(estimate)}"
    )
    return Notice(
        subject=f"Training on data set {data_set} waits for capacity",
        text=text.rstrip(),
        data_set=data_set,
    )


def tried_since(data_set: str, job: str, reason: str, next_job: str) -> Notice:
    """Say that a job found no instances, and that its next try was started before people were told."""
    return Notice(
        subject=f"Training on data set {data_set} no longer waits for capacity",
        text=f"Training job {job} found no instances:\n{_on_one_line(reason)}\n\n"
        f"Training job {next_job} was started since.",
        data_set=data_set,
    )


def long_upload(data_set: str, bucket: str, key: str, upload_id: str, began: datetime) -> Notice:
    """Say which upload a data set waits for, and how to end it if nobody is uploading any more."""
    command = f"aws s3api abort-multipart-upload --bucket {bucket} --key {shlex.quote(key)} --upload-id {upload_id}"
    return Notice(
        subject=f"Data set {data_set} waits for an upload",
        text=f"Since {began:%Y-%m-%d %H:%M} UTC s3://{bucket}/{key} has been uploading. Training starts by itself when "
        f"the upload is complete.\nIf nobody is uploading it any more, end it: {command}",
        topic=f"{data_set}/upload",
        data_set=data_set,
    )


def not_started(
    data_set: str, reasons: Iterable[str], remedies: Iterable[str], stack: str, region_of_quotas: str = ""
) -> Notice:
    """Say for which reasons no job of a data set can be started, what mends them, and how to begin anew.

    `region_of_quotas` is the one whose quotas are in the way, empty when none is.
    """
    quotas = f"Quotas: {_quotas_url(region_of_quotas)}\n" if region_of_quotas else ""
    lines = "\n".join(f"- {_on_one_line(reason)}" for reason in reasons)
    return Notice(
        subject=f"Training on data set {data_set} could not be started",
        text=f"No training job could be started for data set {data_set}:\n{lines}\n\n{' '.join(remedies)}\n{quotas}"
        f"Then drop the data set again, or run: {_start_command(data_set, stack)}",
        data_set=data_set,
    )


def waiting_for_quota(data_set: str, message: str, region: str, estimate: Estimate | None) -> Notice:
    """Say which quota is in the way by AWS's own message, what makes room under it, and where it is raised."""
    url = _quotas_url(region)
    return Notice(
        subject=f"Data set {data_set} waits for an instance quota",
        text=f"No training job could be started for data set {data_set}:\n{_on_one_line(message)}\n\n"
        f"{_explain_quota(message, url)}\n{tell_estimate(estimate)}"
        "Sagescene keeps trying for a day; after that, drop the data set again.",
        topic=f"{data_set}/quota",
        data_set=data_set,
    )


def _explain_quota(message: str, url: str) -> str:
    quota = _QUOTA.search(message)
    if not quota:
        return f"Jobs that end may make room under the quota; it can be raised at {url}"
    return f'Jobs that end make room under the quota "{quota["name"]}"; it can be raised at {url}'


def waiting_for_limit(data_set: str, cause: WaitCause, reason: str, estimate: Estimate | None) -> Notice:
    """Say which of the stack's own limits is in the way, when room comes by itself, and what lifts the limit."""
    if cause is WaitCause.JOBS_A_DAY:
        subject, parameter = f"Data set {data_set} waits for another day", "MaxJobsPerDay"
        when = "when the day (UTC) is over"
    else:
        subject, parameter = f"Data set {data_set} waits for other jobs to end", "MaxJobsAtOnce"
        when = "when one of them has ended"
    return Notice(
        subject=subject,
        text=f"No training job could be started for data set {data_set}:\n{_on_one_line(reason)}\n\n"
        f"Training starts by itself {when}. To lift the limit, deploy with a higher {parameter}.\n"
        f"{tell_estimate(estimate)}"
        "Sagescene keeps trying for a day; after that, drop the data set again.",
        topic=f"{data_set}/{cause}",
        data_set=data_set,
    )


def still_incomplete(data_set: str, awaited: str) -> Notice:
    """Remind people of a data set that lacks files."""
    return Notice(
        subject=f"Data set {data_set} is incomplete",
        text=f"For an hour data set {data_set} has been waiting for its {awaited}.\n"
        "Upload what is missing; training starts by itself.",
        topic=f"{data_set}/incomplete",
        data_set=data_set,
    )


_WAITED_FOR: Mapping[WaitCause, str] = {
    WaitCause.UPLOAD: "an upload under way",
    WaitCause.CHANGES: "files that change",
    WaitCause.FILES: "missing files",
    WaitCause.RATE: "SageMaker's rate limit",
    WaitCause.QUOTA: "the instance quota",
    WaitCause.CAPACITY: "capacity",
    WaitCause.SERVICE: "AWS",
    WaitCause.JOBS_AT_ONCE: "jobs that run to end",
    WaitCause.JOBS_A_DAY: "another day",
}


def waited_too_long(data_set: str, cause: WaitCause, reason: str, stack: str) -> Notice:
    """Say that a wait was given up, and how to begin it anew."""
    return Notice(
        subject=f"Training on data set {data_set} was given up",
        text=f"For a day data set {data_set} has been waiting for {_WAITED_FOR[cause]}:\n{_on_one_line(reason)}\n\n"
        f"Mend this, then drop the data set again, or run: {_start_command(data_set, stack)}",
        topic=f"{data_set}/given-up",
        data_set=data_set,
    )


def waited_too_often(data_set: str, hops: int, began: datetime, reason: str, stack: str) -> Notice:
    """Say that one wait has followed another for too long, and how to begin anew."""
    return Notice(
        subject=f"Training on data set {data_set} was given up",
        text=f"Since {began:%Y-%m-%d %H:%M} UTC data set {data_set} has been put off {hops:,} times, at last because:\n"
        f"{_on_one_line(reason)}\n\nMend this, then drop the data set again, or run: {_start_command(data_set, stack)}",
        topic=f"{data_set}/given-up",
        data_set=data_set,
    )


def _start_command(data_set: str, stack: str) -> str:
    return f"sagescene start {shlex.quote(data_set)} --stack-name {stack}"


def object_url(region: str, bucket: str, key: str) -> str:
    """Link to an object in the S3 console, which opens it for whoever is signed in and may read it."""
    return f"{_console(region)}/s3/object/{bucket}?region={region}&prefix={quote(key)}"


def job_logs_url(region: str, job: str) -> str:
    """Link to a training job's log streams in the CloudWatch console, which escapes its path twice."""
    group = "$252Faws$252Fsagemaker$252FTrainingJobs"
    return (
        f"{_console(region)}/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{group}$3FlogStreamNameFilter$3D{job}"
    )


def _quotas_url(region: str) -> str:
    return f"{_console(region)}/servicequotas/home/services/sagemaker/quotas"


def _console(region: str) -> str:
    match region.split("-")[:2]:
        case ["cn", _]:
            domain = "amazonaws.cn"
        case ["us", "gov"]:
            domain = "amazonaws-us-gov.com"
        case _:
            domain = "aws.amazon.com"
    return f"https://{region}.console.{domain}"


def as_json(notice: Notice) -> dict[str, Any]:
    """Give a notice as it is kept in an outcome."""
    return {"subject": notice.subject, "text": notice.text}
