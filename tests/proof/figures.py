"""What the proofs counted: noted while they run, written as a page by `make prove`."""

import datetime
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

_PAGE = """# Proven

What `make prove` ran and counted, on {date}, with Python {python} on {machine}.
A fault is a crash, a refused call, a lost, late or doubled event; a loss is an upload, a job or a failure that left
no trace, or a second job, model or outcome for one thing.

| proof | cases run | faults injected | seconds |
|---|---:|---:|---:|
{rows}

Losses: 0. A proof fails with its first loss, and its figures are noted only when there was none.

Other figures:

{remarks}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one proof counted."""

    proof: str
    cases: int
    faults: int
    seconds: float
    remark: str = ""


def note(figure: Figure) -> None:
    """Add a figure to the file that PROOF_FIGURES names, if it names one."""
    file = os.environ.get("PROOF_FIGURES")
    if file:
        with Path(file).open("a") as stream:
            stream.write(json.dumps(asdict(figure)) + "\n")


def render(figures: list[Figure]) -> str:
    """Write the page; a proof of many scenarios is one row."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.proof, []).append(figure)
    rows = [
        f"| {proof} | {sum(each.cases for each in group):,} | {sum(each.faults for each in group):,} "
        f"| {sum(each.seconds for each in group):,.0f} |"
        for proof, group in groups.items()
    ]
    return _PAGE.format(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        rows="\n".join(rows),
        remarks="\n".join(f"- {each.proof}: {each.remark}" for each in figures if each.remark),
    )


def main() -> None:
    """Read the figures from one file and write the page to another."""
    source, target = map(Path, sys.argv[1:])
    page = render([Figure(**json.loads(line)) for line in source.read_text().splitlines()])
    target.write_text(page)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
