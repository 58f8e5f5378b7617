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


def run_training(train: Callable[[Path, Callable[[str], None]], object], description: str | None) -> int:
    """Train once, write a failure's text to `output/failure`, and return the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, required=True, help="the folder that stands for /opt/ml")
    root: Path = parser.parse_args().root
    signal.signal(signal.SIGTERM, _end_training)
    for name in ("model", "output"):
        (root / name).mkdir(exist_ok=True)
    try:
        train(root, _log)
    except TerminationRequested:
        _log("Received SIGTERM: ending with the best model stored so far")
    except TrainingRefused as refused:
        return _report_failure(root, str(refused))
    except Exception as error:  # whatever breaks in the container becomes the job's FailureReason
        traceback.print_exc(file=sys.stdout)
        return _report_failure(root, f"AlgorithmError: {error} (caused by {type(error).__name__})")
    return 0


def _log(line: str) -> None:
    print(line, flush=True)


def _report_failure(root: Path, text: str) -> int:
    _log(text)
    (root / "output" / "failure").write_text(text)
    return 1


def _end_training(_signal: int, _frame: FrameType | None) -> None:
    raise TerminationRequested
