"""The logs of a stack, those of its functions and of the jobs that train, each line once."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sagescene.jobs.training_job import TRAINING_LOGS
from sagescene_command.following.logged import LogLine
from sagescene_command.following.looking import LINES_LATE, Target, find_target, identify, is_about
from sagescene_command.following.sources import Sources
from sagescene_command.following.watching import StackEvent, describe


class Tail:
    """Reads what is new in the logs, of everything or of one data set or job and its training."""

    def __init__(self, sources: Sources, target: str, since: datetime) -> None:
        """Take the name of a data set or of a job, or nothing for all of them, and when to begin."""
        self._sources, self._name, self._since = sources, target, since
        self._target: Target | None = None
        self._known: set[object] = set()

    def read(self, now: datetime) -> list[LogLine]:
        """Give the lines that are new, oldest first; raises NoSuchDataSetError. A reading that fails loses none."""
        lines = list(self._read_of_target(now)) if self._name else self._sources.read_function_logs(self._since)
        new = [line for line in lines if identify(line) not in self._known]
        self._known.update(map(identify, new))
        self._since = max(self._since, now - LINES_LATE)
        return sorted(new, key=lambda line: line.time)

    def _read_of_target(self, now: datetime) -> Iterator[LogLine]:
        target = self._target = self._target or find_target(self._sources, self._name)
        jobs = self._describe_jobs(target, now)
        yield from (line for line in self._sources.read_function_logs(self._since) if is_about(target, line, jobs))
        for name, job in jobs.items():
            since = max(self._since, job["CreationTime"])
            yield from self._sources.read_log(TRAINING_LOGS, since, "training", f"{name}/")

    def _describe_jobs(self, target: Target, now: datetime) -> Mapping[str, Mapping[str, Any]]:
        if target.job:
            return {target.job: self._sources.describe_job(target.job)}
        objects = self._sources.list_set(target.data_set)
        return {job["TrainingJobName"]: job for job in self._sources.look(target.data_set, objects, [], now).jobs}


def tell_lines(lines: list[LogLine]) -> Iterator[StackEvent]:
    """Give what a person reads of log lines; metrics and what the platform reports of itself is none of it."""
    for line in lines:
        content = line.content
        if "_aws" in content or str(content.get("type", "")).startswith("platform."):
            continue
        if "errorMessage" in content:  # by the runtime
            text, style = f"{content.get('errorType', 'error')}: {content['errorMessage']}", "bold red"
        elif {"level", "message"} <= content.keys():
            text, style = describe(line)
        else:
            text, style = str(content.get("message", content)), ""
        yield StackEvent(time=line.time, speaker=line.speaker, text=text, style=style)
