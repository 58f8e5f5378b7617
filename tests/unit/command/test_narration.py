"""What a person is told of an occurrence, and what not."""

import io
import signal

import pytest
from rich.console import Console

from sagescene.messages.console_links import job_logs_url
from sagescene_command import durations
from sagescene_command.interrupts import Interrupted
from sagescene_command.narration import Narrator, show_progress
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


def test_a_link_to_a_console_that_knows_nothing_of_the_stack_is_not_told(
    narrator: Narrator, terminal: io.StringIO
) -> None:
    line = {"level": "ERROR", "message": "training job failed", "logs": job_logs_url("us-east-1", "job")}
    narrator(Occurrence("log", "FinishTrainingFunction", line))
    assert "https://" not in terminal.getvalue()


def test_a_conclusion_is_told_once_for_each_reason(narrator: Narrator, terminal: io.StringIO) -> None:
    line = {"level": "INFO", "message": "nothing to start", "subject": "job", "upload": "a"}
    for upload, reason in (("a", "its job is running"), ("b", "its job is running"), ("a", "a model was made")):
        narrator(Occurrence("log", "StartTrainingFunction", {**line, "upload": upload, "reason": reason}))
    assert [told.rpartition("reason ")[2] for told in terminal.getvalue().splitlines()] == [
        "its job is running",
        "a model was made",
    ]


def test_a_step_is_named_before_it_is_done_and_with_how_long_it_took_the_last_time(
    narrator: Narrator, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, float] = {}
    monkeypatch.setattr(durations, "recall", kept.get)
    monkeypatch.setattr(durations, "remember", kept.__setitem__)
    for last_time in ("", " (last time: under a second)"):
        with narrator.doing("stack", "is being stood up"):
            assert terminal.getvalue().endswith(f"stack     is being stood up{last_time}\n")
    with pytest.raises(KeyError), narrator.doing("stack", "fails"):
        raise KeyError
    assert "fails" not in kept


def test_what_is_no_terminal_hears_now_and_then_how_far_a_long_step_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: io.StringIO
) -> None:
    clock = iter([100.0, 104.0, 106.0, 111.0, 150.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with show_progress(Console(file=terminal), "reading") as progress:
        for done in (1, 2, 3, 4):
            progress(done, 8)
    told = capsys.readouterr()
    assert told.err.splitlines() == ["reading: 25% after 6 s", "reading: 50% after 50 s"]
    assert (told.out, terminal.getvalue()) == ("", "")


AWS_SAYS = "The account-level service limit 'ml.g4dn.xlarge for training job usage' is 0 Instances."


def test_what_a_notice_says_is_said_once(narrator: Narrator, terminal: io.StringIO) -> None:
    line = {"level": "ERROR", "message": "not started", "cause": "quota", "reason": AWS_SAYS, "remedy": "Raise it."}
    narrator(Occurrence("log", "StartTrainingFunction", line))
    finding = {"level": "ERROR", "message": AWS_SAYS, "code": "surplus-file", "file": "datasets/pets/train.rec"}
    narrator(Occurrence("log", "StartTrainingFunction", finding))
    text = f"No training job could be started:\n- {AWS_SAYS}\n- Nor here.\n\nRaise it."
    narrator(Occurrence("message", "topic", {"subject": "pets", "text": text}))
    narrator.conclude("given up", f"{AWS_SAYS} Nor here.")
    assert terminal.getvalue().count(AWS_SAYS) == 1
    assert "start     not started: cause quota\n" in terminal.getvalue()
    assert terminal.getvalue().endswith("given up  the notice above says why\n")


def test_a_notice_that_is_held_back_is_told_as_a_notice_is(narrator: Narrator, terminal: io.StringIO) -> None:
    notice = {"topic": "pets/refused", "subject": "Data set pets is refused", "text": "First.\n- Second."}
    narrator(Occurrence("log", "StartTrainingFunction", {"level": "WARNING", "message": "notice held back", **notice}))
    first, *text = terminal.getvalue().splitlines()
    assert first.endswith(
        "start     holds back a notice, for one of its kind was sent within the hour: Data set pets is refused"
    )
    assert [line.strip() for line in text] == ["First.", "- Second."]


def test_a_reason_that_no_notice_gave_is_said(narrator: Narrator, terminal: io.StringIO) -> None:
    narrator.conclude("waiting", "it awaits its train .lst")
    assert terminal.getvalue().endswith("waiting   it awaits its train .lst\n")


def job(name: str, status: str) -> Occurrence:
    return Occurrence("job", name, {"status": status})


def epoch(job: str) -> list[Occurrence]:
    return [
        Occurrence("log", job, {"message": f"Epoch[0] {channel}-accuracy={value}"})
        for channel, value in (("Train", "0.9"), ("Validation", "0.8"))
    ]


def test_epochs_name_their_job_while_several_run(narrator: Narrator, terminal: io.StringIO) -> None:
    for occurrence in (job("a", "InProgress"), *epoch("a"), job("b", "InProgress"), *epoch("a"), *epoch("b")):
        narrator(occurrence)
    narrator(job("a", "Completed"))
    for occurrence in epoch("b"):
        narrator(occurrence)
    told = [line.partition("epoch ")[2].split(":")[0].split() for line in terminal.getvalue().splitlines()]
    assert [words for words in told if words] == [["1"], ["a", "1"], ["b", "1"], ["1"]]


def test_that_a_job_runs_already_is_no_news_once_it_is_told_of(narrator: Narrator, terminal: io.StringIO) -> None:
    line = {"level": "INFO", "message": "nothing to start", "subject": "a", "reason": "its training job is running"}
    narrator(job("a", "InProgress"))
    narrator(Occurrence("log", "StartTrainingFunction", line))
    narrator(Occurrence("log", "StartTrainingFunction", {**line, "subject": "b"}))
    assert [line.rpartition("start: ")[2] for line in terminal.getvalue().splitlines()[1:]] == [
        "subject b, reason its training job is running"
    ]


def test_an_interrupt_is_answered_with_what_it_has_ended(narrator: Narrator, terminal: io.StringIO) -> None:
    for occurrence in (job("b", "InProgress"), job("a", "InProgress"), job("b", "Failed")):
        narrator(occurrence)
    with pytest.raises(Interrupted), narrator.telling_of_interrupts():
        raise Interrupted(signal.SIGINT)
    assert terminal.getvalue().endswith("stack     has ended, and with it a\n")


def test_log_lines_name_their_data_set_once_there_are_several(narrator: Narrator, terminal: io.StringIO) -> None:
    for name, images in (("pets", 8), ("cars", 9)):
        narrator(Occurrence("upload", f"datasets/{name}/train.rec", {"size": 1}))
        line = {"level": "INFO", "message": "counted the images", "images": images, "data_set": name}
        narrator(Occurrence("log", "StartTrainingFunction", line))
    told = [line.partition("start     ")[2] for line in terminal.getvalue().splitlines() if "start" in line]
    assert told == ["counted the images: images 8", "cars: counted the images: images 9"]
