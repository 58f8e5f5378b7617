"""What a look at a data set or a job finds: here AWS is asked, and nothing of it is told."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagescene import keys
from sagescene.jobs.training_job import ENDED, TRAINING_LOGS
from sagescene_command.following.logged import LogLine
from sagescene_command.following.sights import Sight, State, judge
from sagescene_command.following.sources import RECENT, Sources

LINES_LATE = timedelta(minutes=1)  # so much later than it was written a log line may show


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a look found; `lines` are what the functions have logged about it so far, by identity, oldest first.

    `last_durations` say of each job that runs, once, how long the one before it took. `job_logs` are the whole logs of
    the jobs that had not ended by the look before.
    """

    sight: Sight
    state: State
    lines: Mapping[object, LogLine]
    last_durations: Mapping[str, timedelta | None]
    job_logs: Mapping[str, Sequence[LogLine]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is followed: a data set, or a training job on it."""

    data_set: str
    job: str = ""


def find_target(sources: Sources, name: str) -> Target:
    """Tell whether a name is that of a training job or of a data set; raises NoSuchDataSetError where it is neither."""
    data_set = sources.find_set_of_job(name)
    if data_set is not None:
        return Target(data_set=data_set, job=name)
    sources.require_set(name)
    return Target(data_set=name)


class Looker:
    """Looks at a data set, or at a job with its further tries, and reads no log twice that it has read to its end."""

    def __init__(self, sources: Sources, name: str) -> None:
        """Take where to look, and the name of a data set or of a job."""
        self._sources, self._name = sources, name
        self._target: Target | None = None
        self._logged_since: datetime | None = None  # what was logged before has been read
        self._lines: dict[object, LogLine] = {}
        self._estimated: set[str] = set()  # jobs
        self._read_to_end: set[str] = set()  # jobs, by their own logs

    def look(self, now: datetime) -> Facts:
        """Find what is there now; raises NoSuchDataSetError.

        A look that fails loses nothing: what it has read counts as read once it has read everything.
        """
        target = self._target = self._target or find_target(self._sources, self._name)
        since = self._logged_since = self._logged_since or now - RECENT
        lines = _in_order(self._lines | self._read_lines(since))
        sight = self._look(target, lines.values(), now)
        state = judge(sight, now)
        if state.is_final:
            lines = _in_order(lines | self._read_lines(since))  # what led to it was logged by then
        jobs = {str(job["TrainingJobName"]): job for job in sight.jobs}
        facts = Facts(
            sight=sight,
            state=state,
            lines={identity: line for identity, line in lines.items() if is_about(target, line, jobs)},
            last_durations={
                name: self._sources.find_last_duration(target.data_set, job["CreationTime"])
                for name, job in jobs.items()
                if job["TrainingJobStatus"] == "InProgress" and name not in self._estimated
            },
            job_logs={
                name: list(self._sources.read_log(TRAINING_LOGS, job["CreationTime"], name, f"{name}/"))
                for name, job in jobs.items()
                if name not in self._read_to_end
            },
        )
        self._logged_since, self._lines = now - LINES_LATE, lines
        self._estimated |= facts.last_durations.keys()
        self._read_to_end |= {name for name, job in jobs.items() if job["TrainingJobStatus"] in ENDED}
        return facts

    def _read_lines(self, since: datetime) -> dict[object, LogLine]:
        return {identify(line): line for line in self._sources.read_function_logs(since)}

    def _look(self, target: Target, lines: Iterable[LogLine], now: datetime) -> Sight:
        if target.job:
            return self._sources.look_at_job(keys.name_attempts(target.job)[0], target.data_set)
        return self._sources.look(target.data_set, self._sources.list_set(target.data_set), lines, now)


def is_about(target: Target, line: LogLine, jobs: Container[str]) -> bool:
    """Tell whether a line of a function's log is about what is followed, whose jobs these are."""
    is_of_set = line.content.get("data_set") == target.data_set and not target.job
    return is_of_set or line.content.get("job") in jobs


def _in_order(lines: Mapping[object, LogLine]) -> dict[object, LogLine]:
    return dict(sorted(lines.items(), key=lambda item: item[1].time))


def identify(line: LogLine) -> object:
    """Give what tells a line of a log from all others."""
    return line.time, line.speaker, repr(line.content)
