"""What a watch tells of at each look, and when it ends."""

import io
import sys
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from rich.text import Text

from sagescene_command.following.deployed_stack import NoSuchDataSetError
from sagescene_command.following.logged import LogLine
from sagescene_command.following.sights import Sight, State
from sagescene_command.following.sources import Sources
from sagescene_command.following.telling import Teller
from sagescene_command.following.watching import StackEvent, TooLongWatchedError, Watch, follow
from sagescene_command.terminal import Console
from tests.unit.command.test_following_sights import JOB, NOW, job, line, waiting


class Stack:
    """Stands in for what is read of a stack."""

    bucket = "bucket"

    def __init__(self) -> None:
        self.stack = self
        self.lines: list[LogLine] = []
        self.epochs: list[LogLine] = []
        self.jobs: tuple[Any, ...] = ()
        self.asked: list[datetime] = []
        self.took: timedelta | None = None
        self.uploaded: datetime | None = None
        self.model = ""

    def find_set_of_job(self, name: str) -> str | None:
        return "pets" if name.startswith(JOB) else None

    def list_set(self, name: str) -> list[str]:
        return ["a file"] if name == "pets" else []

    def require_set(self, name: str) -> object:
        return Sources.require_set(cast(Sources, self), name)

    def find_last_duration(self, name: str, before: datetime) -> timedelta | None:
        assert (name, before) == ("pets", NOW)
        return self.took

    def read_function_logs(self, since: datetime) -> list[LogLine]:
        self.asked.append(since)
        return [line for line in self.lines if line.time >= since]

    def read_log(self, group: str, _since: datetime, speaker: str, streams: str) -> Iterable[LogLine]:
        assert (group, streams) == ("/aws/sagemaker/TrainingJobs", f"{speaker}/")
        return self.epochs

    def look(self, name: str, *_: object) -> Sight:
        return Sight(data_set=name, jobs=self.jobs, uploaded=self.uploaded, model=self.model)

    def look_at_job(self, first: str, name: str) -> Sight:
        assert first == JOB
        return Sight(data_set=name, jobs=self.jobs, model=self.model)


class Connection:
    """Counts how often a call is made, and at some of these times lets it fail as if AWS did not answer."""

    def __init__(self, stack: Stack, call: str, unanswered: Container[int] = ()) -> None:
        self.made, self._unanswered, self._answer = 0, unanswered, getattr(stack, call)
        setattr(stack, call, self._read if call == "read_log" else self._ask)

    def _ask(self, *arguments: object) -> Any:  # noqa: ANN401
        self._count()
        return self._answer(*arguments)

    def _read(self, *arguments: object) -> Iterator[LogLine]:
        """Break off after the first page of a log."""
        answer = self._answer(*arguments)
        yield from answer[:1]
        self._count()
        yield from answer[1:]

    def _count(self) -> None:
        self.made += 1
        if self.made - 1 in self._unanswered:
            raise ConnectionClosedError(endpoint_url="http://aws")


@pytest.fixture
def stack() -> Stack:
    return Stack()


def watch(stack: Stack, target: str = "pets", began: datetime | None = None) -> Watch:
    return Watch(cast(Sources, stack), target, began)


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def info(message: str, time: datetime, **more: Any) -> LogLine:  # noqa: ANN401
    return line(message, time, level="INFO", **more)


def epoch(time: datetime, channel: str, value: str) -> LogLine:
    return LogLine(time=time, speaker=JOB, content={"message": f"Epoch[0] {channel}-accuracy={value}"})


def test_everything_is_told_once_in_the_order_in_which_it_happened(stack: Stack) -> None:
    transitions = [{"Status": "Starting", "StartTime": at(2), "StatusMessage": "Preparing"}]
    stack.jobs = (job("InProgress", CreationTime=NOW, SecondaryStatusTransitions=transitions),)
    stack.lines = [info("counted the images", at(1), images=8), info("other", at(1), data_set="cats")]
    stack.epochs = [epoch(at(4), "Train", "0.5"), epoch(at(5), "Validation", "0.4")]
    watching = watch(stack)
    events, state = watching.look(at(10))
    assert [event.text for event in events] == [
        "counted the images: images 8",
        f"{JOB}: Starting, Preparing",
        "  1: accuracy on train 0.5, on validation 0.4",
    ]
    assert not state.is_final
    transitions.append({"Status": "Training", "StartTime": at(11)})
    events, _ = watching.look(at(12))
    assert [event.text for event in events] == [f"{JOB}: Training"]
    # What was written before the first look may show only now.
    assert stack.asked[1] == at(10) - timedelta(minutes=1)


