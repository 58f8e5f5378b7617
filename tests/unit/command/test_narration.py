"""What a person is told of a occurrence, and what not."""

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
    assert "StartTrainingFunction" in line
    assert "no judgment today" in line


def test_a_log_line_is_told_with_its_particulars(narrator: Narrator, terminal: io.StringIO) -> None:
    line = {"level": "INFO", "message": "counted the images", "images": 8, "service": "sagescene"}
    narrator(Occurrence("log", "StartTrainingFunction", line))
    (told,) = terminal.getvalue().splitlines()
    assert told.endswith("start     counted the images: images 8")
