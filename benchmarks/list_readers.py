"""Ways to count and summarize a list. Each candidate does its imports, and returns what does the work on a path.

The answer is the number of samples found (rows with index, numeric label and path), or why there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 1 << 18
COLUMNS = ["index", "label", "path"]


def read_chunks(path: str) -> Iterator[bytes]:
    """Read a file as the product reads a body from S3."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - pathlib costs memory
        while chunk := file.read(CHUNK):
            yield chunk


def prepare_nothing() -> Callable[..., str]:
    """Do nothing: the memory of the bare interpreter."""
    return lambda *_: ""


def prepare_count() -> Callable[[str], str]:
    """Count line feeds."""
    return lambda path: str(sum(chunk.count(b"\n") for chunk in read_chunks(path)))


def prepare_line_loop() -> Callable[[str], str]:
    """Look at each line by itself: what one writes first."""

    def work(path: str) -> str:
        classes: dict[int, int] = {}
        bad: list[tuple[int, str]] = []
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            for number, line in enumerate(file, start=1):
                fields = line.rstrip("\n").split("\t")
                try:
                    index, text, name = fields
                    label = float(text)
                    if int(index) < 0 or label != int(label) or label < 0 or not name:
                        raise ValueError("The line is no row.")
                except ValueError as error:
                    bad.append((number, str(error)))
                else:
                    classes[int(label)] = classes.get(int(label), 0) + 1
        return str(sum(classes.values()))

    return work


def prepare_pandas() -> Callable[[str], str]:
    """Use pandas: read_csv and value_counts."""
    import pandas

    def work(path: str) -> str:
        try:
            table = pandas.read_csv(path, sep="\t", header=None, names=COLUMNS, quoting=3, low_memory=False)
            return str(int(table["label"].value_counts().sum()))
        except ValueError as error:
            return f"gives up: {type(error).__name__}"

    return work


def prepare_polars() -> Callable[[str], str]:
    """Use polars: a lazy scan with the types given."""
    import polars

    types = {"index": polars.Int64, "label": polars.Float64, "path": polars.String}

    def work(path: str) -> str:
        try:
            table = polars.scan_csv(path, separator="\t", has_header=False, schema=types, quote_char=None)
            return str(table.group_by("label").len().collect()["len"].sum())
        except polars.exceptions.PolarsError as error:
            return f"gives up: {type(error).__name__}"

    return work


def prepare_pyarrow() -> Callable[[str], str]:
    """Use pyarrow: read_csv with the types given, and value_counts."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.csv

    types = {"index": pyarrow.int64(), "label": pyarrow.float64(), "path": pyarrow.string()}

    def work(path: str) -> str:
        try:
            table = pyarrow.csv.read_csv(
                path,
                pyarrow.csv.ReadOptions(column_names=COLUMNS),
                pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False),
                pyarrow.csv.ConvertOptions(column_types=types),
            )
            return str(sum(entry["counts"].as_py() for entry in table["label"].value_counts()))
        except pyarrow.ArrowInvalid as error:
            return f"gives up: {type(error).__name__}"

    return work


def prepare_sagescene() -> Callable[[str], str]:
    """Use the product."""
    from sagescene.files import lists

    return lambda path: str(lists.summarize(read_chunks(path)).samples)


CANDIDATES: dict[str, Callable[[], Callable[[str], str]]] = {
    "bare interpreter": prepare_nothing,
    "chunk.count": prepare_count,
    "line loop": prepare_line_loop,
    "pandas": prepare_pandas,
    "polars": prepare_polars,
    "pyarrow": prepare_pyarrow,
    "sagescene": prepare_sagescene,
}
