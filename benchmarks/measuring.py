"""Runs candidates, each in a cold process of its own, in interleaved rounds; keeps times and peak memory."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

ROOT = Path(__file__).parents[1]
MXNET_PYTHON = ROOT / ".venv/mxnet/bin/python"
BARE = "bare interpreter"

Figure = Literal["imported", "worked", "whole", "elapsed", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process, in seconds of processor time: its imports, its work, and all from its start to its end.

    `elapsed` is all of it by the clock, which other work on the machine lengthens. `peak` is the largest resident
    memory in bytes, 0 where it was not measured. `answer` is what the candidate found, or why it gave up.
    """

    imported: float
    worked: float
    whole: float
    elapsed: float
    peak: int
    answer: str


class Results:
    """The runs of every candidate, round by round."""

    def __init__(self, runs: Mapping[str, Sequence[Run]]) -> None:
        """Take the runs by the candidates' names."""
        self.runs = runs

    def median(self, name: str, figure: Figure) -> float:
        """Return the median over the rounds: in seconds, or what the candidate answered if that is a number."""
        return median(_read(run, figure) for run in self.runs[name])

    def ratio(self, name: str, other: str, figure: Figure = "worked") -> float:
        """Return the median of the ratios that two candidates had in the same round."""
        return median(
            _read(run, figure) / _read(reference, figure)
            for run, reference in zip(self.runs[name], self.runs[other], strict=True)
        )

    def memory(self, name: str) -> float:
        """Return the median peak memory over that of the bare interpreter, in MB."""
        peaks = median(run.peak for run in self.runs[name])
        return (peaks - median(run.peak for run in self.runs[BARE])) / 1e6

    def answer(self, name: str) -> str:
        """Return what the candidate found."""
        return self.runs[name][-1].answer


def candidate(module: str, name: str, *arguments: str | Path, python: str = sys.executable) -> list[str]:
    """Return the command that runs one candidate of a module of this package."""
    return [python, "-m", "benchmarks.candidate", f"benchmarks.{module}", name, *map(str, arguments)]


def run_rounds(commands: Mapping[str, Sequence[str]], rounds: int, *, core: int | None = None) -> Results:
    """Run every command once in each round, after a round that is not counted, on one core where that can be set."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            run = _run(command, core)
            if number:
                runs[name].append(run)
    return Results(runs)


def choose_core() -> int | None:
    """Return the last core this process may use, or None where processes cannot be bound to one."""
    return max(os.sched_getaffinity(0)) if sys.platform == "linux" else None


def environment() -> dict[str, str]:
    """Give what a process finds: this checkout's packages, and leave to keep them compiled, as installed ones are."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "layers/core"), str(ROOT)])}


def _read(run: Run, figure: Figure) -> float:
    return float(getattr(run, figure))


def _read_processor_time() -> float:
    """Return what the processes that have ended took; a machine's other work hardly changes it, unlike the clock."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _run(command: Sequence[str], core: int | None) -> Run:
    bound = ["taskset", "-c", str(core), *command] if core is not None else list(command)
    start, began = _read_processor_time(), time.perf_counter()
    done = subprocess.run(  # nosec B603 # noqa: S603 - the commands are this package's own
        bound, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    whole, elapsed = _read_processor_time() - start, time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    if "benchmarks.candidate" not in command:
        return Run(imported=0, worked=whole, whole=whole, elapsed=elapsed, peak=0, answer=done.stdout.split()[0])
    return Run(whole=whole, elapsed=elapsed, **json.loads(done.stdout.splitlines()[-1]))