def test_a_watch_marks_where_the_last_upload_came_and_a_drop_tells_what_came_after_it_began(stack: Stack) -> None:
    stack.lines = [info("model created", at(1)), info("counted the images", at(9))]
    stack.uploaded = at(9)
    watching = watch(stack)
    events, _ = watching.look(at(10))
    mark = "the last file of the set came; what stands above was before it"
    assert [event.text for event in events] == ["model created", mark, "counted the images"]
    stack.lines.append(info("training job started", at(8)))  # logged late, and told with what is new
    assert [event.text for event in watching.look(at(11))[0]] == ["training job started"]
    dropped = watch(stack, began=at(8)).look(at(12))[0]
    assert [event.text for event in dropped] == ["training job started", "counted the images"]


@pytest.mark.parametrize("target", ["pets", JOB])
def test_a_watch_marks_where_a_later_attempt_at_the_same_files_began(stack: Stack, target: str) -> None:
    stack.uploaded = at(-9)
    first, second = ([{"Status": "X", "StartTime": time}] for time in (at(-5), NOW))
    stack.jobs = (
        job("Failed", CreationTime=at(-5), SecondaryStatusTransitions=first),
        job("InProgress", 2, CreationTime=NOW, SecondaryStatusTransitions=second),
    )
    events, _ = watch(stack, target).look(at(2))
    assert [event.text for event in events] == [
        f"{JOB}: X",
        f"{JOB}--r2 is the latest attempt; what stands above was before it",
        f"{JOB}--r2: X",
    ]


def test_an_interruption_is_told_each_time_in_words(stack: Stack) -> None:
    transitions = [
        {"Status": status, "StartTime": at(second), "StatusMessage": "Training job interrupted"}
        for second, status in enumerate(["Interrupted", "Starting", "Interrupted"])
    ]
    more = {"SecondaryStatus": "Interrupted", "SecondaryStatusTransitions": transitions}
    stack.jobs = (job("InProgress", CreationTime=NOW) | more,)
    events, state = watch(stack).look(at(5))
    lost = f"{JOB}: interrupted: its Spot instances were taken away, and it waits for capacity to go on"
    assert [event.text for event in events] == [lost, f"{JOB}: Starting, Training job interrupted", lost]
    assert state.reason == "its training job is interrupted, and waits for capacity to go on"


def test_a_job_that_runs_is_told_once_with_how_long_the_last_one_took(stack: Stack) -> None:
    stack.jobs = (job("InProgress", CreationTime=NOW),)
    stack.took = timedelta(minutes=4)
    watching = watch(stack)
    told = [event.text for second in (1, 5) for event in watching.look(at(second))[0]]
    assert told == [f"{JOB}: the last run of this data set took 4 min"]


def test_the_last_epoch_is_told_though_the_job_has_ended_since_the_last_look(stack: Stack) -> None:
    stack.jobs = (job("InProgress", CreationTime=NOW),)
    watching = watch(stack)
    watching.look(at(1))
    stack.jobs = (job("Completed", CreationTime=NOW),)
    stack.epochs = [epoch(at(4), "Validation", "0.4")]
    events, _ = watching.look(at(5))
    assert len(events) == 1
    assert events[0].is_passing


def test_the_log_of_a_job_that_has_ended_is_read_once(stack: Stack) -> None:
    connection, watching = Connection(stack, "read_log"), watch(stack)
    made = []
    for status in ("Stopping", "Stopping", "Stopped", "Stopped"):
        stack.jobs = (job(status, CreationTime=NOW),)
        watching.look(at(1))
        made.append(connection.made)
    assert made == [1, 2, 3, 3]


def test_one_conclusion_on_several_uploads_is_told_once_and_a_wait_in_clock_times(stack: Stack) -> None:
    stack.lines = [waiting(at(second), level="INFO", upload=f"file {second}") for second in (1, 2, 60)]
    events, _ = watch(stack).look(at(61))
    assert [event.text for event in events] == [
        f"waits: the quota is used up; next look at {at(second).astimezone():%H:%M:%S}" for second in (61, 120)
    ]


