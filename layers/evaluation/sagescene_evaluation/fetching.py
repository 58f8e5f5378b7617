"""Records from all over a file: neighbours come with one request, several requests are under way, memory is bounded."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

MOST_AT_ONCE = 8  # botocore keeps ten connections
WIDEST_GAP_IN_BYTES = 512 << 10  # between two records; more takes longer than a request of its own
LONGEST_REQUEST_IN_BYTES = 4 << 20  # unless one record is longer
WINDOW_IN_BYTES = 16 << 20  # of records that are asked for together

type ByteRange = tuple[int, int]  # offset and length in bytes
type Read = Callable[[int, int], bytes]


def fetch(spans: Iterable[ByteRange], read: Read) -> Iterator[bytes]:
    """Yield the bytes of each span, in the order of the spans; `read` is called by several threads at once.

    Memory is two windows, one to be used while the next is fetched, and the requests under way.
    """
    with ThreadPoolExecutor(MOST_AT_ONCE, "fetch") as pool:
        try:
            windows = (_ask(window, read, pool) for window in _split(spans))
            coming = next(windows, None)
            while coming:
                found = dict(part for request in coming for part in request.result())
                coming = next(windows, None)
                for place in range(len(found)):
                    yield found.pop(place)
        finally:
            pool.shutdown(cancel_futures=True)


def _split(spans: Iterable[ByteRange]) -> Iterator[list[ByteRange]]:
    window: list[ByteRange] = []
    size = 0
    for span in spans:
        if window and size + span[1] > WINDOW_IN_BYTES:
            yield window
            window, size = [], 0
        window.append(span)
        size += span[1]
    if window:
        yield window


def _ask(window: list[ByteRange], read: Read, pool: ThreadPoolExecutor) -> list[Future[list[tuple[int, bytes]]]]:
    return [pool.submit(_read_together, window, places, read) for places in _join(window)]


def _join(window: list[ByteRange]) -> Iterator[list[int]]:
    """Group the places in a window of those that are neighbours in the file."""
    places: list[int] = []
    start = end = 0
    for place in sorted(range(len(window)), key=window.__getitem__):
        offset, length = window[place]
        is_near = offset - end <= WIDEST_GAP_IN_BYTES and offset + length - start <= LONGEST_REQUEST_IN_BYTES
        if places and not is_near:
            yield places
            places = []
        if not places:
            start = offset
        places.append(place)
        end = offset + length
    if places:
        yield places


def _read_together(window: list[ByteRange], places: list[int], read: Read) -> list[tuple[int, bytes]]:
    start, end = window[places[0]][0], sum(window[places[-1]])
    content = memoryview(read(start, end - start))
    found = []
    for place in places:
        offset, length = window[place]
        found.append((place, bytes(content[offset - start :][:length])))  # a copy, so that what lies between is let go
    return found
