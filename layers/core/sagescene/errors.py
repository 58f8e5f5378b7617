"""What can be wrong: findings about a data set, and the base of the exceptions that a retry will not mend."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error stops the job, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault in a data set: what, where, and what to do about it.

    `code` is a stable kebab-case name, `file` a key or a path, `where` the line, record or byte ("line 12"; empty
    for the whole file), `message` one sentence for a person, `remedy` one imperative sentence.
    """

    code: str
    severity: Severity
    file: str
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Render the finding as one line: file, place, sentence, remedy."""
        place = ", ".join(part for part in (self.file, self.where) if part)
        return f"{place}: {self.message} {self.remedy}" if place else f"{self.message} {self.remedy}"


class SagesceneError(Exception):
    """A cause that trying again will not mend; the message says what will."""
