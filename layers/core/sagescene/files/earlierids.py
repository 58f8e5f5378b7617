"""The ids of records that found their row, so that one that comes again is told from one that no row has."""

from array import array

from sagescene.bounds import EARLIER_IDS_HELD


class EarlierIds:
    """Holds the ids of the first 100,000 records, 16 bytes each; a table of them is made for the first question."""

    def __init__(self) -> None:
        """Start with none."""
        self._ids, self._records = array("Q"), array("Q")
        self._table: dict[int, int] | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether there may be ids that are not held."""
        return len(self._ids) >= EARLIER_IDS_HELD

    def add(self, record: int, identifier: int) -> None:
        """Take the id of a record, which counts from 1 and is 0 where the number is not known."""
        if len(self._ids) < EARLIER_IDS_HELD:
            self._ids.append(identifier)
            self._records.append(record)
            if self._table is not None:
                self._table.setdefault(identifier, record)

    def find(self, identifier: int) -> int | None:
        """Give the record that has this id, None where none is held that has."""
        if self._table is None:
            self._table = dict(zip(self._ids, self._records, strict=True))
        return self._table.get(identifier)
