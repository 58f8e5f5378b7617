"""A data set or a job followed to its verdict: what is new at each look, told in the order in which it happened."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sagescene.aws import explain_passing_fault
from sagescene.errors import SagesceneError
from sagescene_command import durations, interrupts
from sagescene_command.following.logged import LogLine, read_pause
from sagescene_command.following.looking import Facts, Looker, identify
from sagescene_command.following.sights import Sight, State
from sagescene_command.following.sources import Sources
from sagescene_command.following.words import tell_waiting
from sagescene_command.narration import INTERRUPTED, OF_INTERRUPTION, EpochReader, describe_log_line

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
        """Take where to look, the name of a data set or of a job, and from when on to tell; None tells all."""
        self._looker, self._began = Looker(sources, target), began
        self._is_first = True
        self._known: set[object] = set()
        self._told: dict[tuple[str, ...], datetime] = {}
        self._epochs = EpochReader()

    def look(self, now: datetime) -> tuple[list[StackEvent], State]:
        """Give what is new in the order in which it happened, and what it has come to; raises NoSuchDataSetError."""
        facts = self._looker.look(now)  # all that AWS is asked: a look that fails has marked nothing as told
        events = [
            *self._find_transitions(facts),
            *_estimate(facts),
            *self._find_lines(facts),
            *self._find_epochs(facts),
        ]
        events.sort(key=_time_of)
        is_first, self._is_first = self._is_first, False
        if self._began is not None:
            events = [event for event in events if event.time >= self._began]
        elif is_first:
            events = _mark_beginning(events, facts.sight)
        return events, facts.state

    def _find_transitions(self, facts: Facts) -> Iterator[StackEvent]:
        for job in facts.sight.jobs:
            name = job["TrainingJobName"]
            for one in job.get("SecondaryStatusTransitions", []):
                if self._is_new((name, one["Status"], one["StartTime"])):
                    text = f"{name}: {one['Status']}, {one.get('StatusMessage', '')}".rstrip(", ")
                    if one["Status"] == INTERRUPTED:
                        text = f"{name}: {OF_INTERRUPTION}"
                    yield StackEvent(time=one["StartTime"], speaker="job", text=text)

    def _find_lines(self, facts: Facts) -> Iterator[StackEvent]:
        for identity, line in facts.lines.items():
            if not {"level", "message"} <= line.content.keys():
                continue
            if self._is_new(identity) and not self._is_repeated(line):
                text, style = describe(line)
                yield StackEvent(time=line.time, speaker=line.speaker, text=text, style=style)

    def _find_epochs(self, facts: Facts) -> Iterator[StackEvent]:
        for name, lines in facts.job_logs.items():
            for line in lines:
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


def _estimate(facts: Facts) -> Iterator[StackEvent]:
    """Say of a job that runs how long the one before it took."""
    for job in facts.sight.jobs:
        name = job["TrainingJobName"]
        if took := facts.last_durations.get(name):
            text = f"{name}: the last run of this data set took {durations.tell(took.total_seconds())}"
            yield StackEvent(time=job["CreationTime"], speaker="job", text=text)


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


def describe(line: LogLine) -> tuple[str, str]:
    """Give what a function logged, and the style of its level; waits are told by the clock."""
    if line.content["message"] != "waiting":
        return describe_log_line(line.content)
    pause = read_pause(line)
    return f"waits: {tell_waiting(pause.reason, pause.next_look, pause.ends, line.time)}", ""


def describe_silence(reason: str, now: datetime) -> StackEvent:
    """Say that AWS did not answer for now."""
    return StackEvent(time=now, speaker="watch", text=f"AWS did not answer, and is asked again: {reason}")


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
                tell(describe_silence(reason, now))
        is_waiting = state is not None and state.verdict not in {"running", "coming", "model"}
        left = ends - monotonic()
        if left <= 0:
            raise TooLongWatchedError(state)
        sleep(min(left, _BETWEEN_LOOKS_AT_WAITS if is_waiting else _BETWEEN_LOOKS))
