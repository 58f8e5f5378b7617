"""The whole reading of data sets of the largest sizes: a part of each, of so many bytes that times can be scaled.

The answer is how many seconds of processor time the stated largest size would take.
"""

from __future__ import annotations

import re
import time
from itertools import repeat
from typing import TYPE_CHECKING

from benchmarks.data_sets import JPEG_END, JPEG_HEAD, JPEG_SCAN

if TYPE_CHECKING:
    from collections.abc import Callable

PART = 1 << 23


def prepare_narrow_list() -> Callable[[], str]:
    """Read a list of one label a row twice, as it is judged and as records are held against it."""
    from sagescene.bounds import LARGEST_LIST_IN_BYTES
    from sagescene.files import listrows, lists

    row = b"1\t0\ttrain/n01440764/n01440764_10026.JPEG\n"

    def work() -> None:
        piece = row * (PART // len(row) // 32)
        lists.summarize(repeat(piece, 32))
        for _ in listrows.read(repeat(piece, 32)):
            pass

    return lambda: _scale(work, LARGEST_LIST_IN_BYTES / PART)


def prepare_wide_list() -> Callable[[], str]:
    """Read a list of as many labels a row as are looked at."""
    from sagescene.bounds import MOST_COLUMNS, MOST_LABELS_IN_ALL
    from sagescene.files import listrows, lists

    row = b"1\t" + b"0\t" * MOST_COLUMNS + b"train/n01440764_10026.JPEG\n"
    rows = PART // len(row)

    def work() -> None:
        lists.summarize(repeat(row, rows))
        for _ in listrows.read(repeat(row, rows)):
            pass

    return lambda: _scale(work, MOST_LABELS_IN_ALL / MOST_COLUMNS / rows)


def prepare_records() -> Callable[[], str]:
    """Read records as many bytes as are read whole, each held against its row."""
    from pathlib import Path

    from sagescene.files import listrows, recordio, recordscan
    from sagescene.files.recordio import Record

    template = (Path(__file__).parents[1] / "template.yaml").read_text(encoding="utf-8")
    (megabytes,) = re.findall(r'LARGEST_WHOLE_IN_MEGABYTES: "(\d+)"', template)
    image = JPEG_HEAD + JPEG_SCAN + bytes(60_000) + JPEG_END
    numbers = range(16 * PART // len(image))
    listed = b"".join(b"%d\t0\t%d.jpg\n" % (number, number) for number in numbers)

    def work() -> None:
        records = (recordio.pack(Record(identifier=number, labels=(0.0,), image=image)) for number in numbers)
        recordscan.scan(records, rows=listrows.read([listed]))

    return lambda: _scale(work, int(megabytes) * 10**6 / (16 * PART))


def _scale(work: Callable[[], None], factor: float) -> str:
    began = time.process_time()
    work()
    return f"{(time.process_time() - began) * factor:.1f}"


CANDIDATES: dict[str, Callable[[], Callable[[], str]]] = {
    "a list of the most bytes": prepare_narrow_list,
    "a list of the most labels": prepare_wide_list,
    "the most bytes of records that are read whole": prepare_records,
}
