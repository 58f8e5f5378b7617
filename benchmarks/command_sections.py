"""What the command is compared in, and what a person waits for."""

import os
import statistics

from benchmarks import checks, data_sets, goals, packers, s3_reading, waits
from benchmarks.benchmark import Benchmark
from benchmarks.measuring import MXNET_PYTHON, run_rounds


def measure_checking(benchmark: Benchmark) -> None:
    """Compare the check of a folder with its bytes read to nowhere, by the clock."""
    folder = data_sets.make_set_of_photos(benchmark.data, packers.make_photos(benchmark.data), checks.MEGABYTES)
    with s3_reading.run_stub(benchmark.other_core, folder) as (port, authority):
        commands = checks.commands(folder, port, authority)
        print(f"Measuring {', '.join(commands)}", flush=True)
        results = run_rounds(commands, benchmark.rounds)
    cores = os.process_cpu_count() or 1
    busy = {name: statistics.median(run.whole / run.elapsed / cores for run in results.runs[name]) for name in commands}
    rows = [
        [
            name,
            f"{results.median(name, 'elapsed'):.2f}",
            f"{results.ratio(name, checks.CAT, 'elapsed'):.1f}",
            f"{results.median(name, 'whole'):.2f}",
            f"{busy[name]:.0%}",
        ]
        for name in commands
    ]
    title = f"A set of {checks.MEGABYTES:,} MB in a folder, checked: cold processes on {cores} cores"
    benchmark.add(title, ["", "s by the clock", "x `cat`", "processor s", "of all cores"], rows)
    benchmark.goals += goals.judge_checks(
        results.ratio(checks.HEADERS, checks.CAT, "elapsed"), busy[checks.DECODED], megabytes=checks.MEGABYTES
    )


def measure_packing(benchmark: Benchmark, *, long: bool = False) -> None:
    """Compare the packers of photographs."""
    print("Measuring the packers", flush=True)
    photos = packers.make_photos(benchmark.data)
    if long:
        photos = packers.repeat_photos(photos, packers.MANY_PHOTOS)
    rates = packers.measure(photos, MXNET_PYTHON, 3 if long else benchmark.rounds)
    rows = [
        [name, f"{statistics.median(each):.0f}", f"{min(each):.0f} to {max(each):.0f}"] for name, each in rates.items()
    ]
    number = packers.MANY_PHOTOS if long else packers.PHOTOS
    title = f"{number:,} photographs scaled to {packers.SIDE} pixels and packed, on all cores"
    benchmark.add(title, ["", "images/s", "in all rounds"], rows)
    if packers.IM2REC in rates:
        benchmark.goals += goals.judge_packing(packers.compare(rates), number)


def measure_waits(benchmark: Benchmark) -> None:
    """Take the time that a person waits, for `make run` in one round."""
    folder = data_sets.make_set_of_photos(benchmark.data, packers.make_photos(benchmark.data), waits.MEGABYTES)
    commands = waits.commands(folder)
    print(f"Measuring {', '.join(commands)}, the local stack and `make run`", flush=True)
    results = run_rounds(commands, benchmark.rounds)
    seconds = {name: [run.elapsed for run in results.runs[name]] for name in commands}
    seconds[waits.STACK] = waits.time_stack(benchmark.rounds)
    seconds |= {name: [taken] for name, taken in waits.time_make_run().items()}
    rows = [
        [name, f"{statistics.median(each):.2f}", f"{min(each):.2f} to {max(each):.2f}" if len(each) > 1 else ""]
        for name, each in seconds.items()
    ]
    benchmark.add("What a person waits for", ["", "s by the clock", "in all rounds"], rows)
    benchmark.goals += goals.judge_waits({name: statistics.median(each) for name, each in seconds.items()})
