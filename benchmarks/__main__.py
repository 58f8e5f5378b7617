"""Measures the readers against what people would use instead, and writes the tables of README.md."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import command_sections, function_sections, list_sections, record_sections
from benchmarks.benchmark import Benchmark

README, FIGURES = Path(__file__).with_name("README.md"), Path(__file__).with_name("figures.json")
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

# By the name of each: what is measured, and what with --long.
SECTIONS: dict[str, tuple[Callable[[Benchmark], None], Callable[[Benchmark], None] | None]] = {
    "lists": (list_sections.measure_lists, partial(list_sections.measure_lists, long=True)),
    "faulty-lists": (list_sections.measure_faulty_lists, None),
    "list-memory": (list_sections.measure_list_memory, None),
    "largest-sets": (record_sections.measure_largest_sets, None),
    "records": (record_sections.measure_records, None),
    "s3": (record_sections.measure_s3, None),
    "verdicts": (record_sections.measure_verdicts, partial(record_sections.measure_verdicts, long=True)),
    "checking": (command_sections.measure_checking, None),
    "packing": (command_sections.measure_packing, partial(command_sections.measure_packing, long=True)),
    "models": (function_sections.measure_models, None),
    "starts": (function_sections.measure_function_starts, None),
    "job-starts": (function_sections.measure_job_starts, None),
    "waits": (command_sections.measure_waits, None),
}


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
