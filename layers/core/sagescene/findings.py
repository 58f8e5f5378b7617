"""One fault in a data set, told in plain words, and how much it weighs; `finding_codes` has every kind of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from sagescene.foreign_text import printable


class Severity(StrEnum):
    """How much a finding weighs: an error stops the job, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault in a data set: what, where, and what to do about it.

    `code` is a `Code`, or the text that another version wrote; `file` a key or a path, `where` the line, record or
    byte ("line 12"; empty for the whole file), `message` one sentence for a person, `remedy` one imperative sentence.
    `places` is the number of places that it is told of, named in `where` or not; a whole file is one.
    """

    code: str
    severity: Severity
    file: str
    where: str
    message: str
    remedy: str
    places: int = 1

    def __post_init__(self) -> None:
        """Let what it quotes of files and names pass the door for foreign text."""
        for name in ("code", "file", "where", "message", "remedy"):
            text = getattr(self, name)
            if not text.isprintable():
                object.__setattr__(self, name, printable(text))

    @classmethod
    def from_json(cls, finding: Mapping[str, Any]) -> Self:
        """Read what stands in a report: one by the version before has no `places`, one by the next may have more.

        Raises:
            KeyError, TypeError, ValueError: if it is something else.
        """
        known = {each.name: finding[each.name] for each in fields(cls) if each.name in finding}
        return cls(**{**known, "severity": Severity(finding["severity"]), "places": int(finding.get("places", 1))})

    def as_json(self) -> dict[str, str | int]:
        """Give the finding as plain values."""
        plain = {each.name: getattr(self, each.name) for each in fields(Finding)}
        return plain | {"code": str(self.code), "severity": str(self.severity)}

    @property
    def fault(self) -> str:
        """The finding as one line without its remedy: file, place, sentence."""
        place = ", ".join(part for part in (self.file, self.where) if part)
        return f"{place}: {self.message}" if place else self.message

    def __str__(self) -> str:
        """Render the finding as one line: file, place, sentence, remedy."""
        return f"{self.fault} {self.remedy}"
