"""Neighbours come with one request, several requests are under way, and no more than a bound is held."""

import random
import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from sagescene_evaluation import fetching
from sagescene_evaluation.fetching import ByteRange, fetch

RECORD = 100
CONTENT = b"".join(b"%04d" % number * (RECORD // 4) for number in range(2000))
SPANS = [(RECORD * number, RECORD) for number in random.Random(3).sample(range(2000), 2000)]


class Storage:
    """A file that notes each read of it, and how many are under way at most."""

    def __init__(self, *, company: int = 1) -> None:
        self.reads: list[ByteRange] = []
        self.most_at_once = self._under_way = 0
        self._lock = threading.Lock()
        self._company = threading.Barrier(company)

    def read(self, offset: int, length: int) -> bytes:
        with self._lock:
            self.reads.append((offset, length))
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        self._company.wait(timeout=20)
        with self._lock:
            self._under_way -= 1
        return CONTENT[offset : offset + length]


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WIDEST_GAP_IN_BYTES", 5 * RECORD)
    monkeypatch.setattr(fetching, "LONGEST_REQUEST_IN_BYTES", 40 * RECORD)
    monkeypatch.setattr(fetching, "WINDOW_IN_BYTES", 500 * RECORD)


def test_each_span_comes_in_its_turn() -> None:
    expected = [CONTENT[offset : offset + length] for offset, length in SPANS]
    assert list(fetch(SPANS, Storage().read)) == expected
    assert list(fetch([], Storage().read)) == []


def test_neighbours_come_with_one_request_up_to_its_bound() -> None:
    storage = Storage()
    list(fetch(SPANS, storage.read))
    assert len(storage.reads) < len(SPANS) / 4  # of each window's 500, a quarter of the file
    assert 35 * RECORD < max(length for _, length in storage.reads) <= 40 * RECORD


def test_what_lies_too_far_apart_is_asked_for_alone() -> None:
    storage = Storage()
    far = [(at * RECORD, RECORD) for at in (7, 0, 20, 1)]  # 1 and 7 have five between them
    list(fetch(far, storage.read))
    assert sorted(storage.reads) == [(0, 8 * RECORD), (20 * RECORD, RECORD)]


def test_a_record_that_is_longer_than_any_bound_comes_alone() -> None:
    storage = Storage()
    long = [(0, 600 * RECORD), (700 * RECORD, RECORD), (10 * RECORD, 50 * RECORD)]
    assert [len(content) for content in fetch(long, storage.read)] == [length for _, length in long]
    assert sorted(storage.reads) == sorted(long)


def test_several_requests_are_under_way_but_not_more_than_stated() -> None:
    storage = Storage(company=fetching.MOST_AT_ONCE)  # each waits for as many others
    far = [(at * 10 * RECORD, RECORD) for at in range(3 * fetching.MOST_AT_ONCE)]
    assert len(list(fetch(far, storage.read))) == len(far)
    assert storage.most_at_once == fetching.MOST_AT_ONCE


def test_no_more_than_one_window_is_fetched_ahead() -> None:
    taken: list[ByteRange] = []

    def list_spans() -> Iterator[ByteRange]:
        for span in SPANS:
            taken.append(span)
            yield span

    list(islice(fetch(list_spans(), Storage().read), 500))
    assert len(taken) == 2 * 500 + 1  # of which the last begins a third


def test_what_goes_wrong_reaches_whoever_reads() -> None:
    def read(offset: int, length: int) -> bytes:
        if offset > 50 * RECORD:
            raise ConnectionError
        return CONTENT[offset : offset + length]

    with pytest.raises(ConnectionError):
        list(fetch(SPANS, read))
