"""A bounded record of findings: however many faults a file has, a person reads the first few and a total."""

from dataclasses import dataclass
from enum import StrEnum

SHOWN_OF_A_KIND = 20


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


class FindingLog:
    """Collects findings about a file or a folder, the first twenty of a code in full and the others as a number."""

    def __init__(self, file: str) -> None:
        """Start an empty log about `file`; a folder ends in a slash."""
        self.file = file
        self._shown: list[Finding] = []
        self._counts: dict[str, int] = {}
        self._severities: dict[str, Severity] = {}

    def report(
        self, code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR, file: str = ""
    ) -> None:
        """Add one finding; the parameters are those of `Finding`, and `file` is one within the log's folder."""
        if not self.is_full(code):
            file = file or self.file
            self._shown.append(
                Finding(code=code, severity=severity, file=file, where=where, message=message, remedy=remedy)
            )
        self.count(code, 1, severity)

    def count(self, code: str, number: int, severity: Severity = Severity.ERROR) -> None:
        """Count `number` findings of a kind of which enough are shown already."""
        self._counts[code] = self._counts.get(code, 0) + number
        self._severities[code] = severity

    def mark(self) -> tuple[int, dict[str, int]]:
        """Return what `return_to` needs to forget whatever is reported from now on."""
        return len(self._shown), self._counts.copy()

    def return_to(self, mark: tuple[int, dict[str, int]]) -> None:
        """Forget what was reported since the mark."""
        shown, counts = mark
        del self._shown[shown:]
        self._counts = counts.copy()

    def is_full(self, code: str) -> bool:
        """Tell whether enough findings of this code are shown, so that only their number still matters."""
        return self._counts.get(code, 0) >= SHOWN_OF_A_KIND

    def close(self) -> tuple[Finding, ...]:
        """Return the findings as they were found, then one for each code that has more of them."""
        shown: dict[str, int] = {}
        for finding in self._shown:
            shown[finding.code] = shown.get(finding.code, 0) + 1
        more = [
            Finding(
                code=code,
                severity=self._severities[code],
                file=self.file,
                where="",
                message=f"There are {total - shown.get(code, 0):,} more findings of the kind {code}.",
                remedy="Correct the ones shown; most likely the others have the same cause.",
            )
            for code, total in self._counts.items()
            if total > shown.get(code, 0)
        ]
        return (*self._shown, *more)
