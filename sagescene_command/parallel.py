"""Work in threads, without running far ahead of whoever takes the results."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

_AHEAD = 4  # items a thread that may wait to be fetched


def map_in_order[Item, Result](
    run: Callable[[Item], Result], items: Iterable[Item], jobs: int | None
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what `run` makes of it, in their order; `jobs` threads work, one a core without it."""
    jobs = jobs or os.process_cpu_count() or 1
    with ThreadPoolExecutor(jobs) as pool:
        rest = iter(items)
        waiting: deque[tuple[Item, Future[Result]]] = deque(
            (item, pool.submit(run, item)) for item in islice(rest, _AHEAD * jobs)
        )
        try:
            while waiting:
                item, future = waiting.popleft()
                result = future.result()
                waiting.extend((another, pool.submit(run, another)) for another in islice(rest, 1))
                yield item, result
        finally:
            pool.shutdown(cancel_futures=True)


def read_ahead(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    """Yield what `read` gives, so many bytes at a time, until it gives none; the next ones are read meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(read, size)
        while piece := ahead.result():
            ahead = pool.submit(read, size)
            yield piece
