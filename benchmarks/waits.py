"""What a person waits for, by the clock: the command's answers, the local stack, and `make run` in a fresh clone."""

import os
import subprocess  # nosec B404
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measuring import ROOT, environment

MEGABYTES = 5
HELP, CHECK = "`sagescene --help`", f"`sagescene check` of a set of {MEGABYTES} MB"
STACK = "`sagescene up` until it stands"
SET_UP, RUN = "what `make run` sets up in a fresh clone", "`make run` after that"
_COMMAND = str(ROOT / ".venv/bin/sagescene")
_STANDS = "stands until Ctrl-C"
_OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}  # which would have another make take part in this one's work


def commands(folder: Path) -> Mapping[str, Sequence[str]]:
    """Give the commands by name that end by themselves; the folder holds a data set."""
    return {HELP: [_COMMAND, "--help"], CHECK: [_COMMAND, "check", str(folder)]}


def time_stack(rounds: int) -> list[float]:
    """Return the seconds from the start of `sagescene up` until it says that it stands, after one not counted."""
    return [_time_stack() for _ in range(rounds + 1)][1:]


def _time_stack() -> float:
    began = time.perf_counter()
    with subprocess.Popen(  # nosec B603 # noqa: S603 - the command is this checkout's own
        [_COMMAND, "up", "--port", "0"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        told = []
        for line in process.stdout or ():
            told.append(line)
            if _STANDS in line:
                break
        elapsed = time.perf_counter() - began
        process.terminate()  # a run in the background ignores Ctrl-C, and so would what it starts
        process.communicate()
    if not told or _STANDS not in told[-1]:
        raise RuntimeError("".join(told))
    return elapsed


def time_make_run() -> dict[str, float]:
    """Clone what is committed, and return the seconds that `make` takes there for the set-up and for the run.

    It works as in a terminal that knows nothing of this checkout's environment.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {*_OF_MAKE, "PYTHONPATH"}}
    folders = kept["PATH"].split(os.pathsep)
    kept["PATH"] = os.pathsep.join(folder for folder in folders if not Path(folder).is_relative_to(ROOT))
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch, "sagescene")
        _time(["git", "clone", "--quiet", str(ROOT), str(clone)], ROOT, kept)
        return {name: _time(["make", target], clone, kept) for name, target in ((SET_UP, "build"), (RUN, "run"))}


def _time(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(  # nosec B603 # noqa: S603 - our own words
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    elapsed = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return elapsed
