"""Rows without a record that the other channel's list has as well: the list is the one before it was split."""

from array import array
from collections.abc import Collection

from sagescene.bounds import SHARED_HELD_AT_MOST
from sagescene.files.overlaps import Overlap
from sagescene.files.recordcontent import RecordSummary


class LostRows:
    """Looks for the training list's rows without a record in the validation list, by their paths, and the reverse."""

    def __init__(self, paths: Overlap[int]) -> None:
        """Look among `paths`, those of the training list with their ids."""
        self._paths = paths
        self.are_other_lists = False  # of which both lists' paths are a consequence
        self._lost: frozenset[int] = frozenset()
        self._expected = self._found = 0
        self._shared = array("Q")  # ids in the validation list, of paths that are in both

    def expect(self, lost: Collection[int]) -> None:
        """Take the ids of the training list's rows without a record, before the validation list is read."""
        self._lost = frozenset(lost)
        self._expected = sum(identifier in self._lost for identifier in self._paths.places()) if lost else 0

    def add(self, identifier: int, place: int) -> None:
        """Take a row of the validation list by its id, and the id that its path has in the training list."""
        self._found += place in self._lost
        if len(self._shared) < SHARED_HELD_AT_MOST:
            self._shared.append(identifier)

    def find_unsplit_lists(self, train: RecordSummary, validation: RecordSummary) -> tuple[bool, bool]:
        """Tell of each list, training first, whether its rows without a record are those of the other list.

        The list before it was split has a row for every record of the other channel. The training list's rows are
        looked for as far as its paths are held; all of those of validation have to be found.
        """
        of_validation = train.unmatched >= validation.records > 0 and 0 < self._expected == self._found
        of_training = (
            validation.unmatched >= train.records > 0
            and len(validation.unmatched_ids) > 0
            and {*validation.unmatched_ids} <= {*self._shared}
        )
        self.are_other_lists = of_validation or of_training
        return of_validation, of_training
