"""What the readers of lists are compared in: clean lists, faulty ones, and the memory that they take."""

from benchmarks import data_sets, goals
from benchmarks.benchmark import Benchmark
from benchmarks.measuring import BARE, candidate

LIST_READERS = ("chunk.count", "line loop", "pandas", "polars", "pyarrow", "sagescene")


def measure_lists(benchmark: Benchmark, *, long: bool = False) -> None:
    """Compare the readers of a clean list."""
    if long:
        listed = data_sets.make_list(benchmark.data, images=data_sets.LARGE_IMAGES, classes=data_sets.LARGE_CLASSES)
    else:
        listed = data_sets.make_list(benchmark.data)
    results = benchmark.measure(
        {
            BARE: candidate("list_readers", BARE, listed.path),
            "wc -l": ["wc", "-l", str(listed.path)],
            **{name: candidate("list_readers", name, listed.path) for name in LIST_READERS},
        },
        3 if long else None,
    )
    for name in LIST_READERS:
        if results.answer(name) != str(listed.samples):
            raise ValueError(f"{name} found {results.answer(name)} samples, there are {listed.samples:,}.")
    rows = [
        [
            name,
            f"{results.median(name, 'imported') * 1e3:.0f}",
            f"{results.median(name, 'worked'):.3f}",
            f"{results.ratio(name, 'wc -l'):.1f}",
            f"{results.median(name, 'whole'):.2f}",
            f"{results.memory(name):+.1f}" if name != "wc -l" else "",
        ]
        for name in ("wc -l", *LIST_READERS)
    ]
    head = ["", "import ms", "work s", "work x `wc -l`", "cold process s", "memory MB"]
    benchmark.add(f"A clean list: {listed.samples:,} lines, {listed.path.stat().st_size / 1e6:.0f} MB", head, rows)
    benchmark.goals += goals.judge_lists(results, long=long)
    if not long:
        million = listed.samples / 1e6
        benchmark.figures["list_seconds_per_million_rows"] = results.median("sagescene", "worked") / million


def measure_faulty_lists(benchmark: Benchmark) -> None:
    """Compare what the readers make of lists with CRLF and with bad lines."""
    variants = {
        "LF": data_sets.make_list(benchmark.data),
        "CRLF": data_sets.make_list(benchmark.data, line_end="\r\n"),
        "1 % bad": data_sets.make_list(benchmark.data, bad_every=100),
        "every second line bad": data_sets.make_list(benchmark.data, bad_every=2),
    }
    readers = LIST_READERS[1:]
    results = benchmark.measure(
        {
            f"{reader}, {variant}": candidate("list_readers", reader, listed.path)
            for variant, listed in variants.items()
            for reader in readers
        }
    )
    rows = []
    for reader in readers:
        cells = [reader]
        for variant, listed in variants.items():
            name = f"{reader}, {variant}"
            answer = results.answer(name)
            wrong = f"counts {int(answer):,}" if answer.isdigit() else answer
            seconds = f"{results.median(name, 'worked'):.2f}"
            cells.append(seconds if answer == str(listed.samples) else f"{seconds} ({wrong})")
        rows.append(cells)
    title = "Lists with faults: work in s, and what is found where that is not the number of rows"
    benchmark.add(title, ["", *variants], rows)
    benchmark.goals += goals.judge_faults(results)


def measure_list_memory(benchmark: Benchmark) -> None:
    """Take the memory for lists of many classes and for hostile ones."""
    lists = {
        "1,000 classes": data_sets.make_list(benchmark.data).path,
        "21,841 classes": data_sets.make_list(benchmark.data, classes=data_sets.LARGE_CLASSES).path,
        "every image a class of its own": data_sets.make_list(benchmark.data, classes=data_sets.IMAGENET_IMAGES).path,
        "every label another fraction": data_sets.make_list(benchmark.data, fractions=True).path,
        "every second line bad": data_sets.make_list(benchmark.data, bad_every=2).path,
        "64 MB without a line feed": data_sets.make_line_without_end(benchmark.data),
    }
    any_list = lists["1,000 classes"]
    commands = {name: candidate("list_readers", "sagescene", path) for name, path in lists.items()}
    results = benchmark.measure({BARE: candidate("list_readers", BARE, any_list), **commands}, 3)
    rows = [[name, f"{results.memory(name):+.1f}", f"{results.median(name, 'worked'):.2f}"] for name in lists]
    benchmark.add("Memory of our summary above the bare interpreter", ["list", "memory MB", "work s"], rows)
    benchmark.goals += goals.judge_memory(results, list(lists))
    benchmark.figures["largest_list_memory_mb"] = max(map(results.memory, lists))
