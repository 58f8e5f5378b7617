"""Holds the records of a `.rec` file against the rows of its list while both stream by."""

import math
import struct
from array import array
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from sagescene.bounds import LABELS_HELD_IN_BYTES, LOST_IDS_HELD, ROWS_AHEAD
from sagescene.files.earlierids import EarlierIds
from sagescene.files.listrows import Row
from sagescene.files.relabelled import RelabelledRecord
from sagescene.files.uncompared import Uncompared
from sagescene.finding_codes import Code
from sagescene.finding_log import VALUE, FindingLog
from sagescene.grammar import agree, count, share

NAMED_ROWS = 5


class Unmatched(NamedTuple):
    """How many rows of a list have no record, how many of them are one run to the list's end, and the first ids."""

    rows: int
    at_end: int
    identifiers: Collection[int] = ()


class Pairing:
    """Finds the row of every record by its id.

    Records follow their list's order, some rows left out, so normally nothing but the rows left out is held. Where
    the orders differ, a record's row may come up to 100,000 rows too early or too late, or fewer where these hold more
    than 64 MiB of labels; about 20 MB are held beside the labels. Records whose rows are further away are held against
    the rows that are left once all are read, in sum, and the ids of the first of them one by one.
    """

    def __init__(self, rows: Iterable[Row], log: FindingLog) -> None:
        self._rows = iter(rows)
        self._log = log
        self._read = 0
        self._passed: dict[int, _Packed] = {}  # rows that were read and have no record so far
        self._held = 0  # bytes of their labels
        self._uncompared = Uncompared()
        self._earlier = EarlierIds()

    def check(self, record: int, offset: int, identifier: int, labels: tuple[float, ...]) -> None:
        """Report a record that has no row or other labels than its row; `record` counts from 1."""
        expected = self._take(identifier)
        while expected is None:
            is_full = len(self._passed) >= ROWS_AHEAD or self._held >= LABELS_HELD_IN_BYTES
            row = None if is_full else next(self._rows, None)
            if is_full:
                self._uncompared.add_record(record, offset, identifier, labels)
                return
            if row is None:
                self._report_missing(record, offset, identifier)
                return
            self._read += 1
            if row.identifier == identifier:
                expected = row.labels
            else:
                self._take(row.identifier)
                self._passed[row.identifier] = _pack(row.labels)
                self._held += _size_of(self._passed[row.identifier])
        self._earlier.add(record, identifier)
        if labels != expected:
            self._compare(f"record {record}, byte {offset}", identifier, labels, expected)

    def _take(self, identifier: int) -> tuple[float, ...] | None:
        packed = self._passed.pop(identifier, None) if self._passed else None
        if packed is None:
            return None
        self._held -= _size_of(packed)
        return tuple(map(float, packed))

    def _report_missing(self, record: int, offset: int, identifier: int) -> None:
        earlier = self._earlier.find(identifier)
        if earlier is not None:
            self._log.report(
                Code.RECORD_REPEATED,
                f"record {record}, byte {offset}",
                f"Records are there twice, or images share an id: a record before has the id {VALUE} already.",
                "Delete the file and pack the list anew: some tools add to a file that is there.",
                value=f"{identifier} (record {earlier})" if earlier else str(identifier),
            )
        elif self._earlier.is_full and Code.RECORD_REPEATED in self._log.counts:
            self._log.add_places(Code.RECORD_REPEATED, 1)  # a file that repeats what is held repeats the rest as well
        else:
            self._log.report(
                Code.RECORD_NOT_IN_LIST,
                f"record {record}, byte {offset}",
                f"There is no row with the record's id {VALUE} in the list"
                f"{', unless a record before has it' if self._earlier.is_full else ''}.",
                "Use the list from which the records were packed.",
                value=str(identifier),
            )

    def finish(self) -> Unmatched:
        """Report the rows that have no record, and count them."""
        if self._uncompared.count:
            return self._finish_in_sum()
        lost = array("Q", islice(self._passed, LOST_IDS_HELD))
        passed = len(lost)
        lost.extend(row.identifier for row in islice(self._rows, LOST_IDS_HELD - passed))
        # Rows are read up to one that a record has, so those not yet read are the run to the end.
        at_end = len(lost) - passed + sum(1 for _ in self._rows)
        unmatched = Unmatched(len(self._passed) + at_end, at_end, lost)
        if unmatched.rows:
            shown = ", ".join(map(str, lost[:NAMED_ROWS]))
            has = agree(unmatched.rows, "has no record; its index is", "have no record; their indices begin")
            self._report_rows(unmatched.rows, self._read + at_end, f"{has} {shown}")
        return unmatched

    def _finish_in_sum(self) -> Unmatched:
        held = ((identifier, tuple(map(float, packed))) for identifier, packed in self._passed.items())
        left = chain(held, ((row.identifier, row.labels) for row in self._read_rest()))
        rows = self._uncompared.compare(left, self._log)
        if rows:
            self._report_rows(rows, self._read, agree(rows, "has no record", "have no record"))
        return Unmatched(rows, 0)

    def _read_rest(self) -> Iterator[Row]:
        for row in self._rows:
            self._read += 1
            yield row

    def _report_rows(self, number: int, rows: int, what: str) -> None:
        # Of less than a tenth two digits, so that one of many does not read as none.
        shown = share(number, rows) if 10 * number >= rows else f"{100 * number / rows:.2g} %"
        self._log.report(
            Code.ROWS_WITHOUT_RECORD,
            "",
            f"{number:,} of {count(rows, 'row')} of the list ({shown}) {what}.",
            "Look at these images: a packing tool leaves out what it cannot read.",
        )

    def _compare(self, place: str, identifier: int, labels: tuple[float, ...], expected: tuple[float, ...]) -> None:
        if any(map(math.isnan, expected)):
            return  # the list's own reader says that this is no label
        if len(labels) != len(expected):
            self._log.report(
                Code.LABEL_WIDTH_NOT_AS_LISTED,
                place,
                f"The record has {count(len(labels), 'label')}, its row in the list {len(expected)}.",
                "Pack the records again, with --pack-label if the list has several labels a row.",
            )
        elif struct.pack(f"<{len(labels)}f", *labels) != _as_floats(expected):
            found = RelabelledRecord.found(self._log.file, identifier, labels, expected)
            self._log.add(Code.LABEL_NOT_AS_LISTED, found, place)


type _Packed = bytes | array[float]


def _pack(labels: tuple[float, ...]) -> _Packed:
    # A tuple takes 32 bytes a label.
    return bytes(map(int, labels)) if {0.0, 1.0}.issuperset(labels) else array("d", labels)


def _size_of(packed: _Packed) -> int:
    return len(packed) if isinstance(packed, bytes) else len(packed) * packed.itemsize


def _as_floats(labels: tuple[float, ...]) -> bytes:
    try:
        return struct.pack(f"<{len(labels)}f", *labels)
    except OverflowError:  # no 32-bit float
        return b""
