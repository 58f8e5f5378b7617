"""Records whose rows are too far away to be held meanwhile: compared, in sum, with what is left of the list."""

import struct
from collections.abc import Iterable

from sagescene.bounds import FAR_IDS_HELD
from sagescene.files.recordimages import place
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.grammar import agree, count

_MODULUS = 1 << 64


class Sum:
    """How many ids there are, and two sums of hashes that are the same in every order: of ids, and with labels."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = self.ids = self.labels = 0

    def add(self, identifier: int, labels: tuple[float, ...]) -> None:
        """Take a record, or a row with its labels as records hold them."""
        self.count += 1
        self.ids = (self.ids + hash((identifier,))) % _MODULUS
        self.labels = (self.labels + hash((identifier, *labels))) % _MODULUS


class Uncompared(Sum):
    """The sum of such records, the ids of the first of them, and where the very first is."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.first = ""
        self._ids: set[int] = set()

    def add_record(self, record: int, offset: int, identifier: int, labels: tuple[float, ...]) -> None:
        """Take one record; `record` as in `place`."""
        self.first = self.first or place(record, offset)
        if len(self._ids) < FAR_IDS_HELD:
            self._ids.add(identifier)
        self.add(identifier, labels)

    def compare(self, left: Iterable[tuple[int, tuple[float, ...]]], log: FindingLog) -> int:
        """Report what ids and labels of the rows that are left prove, and return how many surely have no record."""
        rows, unmet = Sum(), set(self._ids)
        for identifier, labels in left:
            rows.add(identifier, as_packed(labels))
            unmet.discard(identifier)
        which = f"{count(self.count, 'record')} too far from their place in the list to be compared one by one"
        missing = self.count - rows.count
        if (rows.count, rows.ids) == (self.count, self.ids):
            if rows.labels != self.labels:
                message = f"Of {which}, at least one has another label than its row."
                remedy = "Pack the records again from this list, or upload the list they were packed from."
                log.report(Code.LABEL_NOT_AS_LISTED, self.first, message, remedy)
        elif missing >= 0 or unmet:  # where more rows are left than records, sums prove nothing
            foreign = max(1, missing, len(unmet))
            message = f"Of {which}, at least {foreign:,} {agree(foreign, 'has', 'have')} an id that no row has."
            log.report(Code.RECORD_NOT_IN_LIST, self.first, message, "Use the list from which the records were packed.")
        else:
            log.report(
                Code.RECORDS_NOT_COMPARED,
                self.first,
                f"The ids and labels of {which} were not compared; {rows.count:,} rows are left for them.",
                "Make sure that list and records were packed together; a list in the records' order is compared whole.",
            )
        return max(0, len(unmet) - missing)


def as_packed(labels: tuple[float, ...]) -> tuple[float, ...]:
    """Give a row's labels as records hold them, in 32 bits; none if one is too large."""
    form = f"<{len(labels)}f"
    try:
        return struct.unpack(form, struct.pack(form, *labels))
    except OverflowError:
        return ()
