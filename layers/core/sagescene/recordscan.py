"""Looks at every record of a `.rec` file: framing, label, id and the image's size, in one streamed pass."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sagescene.errors import Finding
from sagescene.findings import FindingLog
from sagescene.framing import FIRST, LAST, MAGIC, WHOLE, RecordError, Source, read_header, read_parts
from sagescene.images import read_size
from sagescene.lists import MOST_LABELS, Row, fault_of_label, find_class_faults
from sagescene.pairing import Pairing

HEAD_BYTES = 1 << 17
MOST_SIZES = 10_000
SHOWN_SIZES = 10
UPLOAD_AGAIN = "Upload the file again, or pack it again if it is damaged where it comes from."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary:
    """What one record file holds, and what is wrong with it.

    `label_width` and `classes` are as in `ListSummary`. `smallest_height` and `smallest_width` (pixels) are over all
    images of known size, None without one. `sizes` holds the ten most frequent (height, width), `formats` the images
    of each format: jpeg, png, unknown. `size` is the number of bytes read; a fault of the framing ends the scan, so
    then the file may have more. `unmatched` counts the list's rows without a record, if a list was given.
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


def scan(
    chunks: Iterable[bytes],
    *,
    file: str = "",
    rows: Iterable[Row] | None = None,
    index: Iterable[tuple[int, int]] | None = None,
    complete: bool = True,
) -> RecordSummary:
    """Summarize a record file given as consecutive pieces of any size; no bytes make it raise.

    `rows` are the list's (`lists.read`) and `index` the `.idx` file's lines (`recordio.read_index`): with them, every
    record is held against its row and its line. `complete` is as in `lists.summarize`. Memory: one piece, the first
    128 KiB of one record, and the counts.
    """
    log = FindingLog(file)
    labels, images = _Labels(log), _Images(log)
    pairing = Pairing(rows, log) if rows is not None else None
    offsets = _Offsets(index, log) if index is not None else None
    source = Source(chunks)
    records = unmatched = 0
    try:
        for offset, payload in _heads(source):
            identifier, values, start = read_header(payload, offset)
            records += 1
            labels.add(records, offset, values)
            images.add(records, offset, payload[start:])
            if pairing:
                pairing.check(records, offset, identifier, values)
            if offsets:
                offsets.check(records, identifier, offset)
    except RecordError as error:
        place = f"record {records + 1}, byte {error.offset}"
        log.report(error.code, place, error.message[:1].upper() + error.message[1:], UPLOAD_AGAIN)
    else:
        unmatched = pairing.finish() if pairing else 0
        if offsets:
            offsets.finish()
        if not records:
            log.report("record-file-empty", "", "The file is empty.", "Pack the images, then upload the file.")
        elif complete and labels.is_whole:
            find_class_faults(labels.classes(), labels.width, log)
    return RecordSummary(
        records=records,
        label_width=labels.width,
        classes=labels.classes(),
        smallest_height=images.height,
        smallest_width=images.width,
        sizes=dict(images.sizes.most_common(SHOWN_SIZES)),
        formats=dict(images.formats),
        size=source.offset,
        unmatched=unmatched,
        findings=log.close(),
    )


def _heads(source: Source) -> Iterator[tuple[int, bytes | memoryview]]:
    """Return where each record starts, and at least the first 128 KiB of it."""
    start, joined = 0, bytearray()
    for offset, flag, _, head in read_parts(source, HEAD_BYTES):
        if flag == WHOLE:
            yield offset, head
            continue
        if flag == FIRST:
            start, joined = offset, bytearray(head)
        elif len(joined) < HEAD_BYTES:
            joined += MAGIC
            joined += head
        if flag == LAST:
            yield start, bytes(joined)


def _place(record: int, offset: int) -> str:
    return f"record {record}, byte {offset}"


class _Labels:
    """Counts the labels, and judges each once, when it is first seen."""

    def __init__(self, log: FindingLog) -> None:
        self.log = log
        self.width = 0
        self.is_whole = True
        self._columns: list[dict[float, int]] = []

    def add(self, record: int, offset: int, labels: tuple[float, ...]) -> None:
        if len(labels) != self.width:
            if self.width:
                self.log.report(
                    "label-width-differs",
                    _place(record, offset),
                    f"The record has {len(labels)} label(s), the records before it have {self.width}.",
                    "Pack all images of a file from one list.",
                )
                return
            self.width = len(labels)
            self._columns = [{} for _ in labels]
        for counts, label in zip(self._columns, labels, strict=True):
            if label in counts:
                counts[label] += 1
            elif fault := fault_of_label(label, self.width):
                self.log.report(
                    fault[0],
                    _place(record, offset),
                    f"The label {label:g} {fault[1]}.",
                    "Correct the list's labels and pack again.",
                )
            elif len(counts) < MOST_LABELS:
                counts[label] = 1
            elif self.is_whole:
                self.is_whole = False
                self.log.report(
                    "too-many-labels",
                    _place(record, offset),
                    f"The records have more than {MOST_LABELS:,} distinct labels.",
                    "Write class numbers as labels; this algorithm cannot learn continuous values.",
                )

    def classes(self) -> dict[int, int]:
        if self.width == 1:
            return {int(label): count for label, count in sorted(self._columns[0].items())}
        return {column: counts.get(1.0, 0) for column, counts in enumerate(self._columns)}


class _Images:
    """Counts formats and sizes, and names the first records whose image is neither JPEG nor PNG."""

    def __init__(self, log: FindingLog) -> None:
        self.log = log
        self.height: int | None = None
        self.width: int | None = None
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.formats: Counter[str] = Counter()

    def add(self, record: int, offset: int, head: bytes | memoryview) -> None:
        image = read_size(head)
        if image is None:
            self.formats["unknown"] += 1
            self.log.report(
                "image-not-readable",
                _place(record, offset),
                "The record's image is neither a JPEG nor a PNG file with a size.",
                "Replace the image, or convert it to JPEG, and pack again.",
            )
            return
        self.formats[image.format] += 1
        size = image.height, image.width
        if size in self.sizes:
            self.sizes[size] += 1
        elif size != (0, 0) and len(self.sizes) < MOST_SIZES:
            self.sizes[size] = 1
        if size != (0, 0):
            self.height = min(size[0], self.height or size[0])
            self.width = min(size[1], self.width or size[1])


class _Offsets:
    """Holds every record against its line of the `.idx` file, and reports the first difference."""

    def __init__(self, lines: Iterable[tuple[int, int]], log: FindingLog) -> None:
        self.lines = iter(lines)
        self.log = log
        self.agrees = True

    def check(self, record: int, identifier: int, offset: int) -> None:
        if self.agrees and next(self.lines, None) != (identifier, offset):
            self.agrees = False
            self._report(_place(record, offset), f"Line {record} of the .idx file is not {identifier}, {offset}.")

    def finish(self) -> None:
        if self.agrees and next(self.lines, None) is not None:
            self._report("", "The .idx file has more lines than there are records.")

    def _report(self, place: str, message: str) -> None:
        self.log.report("index-file-differs", place, message, "Upload the .idx file of these records, or none.")
