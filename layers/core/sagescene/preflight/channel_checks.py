"""The two files of a channel held together: what it holds, and where the records disagree with their list."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

from sagescene.files.classnames import ClassNames
from sagescene.files.labeltally import WRONG_NUMBERS
from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import RecordSummary
from sagescene.files.relabelled import RelabelledRecord, are_of_another_list, tell_together
from sagescene.finding_codes import Code
from sagescene.findings import Finding, Severity
from sagescene.preflight import phrases
from sagescene.preflight.losses import Losses, missing_classes
from sagescene.preflight.report import SHORTER_SIDES, Channel

_SHOWN_SIZES = 10
# Those of both files: a row whose label is no number is not packed.
LABEL_FAULTS = WRONG_NUMBERS | {Code.TOO_MANY_LABELS}
_STRAY = {Code.RECORD_NOT_IN_LIST, Code.RECORD_REPEATED}
ROW_FAULTS = {
    Code.INDEX_NOT_AN_INTEGER,
    Code.INDEX_REPEATED,
    Code.LABEL_WIDTH_DIFFERS,
    Code.LINE_TOO_LONG,
    Code.NUL_BYTE,
    Code.TOO_FEW_FIELDS,
}
# Where list and records differ, and both may have been read to their end.
DISAGREEMENTS = {*_STRAY, Code.LABEL_NOT_AS_LISTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFiles:
    """The two files of one channel."""

    listed: ListSummary | None
    list_file: str
    records: RecordSummary
    records_file: str
    is_training: bool = True
    names: ClassNames = field(default_factory=ClassNames)
    other_list: str = ""  # where that has all rows without a record

    @property
    def losses(self) -> Losses | None:
        """Give what the list names and the records lack, None without a list."""
        if self.listed is None:
            return None
        return Losses(
            listed=self.listed,
            list_file=self.list_file,
            records=self.records,
            records_file=self.records_file,
            is_training=self.is_training,
            names=self.names,
            other_list=self.other_list,
        )

    @property
    def lost_classes(self) -> list[int]:
        """Give the classes of the list that have no record."""
        return self.losses.classes if self.losses else []

    @property
    def is_faulty(self) -> bool:
        """Tell whether the records have errors of their own, and not only where they differ from the list."""
        errors = {finding.code for finding in self.records.findings if finding.severity is Severity.ERROR}
        return not errors <= DISAGREEMENTS

    @property
    def is_sampled(self) -> bool:
        """Tell whether only some of the records were looked at."""
        return self.records.looked_at is not None

    @property
    def images(self) -> int:
        """Count the records; if they were not read to the end, because of faults or size, the list's rows count too."""
        is_known = self.records.is_counted and not self.is_faulty
        listed = self.listed.samples if self.listed and not is_known else 0
        return max(self.records.records, listed)

    @property
    def label_width(self) -> int:
        """Give the list's number of labels an image: the records may have lost all but the first."""
        return (self.listed.label_width if self.listed else 0) or self.records.label_width

    @property
    def classes(self) -> Mapping[int, int]:
        """Give the images of each class, by the list where the records cannot be relied on."""
        is_whole = self.records.label_width == self.label_width and not self.is_faulty and not self.is_sampled
        return self.records.classes if is_whole or not self.listed or not self.listed.samples else self.listed.classes

    def channel(self) -> Channel:
        """Give what the records hold, for the report."""
        sides: Counter[int] = Counter()
        for side, images in sorted(self.records.shorter_sides.items()):
            sides[SHORTER_SIDES[bisect_right(SHORTER_SIDES, side) - 1]] += images
        return Channel(
            images=self.images if self.is_sampled else self.records.records,
            looked_at=self.records.looked_at,
            rows=self.listed.samples if self.listed else None,
            label_width=self.records.label_width,
            classes=self.classes if self.is_sampled else self.records.classes,
            smallest_height=self.records.smallest_height,
            smallest_width=self.records.smallest_width,
            sizes=dict(Counter(self.records.sizes).most_common(_SHOWN_SIZES)),
            shorter_sides=dict(sides),
            formats=self.records.formats,
        )

    def findings(self) -> Iterator[Finding]:
        """Give what the parsers found, and where list and records disagree; of one fault both tell only once."""
        listed, counts = (self.listed.findings, self.listed.counts) if self.listed else ((), {})
        compared = tuple(self._compare())
        said = self._explain(counts, self.records.counts)
        told = {finding.code for finding in compared}
        # The scan says it of every record; what was compared says it once for all.
        said |= {Code.LABEL_WIDTH_NOT_AS_LISTED} & told
        if told & {Code.CLASSES_WITHOUT_RECORD, Code.LIST_NOT_SPLIT, Code.PACKING_ENDED_EARLY}:
            said |= {Code.ROWS_WITHOUT_RECORD}  # counted there
        yield from listed
        yield from self._tell_of_records(said)
        yield from compared

    def _tell_of_records(self, said: Set[Code]) -> Iterator[Finding]:
        relabelled = [finding for finding in self.records.findings if isinstance(finding, RelabelledRecord)]
        if relabelled and Code.LABEL_NOT_AS_LISTED not in said:
            yield tell_together(relabelled, self._relabelled, self._compared, self.names)
            said |= {Code.LABEL_NOT_AS_LISTED}  # and how many more there are
        yield from (finding for finding in self.records.findings if finding.code not in said)

    @property
    def _are_lost_rows_repeats(self) -> bool:
        """Tell whether no more rows lack a record than have the index of another, which is told already."""
        repeated = self.listed.counts.get(Code.INDEX_REPEATED, 0) if self.listed else 0
        return self.losses is not None and 0 < self.losses.rows <= repeated

    @property
    def _relabelled(self) -> int:
        return self.records.counts.get(Code.LABEL_NOT_AS_LISTED, 0)

    @property
    def _compared(self) -> int:
        return self.records.looked_at or self.records.records

    def _explain(self, of_list: Mapping[Code, int], of_records: Mapping[Code, int]) -> Set[Code]:
        """Give what is only a consequence of the list's faults, or of a file without records."""
        explained = (LABEL_FAULTS | {Code.DETECTION_LABELS}) & of_list.keys()
        is_unread = self.listed is not None and not self.listed.samples
        if (
            is_unread
            or {Code.WRONG_SEPARATOR, Code.WRONG_COLUMNS} & of_list.keys()
            # A row whose index was repeated may be the first one's or the later one's.
            or _number_of(_STRAY, of_records) <= _number_of(ROW_FAULTS, of_list) + of_list.get(Code.INDEX_REPEATED, 0)
        ):
            explained |= _STRAY
        if of_records.get(Code.LABEL_NOT_AS_LISTED, 0) <= _number_of(LABEL_FAULTS, of_list):
            explained |= {Code.LABEL_NOT_AS_LISTED}
        if self._are_lost_rows_repeats:
            explained |= {Code.ROWS_WITHOUT_RECORD}
        if are_of_another_list(self._relabelled, self._compared):
            explained |= {Code.ROWS_WITHOUT_RECORD}
        if Code.RECORD_REPEATED in of_records:
            # The index is that of the first packing; rows are left where images share an id.
            explained |= {Code.INDEX_FILE_DIFFERS, Code.ROWS_WITHOUT_RECORD}
        if Code.RECORD_FILE_EMPTY in of_records:
            explained |= {Code.ROWS_WITHOUT_RECORD}
        return explained

    def _compare(self) -> Iterator[Finding]:
        found = {finding.code for finding in self.records.findings if finding.severity is Severity.ERROR}
        if found - {Code.LABEL_WIDTH_NOT_AS_LISTED}:
            return  # the faults themselves say what is wrong
        if not self.records.records:
            yield Code.NO_RECORDS.found(
                file=self.records_file,
                message="The file holds no image.",
                remedy="Pack the images again with im2rec.",
            )
        elif self.listed and self.listed.samples:
            yield from self._compare_labels(self.listed)
            if not found and self.records.is_counted and self.losses and not self._are_lost_rows_repeats:
                yield from self.losses.findings()
                if not (ROW_FAULTS | {Code.LABEL_NOT_A_NUMBER}) & {each.code for each in self.listed.findings}:
                    yield from self._compare_counts(self.listed)

    def _compare_counts(self, listed: ListSummary) -> Iterator[Finding]:
        records, rows = self.records.records, listed.samples
        if records > rows:
            yield Code.MORE_RECORDS_THAN_ROWS.found(
                file=self.records_file,
                message=f"The file holds {phrases.images(records)}, but {self.list_file} lists only {rows:,}.",
                remedy="Use the list that this file was packed from.",
            )

    def _compare_labels(self, listed: ListSummary) -> Iterator[Finding]:
        records = self.records
        if listed.label_width != records.label_width:
            is_lost = records.label_width == 1  # im2rec packs the first of several unless told otherwise
            yield Code.LABEL_WIDTH_NOT_AS_LISTED.found(
                file=self.records_file,
                message=(
                    f"The records hold {phrases.labels(records.label_width)} an image, but {self.list_file} lists "
                    f"{phrases.labels(listed.label_width)}."
                ),
                remedy=(
                    "Pack the images again with im2rec --pack-label."
                    if is_lost
                    else "Use the list that this file was packed from."
                ),
            )
        elif unlisted := missing_classes(records.classes, listed.classes):
            yield Code.CLASSES_NOT_IN_LIST.found(
                file=self.records_file,
                message=(
                    f"The file has images of {phrases.classes(unlisted, self.names)}, which {self.list_file} does not "
                    "list."
                ),
                remedy="Use the list that this file was packed from.",
            )
        elif self.is_sampled:
            return  # samples of every class are not to be expected
        elif records.records == listed.samples and dict(records.classes) != dict(listed.classes):
            yield Code.LABELS_DIFFER.found(
                file=self.records_file,
                message=f"The images of each class are not as many as {self.list_file} lists.",
                remedy="Use the list that this file was packed from.",
            )


def _number_of(codes: Set[Code], counts: Mapping[Code, int]) -> int:
    return sum(counts.get(code, 0) for code in codes)
