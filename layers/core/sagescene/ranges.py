"""One large object read in several ranges at once, and given in the order of its bytes."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from sagescene.bounds import PIECE_IN_BYTES, RANGE_IN_BYTES, RANGES_AT_ONCE


class Body(Protocol):
    """The bytes of one range, which arrive while something else is done."""

    def read(self, amount: int, /) -> bytes:
        """Wait for so many bytes, or for those that are left; there are none behind the last."""

    def close(self) -> None:
        """Let go of what is still to come."""


def read_in_ranges(
    ask: Callable[[int, int], Body],
    size: int,
    *,
    range_in_bytes: int = RANGE_IN_BYTES,
    piece_in_bytes: int = PIECE_IN_BYTES,
    at_once: int = RANGES_AT_ONCE,
) -> Generator[bytes]:
    """Yield the `size` bytes of an object in pieces; threads call `ask(offset, length)` ahead of them.

    One piece is received for each that is given, of every range in turn, while the kernel receives those of the others:
    a thread for each range would take twice the processor time. No more than `at_once` ranges are held.

    Raises:
        Exception: what `ask`, or `read` of what it gave, raises, once all bytes before it were given.
    """
    spans = _split(size, range_in_bytes, at_once)
    held, receiving = deque[_Range](), deque[_Range]()
    pool = ThreadPoolExecutor(at_once, "range")
    try:
        while True:
            while len(held) < at_once and (span := next(spans, None)):
                held.append(_Range(pool.submit(ask, *span)))
                receiving.append(held[-1])
            if not held:
                return
            first = held[0]
            _receive_one(receiving, first, piece_in_bytes)
            if first.pieces:
                yield first.pieces.popleft()
            elif first.is_received:
                held.popleft()
                if first.fault:
                    raise first.fault
    finally:
        # Not awaited: a request that hangs may not keep a function from saying in time that it could not read.
        pool.shutdown(wait=False, cancel_futures=True)
        for each in receiving:
            each.close()


def _split(size: int, range_in_bytes: int, at_once: int) -> Iterator[tuple[int, int]]:
    """Give offset and length of each range; the first are shorter, so that not all come to their end together."""
    offset, number = 0, 1
    while offset < size:
        length = min(range_in_bytes * number // at_once, size - offset)
        yield offset, length
        offset, number = offset + length, min(number + 1, at_once)


def _receive_one(receiving: "deque[_Range]", first: "_Range", piece_in_bytes: int) -> None:
    """Receive a piece of the range whose turn it is; one that was not answered yet is waited for only if it is due."""
    for _ in range(len(receiving)):
        turn = receiving.popleft()
        if turn.asked.done() or (turn is first and not first.pieces):
            turn.receive(piece_in_bytes)
            if not turn.is_received:
                receiving.append(turn)
            return
        receiving.append(turn)


class _Range:
    """One range, and what was received of it and not yet given."""

    def __init__(self, asked: Future[Body]) -> None:
        self.asked = asked
        self.pieces = deque[bytes]()
        self.is_received = False
        self.fault: Exception | None = None

    def receive(self, amount: int) -> None:
        """Receive one piece, or find that there is none; what fails is raised in its turn."""
        try:
            piece = self.asked.result().read(amount)
        except Exception as fault:
            self.fault, piece = fault, b""
        if piece:
            self.pieces.append(piece)
        else:
            self.is_received = True

    def close(self) -> None:
        """Let go of what is still to come, if anything is."""
        if self.asked.done() and not self.asked.cancelled() and not self.asked.exception():
            self.asked.result().close()
