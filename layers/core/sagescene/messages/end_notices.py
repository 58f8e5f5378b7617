"""What people are told when a training job has ended: its model, or why there is none."""

from collections.abc import Mapping
from datetime import timedelta
from math import sqrt

from sagescene.costs import Bill
from sagescene.files.classnames import ClassNames
from sagescene.grammar import count, name_some, percent
from sagescene.jobs.failures import Failure
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages.bills import tell_bill, tell_estimate
from sagescene.messages.evaluation_notices import Said
from sagescene.messages.notices import Notice, list_findings, on_one_line, start_command
from sagescene.preflight.estimate import Estimate
from sagescene.preflight.report import Channel, Report

_NAMED_CLASSES = 20
_SURE_DEVIATIONS = 2  # from what naming one class each time would give


def model_created(
    data_set: str,
    job: TrainingJob,
    arn: str,
    report: Report | None,
    page_url: str,
    evaluation: Said | None = None,
    *,
    bill: Bill | None,
) -> Notice:
    """Say which model came of a data set, how good it is, and what was doubtful before.

    `report` is what was found before training, None when it cannot be read any more; `page_url` opens it for people.
    `evaluation` is what is said of the model's own evaluation, None where there is none; `bill` what the job is
    paid for.
    """
    warnings = list(list_findings(report.findings)) if report else []
    accuracy = _judge_accuracy(job.metrics, report, evaluation)
    classes = _name_classes(report.class_names) if report else ""
    change = f"{report.change}\n" if report and report.change else ""
    sections = [
        f"Training job {job.name} completed, {_tell_duration(job.ended - job.created)} after it was created.\n"
        f"{tell_bill(bill)}{accuracy}{classes}{change}Model: {arn}\nArtifact: {job.artifact}",
        *([evaluation.text] if evaluation else []),
        *(["\n".join(["Before training there were warnings:", *warnings])] if warnings else []),
        *([f"What was found in the files, as long as the bucket keeps it: {page_url}"] if report else []),
    ]
    return Notice(subject=f"Data set {data_set} has a model", text="\n\n".join(sections), data_set=data_set)


def _tell_duration(duration: timedelta) -> str:
    seconds = max(1, round(duration.total_seconds()))
    if seconds < 60:
        return count(seconds, "second")
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return " ".join([count(hours, "hour")] * (hours > 0) + [count(rest, "minute")] * (rest > 0))


def _name_classes(names: ClassNames) -> str:
    """Say what the numbers of a model's answer stand for."""
    if not names.names:
        return ""
    shown = list(names.names)[:_NAMED_CLASSES]
    listed = name_some([*map(names.tell, shown)], len(names.names) + names.more)
    return f"Its classes, named by {names.source}: {listed}.\n"


def _judge_accuracy(metrics: Mapping[str, float], report: Report | None, evaluation: Said | None) -> str:
    accuracy = metrics.get("validation:accuracy")
    if accuracy is None:
        return ""
    # SageMaker's final metric is the last epoch's, while the model is the best one's.
    said = f"Its accuracy on the validation images was {percent(accuracy)} in its last epoch"
    chance = _chance_level(report.validation) if report else None
    if report is None or chance is None:
        return f"{said}.\n"
    compared = f"{said}; naming the most frequent class each time would give {percent(chance)}"
    images = sum(report.validation.classes.values())
    if accuracy > chance + _SURE_DEVIATIONS * sqrt(chance * (1 - chance) / images):
        return f"{compared}.\n"
    unsure = f", and of {count(images, 'image')} that is no sure difference" if accuracy > chance else ""
    if evaluation and evaluation.has_figures:
        # They are of the epoch that was kept, and are held against guessing themselves.
        return f"{compared}{unsure}.\n"
    told_by = "its evaluation or the job's log" if evaluation else "the job's log"
    return (
        f"{compared}{unsure}. Unless an epoch before was better, whose weights the model then has ({told_by} says), it "
        "has learnt nothing that helps: look at the labels and the images, or train longer.\n"
    )


def _chance_level(validation: Channel) -> float | None:
    """Give the accuracy of always naming the most frequent class; None for images of several labels, or of none."""
    if validation.label_width != 1 or not validation.classes:
        return None
    return max(validation.classes.values()) / sum(validation.classes.values())


def model_not_created(data_set: str, job: str, reason: str, failure: Failure, stack: str) -> Notice:
    """Say why a completed job has no model, and when it is made after all."""
    return Notice(
        subject=f"Data set {data_set} has no model",
        text=f"Training job {job} completed, but its model could not be created ({failure.cause}):\n"
        f"{on_one_line(reason)}\n\n{failure.remedy}\n"
        "Then it is made by itself, without training again: it is tried at the next full hour, and after that at "
        "intervals that grow to a day, for 30 days after the job.\n"
        f"To have it tried at once: sagescene redrive --stack-name {stack}",
        data_set=data_set,
    )


def training_failed(
    data_set: str, job: TrainingJob, reason: str, failure: Failure, logs_url: str, stack: str, bill: Bill | None
) -> Notice:
    """Say why a training job failed, on which instances, what to do, and how to begin anew."""
    instances = f" on {job.instance_count:,} {job.instance_type}" if job.instance_type else ""
    return Notice(
        subject=f"Training on data set {data_set} failed",
        text=f"Training job {job.name} failed{instances} ({failure.cause}):\n{on_one_line(reason)}\n\n"
        f"{failure.remedy}\n"
        f"It is not tried again by itself; to train on the same files again: {start_command(data_set, stack)}\n\n"
        f"{tell_bill(bill)}Its logs: {logs_url}\n"
        f"The same on a terminal: sagescene logs {job.name} --stack-name {stack}",
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
        f"Training job {job} found no instances:\n{on_one_line(reason)}\n\n"
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
        text=f"Training job {job} found no instances:\n{on_one_line(reason)}\n\n"
        f"Training job {next_job} was started since.",
        data_set=data_set,
    )
