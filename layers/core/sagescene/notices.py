"""The messages people receive: a subject and a text in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sagescene import dataset
from sagescene.errors import Finding
from sagescene.failures import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message for people."""

    subject: str
    text: str


def misplaced(bucket: str, key: str) -> Notice:
    """Say where a file that lies outside `datasets/<set>/` belongs."""
    return Notice(
        subject=f"{key} is not in a data set",
        text=f"s3://{bucket}/{key} starts no training, because it is in no data set.\n"
        f"Upload it as s3://{bucket}/{dataset.suggest_key(key)}, beside the other files of its set.",
    )


def refused(bucket: str, data_set: str, report_key: str, findings: Iterable[Finding]) -> Notice:
    """Say why a data set is not trained on: every finding, and where the report lies."""
    lines = "\n".join(f"- {finding}" for finding in findings)
    return Notice(
        subject=f"Data set {data_set} is refused",
        text=f"No training job was started for data set {data_set}:\n{lines}\n\n"
        f"Upload the corrected files. The whole report: s3://{bucket}/{report_key}",
    )


def model_created(data_set: str, job: str, arn: str, artifact: str, metrics: Mapping[str, float]) -> Notice:
    """Say which model came of a data set, and how good it is on the validation channel."""
    accuracy = metrics.get("validation:accuracy")
    measured = f"Its accuracy on the validation images is {accuracy:.4f}.\n" if accuracy is not None else ""
    return Notice(
        subject=f"Data set {data_set} has a model",
        text=f"Training job {job} completed.\n{measured}Model: {arn}\nArtifact: {artifact}",
    )


def training_failed(data_set: str, job: str, reason: str, failure: Failure, logs_url: str) -> Notice:
    """Say why a training job failed and what to do."""
    return Notice(
        subject=f"Training on data set {data_set} failed",
        text=f"Training job {job} failed ({failure.cause}):\n{reason}\n\n{failure.remedy}\nIts logs: {logs_url}",
    )


def training_stopped(data_set: str, job: str, stop: Failure, partial_artifact: str | None) -> Notice:
    """Say what stopped a training job, and what it left."""
    left = (
        f"What it had learnt by then lies at {partial_artifact}; no model was created from it."
        if partial_artifact
        else "It left no artifact."
    )
    return Notice(
        subject=f"Training on data set {data_set} was stopped",
        text=f"Training job {job} was stopped ({stop.cause}). {left}\n\n{stop.remedy}",
    )


def job_logs_url(region: str, job: str) -> str:
    """Link to a training job's log streams in the CloudWatch console, which escapes its path twice."""
    group = "$252Faws$252Fsagemaker$252FTrainingJobs"
    domain = "amazonaws.cn" if region.startswith("cn-") else "aws.amazon.com"
    return (
        f"https://{region}.console.{domain}/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{group}$3FlogStreamNameFilter$3D{job}"
    )


def as_json(notice: Notice) -> dict[str, Any]:
    """Give a notice as it is kept in an outcome."""
    return {"subject": notice.subject, "text": notice.text}
