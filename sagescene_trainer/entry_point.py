"""What the container's entry point does around a training: arguments, SIGTERM, the failure's file, the exit code."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from sagescene_trainer.failures import TrainingRefused
from sagescene_trainer.termination import TerminationRequested

_ROOM_IN_BYTES = 4096  # SageMaker takes 1,024 characters


def run_training(train: Callable[[Path, Callable[[str], None]], object], description: str | None) -> int:
    """Train once, write a failure's text to `output/failure`, and return the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, required=True, help="the folder that stands for /opt/ml")
    root: Path = parser.parse_args().root
    signal.signal(signal.SIGTERM, _end_training)
    for name in ("model", "output"):
        (root / name).mkdir(exist_ok=True)
    failure = root / "output" / "failure"
    _keep_room(failure)
    try:
        train(root, _log)
    except TerminationRequested:
        _log("Received SIGTERM: ending with the best model stored so far")
    except TrainingRefused as refused:
        return _report_failure(failure, str(refused))
    except Exception as error:  # whatever breaks in the container becomes the job's FailureReason
        traceback.print_exc(file=sys.stdout)
        return _report_failure(failure, f"AlgorithmError: {error} (caused by {type(error).__name__})")
    failure.unlink(missing_ok=True)
    return 0


def _log(line: str) -> None:
    print(line, flush=True)


def _keep_room(failure: Path) -> None:
    """Take the room of a reason while there is some: a full disk is a failure that has to be told, too."""
    try:
        failure.write_bytes(b" " * _ROOM_IN_BYTES)
    except OSError as error:
        _log(f"There is no room for the reason of a failure: {error}")


def _report_failure(failure: Path, text: str) -> int:
    _log(text)
    try:
        with failure.open("r+b") as file:  # over the blanks, for which there is room
            file.write(text.encode(errors="replace")[:_ROOM_IN_BYTES])
            file.truncate()
    except OSError as error:
        _log(f"The reason of the failure cannot be written: {error}")
    return 1


def _end_training(_signal: int, _frame: FrameType | None) -> None:
    raise TerminationRequested
