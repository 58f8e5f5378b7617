"""A message for people: a subject and a text in plain words."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sagescene.bounds import FINDINGS_OF_A_NOTICE_IN_BYTES
from sagescene.findings import Finding, Severity
from sagescene.foreign_text import printable, printable_lines
from sagescene.shell_words import quote_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message for people; of one `topic` they get one an hour, and without a topic all of them.

    `data_set` is the one it is about, empty for none.
    """

    subject: str
    text: str
    topic: str = ""
    data_set: str = ""

    def __post_init__(self) -> None:
        """Let what it quotes pass the door for foreign text."""
        object.__setattr__(self, "subject", printable(self.subject))
        object.__setattr__(self, "text", printable_lines(self.text))

    def as_json(self) -> dict[str, Any]:
        """Give the notice as it is kept in an outcome."""
        return {"subject": self.subject, "text": self.text}


def list_findings(findings: Collection[Finding], *, warning: str = "") -> Iterator[str]:
    """Give a line for each finding, as many as a notice has room for; `warning` comes before those that are one."""
    room = FINDINGS_OF_A_NOTICE_IN_BYTES
    for number, finding in enumerate(findings):
        line = f"- {warning if finding.severity is Severity.WARNING else ''}{finding}"
        room -= len(line.encode()) + 1
        if room < 0:
            yield f"- There are {len(findings) - number:,} more; the whole report has them."
            return
        yield line


def start_command(data_set: str, stack: str) -> str:
    """Give the command that has a stack judge a data set anew."""
    return f"sagescene start --stack-name {stack} {quote_name(data_set)}"


def on_one_line(reason: str) -> str:
    """Give a reason without the line feeds of AWS's longer ones, which would tear a notice's paragraphs apart."""
    return " ".join(reason.split())