def test_a_reason_that_is_a_sentence_ends_before_its_times(stack: Stack) -> None:
    content = {**waiting(at(1), level="INFO").content, "reason": "The stack runs 4, as many as it may at once."}
    stack.lines = [LogLine(time=at(1), speaker="start", content=content)]
    ((event,), _) = watch(stack).look(at(2))
    assert "as many as it may at once; next look at " in event.text


def test_a_job_is_followed_by_what_names_it_and_not_its_set(stack: Stack) -> None:
    stack.jobs = (job("Failed", CreationTime=NOW), job("InProgress", 2, CreationTime=NOW))
    stack.lines = [
        info("training job started", at(1), job="another"),
        LogLine(time=at(2), speaker="finish", content={"message": "failed", "level": "ERROR", "job": f"{JOB}--r2"}),
    ]
    events, _ = watch(stack, f"{JOB}--r2").look(at(3))
    assert [event.speaker for event in events] == ["finish"]


def test_what_is_logged_while_a_look_is_taken_is_told_before_the_end(stack: Stack) -> None:
    def look(name: str, *_: object) -> Sight:
        stack.lines = [info("model created", at(1))]
        return Sight(data_set=name, jobs=(job("Completed", CreationTime=NOW),), model="arn")

    stack.look = look  # type: ignore[method-assign]
    events, state = watch(stack).look(at(2))
    assert state.is_final
    assert [event.text for event in events] == ["model created"]


def test_what_is_neither_a_set_nor_a_job_is_told(stack: Stack) -> None:
    with pytest.raises(NoSuchDataSetError, match="no data set cats"):
        watch(stack, "cats").look(NOW)


# ------------------------------------------------------------------------------------ while AWS does not answer


