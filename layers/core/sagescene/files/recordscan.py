"""Looks at every record of a `.rec` file: framing, label, id and the image's size, in one streamed pass."""

from collections.abc import Callable, Iterable, Iterator

from sagescene.bounds import HEAD_BYTES
from sagescene.files.framing import (
    FIRST,
    LAST,
    MAGIC,
    WHOLE,
    RecordError,
    RecordPart,
    Remainder,
    Source,
    read_header,
    read_parts,
)
from sagescene.files.listrows import FEWER_LABELS, Row
from sagescene.files.lists import find_class_faults
from sagescene.files.otherlabels import OtherRecords
from sagescene.files.pairing import Pairing, Unmatched
from sagescene.files.recordcontent import Labels, PackedImage, RecordSummary, summarize
from sagescene.files.recordimages import Images, place
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog

INDEX_AGAIN = "Upload the .idx file of these records, or delete it; then upload the list again."
UPLOAD_AGAIN = "Upload the file again, or pack it again if it is damaged where it comes from."


def scan(
    chunks: Iterable[bytes],
    *,
    file: str = "",
    rows: Iterable[Row] | None = None,
    index: Iterable[tuple[int, int]] | None = None,
    complete: bool = True,
    on_image: Callable[[PackedImage], None] | None = None,
) -> RecordSummary:
    """Summarize a record file given as consecutive pieces of any size; no bytes make it raise.

    `rows` are the list's (`listrows.read`) and `index` the `.idx` file's lines (`recordio.read_index`): with them,
    every record is held against its row and its line. `complete` is as in `lists.summarize`. `on_image` is called
    with every image that can be read. Memory: one piece, 128 KiB of one record, 64 KiB of its end, and the counts.
    """
    log = FindingLog(file)
    labels, images, others = Labels(log), Images(log), OtherRecords(log)
    pairing = Pairing(rows, log) if rows is not None else None
    offsets = _Offsets(index, log) if index is not None else None
    source = Source(chunks)
    records, unmatched = 0, Unmatched(0, 0)
    try:
        for offset, _, length, payload in heads(source, images.read_on):
            identifier, values, start = read_header(payload, offset, length)
            records += 1
            if offsets:
                offsets.check(records, identifier, offset)
            has_one = len(values) == 1
            if not has_one and others.take_meta(records, offset, values, length - start):
                continue
            if has_one or not others.take_detection(records, offset, values):
                labels.add(records, offset, values)
            head = payload[start:]
            is_image = images.add(records, offset, head, length - start)
            if on_image and is_image:
                on_image(PackedImage(records, offset, values, length - start, head))
            if pairing:
                pairing.check(records, offset, identifier, values)
    except RecordError as error:
        report_error(log, records + 1, error)
    else:
        unmatched = pairing.finish() if pairing else unmatched
        if offsets:
            offsets.finish()
        if not records:
            log.report(Code.RECORD_FILE_EMPTY, "", "The file is empty.", "Pack the images, then upload the file.")
        elif complete and labels.is_whole:
            find_class_faults(labels.classes(), labels.width, records - others.count, log)
    others.report()
    images.report()
    images_packed = records - others.count
    return summarize(labels, images, records=images_packed, size=source.offset, unmatched=unmatched, log=log)


def heads(
    source: Source, read_on: Callable[[bytes | memoryview, Remainder], None] | None = None
) -> Iterator[RecordPart]:
    """Return each record as if it were one part, with at least the first 128 KiB of its payload.

    `read_on` is as in `read_parts`.

    Raises:
        RecordError: at the first byte that does not belong to the format.
    """
    start, joined, length = 0, bytearray(), 0
    for part in read_parts(source, HEAD_BYTES, read_on):
        offset, flag, part_length, head = part
        if flag == WHOLE:
            yield part
            continue
        if flag == FIRST:
            start, joined, length = offset, bytearray(head), part_length
        else:
            length += len(MAGIC) + part_length
            if len(joined) < HEAD_BYTES:
                joined += MAGIC
                joined += head
        if flag == LAST:
            yield RecordPart(start, WHOLE, length, bytes(joined))


def report_error(log: FindingLog, record: int, error: RecordError) -> None:
    """Report the fault that ends the reading of a record; `record` as in `place`."""
    remedy = error.remedy or (FEWER_LABELS if error.code is Code.TOO_MANY_LABELS else UPLOAD_AGAIN)
    log.report(error.code, place(record, error.offset), error.message[:1].upper() + error.message[1:], remedy)


class _Offsets:
    """Holds every record against its line of the `.idx` file, and reports the first difference."""

    def __init__(self, lines: Iterable[tuple[int, int]], log: FindingLog) -> None:
        self.lines = iter(lines)
        self.log = log
        self.agrees = True

    def check(self, record: int, identifier: int, offset: int) -> None:
        if self.agrees and next(self.lines, None) != (identifier, offset):
            self.agrees = False
            self._report(place(record, offset), f"Line {record} of the .idx file is not {identifier}, {offset}.")

    def finish(self) -> None:
        if self.agrees and next(self.lines, None) is not None:
            self._report("", "The .idx file has more lines than there are records.")

    def _report(self, place: str, message: str) -> None:
        self.log.report(Code.INDEX_FILE_DIFFERS, place, message, INDEX_AGAIN)
