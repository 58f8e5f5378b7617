"""What happens in the local stack, told to a person line by line."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from sagescene.jobs.training_job import ENDED
from sagescene_command import durations, particulars
from sagescene_command.interrupts import Interrupted
from sagescene_standin.occurrence import Occurrence

_LEVEL_STYLES = {"ERROR": "bold red", "CRITICAL": "bold red", "WARNING": "yellow", "DEBUG": "dim"}
_STATUS_STYLES = {"Completed": "green", "Failed": "bold red", "Stopped": "yellow"}
_FUNCTION_NAMES = {
    "StartTrainingFunction": "start",
    "FinishTrainingFunction": "finish",
    "EvaluateModelFunction": "evaluate",
}
_IN_NOTICES = {"reason", "failure_reason", "remedy"}  # one comes with every error that is no finding
_REPEATS_WITHIN = 10.0  # seconds
_FIRST_MILESTONE = 5.0  # seconds
_HELD_BACK = "notice held back"
INTERRUPTED = "Interrupted"  # what SageMaker calls a job whose Spot instances were taken away
OF_INTERRUPTION = "interrupted: its Spot instances were taken away, and it waits for capacity to go on"
_EPOCH = re.compile(r"Epoch\[(\d+)] (Train|Validation)-accuracy=([\d.]+)")


class EpochReader:
    """Reads how accurate each epoch was from what training jobs log."""

    def __init__(self) -> None:
        """Begin with no epoch."""
        self._train_accuracy: dict[tuple[str, str], str] = {}

    def read(self, job: str, message: str) -> str:
        """Say how accurate the epoch was that this line of a job's log ends; nothing for any other line."""
        accuracy = _EPOCH.search(message)
        if not accuracy:
            return ""
        epoch, channel, value = accuracy.groups()
        if channel == "Train":
            self._train_accuracy[job, epoch] = value
            return ""
        train = self._train_accuracy.pop((job, epoch), "?")
        return f"{int(epoch) + 1:>3}: accuracy on train {train}, on validation {value}"


def describe_log_line(line: Mapping[str, Any]) -> tuple[str, str]:
    """Give what a function logged with its particulars, and the style of its level."""
    if line["message"] == _HELD_BACK:
        return f"holds back a notice, for one of its kind was sent within the hour: {line['subject']}", ""
    return f"{line['message']}{particulars.lay_out(line)}", _LEVEL_STYLES.get(str(line["level"]), "")


