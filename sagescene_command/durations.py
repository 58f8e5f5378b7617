"""How long steps took the last time, in seconds, kept with the environment: people are told what to expect."""

import json
import sys
from contextlib import suppress
from pathlib import Path

_FILE = Path(sys.prefix) / "durations.json"


def recall(step: str, file: Path = _FILE) -> float | None:
    """Give how many seconds a step took the last time; None when that is not known."""
    seconds = _read(file).get(step)
    return float(seconds) if isinstance(seconds, int | float) else None


def remember(step: str, seconds: float, file: Path = _FILE) -> None:
    """Keep how many seconds a step took; where nothing can be written, nothing is remembered."""
    with suppress(OSError):
        file.write_text(json.dumps({**_read(file), step: round(seconds, 1)}), encoding="utf-8")


def tell(seconds: float) -> str:
    """Say a duration as people do, such as "under a second", "9 s" or "2 min"; two figures at most."""
    if seconds < 1:
        return "under a second"
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _read(file: Path) -> dict[str, object]:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
