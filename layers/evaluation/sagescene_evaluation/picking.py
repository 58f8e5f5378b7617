"""Which records come first where not all may be read: as many of each class as of any other, spread over the file."""

from collections.abc import Callable, Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sagescene.bounds import LARGEST_RECORD_IN_BYTES
from sagescene.files.framing import RecordError
from sagescene.files.listrows import Row
from sagescene_evaluation.sources import PickedRecords, read_stored

FEWEST_IN_RECORDS = 5_000  # fewer are streamed, and all read in a few minutes
MOST_RECORDS = 2_000_000  # whose places are held and sorted, in some 200 MB
_GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)  # of 2^64: multiples of it spread evenly, whatever order ids have

type Numbers = NDArray[np.int64]


def pick_records(
    *,
    name: str,
    span: Callable[[int, int], bytes],
    size: int,
    index: Iterable[tuple[int, int]],
    rows: Iterable[Row] | None,
) -> PickedRecords | None:
    """Put the records of a file of `size` bytes in a balanced order; the same index and list give the same order.

    Labels are those of the list; without one, or where images have several labels, the order is an even spread. None
    where the file should be streamed: it is small, too large, or its `.idx` does not fit it.
    """
    lines = np.array(list(islice(index, MOST_RECORDS + 1)), np.uint64).reshape(-1, 2)
    if not FEWEST_IN_RECORDS <= len(lines) <= MOST_RECORDS:
        return None
    if (lines[:, 1] >= size).any():
        return None
    lines = lines[np.argsort(lines[:, 1], kind="stable")]
    starts = lines[:, 1].astype(np.int64)
    lengths = np.diff(starts, append=size)
    if starts[0] or (lengths <= 0).any():
        return None
    order = _balance(lines[:, 0], _find_labels(lines[:, 0], rows or ()))
    # What an .idx of another packing says is seen where the file begins, in its middle and at its end.
    for number in (0, len(lines) // 2, len(lines) - 1):
        if not _fits(span, int(starts[number]), int(lengths[number]), int(lines[number, 0])):
            return None
    spans = np.stack([starts, lengths], axis=1)[order]
    return PickedRecords(name=name, span=span, spans=spans)


def _balance(identifiers: NDArray[np.uint64], labels: NDArray[np.float32]) -> Numbers:
    """Order records in rounds: in each, one of every class that has one left."""
    scattered = identifiers * _GOLDEN_RATIO
    by_class = np.lexsort((scattered, labels))
    is_first = np.diff(labels[by_class], prepend=np.nan) != 0
    places = np.arange(len(labels))
    rounds = np.empty(len(labels), np.int64)
    rounds[by_class] = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return np.lexsort((scattered, rounds))


def _find_labels(identifiers: NDArray[np.uint64], rows: Iterable[Row]) -> NDArray[np.float32]:
    """Give the label of each record from the list; 0 for all where it has several, or lacks one of them."""
    listed, labels = [], []
    for row in islice(rows, MOST_RECORDS):
        if len(row.labels) != 1:
            break
        listed.append(row.identifier)
        labels.append(row.labels[0])
    else:
        ids, found = np.array(listed, np.uint64), np.array(labels, np.float32)
        order = np.argsort(ids, kind="stable")
        if len(ids):
            places = order[np.minimum(np.searchsorted(ids, identifiers, sorter=order), len(ids) - 1)]
            if (ids[places] == identifiers).all():
                return found[places]
    return np.zeros(len(identifiers), np.float32)


def _fits(span: Callable[[int, int], bytes], offset: int, length: int, identifier: int) -> bool:
    # The last length of an .idx of an earlier, smaller packing is all that was packed since.
    content = span(offset, min(length, LARGEST_RECORD_IN_BYTES))
    try:
        return [stored.identifier for stored in read_stored([content], offset)] == [identifier]
    except RecordError:
        return False
