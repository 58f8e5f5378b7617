"""`sagescene check` of a folder as people run it: whole commands, on all cores, by the clock."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measuring import ROOT, candidate
from benchmarks.set_verdicts import FLOOR, NAMES

MEGABYTES = 1000
CAT, HEADERS, DECODED = "cat to /dev/null", "sagescene check --no-decode", "sagescene check"
_CHECK = [str(ROOT / ".venv/bin/sagescene"), "check"]


def commands(folder: Path, port: int, authority: str) -> Mapping[str, Sequence[str]]:
    """Give the commands by name: all read the same four files, the transfer from the server that gives this folder."""
    files = [str(folder / name) for name in NAMES]
    return {
        CAT: ["sh", "-c", 'cat "$@" > /dev/null && echo read', "cat", *files],
        FLOOR: candidate("set_verdicts", FLOOR, str(port), authority, folder),
        HEADERS: [*_CHECK, "--no-decode", str(folder)],
        DECODED: [*_CHECK, str(folder)],
    }
