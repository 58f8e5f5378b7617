"""The logs of a stack: which lines are given, and how they read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ConnectionClosedError
from click.testing import CliRunner

from sagescene_command.following import logs_command, stacks
from sagescene_command.following.deployed_stack import NoSuchDataSetError
from sagescene_command.following.logged import LogLine
from sagescene_command.following.sources import Sources
from sagescene_command.following.tailing import Tail, tell_lines
from tests.unit.command.test_following_sights import JOB, NOW, job, waiting
from tests.unit.command.test_following_watch import Connection, Stack, info

BEGUN = NOW - timedelta(hours=1)


class Logs(Stack):
    """Stands in for what is read of a stack's logs."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs = (job("InProgress", CreationTime=NOW - timedelta(minutes=30)),)
        self.lines = [
            info("counted the images", NOW),
            info("other", NOW, data_set="cats"),
            LogLine(time=NOW, speaker="finish", content={"message": "model created", "job": JOB, "level": "INFO"}),
        ]
        self.training = [LogLine(time=NOW, speaker="training", content={"message": "Epoch[0]"})]
        self.asked_of_training: list[datetime] = []

    def describe_job(self, name: str) -> Any:  # noqa: ANN401
        assert name == JOB
        return self.jobs[0]

    def read_log(self, _group: str, since: datetime, _speaker: str, streams: str) -> Iterable[LogLine]:
        assert streams == f"{JOB}/"
        self.asked_of_training.append(since)
        return self.training


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("", ["counted the images", "other", "model created"]),
        ("pets", ["counted the images", "model created", "Epoch[0]"]),
        (JOB, ["model created", "Epoch[0]"]),
    ],
)
def test_lines_are_those_about_what_is_asked_for_each_once(target: str, expected: list[str]) -> None:
    logs = Logs()
    tail = Tail(cast(Sources, logs), target, BEGUN)
    assert [line.content["message"] for line in tail.read(NOW)] == expected
    assert tail.read(NOW + timedelta(seconds=2)) == []
    # From then on only what is new is asked for, and what shows late.
    assert logs.asked == [BEGUN, NOW - timedelta(minutes=1)]
    assert logs.asked_of_training[:1] == ([NOW - timedelta(minutes=30)] if target else [])


def test_what_is_neither_a_set_nor_a_job_is_told() -> None:
    with pytest.raises(NoSuchDataSetError):
        Tail(cast(Sources, Logs()), "dogs", BEGUN).read(NOW)


@pytest.mark.parametrize(
    "call", ["find_set_of_job", "require_set", "list_set", "look", "read_function_logs", "read_log"]
)
def test_whichever_call_is_not_answered_no_line_is_lost(call: str) -> None:
    whole = Tail(cast(Sources, Logs()), "pets", BEGUN).read(NOW)
    logs = Logs()
    Connection(logs, call, unanswered={0})
    tail = Tail(cast(Sources, logs), "pets", BEGUN)
    with pytest.raises(ConnectionClosedError):
        tail.read(NOW)
    assert tail.read(NOW) == whole


@pytest.mark.parametrize(("options", "status"), [(["--follow"], 0), ([], 3)])
def test_logs_that_are_followed_are_asked_for_again_where_aws_does_not_answer(
    options: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = Logs()
    logs.lines = [info("other", datetime.now(UTC))]
    Connection(logs, "read_function_logs", unanswered={0})
    monkeypatch.setattr(stacks, "find", lambda _: logs)
    monkeypatch.setattr(logs_command, "open_sources", lambda _: logs)
    clock = iter(range(10))
    monkeypatch.setattr(logs_command, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: None))
    done = CliRunner(mix_stderr=False).invoke(logs_command.logs_command, ["--timeout", "2", *options])
    assert done.exit_code == status
    assert ("other" in done.stdout) is bool(options)
    assert ("AWS did not answer, and is asked again: Connection was closed" in done.stderr) is bool(options)


def test_a_person_reads_what_functions_say_and_not_what_the_platform_counts() -> None:
    contents: list[dict[str, Any]] = [
        {"_aws": {}, "TrainingStarted": [1.0]},
        {"type": "platform.report", "record": {}},
        {"errorType": "ValueError", "errorMessage": "no judgement", "stackTrace": []},
        {"message": "plain words"},
        {"message": "counted the images", "level": "ERROR", "images": 8},
    ]
    lines = [LogLine(time=NOW, speaker="start", content=content) for content in contents]
    told = [(event.text, event.style) for event in tell_lines([*lines, waiting(NOW, level="INFO")])]
    next_look = f"{(NOW + timedelta(seconds=60)).astimezone():%H:%M:%S}"
    assert told == [
        ("ValueError: no judgement", "bold red"),
        ("plain words", ""),
        ("counted the images: images 8", "bold red"),
        (f"waits: the quota is used up; next look at {next_look}", ""),
    ]
