"""What is known of a data set as it lies there now, and what that comes to: facts in, a state out."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sagescene.findings import Finding, Severity
from sagescene.jobs.training_job import ENDED
from sagescene.shell_words import quote_name
from sagescene.triggers import WaitCause
from sagescene_command.following.logged import LATE, Pause

# An upload is looked at after the quiet period of 15 minutes at most, and the look takes 5 at most.
FRESH = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvaluation:
    """How well a model does, what must be known beside that, and where the page lies that shows all of it."""

    verdict: str
    caveats: tuple[str, ...]
    page: str

    def __iter__(self) -> Iterator[str]:
        """Give all of it, a line a thing."""
        yield from (self.verdict, *self.caveats, self.page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A data set as it lies there: its files, the report, jobs and outcomes of their content, and what is logged.

    `uploaded` is when the last file came that has a set judged; `foreign` says what the files are where none is of
    a set. `jobs` are as SageMaker describes them, the first try first. `outcomes` hold what the stack wrote of them,
    marks of models to come among it. `settled` is when the stack last found nothing to start, `model` the ARN. It
    `awaits_evaluation` until people are told of it; `evaluation` is the newest, read for a single set alone.
    `earlier_model` is the newest one of earlier files, as ListModels gives it, where these have none.
    """

    data_set: str
    files: int = 0
    size_in_bytes: int = 0
    uploaded: datetime | None = None
    missing: tuple[str, ...] = ()
    foreign: tuple[Finding, ...] = ()
    report: Mapping[str, Any] | None = None
    jobs: tuple[Mapping[str, Any], ...] = ()
    outcomes: tuple[Mapping[str, Any], ...] = ()
    pause: Pause | None = None
    settled: datetime | None = None
    model: str = ""
    awaits_evaluation: bool = False
    evaluation: SeenEvaluation | None = None
    earlier_model: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Give what the listing and SageMaker show as plain values; times are ISO 8601."""
        return {
            "files": self.files,
            "size_in_bytes": self.size_in_bytes,
            "uploaded": self.uploaded.isoformat() if self.uploaded else None,
            "report": self.report["fingerprint"] if self.report else None,
            "jobs": [{"name": job["TrainingJobName"], "status": job["TrainingJobStatus"]} for job in self.jobs],
            "evaluation": asdict(self.evaluation) if self.evaluation else None,
            "newest_model": self.model or (self.earlier_model["ModelArn"] if self.earlier_model else None),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a data set has come to, in the words of `sagescene run`, and whether more comes by itself.

    Beside those words: running, coming (it was uploaded and is not judged yet), unknown. `until` is when the stack
    looks or tries next, `ends` when it gives waiting up. `findings` are those of a refusal, whose errors `reason` and
    `remedy` put in a sentence each.
    """

    verdict: str
    reason: str
    is_final: bool
    remedy: str = ""
    job: str = ""
    model: str = ""
    until: datetime | None = None
    ends: datetime | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        """Those of the findings for which it was refused."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    def as_json(self) -> dict[str, Any]:
        """Give the state as plain values; times are ISO 8601."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "remedy": self.remedy,
            "job": self.job or None,
            "model": self.model or None,
            "metrics": dict(self.metrics),
            "until": self.until.isoformat() if self.until else None,
            "ends": self.ends.isoformat() if self.ends else None,
        }


def judge(sight: Sight, now: datetime) -> State:
    """Say what a data set has come to."""
    last = sight.jobs[-1] if sight.jobs else None
    if last and last["TrainingJobStatus"] not in ENDED:
        reason = f"its training job is {_in_words(last['SecondaryStatus'])}"
        return State(verdict="running", reason=reason, is_final=False, job=last["TrainingJobName"])
    if sight.pause:
        pause = sight.pause
        verdict = "waiting" if pause.cause == WaitCause.FILES else "postponed"
        return State(verdict=verdict, reason=pause.reason, is_final=False, until=pause.next_look, ends=pause.ends)
    if last and sight.model:
        if _is_being_told(sight, last, now):
            reason = "its model is there, and the notice of it on its way"
            return State(verdict="coming", reason=reason, is_final=False, job=last["TrainingJobName"])
        return replace(_judge_model(last, sight.model), is_final=not sight.awaits_evaluation)
    is_fresh = _is_fresh(sight, now)
    decided = _judge_written(sight, _find_beginning(sight, is_fresh=is_fresh))
    if decided:
        return decided
    if last and not is_fresh:
        status = last["TrainingJobStatus"]
        reason = f"its training job is {status}, and the stack has not yet written what comes of it"
        return State(verdict="coming", reason=reason, is_final=False, job=last["TrainingJobName"])
    if is_fresh:
        return State(verdict="coming", reason="its files are there; it is not judged yet", is_final=False)
    return _judge_unwritten(sight)


