"""The logs of a stack, those of both functions and of the jobs that train, each line once."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sagescene_command.following.logged import LogLine
from sagescene_command.following.looking import identify
from sagescene_command.following.sources import TRAINING_LOGS, Sources
from sagescene_command.following.watching import StackEvent, describe

_LATE = timedelta(minutes=1)  # so much later than it was written a log line may show


class Tail:
    """Reads what is new in the logs, of everything or of one data set or job and its training."""

    def __init__(self, sources: Sources, target: str, since: datetime) -> None:
        """Take the name of a data set or of a job, or nothing, and when to begin.

        Raises NoSuchDataSetError.
        """
        self._sources, self._since = sources, since
        self._data_set = sources.find_set_of_job(target) if target else None
        self._job = target if self._data_set is not None else ""
        self._set = target if self._data_set is None else ""
        if self._set:
            sources.require_set(self._set)
        self._known: set[object] = set()

    def read(self, now: datetime) -> list[LogLine]:
        """Give the lines that are new, oldest first."""
        jobs = self._list_jobs(now)
        lines = [line for line in self._sources.read_function_logs(self._since) if self._is_wanted(line.content, jobs)]
        for job in jobs:
            since = max(self._since, job["CreationTime"])
            lines.extend(self._sources.read_log(TRAINING_LOGS, since, "training", f"{job['TrainingJobName']}/"))
        new = [line for line in lines if identify(line) not in self._known]
        self._known.update(map(identify, new))
        self._since = max(self._since, now - _LATE)
        return sorted(new, key=lambda line: line.time)

    def _list_jobs(self, now: datetime) -> list[Mapping[str, Any]]:
        if self._job:
            return [self._sources.describe_job(self._job)]
        if self._set:
            return list(self._sources.look(self._set, self._sources.list_set(self._set), [], now).jobs)
        return []

    def _is_wanted(self, content: Mapping[str, Any], jobs: list[Mapping[str, Any]]) -> bool:
        if not self._job and not self._set:
            return True
        names = {job["TrainingJobName"] for job in jobs}
        return content.get("job") in names or (bool(self._set) and content.get("data_set") == self._set)


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
