"""What a log line of the functions says beside its message, in the units of people."""

import re
from collections.abc import Mapping
from datetime import datetime

from sagescene_command import durations

# What Powertools adds to every line; a person in front of the terminal knows it already.
_LOG_FRAME = {
    "cold_start",
    "correlation_id",
    "data_set",
    "function_arn",
    "function_memory_size",
    "function_name",
    "function_request_id",
    "job",
    "level",
    "location",
    "message",
    "service",
    "since",
    "timestamp",
    "upload",
    "xray_trace_id",
}
_SECONDS = "_in_seconds"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
_SHORT = 80  # letters


def lay_out(line: Mapping[str, object]) -> str:
    """Give what follows a line's message: in the same line when it is short, else each in a line of its own."""
    told = dict(_tell(name, value) for name, value in line.items() if name not in _LOG_FRAME and value)
    in_line = ", ".join(f"{name} {value}" for name, value in told.items())
    if not in_line or len(in_line) < _SHORT:
        return f": {in_line}" if in_line else ""
    return "".join(f"\n{' ' * 20}{name}: {value}" for name, value in told.items())


def _tell(name: str, value: object) -> tuple[str, str]:
    if name.endswith(_SECONDS) and isinstance(value, int | float):
        return name.removesuffix(_SECONDS), durations.tell(value)
    if isinstance(value, Mapping):
        return name, ", ".join(f"{key} {item}" for key, item in value.items())
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if _MOMENT.fullmatch(text):
        text = f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"
    return name.replace("_", " "), text
