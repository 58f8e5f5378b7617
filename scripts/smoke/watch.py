"""Follows a dropped set from outside: its report, its jobs at SageMaker, the outcome, and its model's evaluation."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from sagescene import keys
from sagescene.aws import Cloud, ObjectReplacedError
from sagescene.workflow import awaited
from sagescene.workflow.evaluation_state import EvaluationPhase
from sagescene_command.following.deployed_stack import DeployedStack
from scripts.smoke import costs, names

# Shown by SageMaker once a job has read its data.
_AFTER_DOWNLOAD = {"Training", "Uploading", "Completed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What came of the set: a model of this name, or none; and the reasons why there is none, or no figures of it."""

    model: str = ""
    reasons: tuple[str, ...] = ()


class Watch:
    """Looks at one set again and again, and says what has changed."""

    def __init__(self, stack: DeployedStack, job_prefix: str, data_set: str, say: Callable[[str], None]) -> None:
        """Take where to look, and who is told."""
        self._cloud = Cloud(stack.region)
        self._bucket, self._data_set, self._say = stack.bucket, data_set, say
        self._jobs = names.begin_of_jobs(job_prefix, data_set)
        self._evaluates = "EvaluationsQueue" in stack.resources
        self._known: set[str] = set()  # keys of objects, and transitions of jobs, that were told of
        self._ending: Ending | None = None  # without the evaluation of its model

    def look(self) -> Ending | None:
        """Say what is new, and give the ending once there is one."""
        # Looked at from the end on, told from the beginning: what led to an outcome is there when the outcome is.
        listed = self._list_outcomes()
        jobs = self.list_jobs()
        ending = self._tell_reports()
        for job in jobs:
            for transition in job.get("SecondaryStatusTransitions", []):
                self._tell_transition(job["TrainingJobName"], transition)
        outcomes = [key for key in listed if not keys.is_of_notice(key) and self._is_new(key)]
        self._ending = self._ending or ending or self._tell_outcomes(outcomes)
        if self._ending and self._ending.model and self._evaluates:
            return self._tell_evaluation(self._ending.model, find_told(listed))
        return self._ending

    def list_jobs(self) -> list[dict[str, Any]]:
        """Describe every job that was started for the set."""
        return list_jobs(self._jobs)

    def _tell_reports(self) -> Ending | None:
        for key in self._list_new(f"{keys.REPORTS}{self._data_set}/"):
            if keys.is_report_key(key):
                report = self._cloud.read_json(self._bucket, key)
                self._say(f"report: {report['verdict']}, s3://{self._bucket}/{key}")
                if ending := end_by_report(report):
                    return ending
        for key in self._list_new(f"{keys.NOTICES}{self._data_set}/"):
            self._say(f"the stack has sent a notice, as the mark s3://{self._bucket}/{key} shows")
        return None

    def _list_outcomes(self) -> list[str]:
        began, now = names.read_beginning(self._data_set), datetime.now(UTC)
        begins = names.begins_by_day(keys.OUTCOMES, self._jobs, began, now)
        return [stored.key for begin in begins for stored in self._cloud.list_objects(self._bucket, begin)]

    def _tell_outcomes(self, outcomes: Iterable[str]) -> Ending | None:
        for key in outcomes:
            outcome = self._cloud.read_json(self._bucket, key)
            self._say(f"outcome: {outcome['decision']}, s3://{self._bucket}/{key}")
            if ending := end_by_outcome(outcome):
                return ending
        return None

    def _tell_evaluation(self, model: str, told_key: str | None) -> Ending | None:
        told = self._read(told_key) if told_key else None
        state = self._read(told["by"].partition(" ")[0]) if told else None  # named by its key, before its hop
        ending = end_by_evaluation(model, told, state)
        if ending and not ending.reasons:
            evaluation = self._cloud.read_json(self._bucket, keys.evaluation_key(self._data_set, model))
            self._say(f"evaluation: {evaluation['verdict']}")
        return ending

    def _read(self, key: str) -> Any:  # noqa: ANN401 - as it was written
        try:
            return self._cloud.read_json(self._bucket, key)
        except ObjectReplacedError:  # just now: the next look reads the newer one
            return None

    def _tell_transition(self, job: str, transition: Mapping[str, Any]) -> None:
        status = transition["Status"]
        if self._is_new(f"{job} {status} {transition['StartTime']}"):
            self._say(f"job {job}: {status}, {transition.get('StatusMessage', '')}".rstrip(", "))
            if status in _AFTER_DOWNLOAD and self._is_new("downloaded"):
                self._say("training role: SageMaker could read the set with it")

    def _list_new(self, prefix: str) -> Iterable[str]:
        found = (stored.key for stored in self._cloud.list_objects(self._bucket, prefix))
        return [key for key in found if self._is_new(key)]

    def _is_new(self, what: str) -> bool:
        is_new = what not in self._known
        self._known.add(what)
        return is_new


def list_jobs(begin: str) -> list[dict[str, Any]]:
    """Describe every training job whose name begins so, the oldest first."""
    sagemaker: Any = boto3.client("sagemaker")
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=begin, SortBy="CreationTime", SortOrder="Ascending"
    )
    found = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    return [sagemaker.describe_training_job(TrainingJobName=name) for name in found if name.startswith(begin)]


def end_by_report(report: Mapping[str, Any]) -> Ending | None:
    """Say what a report comes to: with a refusal all of its errors, else nothing yet."""
    if report["verdict"] != "refused":
        return None
    errors = (finding for finding in report["findings"] if finding["severity"] == "error")
    return Ending(reasons=tuple(f"{error['code']}: {error['message']} {error['remedy']}" for error in errors))


def end_by_outcome(outcome: Mapping[str, Any]) -> Ending | None:
    """Say what an outcome comes to; nothing yet, where the stack tries again by itself."""
    match outcome["decision"]:
        case "model created":
            return Ending(model=outcome["job"])
        case "tried again":
            return None
    remedy = outcome.get("failure", {}).get("remedy", "")
    return Ending(reasons=tuple(filter(None, (f"{outcome['decision']}: {outcome['reason']}", remedy))))


def find_told(listed: Collection[str]) -> str | None:
    """Find, among the keys beside an outcome, the mark that people were told of its model."""
    return next((told for told in map(keys.told_beside, listed) if told in listed), None)


def end_by_evaluation(model: str, told: Mapping[str, Any] | None, state: Mapping[str, Any] | None) -> Ending | None:
    """Say what the evaluation of a model comes to; nothing yet, while it reads the set or has something to write.

    `told` is the mark that people were told of the model, which names by whom, and `state` that of this evaluation.
    """
    if told and told["by"] == awaited.CLOCK:
        reason = "Its evaluation has not ended within an hour: the log of EvaluateModelFunction says why."
        return Ending(model=model, reasons=(reason,))
    if not told or not state or state["phase"] != EvaluationPhase.ENDED:
        return None
    return Ending(model=model, reasons=tuple(filter(None, (state["reason"],))))


def describe_result(jobs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say what the jobs were billed, and how accurate the last of them became."""
    lines, accuracies = [], ""
    for job in jobs:
        lines.append(costs.describe_bill(job))
        metrics = {metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])}
        accuracies = ", ".join(f"{name} {value:.3f}" for name, value in sorted(metrics.items()))
    return [*lines, *([f"metrics: {accuracies}"] if accuracies else [])]
