"""What a list names and its records lack: images that were left out, classes that were lost, a packing that died."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sagescene.files.classnames import ClassNames
from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import RecordSummary
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.grammar import agree, share
from sagescene.preflight import phrases

_TENTH = 10
_BY_CHANCE = 0.02  # how likely rows that lack anywhere end the list in such a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """The rows of one list that have no record, and what they are lost for."""

    listed: ListSummary
    list_file: str
    records: RecordSummary
    records_file: str
    is_training: bool
    names: ClassNames = field(default_factory=ClassNames)
    other_list: str = ""  # where that has all these rows

    @property
    def rows(self) -> int:
        """Count the rows without a record: those that the scan has missed, else by the numbers."""
        return self.records.unmatched or max(0, self.listed.samples - self.records.records)

    @property
    def classes(self) -> list[int]:
        """Give the classes that the list has and the records do not, where every record was looked at."""
        is_comparable = self.listed.label_width == self.records.label_width and self.records.looked_at is None
        if not is_comparable or not self.rows or self.other_list:
            return []
        return missing_classes(self.listed.classes, self.records.classes)

    @property
    def is_packing_ended(self) -> bool:
        """Tell whether the list's end is missing: a tenth of it, and more than scattered losses would make by chance.

        Unreadable images are scattered over a list, and a short list may well end in one or two of them.
        """
        at_end, rows = self.records.unmatched_at_end, self.listed.samples
        if not at_end or at_end * _TENTH < rows or self.other_list:
            return False
        scattered = (self.rows - at_end + 1) / (rows - at_end + 1)
        return scattered**at_end < _BY_CHANCE

    def findings(self) -> Iterator[Finding]:
        """Tell the loss by its gravest consequence, once."""
        if self.other_list:
            rows = self.listed.samples
            yield Code.LIST_NOT_SPLIT.found(
                file=self.list_file,
                message=(
                    f"The {self.rows:,} of {rows:,} rows ({share(self.rows, rows)}) that have no record are in "
                    f"{self.other_list} as well: this is the list before it was split."
                ),
                remedy=(
                    f"Delete these rows from the list, and do not pack them: {self.records_file} is right without them."
                ),
            )
        elif self.classes and self.is_training:
            yield self._tell_of_classes(Severity.ERROR)
        elif self.is_packing_ended:
            at_end = self.records.unmatched_at_end
            yield Code.PACKING_ENDED_EARLY.found(
                file=self.records_file,
                message=(
                    f"The last {at_end:,} of the {self.listed.samples:,} rows of {self.list_file} "
                    f"({share(at_end, self.listed.samples)}) "
                    f"{agree(at_end, 'has', 'have')} no record: packing ended early."
                ),
                remedy="Pack the list again to its end, and look at what the packing tool said last.",
            )
        elif self.classes:
            yield self._tell_of_classes(Severity.WARNING)
        elif self.rows and not self.records.unmatched:  # else the scan has named them
            yield Code.IMAGES_DROPPED.found(
                file=self.records_file,
                message=(
                    f"{self.list_file} lists {phrases.images(self.listed.samples)}, but only {self.records.records:,} "
                    f"{agree(self.records.records, 'is packed; this is', 'are packed; these are')} counted."
                ),
                remedy=f"Look for {phrases.images(self.rows)} that im2rec could not read, and pack again.",
            )

    def _tell_of_classes(self, severity: Severity) -> Finding:
        lost, rows = self.classes, self.listed.samples
        named = sum(1 for images in self.listed.classes.values() if images)
        kept = sum(1 for images in self.records.classes.values() if images)
        at_end = self.records.unmatched_at_end
        ended = f", the last {at_end:,} among them: packing ended early" if self.is_packing_ended else ""
        what_is_left = (
            f"the model would have seen {kept}"
            if self.is_training
            else f"the accuracy would say nothing about {agree(len(lost), 'it', 'them')}"
        )
        return Code.CLASSES_WITHOUT_RECORD.found(
            file=self.records_file,
            message=(
                f"Of the {named:,} classes in {self.list_file}, {len(lost):,} "
                f"{agree(len(lost), 'has', 'have')} no record ({phrases.classes(lost, self.names)}), so "
                f"that {what_is_left}; {self.rows:,} of {rows:,} rows "
                f"({share(self.rows, rows)}) {agree(self.rows, 'has', 'have')} none{ended}."
            ),
            remedy="Pack the list again with images of every class, or take the classes out of the list.",
            severity=severity,
        )


def missing_classes(classes: Mapping[int, int], others: Mapping[int, int]) -> list[int]:
    """Give the classes that have images here and none there."""
    return sorted(label for label, images in classes.items() if images and not others.get(label))
