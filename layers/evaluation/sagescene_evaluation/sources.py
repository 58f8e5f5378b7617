"""Images of test files, record by record from any place on: streamed in their order, or picked evenly by class."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sagescene.bounds import HEAD_BYTES, LARGEST_RECORD_IN_BYTES
from sagescene.files.framing import RecordError, Source, read_header
from sagescene.files.recordio import read_payloads
from sagescene.finding_codes import Code
from sagescene_evaluation.fetching import ByteRange, fetch

_TOO_LONG = f"it has more than {LARGEST_RECORD_IN_BYTES >> 20} MiB"


class StoredImage(NamedTuple):
    """One record: its byte in the file, where reading goes on behind it, and what it holds.

    `fault` says why it cannot be used, and is empty where nothing is known to be wrong.
    """

    offset: int
    following: int
    identifier: int = 0
    labels: tuple[float, ...] = ()
    content: bytes = b""
    fault: str = ""


class RecordSource(Protocol):
    """A test file: `images` is how many it holds, None where that is not known."""

    @property
    def name(self) -> str:
        """Give the key or path that people know it by."""

    @property
    def images(self) -> int | None:
        """Count all its images."""

    @property
    def is_balanced(self) -> bool:
        """Tell whether what comes first is as much of each class as there can be."""

    def read(self, position: int) -> Iterator[StoredImage]:
        """Read on from 0, or from a `following` that was given before.

        Raises:
            RecordError: where the rest of the file cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedRecords:
    """A file read from its beginning to its end: `open` gives its bytes from a byte on, in pieces of any size."""

    name: str
    open: Callable[[int], Iterable[bytes]]
    images: int | None = None
    is_balanced: bool = False

    def read(self, position: int) -> Iterator[StoredImage]:
        """Read the records from the byte `position` on; memory is one record and one piece."""
        return read_stored(self.open(position), position)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedRecords:
    """A file read in an order of its own: `spans` has the places of its records, and their lengths in bytes."""

    name: str
    span: Callable[[int, int], bytes]
    spans: NDArray[np.int64]
    is_balanced: bool = True

    @property
    def images(self) -> int:
        """Count all images of the file."""
        return len(self.spans)

    def read(self, position: int) -> Iterator[StoredImage]:
        """Read the records from the one numbered `position` in that order on; memory is as in `fetch`.

        One behind them that the `.idx` file leaves out is only named, so that nobody takes the others for all.
        """
        for number, content in enumerate(fetch(self._list_spans(position), self.span), start=position):
            offset, length = self.spans[number].tolist()
            missing = StoredImage(offset, 0, fault="no record is there, as the .idx file says")
            records = read_stored([content], offset)
            try:
                stored = next(records, missing)
            except RecordError as error:
                is_cut = length > LARGEST_RECORD_IN_BYTES and error.code is Code.TRUNCATED
                stored = missing._replace(fault=_TOO_LONG) if is_cut else missing
            yield stored._replace(following=number + 1)
            with suppress(RecordError):  # what follows up to the next place in the .idx file
                for left_out in records:
                    yield StoredImage(left_out.offset, number + 1, fault="the .idx file leaves it out")

    def _list_spans(self, position: int) -> Iterator[ByteRange]:
        for number in range(position, len(self.spans)):
            offset, length = self.spans[number].tolist()
            yield offset, min(length, LARGEST_RECORD_IN_BYTES)


def read_stored(chunks: Iterable[bytes], start: int) -> Iterator[StoredImage]:
    """Read records from the byte `start` of a file on; a record that is too long or has no header is only named.

    Raises:
        RecordError: at the first bytes that are no record; its message names the byte of the whole file.
    """
    source = Source(chunks)
    try:
        for offset, payload in read_payloads(source):
            yield _read(payload, start + offset, start + source.offset)
    except RecordError as error:
        raise RecordError(error.code, start + error.offset, error.message) from error


def _read(payload: bytes | None, offset: int, following: int) -> StoredImage:
    if payload is None:
        return StoredImage(offset, following, fault=_TOO_LONG)
    try:  # as many labels as the look before training takes: of nothing but labels, a record would have 16 million
        identifier, labels, image = read_header(memoryview(payload)[:HEAD_BYTES], offset, len(payload))
    except RecordError as error:
        return StoredImage(offset, following, fault=error.message.rstrip("."))
    return StoredImage(offset, following, identifier, labels, payload[image:])
