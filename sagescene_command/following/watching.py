"""A data set or a job followed to its verdict: what is new at each look, told in the order in which it happened."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sagescene import keys
from sagescene.aws import explain_passing_fault
from sagescene.errors import SagesceneError
from sagescene_command import durations, interrupts
from sagescene_command.following.sights import LogLine, Sight, State, judge, read_pause
from sagescene_command.following.sources import RECENT, TRAINING_LOGS, Sources
from sagescene_command.following.words import tell_waiting
from sagescene_command.narration import INTERRUPTED, OF_INTERRUPTION, EpochReader, describe_log_line

_LATE = timedelta(minutes=1)  # so much later than it was written a log line may show
_REPEATS_WITHIN = timedelta(seconds=10)
_BETWEEN_LOOKS = 2.0  # seconds
_BETWEEN_LOOKS_AT_WAITS = 10.0


class TooLongWatchedError(SagesceneError):
    """A watch has come to its limit."""

    def __init__(self, state: State | None) -> None:
        """Say what to do."""
        last = f" It is {state.verdict}: {state.reason}." if state else ""
        super().__init__(f"Nothing was decided in the time of --timeout.{last} Watch it again, for longer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """One thing that happened, as it is told; `is_passing` is for what the next of its kind takes the place of."""

    time: datetime
    speaker: str
    text: str
    style: str = ""
    is_passing: bool = False


class Watch:
    """Looks at a data set, or at a job with its further tries, and finds what has happened since the last look."""

    def __init__(self, sources: Sources, target: str, began: datetime | None = None) -> None:
        """Take where to look, the name of a data set or of a job, and from when on to tell; None tells all.

        Raises NoSuchDataSetError.
        """
        self._sources, self._began = sources, began
        data_set = sources.find_set_of_job(target)
        self._job = keys.name_attempts(target)[0] if data_set is not None else ""
        self._name = target if data_set is None else data_set
        if data_set is None:
            sources.require_set(target)
        self._known: set[object] = set()
        self._told: dict[tuple[str, ...], datetime] = {}
        self._epochs = EpochReader()
        self._lines: dict[object, LogLine] = {}
        self._read_until: datetime | None = None

    def look(self, now: datetime) -> tuple[list[StackEvent], State]:
        """Give what is new in the order in which it happened, and what it has come to."""
        is_first = self._read_until is None
        since = now - RECENT if self._read_until is None else self._read_until - _LATE
        self._read_until = now
        self._read_lines(since)
        sight = self._look(now)
        state = judge(sight, now)
        if state.is_final:
            self._read_lines(since)  # what led to it was logged by then
        events = [
            *self._find_transitions(sight),
            *self._estimate(sight),
            *self._find_lines(sight),
            *self._find_epochs(sight),
        ]
        events.sort(key=_time_of)
        if self._began is not None:
            events = [event for event in events if event.time >= self._began]
        elif is_first:
            events = _mark_beginning(events, sight)
        return events, state

    def _read_lines(self, since: datetime) -> None:
        for line in self._sources.read_function_logs(since):
            self._lines.setdefault(identify(line), line)

    def _look(self, now: datetime) -> Sight:
        if self._job:
            return self._sources.look_at_job(self._job, self._name)
        lines = sorted(self._lines.values(), key=lambda line: line.time)
        return self._sources.look(self._name, self._sources.list_set(self._name), lines, now)

    def _find_transitions(self, sight: Sight) -> Iterator[StackEvent]:
        for job in sight.jobs:
            name = job["TrainingJobName"]
            for one in job.get("SecondaryStatusTransitions", []):
                if self._is_new((name, one["Status"], one["StartTime"])):
                    text = f"{name}: {one['Status']}, {one.get('StatusMessage', '')}".rstrip(", ")
                    if one["Status"] == INTERRUPTED:
                        text = f"{name}: {OF_INTERRUPTION}"
                    yield StackEvent(time=one["StartTime"], speaker="job", text=text)

    def _estimate(self, sight: Sight) -> Iterator[StackEvent]:
        """Say of a job that runs how long the one before it took."""
        for job in sight.jobs:
            name, created = job["TrainingJobName"], job["CreationTime"]
            if job["TrainingJobStatus"] != "InProgress" or not self._is_new((name, "estimate")):
                continue
            if took := self._sources.find_last_duration(self._name, created):
                text = f"{name}: the last run of this data set took {durations.tell(took.total_seconds())}"
                yield StackEvent(time=created, speaker="job", text=text)

    def _find_lines(self, sight: Sight) -> Iterator[StackEvent]:
        jobs = {job["TrainingJobName"] for job in sight.jobs}
        for identity, line in sorted(self._lines.items(), key=lambda item: item[1].time):
            content = line.content
            is_of_set = content.get("data_set") == self._name and not self._job
            if not (is_of_set or content.get("job") in jobs) or not {"level", "message"} <= content.keys():
                continue
            if self._is_new(identity) and not self._is_repeated(line):
                text, style = describe(line)
                yield StackEvent(time=line.time, speaker=line.speaker, text=text, style=style)

    def _find_epochs(self, sight: Sight) -> Iterator[StackEvent]:
        for job in sight.jobs:
            name, status = job["TrainingJobName"], job["TrainingJobStatus"]
            if not self._is_new((name, "log", status if status != "InProgress" else self._read_until)):
                continue  # it has ended, and was read to its end
            for line in self._sources.read_log(TRAINING_LOGS, job["CreationTime"], name, f"{name}/"):
                if not self._is_new(identify(line)):
                    continue
                if epoch := self._epochs.read(name, str(line.content.get("message"))):
                    yield StackEvent(time=line.time, speaker="epoch", text=epoch, is_passing=True)

    def _is_repeated(self, line: LogLine) -> bool:
        """Tell whether another upload of the set came to the same conclusion at that time: a person reads it once."""
        content = {name: line.content.get(name) for name in ("message", "reason", "job", "file", "where")}
        conclusion = line.speaker, *map(str, content.values())
        before, self._told[conclusion] = self._told.get(conclusion), line.time
        return before is not None and line.time - before < _REPEATS_WITHIN

    def _is_new(self, what: object) -> bool:
        is_new = what not in self._known
        self._known.add(what)
        return is_new


def _time_of(event: StackEvent) -> datetime:
    return event.time


def _mark_beginning(events: list[StackEvent], sight: Sight) -> list[StackEvent]:
    """Say between events, oldest first, where the last upload or a later attempt came, if anything was before it."""
    began = [(sight.uploaded, "upload", "the last file of the set came")] if sight.uploaded else []
    if len(sight.jobs) > 1:
        last = sight.jobs[-1]
        began.append((last["CreationTime"], "job", f"{last['TrainingJobName']} is the latest attempt"))
    if not began:
        return events
    time, speaker, what = max(began)
    older = bisect_left(events, time, key=_time_of)
    mark = StackEvent(time=time, speaker=speaker, text=f"{what}; what stands above was before it", style="bold")
    return [*events[:older], *([mark] if older else []), *events[older:]]


def identify(line: LogLine) -> object:
    """Give what tells a line of a log from all others."""
    return line.time, line.speaker, repr(line.content)


def describe(line: LogLine) -> tuple[str, str]:
    """Give what a function logged, and the style of its level; waits are told by the clock."""
    if line.content["message"] != "waiting":
        return describe_log_line(line.content)
    pause = read_pause(line)
    return f"waits: {tell_waiting(pause.reason, pause.next_look, pause.ends, line.time)}", ""


def follow(
    look: Callable[[datetime], tuple[list[StackEvent], State]],
    tell: Callable[[StackEvent], None],
    *,
    limit_in_seconds: float,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> State:
    """Look again and again, and tell what is new, until nothing more comes by itself.

    Raises TooLongWatchedError.
    """
    ends, state, told = monotonic() + limit_in_seconds, None, ""
    while True:
        interrupts.check()
        now = datetime.now(UTC)
        try:
            events, state = look(now)
            for event in events:
                tell(event)
            if state.is_final:
                return state
        except Exception as fault:
            reason = explain_passing_fault(fault)
            if reason is None:
                raise
            if reason != told:
                told = reason
                tell(StackEvent(time=now, speaker="watch", text=f"AWS did not answer, and is asked again: {reason}"))
        is_waiting = state is not None and state.verdict not in {"running", "coming"}
        left = ends - monotonic()
        if left <= 0:
            raise TooLongWatchedError(state)
        sleep(min(left, _BETWEEN_LOOKS_AT_WAITS if is_waiting else _BETWEEN_LOOKS))
