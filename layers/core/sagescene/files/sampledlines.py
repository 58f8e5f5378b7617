"""Which lines of a `.idx` file lead to the records that are sampled, and what is said where they lead astray."""

from collections.abc import Iterable
from dataclasses import dataclass

from sagescene.bounds import SAMPLES
from sagescene.files.recordscan import INDEX_AGAIN
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the `.idx` file, and where the next record starts."""

    record: int
    identifier: int
    offset: int
    end: int


class SampledLines:
    """Evenly spread lines of an index, until one shows that it is not of the file, which is then looked at without it.

    `records` counts all lines; there are none, and `is_of_file` is false, once the index is dropped.
    """

    def __init__(self, index: Iterable[tuple[int, int]], size: int, log: FindingLog) -> None:
        """Choose lines, the last one included, each of a record that is within the file's `size` in bytes."""
        self._log = log
        self.chosen: list[Line] = []
        self.records = 0
        self.is_of_file = True
        self._choose(index, size)

    def _choose(self, index: Iterable[tuple[int, int]], size: int) -> None:
        stride, record, before = 1, 0, None
        for identifier, offset in index:
            record += 1
            if offset % 4 or offset >= size or (before.offset >= offset if before else offset):
                self.drop(record, f"Line {record} of the .idx file says that a record starts at byte {offset}.")
                return
            if before and (before.record - 1) % stride == 0:
                line = Line(record=before.record, identifier=before.identifier, offset=before.offset, end=offset)
                self.chosen.append(line)
            if len(self.chosen) > 2 * SAMPLES:
                self.chosen, stride = self.chosen[::2], 2 * stride
            before = Line(record=record, identifier=identifier, offset=offset, end=size)
        if not before:
            self.drop(0, "No line of the .idx file has an id and an offset.")
            return
        self.chosen.append(before)
        self.records = record

    def drop(self, record: int, message: str) -> None:
        """Do without the index from here on; `record` is the one of the line that is wrong, or 0."""
        self.chosen, self.records, self.is_of_file = [], 0, False
        self._report(record, message)

    def compare(self, found: dict[int, int]) -> None:
        """Report the first id that is not the one of the record at its offset, which holds all the same."""
        for line in self.chosen:
            if (identifier := found.get(line.offset, line.identifier)) != line.identifier:
                message = f"The record has the id {identifier}, but {line.identifier} in the .idx file."
                self._report(line.record, message)
                return

    def _report(self, record: int, message: str) -> None:
        self._log.report(Code.INDEX_FILE_DIFFERS, f"record {record}" * (record > 0), message, INDEX_AGAIN)
