"""Looks at some records of a `.rec` file that is too large to read whole: both ends, and samples through its `.idx`."""

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from sagescene.bounds import CANDIDATES, FILE_END_BYTES, HEAD_BYTES, TAILS_IN_BYTES
from sagescene.files.framing import FIRST, LAST, MAGIC, WHOLE, RecordError, Source, read_header
from sagescene.files.listrows import Row
from sagescene.files.otherlabels import OtherRecords
from sagescene.files.pairing import Pairing, Unmatched
from sagescene.files.recordcontent import Labels, PackedImage, RecordSummary, summarize
from sagescene.files.recordimages import Images
from sagescene.files.recordscan import INDEX_AGAIN, UPLOAD_AGAIN, heads, report_error
from sagescene.files.sampledlines import Line, SampledLines
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.grammar import agree, count

type Span = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sampled:
    """A record that was looked at; `record` counts from 1 and is 0 where the number is not known."""

    record: int
    offset: int
    payload: bytes | memoryview
    length: int


def sample(
    span: Span,
    size: int,
    *,
    file: str = "",
    rows: Iterable[Row] | None = None,
    index: Iterable[tuple[int, int]] | None = None,
    on_image: Callable[[PackedImage], None] | None = None,
) -> RecordSummary:
    """Summarize a record file of `size` bytes from parts of it: `span(offset, length)` reads one.

    With the `.idx` file's lines the records are counted, and those looked at are spread evenly; without them, or where
    they do not fit the file, only the records at both ends are, and their number is not known. The other parameters
    are those of `scan`. A warning says that, and how much was looked at.
    """
    log = FindingLog(file)
    labels, images, others = Labels(log), Images(log), OtherRecords(log)
    lines = SampledLines(index, size, log) if index is not None else None
    sampled: dict[int, tuple[_Sampled, int, tuple[float, ...]]] = {}
    for found in _look(span, size, lines, log):
        try:
            identifier, values, start = read_header(found.payload, found.offset, found.length)
        except RecordError as error:
            report_error(log, found.record, error)
            continue
        if found.offset in sampled:
            continue
        if others.take_meta(found.record, found.offset, values, found.length - start):
            continue
        sampled[found.offset] = found, identifier, values
        if not others.take_detection(found.record, found.offset, values):
            labels.add(found.record, found.offset, values)
        is_image = images.add(found.record, found.offset, found.payload[start:], found.length - start)
        if on_image and is_image:
            on_image(PackedImage(found.record, found.offset, values, found.length - start, found.payload[start:]))
    if lines:
        lines.compare({offset: identifier for offset, (_, identifier, _) in sampled.items()})
    records = lines.records if lines else 0
    at_end = 0
    if rows is not None:
        found_rows = _WantedRows(rows, {identifier for _, identifier, _ in sampled.values()})
        pairing = Pairing(found_rows, log)
        for found, identifier, values in sampled.values():
            pairing.check(found.record, found.offset, identifier, values)
        deque(found_rows, maxlen=0)  # whoever watches the rows sees them all
        # Evenly spread records reach the last rows in any order; those at both ends need not.
        at_end = min(found_rows.after_the_last, max(0, found_rows.read - records)) if records else 0
    others.report()
    images.report()
    _say_so(log, len(sampled), lines)
    summary = summarize(
        labels,
        images,
        records=records or len(sampled),
        size=size,
        unmatched=Unmatched(0, at_end),
        log=log,
    )
    return replace(summary, looked_at=len(sampled), is_counted=records > 0)


class _WantedRows:
    """The rows of some ids; counts all that were read, and those after the last one of these ids."""

    def __init__(self, rows: Iterable[Row], wanted: set[int]) -> None:
        self.read = self.after_the_last = 0
        self._rows = iter(rows)
        self._wanted = wanted

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.read += 1
            self.after_the_last += 1
            if row.identifier in self._wanted:
                self.after_the_last = 0
                yield row


def _look(span: Span, size: int, lines: SampledLines | None, log: FindingLog) -> Iterator[_Sampled]:
    if size % 4:
        message = f"The file's {size:,} bytes are no multiple of 4, as those of every whole file are."
        log.report(Code.TRUNCATED, "", message, UPLOAD_AGAIN)
    yield from _look_at_beginning(span, size, log)
    if lines:
        yield from _look_at_lines(span, lines, log)
    if not (lines and lines.chosen) and size > FILE_END_BYTES and not size % 4:
        yield from _look_at_end(span, size, log)


