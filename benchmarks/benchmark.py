"""One run of measurements: how commands are measured, and the page that comes of it."""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import goals
from benchmarks.goals import Goal
from benchmarks.measuring import Results, choose_core, run_rounds


class Benchmark:
    """One run over everything: where the files are kept, on which core, in how many rounds."""

    def __init__(self, data: Path, rounds: int) -> None:
        """Start with no section and no goal."""
        self.data = data
        self.rounds = rounds
        self.core = choose_core()
        others = os.sched_getaffinity(0) - {self.core} if sys.platform == "linux" else set()
        self.other_core = min(others, default=self.core)
        self.sections: list[str] = []
        self.goals: list[Goal] = []
        self.figures: dict[str, float] = {}

    def measure(self, commands: Mapping[str, Sequence[str]], rounds: int | None = None) -> Results:
        """Run the commands in interleaved rounds."""
        print(f"Measuring {', '.join(commands)}", flush=True)
        return run_rounds(commands, rounds or self.rounds, core=self.core)

    def add(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a section: one table."""
        lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
        self.sections.append(f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))

    def render(self) -> str:
        """Return everything as Markdown."""
        introduction = (
            f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make benchmark`: {_describe_processor()}, "
            f"{platform.system()}, Python {platform.python_version()}, {self.rounds} rounds, "
            f"load {os.getloadavg()[0]:.1f} at the end."
        )
        return "\n\n".join([introduction, "### Goals", goals.render(self.goals), *self.sections]) + "\n"

    def render_figures(self) -> str:
        """Return, as JSON, what docs/scale.md is computed from."""
        described = f"{_describe_processor()}, {platform.system()}, Python {platform.python_version()}"
        rounded = {name: round(figure, 3) for name, figure in sorted(self.figures.items())}
        return json.dumps({"measured_on": f"{datetime.now(UTC):%Y-%m-%d}", "machine": described, **rounded}, indent=2)


def _describe_processor() -> str:
    """Return the processor's name and how many there are."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{os.cpu_count()} x {name}"
