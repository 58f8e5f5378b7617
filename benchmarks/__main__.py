"""Measures the readers against what people would use instead, and writes the tables of README.md."""

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import (
    checks,
    data_sets,
    goals,
    model_answers,
    packers,
    s3_reading,
    set_readers,
    set_verdicts,
    starts,
    waits,
)
from benchmarks.goals import Goal
from benchmarks.job_starts import time_job_starts
from benchmarks.measuring import BARE, ROOT, Results, candidate, choose_core, run_rounds

README, FIGURES = Path(__file__).with_name("README.md"), Path(__file__).with_name("figures.json")
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
MXNET_PYTHON = ROOT / ".venv/mxnet/bin/python"
LIST_READERS = ("chunk.count", "line loop", "pandas", "polars", "pyarrow", "sagescene")


class Benchmark:
    """One run over everything: where the files are kept, on which core, in how many rounds."""

    def __init__(self, data: Path, rounds: int) -> None:
        """Start with no section and no goal."""
        self.data = data
        self.rounds = rounds
        self.core = choose_core()
        others = os.sched_getaffinity(0) - {self.core} if sys.platform == "linux" else set()
        self.other_core = min(others, default=self.core)
        self.sections: list[str] = []
        self.goals: list[Goal] = []
        self.figures: dict[str, float] = {}

    def measure(self, commands: Mapping[str, Sequence[str]], rounds: int | None = None) -> Results:
        """Run the commands in interleaved rounds."""
        print(f"Measuring {', '.join(commands)}", flush=True)
        return run_rounds(commands, rounds or self.rounds, core=self.core)

    def lists(self, *, long: bool = False) -> None:
        """Compare the readers of a clean list."""
        if long:
            listed = data_sets.make_list(self.data, images=data_sets.LARGE_IMAGES, classes=data_sets.LARGE_CLASSES)
        else:
            listed = data_sets.make_list(self.data)
        results = self.measure(
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
        self._add(f"A clean list: {listed.samples:,} lines, {listed.path.stat().st_size / 1e6:.0f} MB", head, rows)
        self.goals += goals.judge_lists(results, long=long)
        if not long:
            million = listed.samples / 1e6
            self.figures["list_seconds_per_million_rows"] = results.median("sagescene", "worked") / million

    def faulty_lists(self) -> None:
        """Compare what the readers make of lists with CRLF and with bad lines."""
        variants = {
            "LF": data_sets.make_list(self.data),
            "CRLF": data_sets.make_list(self.data, line_end="\r\n"),
            "1 % bad": data_sets.make_list(self.data, bad_every=100),
            "every second line bad": data_sets.make_list(self.data, bad_every=2),
        }
        readers = LIST_READERS[1:]
        results = self.measure(
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
        self._add(title, ["", *variants], rows)
        self.goals += goals.judge_faults(results)

    def list_memory(self) -> None:
        """Take the memory for lists of many classes and for hostile ones."""
        lists = {
            "1,000 classes": data_sets.make_list(self.data).path,
            "21,841 classes": data_sets.make_list(self.data, classes=data_sets.LARGE_CLASSES).path,
            "every image a class of its own": data_sets.make_list(self.data, classes=data_sets.IMAGENET_IMAGES).path,
            "every label another fraction": data_sets.make_list(self.data, fractions=True).path,
            "every second line bad": data_sets.make_list(self.data, bad_every=2).path,
            "64 MB without a line feed": data_sets.make_line_without_end(self.data),
        }
        any_list = lists["1,000 classes"]
        commands = {name: candidate("list_readers", "sagescene", path) for name, path in lists.items()}
        results = self.measure({BARE: candidate("list_readers", BARE, any_list), **commands}, 3)
        rows = [[name, f"{results.memory(name):+.1f}", f"{results.median(name, 'worked'):.2f}"] for name in lists]
        self._add("Memory of our summary above the bare interpreter", ["list", "memory MB", "work s"], rows)
        self.goals += goals.judge_memory(results, list(lists))
        self.figures["largest_list_memory_mb"] = max(map(results.memory, lists))

    def records(self) -> None:
        """Compare the readers of a record file."""
        path, listed = data_sets.make_records(self.data)
        ours = ("read only", "framing, label, id", "sagescene", "sagescene with list", "sagescene with list, leaks")
        mxnet = ("MXRecordIO", "MXRecordIO, unpacked") if MXNET_PYTHON.exists() else ()
        commands = {name: candidate("record_readers", name, path, listed) for name in (BARE, *ours)}
        for name in mxnet:
            commands[name] = candidate("record_readers", name, path, listed, python=str(MXNET_PYTHON))
        results = self.measure(commands)
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
        self._add(title, ["", "import ms", "work s", "x read only", "memory MB"], rows)
        if not mxnet:
            self.sections[-1] += "\n\nMXNet's own reader was left out: its environment could not be made here."
        self.goals += goals.judge_records(results, mxnet=results if mxnet else None)
        looked_at = results.median("sagescene with list", "worked") - results.median("read only", "worked")
        self.figures["records_seconds_per_gb"] = looked_at / path.stat().st_size * 1e9
        self.figures["records_memory_mb"] = results.memory("sagescene with list")

    def s3(self) -> None:
        """Compare the ways to read a body from S3."""
        with s3_reading.run_stub(self.other_core) as (port, authority):
            names = tuple(s3_reading.CANDIDATES)
            results = self.measure({name: candidate("s3_reading", name, str(port), authority) for name in names})
        floor, *_ = names
        seconds = {name: [float(run.answer) for run in results.runs[name]] for name in names}
        ratios = {
            name: statistics.median(own / least for own, least in zip(seconds[name], seconds[floor], strict=True))
            for name in names
        }
        rows = [
            [name, f"{statistics.median(seconds[name]) / s3_reading.BODY * 1e9:.2f}", f"{ratios[name]:.2f}"]
            for name in names
        ]
        title = "A body of 64 MiB from S3: a server on this machine, with TLS"
        self._add(title, ["", "processor ms/MB", "x recv_into"], rows)
        self.goals += goals.judge_s3(ratios["sagescene"])
        self.figures["s3_seconds_per_gb"] = statistics.median(seconds["sagescene"]) / s3_reading.BODY * 1e9

    def verdicts(self, *, long: bool = False) -> None:
        """Compare a whole set from S3 to its verdict with transfers of the same bytes."""
        megabytes = 5000 if long else 512
        folder = data_sets.make_set(self.data, megabytes)
        names = tuple(set_verdicts.CANDIDATES)
        with s3_reading.run_stub(self.other_core, folder) as (port, authority):
            commands = {name: candidate("set_verdicts", name, str(port), authority, folder) for name in names}
            bare = candidate("list_readers", BARE, folder / "train.lst")
            results = self.measure({BARE: bare, **commands}, 3 if long else None)
        seconds = {name: [float(run.answer) for run in results.runs[name]] for name in names}
        ratios = {
            name: statistics.median(own / least for own, least in zip(seconds[name], seconds[names[0]], strict=True))
            for name in names
        }
        rows = [
            [
                name,
                f"{statistics.median(seconds[name]):.2f}",
                f"{ratios[name]:.2f}",
                f"{results.memory(name):+.0f}",
            ]
            for name in names
        ]
        title = f"A set of {megabytes:,} MB from S3 to its verdict: the same server"
        self._add(title, ["", "processor s", f"x {set_verdicts.FLOOR}", "memory MB"], rows)
        self.goals += goals.judge_verdicts(ratios[set_verdicts.OURS], megabytes)

    def checking(self) -> None:
        """Compare the check of a folder with its bytes read to nowhere, by the clock."""
        folder = data_sets.make_set_of_photos(self.data, packers.make_photos(self.data), checks.MEGABYTES)
        with s3_reading.run_stub(self.other_core, folder) as (port, authority):
            commands = checks.commands(folder, port, authority)
            print(f"Measuring {', '.join(commands)}", flush=True)
            results = run_rounds(commands, self.rounds)
        cores = os.process_cpu_count() or 1
        busy = {
            name: statistics.median(run.whole / run.elapsed / cores for run in results.runs[name]) for name in commands
        }
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
        self._add(title, ["", "s by the clock", "x `cat`", "processor s", "of all cores"], rows)
        self.goals += goals.judge_checks(
            results.ratio(checks.HEADERS, checks.CAT, "elapsed"), busy[checks.DECODED], megabytes=checks.MEGABYTES
        )

    def packing(self, *, long: bool = False) -> None:
        """Compare the packers of photographs."""
        print("Measuring the packers", flush=True)
        photos = packers.make_photos(self.data)
        if long:
            photos = packers.repeat_photos(photos, packers.MANY_PHOTOS)
        rates = packers.measure(photos, MXNET_PYTHON, 3 if long else self.rounds)
        rows = [
            [name, f"{statistics.median(each):.0f}", f"{min(each):.0f} to {max(each):.0f}"]
            for name, each in rates.items()
        ]
        number = packers.MANY_PHOTOS if long else packers.PHOTOS
        title = f"{number:,} photographs scaled to {packers.SIDE} pixels and packed, on all cores"
        self._add(title, ["", "images/s", "in all rounds"], rows)
        if packers.IM2REC in rates:
            self.goals += goals.judge_packing(packers.compare(rates), number)

    def largest_sets(self) -> None:
        """Take the time that files of the largest sizes would take, from a part of each."""
        results = self.measure({name: candidate("set_readers", name) for name in set_readers.CANDIDATES}, 3)
        seconds = {name: float(results.answer(name)) for name in set_readers.CANDIDATES}
        rows = [[name, f"{taken:.0f}"] for name, taken in seconds.items()]
        self._add("Files of the largest sizes that are looked at, lists read twice", ["file", "processor s"], rows)
        self.goals += goals.judge_largest_sets(seconds)

    def models(self) -> None:
        """Compare a model's answers to photographs with those of ONNX Runtime alone, and take the first one's time."""
        model, photos = self.data / "resnet18.tar.gz", packers.make_photos(self.data)
        names = tuple(model_answers.CANDIDATES)
        results = self.measure(
            {name: candidate("model_answers", name, model, photos, python=str(model_answers.PYTHON)) for name in names}
        )
        seconds = {name: [float(run.answer) for run in results.runs[name]] for name in names}
        alone, whole = seconds[model_answers.ALONE], seconds[model_answers.WHOLE]
        ratio = statistics.median(least / own for least, own in zip(alone, whole, strict=True))
        rows = [
            [name, f"{statistics.median(seconds[name]) * 1e3:.1f}", f"{1 / statistics.median(seconds[name]):.1f}"]
            for name in (model_answers.ALONE, model_answers.WHOLE)
        ]
        title = "ResNet-18 at 224 pixels: photographs answered under both fits, on one processor"
        self._add(title, ["", "processor ms an image", "images/s"], rows)
        self.goals += goals.judge_models(ratio, results.median(model_answers.FIRST, "whole"))

    def function_starts(self) -> None:
        """Compare what a function takes from its start to S3's first answer."""
        commands = starts.prepare(self.data / "starts")
        with starts.serve_listings():
            results = self.measure(commands, 9)
        ratio = results.ratio(starts.SAGESCENE, starts.PLAIN, "whole")
        memory = {name: statistics.median(float(run.answer) for run in results.runs[name]) / 1e6 for name in commands}
        rows = [[name, f"{results.median(name, 'whole') * 1e3:.0f}", f"{memory[name]:.1f}"] for name in commands]
        title = "A function from its start to S3's first answer, with the clients of four services"
        self._add(title, ["", "processor ms", "memory MB, with the interpreter"], rows)
        size = starts.measure_size(self.data / "starts") / 1e6
        self.goals += goals.judge_starts(ratio, memory[starts.SAGESCENE], size)

    def job_starts(self) -> None:
        """Take the time from the last upload of a set to its job."""
        print("Measuring the local stack", flush=True)
        cold, warm = time_job_starts()
        rows = [["has yet to start", f"{cold:.2f}"], ["runs", f"{warm:.2f}"]]
        title = "From the last upload of a set of four small files to CreateTrainingJob, on the local stack"
        self._add(title, ["the function", "s, without the quiet period"], rows)
        self.goals += goals.judge_job_starts(cold, warm)

    def waits(self) -> None:
        """Take the time that a person waits, for `make run` in one round."""
        folder = data_sets.make_set_of_photos(self.data, packers.make_photos(self.data), waits.MEGABYTES)
        commands = waits.commands(folder)
        print(f"Measuring {', '.join(commands)}, the local stack and `make run`", flush=True)
        results = run_rounds(commands, self.rounds)
        seconds = {name: [run.elapsed for run in results.runs[name]] for name in commands}
        seconds[waits.STACK] = waits.time_stack(self.rounds)
        seconds |= {name: [taken] for name, taken in waits.time_make_run().items()}
        rows = [
            [name, f"{statistics.median(each):.2f}", f"{min(each):.2f} to {max(each):.2f}" if len(each) > 1 else ""]
            for name, each in seconds.items()
        ]
        self._add("What a person waits for", ["", "s by the clock", "in all rounds"], rows)
        self.goals += goals.judge_waits({name: statistics.median(each) for name, each in seconds.items()})

    def render(self) -> str:
        """Return everything as Markdown."""
        introduction = (
            f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make benchmark`: {_describe_processor()}, "
            f"{platform.system()}, Python {platform.python_version()}, {self.rounds} rounds, "
            f"load {os.getloadavg()[0]:.1f} at the end."
        )
        return "\n\n".join([introduction, "### Goals", goals.render(self.goals), *self.sections]) + "\n"

    def render_figures(self) -> str:
        """Return, as JSON, what docs/scale.md is computed from."""
        described = f"{_describe_processor()}, {platform.system()}, Python {platform.python_version()}"
        rounded = {name: round(figure, 3) for name, figure in sorted(self.figures.items())}
        return json.dumps({"measured_on": f"{datetime.now(UTC):%Y-%m-%d}", "machine": described, **rounded}, indent=2)

    def _add(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
        self.sections.append(f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))


# By the name of each: what is measured, and what with --long.
SECTIONS: dict[str, tuple[Callable[[Benchmark], None], Callable[[Benchmark], None] | None]] = {
    "lists": (Benchmark.lists, partial(Benchmark.lists, long=True)),
    "faulty-lists": (Benchmark.faulty_lists, None),
    "list-memory": (Benchmark.list_memory, None),
    "largest-sets": (Benchmark.largest_sets, None),
    "records": (Benchmark.records, None),
    "s3": (Benchmark.s3, None),
    "verdicts": (Benchmark.verdicts, partial(Benchmark.verdicts, long=True)),
    "checking": (Benchmark.checking, None),
    "packing": (Benchmark.packing, partial(Benchmark.packing, long=True)),
    "models": (Benchmark.models, None),
    "starts": (Benchmark.function_starts, None),
    "job-starts": (Benchmark.job_starts, None),
    "waits": (Benchmark.waits, None),
}


def _describe_processor() -> str:
    """Return the processor's name and how many there are."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{os.cpu_count()} x {name}"


def main() -> None:
    """Measure, print the tables and put them between the markers of README.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    parser.add_argument("--long", action="store_true", help="measure a list of 14 million lines and a set of 5 GB too")
    parser.add_argument(
        "--only", choices=SECTIONS, metavar="SECTION", help=f"print one and write nothing: {', '.join(SECTIONS)}"
    )
    parser.add_argument("--data", type=Path, default=Path(sys.prefix, "data"), help="where the files are kept (2 GB)")
    options = parser.parse_args()
    benchmark = Benchmark(options.data, options.rounds)
    for name, (measure, long_too) in SECTIONS.items():
        if options.only in (None, name):
            measure(benchmark)
            if options.long and long_too:
                long_too(benchmark)
    tables = benchmark.render()
    print(tables)
    if options.only:
        return
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", encoding="utf-8")
    FIGURES.write_text(f"{benchmark.render_figures()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
