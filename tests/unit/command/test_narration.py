"""What a person is told of an occurrence, and what not."""

import io

import pytest
from rich.console import Console

from sagescene_command.narration import Narrator
from sagescene_standin.occurrence import Occurrence


@pytest.fixture
def terminal() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def narrator(terminal: io.StringIO) -> Narrator:
    return Narrator(Console(file=terminal))


def test_an_error_that_the_runtime_logs_is_told_once_as_that_of_its_invocation(
    narrator: Narrator, terminal: io.StringIO
) -> None:
    error = {"errorType": "ValueError", "errorMessage": "no judgment today"}
    narrator(Occurrence("log", "StartTrainingFunction", {"level": "ERROR", **error, "stackTrace": ["  File"]}))
    narrator(Occurrence("invocation", "StartTrainingFunction", {"error": error, "answer": None}))
    (line,) = terminal.getvalue().splitlines()
    assert line.endswith("StartTrainingFunction: ValueError: no judgment today")


def test_a_log_line_is_told_with_its_particulars(narrator: Narrator, terminal: io.StringIO) -> None:
    line = {"level": "INFO", "message": "counted the images", "images": 8, "service": "sagescene"}
    narrator(Occurrence("log", "StartTrainingFunction", line))
    (told,) = terminal.getvalue().splitlines()
    assert told.endswith("start     counted the images: images 8")


def test_a_conclusion_is_told_once_for_each_reason(narrator: Narrator, terminal: io.StringIO) -> None:
    line = {"level": "INFO", "message": "nothing to start", "subject": "job", "upload": "a"}
    for upload, reason in (("a", "its job is running"), ("b", "its job is running"), ("a", "a model was made")):
        narrator(Occurrence("log", "StartTrainingFunction", {**line, "upload": upload, "reason": reason}))
    assert [told.rpartition("reason ")[2] for told in terminal.getvalue().splitlines()] == [
        "its job is running",
        "a model was made",
    ]
