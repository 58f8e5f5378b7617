"""Objects read in several ranges at once: in order, in bounded memory, at the pace of all connections together."""

import gc
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest

from sagescene import ranges
from sagescene.ranges import read_in_ranges

CONTENT = bytes(number % 251 for number in range(10_007))


@dataclass
class Network:
    """Connections of one byte a tick each, in virtual time; the kernel keeps so many bytes of each ahead of `read`."""

    kernel_buffer: int = 64
    now: int = 0
    asked: list[tuple[int, int]] = field(default_factory=list)
    bodies: "list[Connection]" = field(default_factory=list)
    on_ask: Callable[[int], None] = lambda _: None

    def ask(self, offset: int, length: int) -> "Connection":
        """Answer a range at once."""
        self.asked.append((offset, length))
        self.on_ask(offset)
        self.bodies.append(Connection(self, CONTENT[offset : offset + length]))
        return self.bodies[-1]

    @property
    def held(self) -> int:
        """Count the bytes that the connections gave."""
        return sum(body.position for body in self.bodies)


class Connection:
    """The body of one range."""

    def __init__(self, network: Network, content: bytes) -> None:
        self._network, self._content = network, content
        self._since, self._arrived = network.now, 0
        self.position = 0
        self.is_closed = False

    def read(self, amount: int, /) -> bytes:
        piece = self._content[self.position : self.position + amount]
        self._arrive()
        self._network.now += max(0, len(piece) - self._arrived)
        self._arrive()
        self._arrived -= len(piece)
        self.position += len(piece)
        return piece

    def close(self) -> None:
        self.is_closed = True

    def _arrive(self) -> None:
        self._arrived = min(self._arrived + self._network.now - self._since, self._network.kernel_buffer)
        self._since = self._network.now


class AtOnce(Executor):
    """Does what it is given before it goes on, where the order is to be the same in every run."""

    def __init__(self, *_: object) -> None:
        """Have no thread."""

    def submit(self, work: Callable[..., Any], /, *arguments: object, **_: object) -> Future[Any]:
        future = Future[Any]()
        try:
            future.set_result(work(*arguments))
        except LookupError as error:
            future.set_exception(error)
        return future


@pytest.fixture
def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "ThreadPoolExecutor", AtOnce)


def read(network: Network, at_once: int = 4, size: int = len(CONTENT)) -> Generator[bytes]:
    return read_in_ranges(network.ask, size, range_in_bytes=400, piece_in_bytes=20, at_once=at_once)


@pytest.mark.parametrize("size", [0, 1, 19, 20, 99, 100, 101, 400, 999, 1000, 1001, 10_007])
@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_every_byte_comes_once_and_in_its_order(size: int, at_once: int) -> None:
    network = Network()
    assert b"".join(read(network, at_once, size)) == CONTENT[:size]
    assert sum(length for _, length in network.asked) == size


@pytest.mark.usefixtures("without_threads")
def test_connections_deliver_together() -> None:
    alone, together = Network(), Network()
    for network, at_once in ((alone, 1), (together, 4)):
        assert sum(map(len, read(network, at_once))) == len(CONTENT)
    assert alone.now == len(CONTENT)
    assert together.now < 1.1 * len(CONTENT) / 4


@pytest.mark.usefixtures("without_threads")
def test_what_is_held_does_not_grow_with_the_object() -> None:
    network, given, most = Network(), 0, 0
    for piece in read(network):
        given += len(piece)
        most = max(most, network.held - given)
    assert 400 < most <= 4 * 400


@pytest.mark.usefixtures("without_threads")
def test_ranges_are_asked_for_no_further_than_they_are_held() -> None:
    network = Network()
    pieces = read(network)
    next(pieces)
    assert len(network.asked) <= 4
    list(pieces)
    assert len(network.asked) == 4 + -(-(len(CONTENT) - 1000) // 400)


@pytest.mark.parametrize("offset", [0, 100, 1000, 2200])
def test_a_fault_is_raised_after_the_bytes_before_it(offset: int) -> None:
    def fail(asked: int) -> None:
        if asked == offset:
            raise LookupError(str(asked))

    given: list[bytes] = []
    with pytest.raises(LookupError, match=str(offset)):
        given.extend(read(Network(on_ask=fail)))
    assert b"".join(given) == CONTENT[:offset]


@pytest.mark.usefixtures("without_threads")
def test_a_connection_that_breaks_gives_what_it_had() -> None:
    network = Network()
    pieces = read(network)
    given = list(islice(pieces, 30))

    def break_off(_: int) -> bytes:
        raise ConnectionResetError

    network.bodies[4].read = break_off  # type: ignore[method-assign]
    with pytest.raises(ConnectionResetError):
        given.extend(pieces)
    content = b"".join(given)
    assert CONTENT.startswith(content)
    assert 1000 <= len(content) < 1400


@pytest.mark.usefixtures("without_threads")
def test_stopping_early_lets_go_of_what_is_under_way_and_asks_for_no_more() -> None:
    network = Network()
    pieces = read(network)
    next(pieces)
    pieces.close()
    asked = len(network.asked)
    assert [body.is_closed for body in network.bodies] == [True] * asked
    gc.collect()
    assert len(network.asked) == asked <= 4


def test_a_request_that_hangs_keeps_nobody_who_stops() -> None:
    answered, waited_for = threading.Event(), []

    def hang(offset: int) -> None:
        if offset and not answered.wait(10):
            waited_for.append(offset)

    pieces = read(Network(on_ask=hang))
    assert next(pieces) == CONTENT[:20]
    pieces.close()
    assert not waited_for
    answered.set()
