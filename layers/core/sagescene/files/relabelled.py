"""Records that have another label than their row: one of them, and many told together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from sagescene.files.classnames import ClassNames
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.grammar import name_some

_TENTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RelabelledRecord(Finding):
    """A record with another label than its row, told by numbers until the names of classes are known."""

    identifier: int
    labels: tuple[float, ...]
    expected: tuple[float, ...]

    @classmethod
    def found(cls, file: str, identifier: int, labels: tuple[float, ...], expected: tuple[float, ...]) -> Self:
        """Make the finding of one record."""
        plain = Code.LABEL_NOT_AS_LISTED.found(
            file=file,
            message=_tell(identifier, _show(labels), _show(expected)),
            remedy="Pack the records again from this list, or upload the list they were packed from.",
        )
        return cls(**_plain(plain), identifier=identifier, labels=labels, expected=expected)

    def named(self, names: ClassNames) -> Finding:
        """Give the finding as any other, with the names of the classes where there is one label."""
        return replace(Finding(**_plain(self)), message=_tell(self.identifier, *self._labels(names)))

    def tell_shortly(self, names: ClassNames) -> str:
        """Say which record it is, and both labels."""
        label, expected = self._labels(names)
        return f"id {self.identifier} has {label} instead of {expected}"

    def _labels(self, names: ClassNames) -> tuple[str, str]:
        if len(self.labels) != 1:
            return _show(self.labels), _show(self.expected)
        return names.tell_label(self.labels[0]), names.tell_label(self.expected[0])


def are_of_another_list(number: int, records: int) -> bool:
    """Tell whether so many of the records have another label than their row that the list is not theirs."""
    return number > 1 and number * _TENTH >= records


def tell_together(found: Sequence[RelabelledRecord], number: int, records: int, names: ClassNames) -> Finding:
    """Tell of `number` of the `records` at once, the first of which are `found`."""
    first = found[0].named(names)
    if number == 1:
        return first
    why = " The list was changed after packing, or is of other records." if are_of_another_list(number, records) else ""
    named = name_some([each.tell_shortly(names) for each in found], number)
    where = "; ".join(each.where for each in found)
    more = f" and {number - len(found):,} more" if number > len(found) else ""
    message = f"{number:,} of {records:,} records have another label than their row: {named}.{why}"
    return replace(first, where=f"{where}{more}", message=message, places=number)


def _plain(finding: Finding) -> dict[str, Any]:
    return {each.name: getattr(finding, each.name) for each in fields(Finding)}


def _tell(identifier: int, label: str, expected: str) -> str:
    return f"The record with the id {identifier} has the label {label}, its row {expected}."


def _show(labels: tuple[float, ...]) -> str:
    return " ".join(f"{label:g}" for label in labels[:8]) + (" ..." if len(labels) > 8 else "")
