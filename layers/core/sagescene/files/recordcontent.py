"""What the records of a file hold: their labels, counted and judged, and all that is said of the file."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sagescene.bounds import MOST_LABELS, TOLD_BY_BYTES
from sagescene.files.checksums import Content, tell, tell_on
from sagescene.files.labeltally import TOLD_ONE_BY_ONE, fault_of_label
from sagescene.files.pairing import Unmatched
from sagescene.files.recordimages import Images, SmallImage, place
from sagescene.finding_codes import Code
from sagescene.finding_log import VALUE, FindingLog
from sagescene.findings import Finding
from sagescene.grammar import count


@dataclass(slots=True)
class PackedImage:
    """One image where it was seen: record number from 1 (0 where it is not known), labels, bytes in all, its first."""

    record: int
    offset: int
    labels: tuple[float, ...]
    length: int
    head: bytes | memoryview
    _contents: tuple[Content, Content] | None = field(default=None, init=False, repr=False)

    @property
    def contents(self) -> tuple[Content, Content]:
        """Give what tells the first 64 KiB, and what tells all of the head, from one pass for all who ask."""
        if not self._contents:
            first = tell(self.head[:TOLD_BY_BYTES])
            is_all = len(self.head) <= TOLD_BY_BYTES
            self._contents = first, first if is_all else tell_on(self.head, TOLD_BY_BYTES, first)
        return self._contents


class Labels:
    """Counts the labels, and judges each once, when it is first seen."""

    def __init__(self, log: FindingLog) -> None:
        self.log = log
        self.width = 0
        self.is_whole = True
        self.runs = 0  # of records that have one label, and the same
        self._latest: float | None = None
        self._columns: list[dict[float, int]] = []
        self._only: dict[float, int] = {}  # the column, where there is one
        self._told: Counter[Code] = Counter()

    def add(self, record: int, offset: int, labels: tuple[float, ...]) -> None:
        """Take the labels of one record."""
        if len(labels) == 1:
            label = labels[0]
            if label != self._latest:
                self._latest = label
                self.runs += 1
            if label in self._only:  # most are; 0.2 of the time of what follows
                self._only[label] += 1
                return
        if len(labels) != self.width:
            if self.width:
                self.log.report(
                    Code.LABEL_WIDTH_DIFFERS,
                    place(record, offset),
                    f"The record has {count(len(labels), 'label')}, the records before it have {self.width}.",
                    "Pack all images of a file from one list.",
                )
                return
            self.width = len(labels)
            self._columns = [{} for _ in labels]
            self._only = self._columns[0] if self.width == 1 else {}
        more = Counter[Code]()
        for counts, label in zip(self._columns, labels, strict=True):
            if label in counts:
                counts[label] += 1
            elif fault := fault_of_label(label, self.width):
                if self._told[fault[0]] >= TOLD_ONE_BY_ONE:
                    more[fault[0]] += 1
                    continue
                self._told[fault[0]] += 1
                self.log.report(
                    fault[0],
                    place(record, offset),
                    f"The label {VALUE} {fault[1]}.",
                    "Correct the list's labels and pack again.",
                    value=f"{label:g}",
                )
            elif len(counts) < MOST_LABELS:
                counts[label] = 1
            elif self.is_whole:
                self.is_whole = False
                self.log.report(
                    Code.TOO_MANY_LABELS,
                    place(record, offset),
                    f"The records have more than {MOST_LABELS:,} distinct labels.",
                    "Write class numbers as labels; this algorithm cannot learn continuous values.",
                )
        for code, number in more.items():
            self.log.add_places(code, number)

    def classes(self) -> dict[int, int]:
        """Give the images of each class, as in `ListSummary.classes`."""
        if self.width == 1:
            return {int(label): count for label, count in sorted(self._columns[0].items())}
        return {column: counts.get(1.0, 0) for column, counts in enumerate(self._columns)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary:
    """What one record file holds, and what is wrong with it.

    `label_width` and `classes` are as in `ListSummary`. `smallest_height` and `smallest_width` (pixels) are over all
    images of known size, None without one. `sizes` counts the images of each (height, width), the first 10,000 of
    them, `shorter_sides` those of each shorter side in pixels (up to `LARGEST_SIDE`), `formats` those of each format:
    jpeg, png, bmp, tiff, unknown. `smallest` names the first few of the least heights and of the least widths. `size`
    is the number of bytes read; a fault of the framing ends the scan, so then the file may have more. `unmatched`
    counts the list's rows without a record, if a list was given, and `unmatched_at_end` those that are one run to the
    list's end; `unmatched_ids` are the first 100,000 of their ids.
    Where not every record was looked at (see `recordsample`), `looked_at` says how many were, and `is_counted` whether
    `records` is the number of all. `runs` counts the records of one label that have another than the one before.
    `counts` is as in `ListSummary`.
    """

    records: int
    label_width: int
    classes: Mapping[int, int]
    smallest_height: int | None
    smallest_width: int | None
    sizes: Mapping[tuple[int, int], int]
    formats: Mapping[str, int]
    size: int
    unmatched: int
    findings: tuple[Finding, ...]
    shorter_sides: Mapping[int, int] = field(default_factory=dict)
    smallest: tuple[SmallImage, ...] = ()
    unmatched_at_end: int = 0
    unmatched_ids: Collection[int] = ()
    looked_at: int | None = None
    is_counted: bool = True
    runs: int = 0
    counts: Mapping[Code, int] = field(default_factory=dict)


def summarize(
    labels: Labels, images: Images, *, records: int, size: int, unmatched: Unmatched, log: FindingLog
) -> RecordSummary:
    """Put together what was counted; a sample adds how much of the file it looked at."""
    return RecordSummary(
        records=records,
        label_width=labels.width,
        classes=labels.classes(),
        smallest_height=images.height,
        smallest_width=images.width,
        shorter_sides=dict(images.shorter_sides),
        smallest=images.smallest(),
        sizes=dict(images.sizes),
        formats=dict(images.formats),
        size=size,
        unmatched=unmatched.rows,
        unmatched_at_end=unmatched.at_end,
        unmatched_ids=unmatched.identifiers,
        runs=labels.runs,
        findings=log.close(),
        counts=log.counts,
    )
