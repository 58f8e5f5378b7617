"""Data sets that are to use up memory, made piece by piece while they are read; run with a name, it examines one."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sagescene.dataset import StoredObject, assemble
from sagescene.files.recordio import Record, pack
from sagescene.messages import page
from sagescene.preflight.examination import examine
from sagescene.preflight.reading import Reader
from sagescene.preflight.report import Conditions

type Files = Mapping[str, Callable[[], Iterator[bytes]]]

MIB = 1 << 20
JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08\x01\x00\x01\x00\x03" + bytes(9) + b"\xff\xda\x00\x08" + bytes(6) + b"\xff\xd9"


def wide_list_and_a_foreign_record() -> Files:
    """A record whose id no row has, so that row after row is held, each with many labels."""
    row = b"\t".join([b"0"] * 2000)

    def rows(number: int) -> Callable[[], Iterator[bytes]]:
        return lambda: (b"%d\t%s\t%d.jpg\n" % (index, row, index) for index in range(number))

    def records(more: bytes) -> Callable[[], Iterator[bytes]]:
        return lambda: iter([_record(10**9, (0.0,) * 2000, more)])

    return {
        **_channel("train", rows(4_000), records(b"")),
        **_channel("validation", rows(1), records(b"other")),
    }


def long_paths() -> Files:
    """Rows whose paths are as long as a line may be, and in both lists."""
    path = b"<" * (MIB - 100)

    def rows() -> Iterator[bytes]:
        return (b"%d\t%d\t%d%s/%d.jpg\n" % (number, number % 2, number, path, number) for number in range(40))

    def records(more: bytes) -> Callable[[], Iterator[bytes]]:
        return lambda: (_record(number, (float(number % 2),), more) for number in range(40))

    return {**_channel("train", rows, records(b"")), **_channel("validation", rows, records(b"other"))}


def line_without_end() -> Files:
    """A list of one line."""
    return _files(lambda: (b"x" * MIB for _ in range(300)), lambda: iter([_record(0, (0.0,))]))


def distinct_labels() -> Files:
    """A list and records of a label for each image."""

    def rows() -> Iterator[bytes]:
        return (b"%d\t%d.0000000000000000000000000\t%d.jpg\n" % (n, n, n) for n in range(40_000))

    return _files(rows, lambda: (_record(number, (float(number),)) for number in range(40_000)))


def many_classes() -> Files:
    """As many classes as are counted, and others in each channel."""

    def rows(first: int) -> Callable[[], Iterator[bytes]]:
        return lambda: (b"%d\t%d\t%d.jpg\n" % (n, first + n, n) for n in range(30_000))

    def records(first: int) -> Callable[[], Iterator[bytes]]:
        return lambda: (_record(number, (float(first + number),)) for number in range(30_000))

    return {**_channel("train", rows(0), records(0)), **_channel("validation", rows(10**7), records(10**7))}


def faults_of_every_kind() -> Files:
    """Many lines with each of the faults that a line can have, each as long as can be."""
    long = b"\xc3\xa9<" * 20_000
    faults = (
        b"1\tcat%s\tp\n",
        b"%s\n",
        b"1\tinf\t%s\n",
        b"%s\t1\tp\n",
        b"1\t-1\t%s\n",
        b"1\t0.5\t%s\n",
        b"1\t1\t1\t%s\n",
    )
    lines = b"".join(fault % long for fault in faults)
    nul = b"\0\t0\tp\n"
    return _files(
        lambda: (b"0\t0\tp\n" + lines + nul for _ in range(100)),
        lambda: (_record(number, (number / 7,) * (1 + number % 2)) + _pack_empty(number) for number in range(1000)),
    )


def _pack_empty(number: int) -> bytes:
    """Give a record without an image."""
    return pack(Record(identifier=number, labels=(-1.0,), image=b""))


def _record(identifier: int, labels: tuple[float, ...], more: bytes = b"") -> bytes:
    return pack(Record(identifier=identifier, labels=labels, image=JPEG + more))


def _files(rows: Callable[[], Iterator[bytes]], records: Callable[[], Iterator[bytes]]) -> Files:
    return {**_channel("train", rows, records), **_channel("validation", rows, records)}


def _channel(name: str, rows: Callable[[], Iterator[bytes]], records: Callable[[], Iterator[bytes]]) -> Files:
    return {f"{name}.lst": rows, f"{name}.rec": records}


def _examine(files: Files) -> dict[str, object]:
    """Give what it cost: memory above the start in MB, and the bytes of report and page."""
    prefix, now = "datasets/hostile/", datetime(2026, 11, 12, tzinfo=UTC)
    objects = [StoredObject(key=prefix + name, etag=name, size=1, last_modified=now) for name in files]
    before = _peak_in_mb()
    examined = examine(
        assemble("hostile", objects),
        Reader(whole=lambda stored: files[stored.key.removeprefix(prefix)](), span=lambda *_: b""),
        Conditions(),
        written=now,
        largest_whole_in_bytes=10**10,
    )
    report = json.dumps(examined.report.as_json(), indent=2, ensure_ascii=False)
    html = page.render(examined.report, examined.thumbnails)
    return {
        "memory": _peak_in_mb() - before,
        "report": len(report.encode()),
        "page": len(html.encode()),
        "codes": sorted({finding.code for finding in examined.report.findings}),
    }


def _peak_in_mb() -> float:
    # Not getrusage: on Linux its figure starts with that of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    print(json.dumps(_examine(globals()[sys.argv[1]]())))