class Narrator:
    """Prints occurrences as they come, with the seconds since it began; it is called from several threads."""

    def __init__(self, console: Console) -> None:
        """Begin the clock."""
        self._console = console
        self._began = time.monotonic()
        self._epochs = EpochReader()
        self._told: dict[tuple[object, ...], float] = {}
        self._running: set[str] = set()  # training jobs
        self._data_sets: set[str] = set()
        self._notices: list[str] = []

    def say(self, speaker: str, text: str, style: str = "") -> None:
        """Print one line."""
        seconds = f"{time.monotonic() - self._began:6.1f} s"
        line = Text.assemble((seconds, "dim"), "  ", (f"{speaker:<8}", "cyan"), "  ", (text, style))
        self._console.print(line, soft_wrap=True)

    @contextmanager
    def doing(self, speaker: str, step: str) -> Iterator[None]:
        """Say that a step begins, and how long it took the last time."""
        before = durations.recall(step)
        self.say(speaker, step if before is None else f"{step} (last time: {durations.tell(before)})")
        began = time.monotonic()
        yield
        durations.remember(step, time.monotonic() - began)

    def conclude(self, verdict: str, reason: str) -> None:
        """Say why there is no model, unless a notice has said it already."""
        told = any(_one_line(reason) in notice for notice in self._notices)
        self.say(verdict, "the notice above says why" if told else reason, "bold red")

    @contextmanager
    def telling_of_interrupts(self) -> Iterator[None]:
        """Say what an interrupt has ended, once it has."""
        try:
            yield
        except Interrupted:
            self.tell_end()
            raise

    def tell_end(self) -> None:
        """Say that the stack has ended, and which training jobs with it."""
        jobs = ", ".join(sorted(self._running))
        self.say("stack", f"has ended{f', and with it {jobs}' if jobs else ''}")

    def __call__(self, occurrence: Occurrence) -> None:
        """Tell what is worth telling of an occurrence."""
        detail: Mapping[str, Any] = occurrence.detail
        match occurrence.kind:
            case "upload" if occurrence.subject.startswith("datasets/"):
                self._data_sets.add(occurrence.subject.split("/")[1])
                self.say("upload", f"{occurrence.subject}  {describe_size(detail['size'])}")
            case "log" if occurrence.subject in _FUNCTION_NAMES:
                self._tell_log_line(_FUNCTION_NAMES[occurrence.subject], detail)
            case "log":
                self._tell_epoch(occurrence.subject, str(detail.get("message", "")))
            case "job":
                self._tell_job(occurrence.subject, detail)
            case "alarm" if detail["state"] == "ALARM":
                self.say("ALARM", f"{occurrence.subject}: {detail['reason']}", "bold red")
            case "message" if not str(detail["text"]).startswith("{"):  # alarms send JSON and are told above
                self.say("notice", f"{detail['subject']}\n{self._quote_notice(str(detail['text']))}")
            case "dead-letter":
                self.say("dead", f"{occurrence.subject} keeps {str(detail['body'])[:300]}", "bold red")
            case "invocation" | "dropped" if occurrence.error:
                self.say("error", f"{occurrence.subject}: {occurrence.error}", "bold red")

    def _tell_log_line(self, speaker: str, line: Mapping[str, Any]) -> None:
        # What the runtime itself writes of an error has no message: the invocation that it ended is told of.
        if "_aws" in line or not {"level", "message"} <= line.keys():
            return
        if line["level"] == "ERROR" and "code" in line:  # the notice of a refusal has every finding
            return
        if line["message"] == "nothing to start" and line.get("subject") in self._running:
            return
        # Several uploads of one set may reach the same conclusion at once; a person reads it once.
        conclusion = (
            speaker,
            line["message"],
            line.get("data_set"),
            line.get("job"),
            line.get("file"),
            line.get("where"),
            line.get("reason"),
        )
        now = time.monotonic()
        if now - self._told.get(conclusion, -_REPEATS_WITHIN) < _REPEATS_WITHIN:
            return
        self._told[conclusion] = now
        is_notified = line["level"] == "ERROR"
        text, style = describe_log_line(
            {name: value for name, value in line.items() if not (is_notified and name in _IN_NOTICES)}
        )
        text = _localize(text)
        if line["message"] == _HELD_BACK:
            text = f"{text}\n{self._quote_notice(str(line['text']))}"
        of = line.get("data_set") if len(self._data_sets) > 1 else None
        self.say(speaker, f"{of}: {text}" if of else text, style)

    def _quote_notice(self, text: str) -> str:
        self._notices.append(_one_line(text))
        return _indent(_localize(text))

    def _tell_epoch(self, job: str, message: str) -> None:
        if epoch := self._epochs.read(job, message):
            named = f"{job} " if len(self._running) > 1 else ""
            self.say("epoch", f"{named}{epoch}")

    def _tell_job(self, job: str, detail: Mapping[str, Any]) -> None:
        (self._running.discard if detail["status"] in ENDED else self._running.add)(job)
        status, secondary = str(detail["status"]), str(detail.get("secondary_status", ""))
        said = OF_INTERRUPTION if secondary == INTERRUPTED else secondary
        text = f"{job}: {status}" + (f", {said}" if secondary and secondary != status else "")
        self.say("job", text, _STATUS_STYLES.get(status, ""))


@contextmanager
def show_progress(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a callback of steps done and steps in all: a bar where the console is a terminal, else a line now and then.

    The lines go to standard error, and the time between them doubles.
    """
    if not console.file.isatty():
        yield _Milestones(what)
        return
    from rich.progress import Progress  # as long to import as the rest of rich, for a terminal alone

    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


class _Milestones:
    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._next = _FIRST_MILESTONE

    def __call__(self, done: int, total: int) -> None:
        seconds = time.monotonic() - self._began
        if seconds >= self._next and total:
            self._next = 2 * seconds
            click.echo(f"{self._what}: {done / total:.0%} after {durations.tell(seconds)}", err=True)


def _localize(text: str) -> str:
    from sagescene_command.consoles import localize  # with urllib, 1 % of a check, which has nothing to localize

    return localize(text)


def _one_line(text: str) -> str:
    return " ".join(text.replace("\n- ", " ").split())


def _indent(text: str) -> str:
    return "\n".join(f"{' ' * 20}{line}" for line in text.splitlines())


def describe_size(size_in_bytes: int) -> str:
    """Give a size in the largest unit that it has one of."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size_in_bytes >= scale:
            return f"{size_in_bytes / scale:.1f} {unit}"
    return f"{size_in_bytes} bytes"
