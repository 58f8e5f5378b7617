"""One data set on its way through the local stack, from the upload to its model or to the reason why there is none."""

import queue
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagescene import parts
from sagescene.finding_log import FindingLog
from sagescene.foreign import report_foreign
from sagescene.foreign_text import printable_json
from sagescene.parts import Part
from sagescene_command.folder_files import explain_links, find_files
from sagescene_command.images_only import explain_images
from sagescene_command.relay import Relay
from sagescene_standin.occurrence import Occurrence

if TYPE_CHECKING:
    from sagescene_standin.stack import Stack


class UnusableFolderError(Exception):
    """The folder holds nothing that could be dropped."""


class TooLongError(Exception):
    """Nothing was decided in the time allowed."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Nothing was decided in time: give --timeout more seconds, or train fewer epochs.")


@dataclass(slots=True, kw_only=True)
class Result:
    """How a run through the local stack ended.

    `verdict` is one of these:

    - model: the training job completed and its model was created;
    - failed, stopped: the training job ended without one;
    - refused: the data set has faults;
    - waiting: it lacks files;
    - postponed: something other than files is waited for, such as a quota;
    - given up: that was waited for too long;
    - trained, ended: an earlier training job of the same files completed, or did not;
    - error: the function ended in an error for some of the files, and no other file settled the matter;
    - dead-lettered: so it did until a dead-letter queue kept the message;
    - nothing: no file started anything.

    The `page` of the `evaluation` is the address of what was kept of it, None where nothing was.
    """

    verdict: str
    reason: str
    job: dict[str, str | None] | None = None
    model: dict[str, str] | None = None
    evaluation: dict[str, str | None] | None = None
    predictions: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """Write the result as one line of JSON."""
        return printable_json(
            {
                "verdict": self.verdict,
                "reason": self.reason,
                "job": self.job,
                "model": self.model,
                "evaluation": self.evaluation,
                "predictions": self.predictions,
                "alarms": self.alarms,
            }
        )


class LocalRun:
    """Watches a stack through its occurrences."""

    def __init__(self, relay: Relay) -> None:
        """Take the relay that listens to the stack since before it stands."""
        self._relay = relay
        self._alarms: set[str] = set()

    def run(self, stack: "Stack", uploads: Mapping[str, Path], *, limit_in_seconds: float) -> Result:
        """Drop a data set and wait for what comes of it; raises TooLongError, or UnwritableError as its relay does."""
        deadline = time.monotonic() + limit_in_seconds
        result = self._await_decision(drop(stack, uploads), deadline)
        if result.job:
            described = stack.client("sagemaker").describe_training_job(TrainingJobName=result.job["name"])
            result.job |= {
                "status": described["TrainingJobStatus"],
                "failure_reason": described.get("FailureReason"),
            }
            if result.model:
                result.model["artifact"] = described["ModelArtifacts"]["S3ModelArtifacts"]
        if result.model and "EvaluationsQueue" in stack.resources:
            summary = self._await_evaluation(result.model["name"], deadline)
            result.evaluation = {"summary": summary, "page": None}
        if result.verdict in {"failed", "dead-lettered"}:
            self._await_alarm(deadline)
        result.alarms = sorted(self._alarms)
        return result

    def _await_decision(self, uploads: int, deadline: float) -> Result:
        last: dict[str, Any] = {"decision": "nothing", "reason": "No file of the folder starts anything."}
        under_way = False
        answered = 0
        error = ""
        while answered < uploads or under_way:
            occurrence = self._next(deadline)
            if occurrence.kind == "dead-letter":
                return Result(verdict="dead-lettered", reason=_tell_dead_letter(occurrence))
            for decision in _decisions(occurrence):
                match decision["decision"]:
                    case "model created":
                        job = decision["subject"]
                        model = {"name": job, "arn": decision["reason"]}
                        return Result(verdict="model", reason=f"{job} completed.", job={"name": job}, model=model)
                    case "failed" | "stopped" as verdict:
                        return Result(verdict=verdict, reason=decision["reason"], job={"name": decision["subject"]})
                    case "started" | "running":
                        under_way = True
                last = _choose_last(last, decision)
            if occurrence.kind == "invocation" and occurrence.subject == "StartTrainingFunction":
                answered += 1
                error = occurrence.error or error
        if error:
            return Result(verdict="error", reason=error)
        return Result(verdict=last["decision"], reason=last["reason"])

    def _await_evaluation(self, job: str, deadline: float) -> str:
        """Wait until people are told of a model: what its figures are, or why there are none."""
        while True:
            occurrence = self._next(deadline)
            if occurrence.kind == "dead-letter":
                return _tell_dead_letter(occurrence)
            for decision in _decisions(occurrence):
                if decision["subject"] == job and decision["decision"] in {"evaluated", "not evaluated", "told"}:
                    return str(decision["reason"])

    def _await_alarm(self, deadline: float) -> None:
        while not self._alarms:
            self._next(deadline)

    def _next(self, deadline: float) -> Occurrence:
        try:
            occurrence = self._relay.next(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            raise TooLongError from None
        if occurrence.kind == "alarm":
            (self._alarms.add if occurrence.detail["state"] == "ALARM" else self._alarms.discard)(occurrence.subject)
        return occurrence


# What was decided for other reasons, such as another upload that stood behind, says less than any of these.
_RANKS = {"waiting": 1, "postponed": 1, "ended": 2, "given up": 2, "refused": 2, "trained": 3}


def _choose_last(last: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Choose which of two decisions about the files of one data set holds for all of them.

    Files are judged side by side: what was decided before the last file came may be told after what was decided then.
    """
    rank_of_last, rank_of_new = (_RANKS.get(decision["decision"], 0) for decision in (last, new))
    if rank_of_new == 0 or rank_of_new < rank_of_last:
        return last
    match last["decision"], new["decision"]:
        case "waiting", "waiting":  # for fewer files, the more have come
            return min(new, last, key=lambda decision: len(decision["reason"]))
        case "refused", "refused":  # for every fault; a repetition only says that there was a refusal
            return max(new, last, key=lambda decision: len(decision["reason"]))
    return new


