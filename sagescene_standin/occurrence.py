"""One thing that happened in the local stack, for whoever watches: the terminal, `--json`, a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What happened (`kind`), to what (`subject`), and its particulars (`detail`).

    | kind | subject | detail |
    |---|---|---|
    | upload | object key | bucket, size, reason |
    | event | rule name | target |
    | invocation | function's logical id | error, result, duration_ms, request_id |
    | dropped | function's logical id, of which Lambda stopped a recursive loop | error |
    | log | function's logical id or training job's name | the parsed JSON line, or {"message": text} |
    | metric | metric name | namespace, dimensions, value |
    | alarm | alarm name | state, reason |
    | message | topic name | subject, text |
    | job | training job's name | status, secondary_status, failure_reason |
    | dead-letter | queue name | body |
    """

    kind: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """The error that ended an invocation, as a sentence; empty without one."""
        match self.detail.get("error"):
            case {"errorMessage": message, **more}:  # an error of Lambda's own, such as a timeout, may have no type
                return f"{more.get('errorType', 'Error')}: {message}"
            case error:
                return str(error or "")


type Listener = Callable[[Occurrence], None]
