"""Runs one candidate in this process and prints what it took: `python -m benchmarks.candidate MODULE NAME ARGUMENT...`.

It imports next to nothing, because its own memory counts; it runs on MXNet's Python too (3.8 or later).
"""

import json
import sys
import time
from importlib import import_module


def read_peak() -> int:
    """Return the largest resident memory of this process so far, in bytes."""
    if sys.platform == "linux":
        # Not getrusage: on Linux its figure starts with that of the process that started this one.
        with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib costs memory
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Prepare the candidate, which is its imports, let it work, and print the figures as JSON."""
    module, name, *arguments = sys.argv[1:]
    prepare = import_module(module).CANDIDATES[name]
    start = time.process_time()
    work = prepare()
    imported = time.process_time()
    answer = work(*arguments)
    worked = time.process_time()
    figures = {"imported": imported - start, "worked": worked - imported, "peak": read_peak(), "answer": str(answer)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