class Story(Stack):
    """A data set that becomes a model, as it is seen while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.took, self.uploaded = timedelta(minutes=4), at(-100)

    def advance(self, now: datetime) -> None:
        """Show what has happened by then."""
        logged = {
            -600: ("model created", "a.rec"),
            -60: ("counted the images", "a.rec"),
            -58: ("counted the images", "b.lst"),
            5: ("training job started", "a.rec"),
            760: ("model created", ""),
        }
        lines = [info(message, at(second), job=JOB, upload=upload) for second, (message, upload) in logged.items()]
        epochs = [
            epoch(at(second + later), channel, f"0.{second}")
            for second in (310, 430, 730)
            for later, channel in ((0, "Train"), (10, "Validation"))
        ]
        self.lines = [line for line in lines if line.time <= now]
        self.epochs = [line for line in epochs if line.time <= now]
        statuses = {10: "Starting", 130: "Downloading", 250: "Training", 750: "Completed"}
        transitions = [{"Status": status, "StartTime": at(second)} for second, status in statuses.items()]
        seen = [one for one in transitions if cast(datetime, one["StartTime"]) <= now]
        status = "Completed" if now >= at(750) else "InProgress"
        self.jobs = (job(status, CreationTime=NOW, SecondaryStatusTransitions=seen),)
        self.model = "arn" if now >= at(760) else ""


def follow_story(target: str, call: str, unanswered: Container[int] = ()) -> tuple[list[tuple[datetime, str]], int]:
    """Give what is told of a story when some calls are not answered, and how often that call was made."""
    stack, told = Story(), list[tuple[datetime, str]]()
    watching = watch(stack, target)
    connection = Connection(stack, call, unanswered)
    for second in range(0, 2000, 100):  # further apart than a log line may be late
        stack.advance(at(second))
        with suppress(ConnectionClosedError):
            events, state = watching.look(at(second))
            told += [(event.time, event.text) for event in events]
            if state.is_final:
                return told, connection.made
    raise AssertionError("the story had no end")


@pytest.mark.parametrize("in_a_row", [1, 3])
@pytest.mark.parametrize(
    ("target", "call"),
    [
        ("pets", "find_set_of_job"),
        ("pets", "require_set"),
        ("pets", "read_function_logs"),
        ("pets", "list_set"),
        ("pets", "look"),
        ("pets", "find_last_duration"),
        ("pets", "read_log"),
        (JOB, "find_set_of_job"),
        (JOB, "read_function_logs"),
        (JOB, "look_at_job"),
        (JOB, "find_last_duration"),
        (JOB, "read_log"),
    ],
)
def test_whichever_call_is_not_answered_everything_is_told_once(target: str, call: str, in_a_row: int) -> None:
    told, made = follow_story(target, call)
    assert [text for _, text in told] == [
        "model created",
        *["the last file of the set came; what stands above was before it"] * (target == "pets"),
        "counted the images",
        f"{JOB}: the last run of this data set took 4 min",
        "training job started",
        f"{JOB}: Starting",
        f"{JOB}: Downloading",
        f"{JOB}: Training",
        "  1: accuracy on train 0.310, on validation 0.310",
        "  1: accuracy on train 0.430, on validation 0.430",
        "  1: accuracy on train 0.730, on validation 0.730",
        f"{JOB}: Completed",
        "model created",
    ]
    assert made
    for first in range(made):
        unanswered = range(first, first + in_a_row)
        assert follow_story(target, call, unanswered)[0] == told, f"{call} is not answered: {unanswered}"


def test_what_is_logged_from_the_first_look_on_is_told_however_long_aws_does_not_answer(stack: Stack) -> None:
    watching = watch(stack)
    stack.lines = [info("counted the images", at(-60))]
    Connection(stack, "read_function_logs", {0})
    with pytest.raises(ConnectionClosedError):
        watching.look(at(0))
    assert [event.text for event in watching.look(at(7200))[0]] == ["counted the images"]


RUNNING = State(verdict="running", reason="its training job is training", is_final=False)
WAITING = State(verdict="postponed", reason="the quota is used up", is_final=False)
MODEL = State(verdict="model", reason="", is_final=True)


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def run(looks: list[State | Exception], limit: float = 1000.0) -> tuple[State, Clock, list[StackEvent]]:
    clock, told = Clock(), list[StackEvent]()

    def look(_now: datetime) -> tuple[list[StackEvent], State]:
        found = looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return [], found

    state = follow(look, told.append, limit_in_seconds=limit, monotonic=lambda: clock.now, sleep=clock.sleep)
    return state, clock, told


def test_it_is_looked_at_until_nothing_more_comes_and_less_often_while_it_waits() -> None:
    state, clock, _ = run([RUNNING, WAITING, RUNNING, MODEL])
    assert state is MODEL
    assert clock.slept == [2.0, 10.0, 2.0]


def test_a_watch_has_a_limit_and_says_how_far_it_came() -> None:
    with pytest.raises(TooLongWatchedError, match="It is postponed: the quota is used up"):
        run([WAITING] * 3, limit=15)


def test_a_fault_that_passes_is_told_once_and_asked_through() -> None:
    fault = ConnectionClosedError(endpoint_url="http://aws")
    state, _, told = run([fault, fault, MODEL])
    assert state is MODEL
    assert len(told) == 1
    assert "is asked again" in told[0].text


def test_a_fault_that_does_not_pass_ends_the_watch() -> None:
    with pytest.raises(ClientError):
        run([ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "ListObjectsV2")])


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def tell(file: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", file)
    console = Console()
    passing = [StackEvent(time=NOW, speaker="epoch", text=f"number {number}", is_passing=True) for number in (1, 2)]
    with Teller(console) as teller:
        for event in (*passing, StackEvent(time=NOW, speaker="job", text="x" * 200)):
            teller(event)
    return Text.from_ansi(file.getvalue()).plain


def test_epochs_are_a_line_each_where_nobody_watches_and_nothing_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = tell(io.StringIO(), monkeypatch).splitlines()
    assert [text.split()[1] for text in lines] == ["epoch", "epoch", "job"]
    assert "x" * 200 in lines[2]


def test_epochs_are_one_live_line_on_a_terminal_of_which_the_last_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    tell(screen, monkeypatch)
    written = screen.getvalue()
    erased = written.index("\x1b[2K", written.index("number 1"))
    assert erased < written.index("number 2")
    assert written.count("number 1") == 1
    assert written.count("number 2") == 2  # while it passed, and as the line that stays
