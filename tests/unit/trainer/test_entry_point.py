"""What the container's entry point leaves of a failure, where the disk is full as well."""

import shutil
import signal
import sys
from pathlib import Path

import pytest

from sagescene_trainer.entry_point import run_training
from sagescene_trainer.failures import TrainingRefused


@pytest.fixture
def failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "argv", ["trainer", "--root", str(tmp_path)])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return tmp_path / "output" / "failure"


def test_room_for_the_reason_is_taken_before_training_takes_what_there_is(failure: Path) -> None:
    taken = []

    def train(*_: object) -> None:
        taken.append((failure.stat().st_size >= 1024, failure.stat().st_ino))
        raise TrainingRefused("wrong")

    assert run_training(train, "") == 1
    assert failure.read_text() == "AlgorithmError: wrong"
    assert taken == [(True, failure.stat().st_ino)]


def test_nothing_is_left_of_it_after_a_success(failure: Path) -> None:
    assert run_training(lambda *_: None, "") == 0
    assert not failure.exists()


def test_a_reason_that_cannot_be_written_stands_in_the_log(failure: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def train(root: Path, *_: object) -> None:
        shutil.rmtree(root / "output")
        raise OSError("No space")

    assert run_training(train, "") == 1
    assert not failure.exists()
    assert (
        "AlgorithmError: No space (caused by OSError)\nThe reason of the failure cannot be" in capsys.readouterr().out
    )
