"""Decodes every image of record files in threads, and says what neither headers nor framing show."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from sagescene.dataset import StoredObject
from sagescene.files import recordio
from sagescene.files.framing import RecordError
from sagescene.files.recordimages import Places
from sagescene.files.recordio import Record
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding, Severity
from sagescene.grammar import count
from sagescene_command.decoding.judging import Damage, judge
from sagescene_command.parallel import map_in_order

_SCALE = "Scale these images down, as sagescene pack --resize does."
_CODES = {
    Damage.REFUSED: (Code.IMAGE_UNDECODABLE, None, "Replace these images or leave them out, and pack again."),
    Damage.READ: (Code.IMAGE_DAMAGED, None, "Look at these images; replace those that do not show what they should."),
    Damage.TOO_LARGE: (Code.IMAGE_TOO_LARGE, None, _SCALE),
    Damage.TOO_MANY_SCANS: (Code.IMAGE_TOO_LARGE, None, "Save these images anew, and pack again."),
    Damage.TOO_LONG: (Code.IMAGE_TOO_LARGE, None, _SCALE),
    Damage.TOO_LARGE_FOR_MODELS: (Code.IMAGE_TOO_LARGE, Severity.WARNING, _SCALE),
}


def decode(
    files: Iterable[StoredObject],
    read: Callable[[StoredObject], Iterable[bytes]],
    *,
    jobs: int | None,
    progress: Callable[[int, int], None],
) -> Iterator[Finding]:
    """Decode every image of `.rec` files, and yield one finding a file and kind of damage.

    Files are streamed; memory is a few images a thread. `jobs` are the threads, one a core without it. `progress` is
    called with the bytes done and those of all files.
    """
    files = list(files)
    total = sum(stored.size for stored in files)
    before = 0
    for stored in files:
        yield from _decode_file(stored.key, read(stored), jobs, partial(_report, progress, before, total))
        before += stored.size
        progress(before, total)


def _report(progress: Callable[[int, int], None], before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _decode_file(
    file: str, chunks: Iterable[bytes], jobs: int | None, report: Callable[[int], None]
) -> Iterator[Finding]:
    log = FindingLog(file)
    found = {damage: Places() for damage in Damage}
    images = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of metadata and of sizes that have a bound of their own here
        for (offset, record), damage in map_in_order(_judge, _read(chunks), jobs):
            images += 1
            if damage:
                found[damage].add(images, offset)
            report(offset + len(record.image if record else b""))
    for damage, places in found.items():
        if places.count:
            code, severity, remedy = _CODES[damage]
            message = f"{places.count:,} of {count(images, 'image')} {damage.tell(places.count)}: {places}."
            log.report(code, places.first, message, remedy, severity)
    yield from log.close()


def _read(chunks: Iterable[bytes]) -> Iterator[tuple[int, Record | None]]:
    with suppress(RecordError):  # the look at the records tells of it
        yield from recordio.read_past_long_ones(chunks)


def _judge(placed: tuple[int, Record | None]) -> Damage | None:
    _, record = placed
    return judge(record.image) if record else Damage.TOO_LONG
