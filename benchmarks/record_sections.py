"""What reading records and whole sets is compared in, from files and from S3."""

from benchmarks import data_sets, goals, s3_reading, set_readers, set_verdicts
from benchmarks.benchmark import Benchmark
from benchmarks.measuring import BARE, MXNET_PYTHON, candidate


def measure_largest_sets(benchmark: Benchmark) -> None:
    """Take the time that files of the largest sizes would take, from a part of each."""
    results = benchmark.measure({name: candidate("set_readers", name) for name in set_readers.CANDIDATES}, 3)
    seconds = {name: float(results.answer(name)) for name in set_readers.CANDIDATES}
    rows = [[name, f"{taken:.0f}"] for name, taken in seconds.items()]
    benchmark.add("Files of the largest sizes that are looked at, lists read twice", ["file", "processor s"], rows)
    benchmark.goals += goals.judge_largest_sets(seconds)


def measure_records(benchmark: Benchmark) -> None:
    """Compare the readers of a record file."""
    path, listed = data_sets.make_records(benchmark.data)
    ours = ("read only", "framing, label, id", "sagescene", "sagescene with list", "sagescene with list, leaks")
    mxnet = ("MXRecordIO", "MXRecordIO, unpacked") if MXNET_PYTHON.exists() else ()
    commands = {name: candidate("record_readers", name, path, listed) for name in (BARE, *ours)}
    for name in mxnet:
        commands[name] = candidate("record_readers", name, path, listed, python=str(MXNET_PYTHON))
    results = benchmark.measure(commands)
    for name in (*ours[1:], *mxnet):
        if results.answer(name) != str(data_sets.RECORDS):
            raise ValueError(f"{name} found {results.answer(name)} records, there are {data_sets.RECORDS:,}.")
    rows = [
        [
            name,
            f"{results.median(name, 'imported') * 1e3:.0f}",
            f"{results.median(name, 'worked'):.3f}",
            f"{results.ratio(name, 'read only'):.2f}",
            f"{results.memory(name):+.1f}",
        ]
        for name in (*ours, *mxnet)
    ]
    title = f"A record file: {data_sets.RECORDS:,} records, {path.stat().st_size / 1e6:,.0f} MB"
    benchmark.add(title, ["", "import ms", "work s", "x read only", "memory MB"], rows)
    if not mxnet:
        benchmark.sections[-1] += "\n\nMXNet's own reader was left out: its environment could not be made here."
    benchmark.goals += goals.judge_records(results, mxnet=results if mxnet else None)
    looked_at = results.median("sagescene with list", "worked") - results.median("read only", "worked")
    benchmark.figures["records_seconds_per_gb"] = looked_at / path.stat().st_size * 1e9
    benchmark.figures["records_memory_mb"] = results.memory("sagescene with list")


def measure_s3(benchmark: Benchmark) -> None:
    """Compare the ways to read a body from S3."""
    with s3_reading.run_stub(benchmark.other_core) as (port, authority):
        names = tuple(s3_reading.CANDIDATES)
        results = benchmark.measure({name: candidate("s3_reading", name, str(port), authority) for name in names})
    ratios = {name: results.ratio(name, names[0], "answer") for name in names}
    seconds_per_gb = {name: results.median(name, "answer") / s3_reading.BODY * 1e9 for name in names}
    rows = [[name, f"{seconds_per_gb[name]:.2f}", f"{ratios[name]:.2f}"] for name in names]
    title = "A body of 64 MiB from S3: a server on this machine, with TLS"
    benchmark.add(title, ["", "processor ms/MB", "x recv_into"], rows)
    benchmark.goals += goals.judge_s3(ratios["sagescene"])
    benchmark.figures["s3_seconds_per_gb"] = seconds_per_gb["sagescene"]


def measure_verdicts(benchmark: Benchmark, *, long: bool = False) -> None:
    """Compare a whole set from S3 to its verdict with transfers of the same bytes."""
    megabytes = 5000 if long else 512
    folder = data_sets.make_set(benchmark.data, megabytes)
    names = tuple(set_verdicts.CANDIDATES)
    with s3_reading.run_stub(benchmark.other_core, folder) as (port, authority):
        commands = {name: candidate("set_verdicts", name, str(port), authority, folder) for name in names}
        bare = candidate("list_readers", BARE, folder / "train.lst")
        results = benchmark.measure({BARE: bare, **commands}, 3 if long else None)
    ratios = {name: results.ratio(name, names[0], "answer") for name in names}
    rows = [
        [name, f"{results.median(name, 'answer'):.2f}", f"{ratios[name]:.2f}", f"{results.memory(name):+.0f}"]
        for name in names
    ]
    title = f"A set of {megabytes:,} MB from S3 to its verdict: the same server"
    benchmark.add(title, ["", "processor s", f"x {set_verdicts.FLOOR}", "memory MB"], rows)
    benchmark.goals += goals.judge_verdicts(ratios[set_verdicts.OURS], megabytes)