def _is_being_told(sight: Sight, job: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a job ended only now, and its outcome is still to come: the stack writes that last."""
    is_told = any(one["job"] == job["TrainingJobName"] for one in sight.outcomes)
    return not is_told and "TrainingEndTime" in job and now - job["TrainingEndTime"] < LATE


def _judge_model(job: Mapping[str, Any], model: str) -> State:
    name, metrics = job["TrainingJobName"], job.get("FinalMetricDataList", [])
    return State(
        verdict="model",
        reason=f"{name} completed.",
        is_final=True,
        job=name,
        model=model,
        metrics={one["MetricName"]: one["Value"] for one in metrics},
    )


def _is_fresh(sight: Sight, now: datetime) -> bool:
    """Tell whether the last upload is still to be judged, so that what was written before says nothing of it."""
    uploaded, settled = sight.uploaded, sight.settled
    return uploaded is not None and now - uploaded < FRESH and (settled is None or settled < uploaded)


def _find_beginning(sight: Sight, *, is_fresh: bool) -> datetime | None:
    """Say since when what was written is about the last attempt: what came of the one before says nothing of it."""
    created = [sight.jobs[-1]["CreationTime"]] if sight.jobs else []
    uploaded = [sight.uploaded] if is_fresh and sight.uploaded else []
    return max((*created, *uploaded), default=None)


def _judge_written(sight: Sight, since: datetime | None) -> State | None:
    """Judge by the newest of what the stack wrote since then; None where it wrote nothing that stands."""
    marks = [one for one in sight.outcomes if "written" in one and one.get("next_try", "") is not None]
    refusals = [sight.report] if sight.report and sight.report["verdict"] == "refused" else []
    written = [one for one in (*marks, *refusals) if since is None or _time_of(one) >= since]
    if not written:
        return None
    newest = max(written, key=_time_of)
    if newest is sight.report:
        return _judge_refusal(newest)
    job, reason, remedy = newest["job"], newest["reason"], newest.get("failure", {}).get("remedy", "")
    match newest["decision"]:
        case "tried again":
            return State(verdict="postponed", reason=reason, is_final=False, job=job)
        case "unfinished":  # by a failure that was told of, or because a person wants the model back
            until = datetime.fromisoformat(newest["next_try"])
            verdict, is_final = ("failed", True) if remedy else ("postponed", False)
            return State(verdict=verdict, reason=reason, is_final=is_final, remedy=remedy, job=job, until=until)
        case "model created":
            remedy = "Drop the same files again to have it made anew."
            return State(verdict="trained", reason="its model was deleted", is_final=True, remedy=remedy, job=job)
    return State(verdict=newest["decision"], reason=reason, is_final=True, remedy=remedy, job=job)


def _judge_refusal(report: Mapping[str, Any]) -> State:
    findings = tuple(map(Finding.from_json, report["findings"]))
    refused = State(verdict="refused", reason="", is_final=True, findings=findings)
    reasons = " ".join(error.fault for error in refused.errors)
    remedies = " ".join(dict.fromkeys(error.remedy for error in refused.errors))
    return replace(refused, reason=reasons, remedy=remedies)


def _judge_unwritten(sight: Sight) -> State:
    if sight.missing:
        reason = f"it awaits its {', '.join(sight.missing)}"
        return State(verdict="waiting", reason=reason, is_final=True, remedy="Upload what is missing.")
    if sight.uploaded is None:
        reason = " ".join(["there is no file of a data set:", *(each.message for each in sight.foreign)])
        remedy = " ".join(each.remedy for each in sight.foreign) or "Drop one."
        return State(verdict="unknown", reason=reason.removesuffix(":"), is_final=True, remedy=remedy)
    return State(
        verdict="unknown",
        reason="nothing is known of a decision about its files",
        is_final=True,
        remedy=f"Have it judged: sagescene start {quote_name(sight.data_set)}",
    )


def _time_of(document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["written"])


def _in_words(secondary_status: str) -> str:
    if secondary_status == "Interrupted":
        return "interrupted, and waits for capacity to go on"
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in secondary_status).strip()
