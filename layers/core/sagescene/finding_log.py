"""What was found in one file or folder, in bounded memory: the same words once, with the first of their places."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, Self

from sagescene.bounds import SHOWN_OF_A_KIND
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import agree, count
from sagescene.quoting import quote

VALUE = "{value}"  # stands in a message for what differs from place to place
_NAMED = 5
_BYTE = re.compile(r"\bbyte (\d+)")
_LINE_OR_RECORD = re.compile(r"(?:lines?|record) (\d+)")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give findings file by file, and those of a file by their places; what has none comes last."""
    findings = tuple(findings)
    files = {file: rank for rank, file in enumerate(dict.fromkeys(finding.file for finding in findings))}

    def find_place(finding: Finding) -> tuple[int, float]:
        number = _BYTE.search(finding.where) or _LINE_OR_RECORD.match(finding.where)
        return files[finding.file], int(number[1]) if number else float("inf")

    return tuple(sorted(findings, key=find_place))


class FindingLog:
    """Collects findings about a file or a folder, the first five of a code in full and the others as a number.

    What is said of several places in the same words is one finding, which names the first of them.
    """

    def __init__(self, file: str) -> None:
        """Start an empty log about `file`; a folder ends in a slash."""
        self.file = file
        self._shown: dict[Finding, _Places] = {}  # the findings without their places
        self._counts: dict[Code, int] = {}

    def report(
        self,
        code: Code,
        where: str,
        message: str,
        remedy: str,
        severity: Severity | None = None,
        file: str = "",
        value: str = "",
    ) -> None:
        """Add one finding; the parameters are those of `Code.found`, and `file` is one within the log's folder.

        `value` takes the place of `VALUE` in the message, which counts as the same with other values.
        """
        finding = code.found(file=file or self.file, message=message, remedy=remedy, severity=severity)
        self.add(code, finding, where, value)

    def add(self, code: Code, finding: Finding, where: str, value: str = "") -> None:
        """Add a finding of a code that was made without its place."""
        if finding in self._shown:
            self._shown[finding] = self._shown[finding].add(where, quote(value))
        elif not self.is_full(code):
            self._shown[finding] = _Places((where,), 1, (quote(value),))
        self.count(code, 1)

    def add_places(self, code: Code, number: int) -> None:
        """Count more places of a code that was reported before and is told in the same words everywhere."""
        finding = next(finding for finding in self._shown if finding.code is code)
        places = self._shown[finding]
        self._shown[finding] = places._replace(number=places.number + number)
        self.count(code, number)

    def is_told(self, code: Code, message: str, remedy: str) -> bool:
        """Tell whether one more place of what was reported in these words would change nothing but its number."""
        places = self._shown.get(code.found(file=self.file, message=message, remedy=remedy))
        return places.is_full if places else self.is_full(code)

    def add_told(self, code: Code, message: str, remedy: str, number: int) -> None:
        """Count more places of what is told, in the sense of `is_told`."""
        finding = code.found(file=self.file, message=message, remedy=remedy)
        if places := self._shown.get(finding):
            self._shown[finding] = places._replace(number=places.number + number)
        self.count(code, number)

    def count(self, code: Code, number: int) -> None:
        """Count so many more findings of a kind, shown or not."""
        self._counts[code] = self._counts.get(code, 0) + number

    def is_full(self, code: Code) -> bool:
        """Tell whether enough findings of this code are shown, so that only their number still matters."""
        return sum(finding.code == code for finding in self._shown) >= SHOWN_OF_A_KIND

    @property
    def counts(self) -> dict[Code, int]:
        """Give how many findings there are of each code, in all places."""
        return self._counts.copy()

    @property
    def has_errors(self) -> bool:
        """Tell whether an error was reported."""
        return any(finding.severity is Severity.ERROR for finding in self._shown)

    def close(self) -> tuple[Finding, ...]:
        """Return the findings as they were found, then one for each code that has more of them."""
        more = []
        for code, total in self._counts.items():
            shown = {finding: places for finding, places in self._shown.items() if finding.code == code}
            others = total - sum(places.number for places in shown.values())
            if others:
                told = f"There {agree(others, 'is', 'are')} {count(others, 'more finding')} of the kind {code}."
                like_them = agree(others, "other has", "others have")
                rest = code.found(
                    file=self.file,
                    message=told,
                    remedy=f"Correct the ones shown; most likely the {like_them} the same cause.",
                    severity=next(iter(shown)).severity,
                )
                more.append(replace(rest, places=others))
        return (*(places.put_in(finding) for finding, places in self._shown.items()), *more)


class _Places(NamedTuple):
    """The first places of a finding, how many it has, and the first values that it is told of there."""

    named: tuple[str, ...]
    number: int
    values: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        return self.number >= _NAMED and (len(self.values) > _NAMED or self.values == ("",))

    def put_in(self, finding: Finding) -> Finding:
        first, *others = self.values
        message = finding.message.replace(VALUE, first)
        if others:
            named = ", ".join(others[: _NAMED - 1]) + (" and others" if len(others) >= _NAMED else "")
            message = f"{message.removesuffix('.')}; the same holds for {named}."
        return replace(finding, where=str(self), message=message, places=self.number)

    def add(self, where: str, value: str) -> Self:
        named = (*self.named, where) if self.named[0] and self.number < _NAMED else self.named
        is_new = value not in self.values and len(self.values) <= _NAMED
        return self._replace(
            named=named, number=self.number + 1, values=(*self.values, value) if is_new else self.values
        )

    def __str__(self) -> str:
        more = f" and {self.number - len(self.named):,} more" if self.number > len(self.named) and self.named[0] else ""
        if self.number > 1 and all(where.startswith("line ") for where in self.named):
            return f"lines {', '.join(where.removeprefix('line ') for where in self.named)}{more}"
        return f"{'; '.join(self.named)}{more}"