def _look_at_beginning(span: Span, size: int, log: FindingLog) -> Iterator[_Sampled]:
    record = 0
    try:
        for offset, _, length, payload in heads(Source([span(0, min(size, FILE_END_BYTES))])):
            record += 1
            yield _Sampled(record=record, offset=offset, payload=payload, length=length)
    except RecordError as error:
        if error.code is not Code.TRUNCATED or size <= FILE_END_BYTES:  # else only the part that was read ends there
            report_error(log, record + 1, error)


def _look_at_lines(span: Span, lines: SampledLines, log: FindingLog) -> Iterator[_Sampled]:
    astray: Line | None = None  # the first at which no record starts
    for line in lines.chosen:
        content = span(line.offset, min(line.end - line.offset, HEAD_BYTES))
        if content[:4] != MAGIC or len(content) < 8:
            astray = astray or line
            continue
        flag, length = _read_prefix(content, 0)
        end = line.offset + 8 + (length + 3 & ~3)
        if flag not in (WHOLE, FIRST) or end > line.end or (flag == WHOLE and end != line.end):
            lines.drop(line.record, f"The record does not end at byte {line.end}, as the .idx file says.")
            return
        if astray:  # behind which all is where the index says, so that it is of this file, and the file damaged
            message = f"No record starts here, as the .idx file says, though one does at byte {line.offset} behind it."
            log.report(Code.NO_MAGIC_NUMBER, f"record {astray.record}, byte {astray.offset}", message, UPLOAD_AGAIN)
            astray = None
        if flag == WHOLE:
            yield _Sampled(record=line.record, offset=line.offset, payload=content[8 : 8 + length], length=length)
    if astray:
        lines.drop(astray.record, f"No record starts at byte {astray.offset}, as the .idx file says.")


def _look_at_end(span: Span, size: int, log: FindingLog) -> Iterator[_Sampled]:
    for reach in TAILS_IN_BYTES:
        start = max(0, size - reach)
        content = span(start, size - start)
        candidates = list(_find_magic(content))
        for candidate in candidates:
            if _leads_to_end(content, candidate):
                tail = memoryview(content)[candidate:].tobytes()
                for offset, _, length, payload in heads(Source([tail])):
                    yield _Sampled(record=0, offset=start + candidate + offset, payload=payload, length=length)
                return
        if candidates or not start:
            break
    log.report(Code.TRUNCATED, f"byte {size}", "No record ends where the file ends.", UPLOAD_AGAIN)


def _find_magic(content: bytes) -> Iterator[int]:
    found, position = 0, content.find(MAGIC)
    while position >= 0 and found < CANDIDATES:
        if position % 4 == 0:
            found += 1
            yield position
        position = content.find(MAGIC, position + 1)


def _leads_to_end(content: bytes, position: int) -> bool:
    is_open = False
    while position + 8 <= len(content) and content[position : position + 4] == MAGIC:
        flag, length = _read_prefix(content, position)
        if flag > LAST or (flag in (WHOLE, FIRST)) == is_open:
            return False
        is_open = flag not in (WHOLE, LAST)
        position += 8 + (length + 3 & ~3)
    return position == len(content) and not is_open


def _read_prefix(content: bytes, position: int) -> tuple[int, int]:
    (word,) = struct.unpack_from("<I", content, position + 4)
    return word >> 29, word & ((1 << 29) - 1)


def _say_so(log: FindingLog, looked_at: int, lines: SampledLines | None) -> None:
    were = agree(looked_at, "was", "were")
    if lines and lines.is_of_file:
        message = f"Of {count(lines.records, 'record')} {looked_at:,} {were} looked at, because the file is large."
        remedy = "Nothing needs doing; a fault in the others would not have been seen."
    else:
        why = "its .idx does not fit it" if lines else "has no .idx"
        ends = f"{count(looked_at, 'record')}{' at both ends' * (not lines)}"
        message = f"Only {ends} {were} looked at, because the file is large and {why}."
        missing = "Put the .idx file beside it, so that all are counted and samples of them looked at."
        remedy = INDEX_AGAIN if lines else missing
    log.report(Code.RECORDS_SAMPLED, "", message, remedy)