def _tell_dead_letter(occurrence: Occurrence) -> str:
    return f"{occurrence.subject} keeps what failed each time that it was tried."


def _decisions(occurrence: Occurrence) -> Iterator[dict[str, Any]]:
    answer = occurrence.detail.get("result")
    if occurrence.kind == "invocation" and isinstance(answer, list):
        yield from answer


def find_uploads(folder: Path, name: str) -> dict[str, Path]:
    """Find what of a folder is uploaded as the data set `name`, by its key; raises UnusableFolderError."""
    if parts.CONTROL_CHARACTERS.search(name):
        raise UnusableFolderError(
            f"The data set is called as its folder, {folder}, whose name holds control characters (escaped here): "
            "rename the folder."
        )
    uploads = find_files(folder, name)
    if answer := explain_links(folder, uploads.values()) or explain_images(str(folder), uploads):
        raise UnusableFolderError(answer)
    # These two describe a set, and one of them alone would be waited on for its files.
    if not {*map(parts.part_of, uploads)} - {None, Part.TRAINING_JSON, Part.CLASS_NAMES}:
        log = FindingLog(f"{parts.DATASETS}{name}/")
        report_foreign(log, list(uploads))
        what = " ".join(f"{finding.message} {finding.remedy}" for finding in log.close())
        lacks = "no .rec and .lst files" if uploads else "no files"
        # Whatever could be packed was told of above: of this folder, sagescene pack would make nothing.
        remedy = "Give the folder of one data set, such as sagescene pack makes of a folder of images."
        raise UnusableFolderError(f"{folder} holds {lacks}. {what or remedy}")
    return uploads


def drop(stack: "Stack", uploads: Mapping[str, Path]) -> int:
    """Upload a data set and count the uploads that ring."""
    s3 = stack.client("s3")
    for key, path in uploads.items():
        s3.upload_file(str(path), stack.outputs["Bucket"], key)
    return sum(parts.part_of(key) is not None for key in uploads)
