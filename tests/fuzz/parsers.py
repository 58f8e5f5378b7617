"""What must hold of any bytes that reach the parsers: no exception, and pieces of any size say the same."""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sagescene.bounds import LONGEST_LINE
from sagescene.files import classnames, images, listrows, lists, recordio, recordscan
from sagescene.files.classnames import ClassNames
from sagescene.files.framing import MAGIC, RecordError, Remainder, Source
from sagescene.files.recordio import Record
from sagescene.findings import Severity

SMALL_BLOCK = 16
SHORT_LINE = 64
LONGEST_SIGNATURE = 29  # of a PNG file, up to how its rows are written


def cut(content: bytes) -> list[bytes]:
    """Cut bytes into pieces whose size follows from them, so that an input alone repeats a failure."""
    size = 1 + zlib.crc32(content) % 40
    return [content[start : start + size] for start in range(0, len(content), size)]


@contextmanager
def limits(block: int, line: int) -> Iterator[None]:
    """Set what the list's reader takes as a block and as the longest line, both in bytes."""
    with patch.multiple(listrows, BLOCK_BYTES=block, LONGEST_LINE=line, ROWS_OF_A_BLOCK=1):
        yield


def summarize_list(chunks: list[bytes]) -> tuple[object, ...]:
    """Return what a list says; blocks of another size may find the same faults in another order."""
    summary = lists.summarize(chunks)
    faults = sorted(map(str, summary.findings))
    return summary.samples, summary.label_width, summary.classes, faults


def check_list(content: bytes) -> None:
    """Any bytes are a list with findings; how they are cut into chunks, blocks and lines does not matter."""
    whole = summarize_list([content])
    rows = list(map(str, listrows.read([content])))  # NaN is not equal to itself
    with limits(SMALL_BLOCK, LONGEST_LINE):
        assert summarize_list(cut(content)) == whole
        assert list(map(str, listrows.read(cut(content)))) == rows
    with limits(SMALL_BLOCK, SHORT_LINE):
        assert summarize_list(cut(content)) == summarize_list([content])


def read_records(chunks: list[bytes]) -> tuple[int, str, str]:
    """Return how many records can be read, their text, and what stopped the reading."""
    records: list[str] = []
    try:
        records.extend(map(str, recordio.read(chunks)))
    except RecordError as error:
        return len(records), str(records), str(error)
    return len(records), str(records), ""


def check_records(content: bytes) -> None:
    """Any bytes are records up to a RecordError; the scan finds as many, and cutting does not matter."""
    count, records, fault = read_records([content])
    assert read_records(cut(content)) == (count, records, fault)
    summary = recordscan.scan([content])
    assert recordscan.scan(cut(content)) == summary
    assert summary.records == count
    assert summary.findings or not fault


def check_class_names(content: bytes) -> None:
    """Any bytes are names or faults that refuse the set, however they come."""
    read = classnames.read_class_names([content])
    assert classnames.read_class_names(cut(content)) == read
    assert (read.names is None) is any(finding.severity is Severity.ERROR for finding in read.findings)
    names = ClassNames.of(read.names or {}, "classes.txt").shorten()
    assert ClassNames.from_json(names.as_json()) == names


def check_pair(content: bytes) -> None:
    """Any bytes cut at their first three NUL bytes in a row into list, index and records can be compared."""
    listed, _, rest = content.partition(b"\0\0\0")
    index, _, records = rest.partition(b"\0\0\0")
    entries = list(recordio.read_index([index]))
    assert list(recordio.read_index(cut(index))) == entries
    whole = recordscan.scan([records], rows=listrows.read([listed]), index=entries)
    pieces = recordscan.scan(cut(records), rows=listrows.read(cut(listed)), index=entries)
    assert repr(pieces) == repr(whole)  # a label may be NaN, which is not equal to itself


def check_image(content: bytes) -> None:
    """Any bytes are an image or none; one that is read on behind its head is the same, and a head never lies."""
    whole = images.inspect(content)
    pieces = cut(content)
    head, rest = pieces[0] if pieces else b"", b"".join(pieces[1:])
    if rest:
        read_on = images.inspect(head, len(rest), Remainder(Source(cut(rest)), len(rest)))
        assert read_on == whole or not has_signature(head)
    size = images.read_size(head)
    if whole and size and size.height:
        assert size == whole.size


def has_signature(head: bytes) -> bool:
    """Tell whether a head is long enough for the format to be seen."""
    return len(head) >= LONGEST_SIGNATURE


def _png(height: int, width: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)


_JPEG = b"\xff\xd8\xff\xe0\0\x04JF\xff\xc0\0\x11\x08\0\x20\0\x30\x03" + bytes(9)
_RECORDS = b"".join(
    recordio.write(
        [
            Record(identifier=0, labels=(0.0,), image=_JPEG),
            Record(identifier=1, labels=(1.0,), image=_png(8, 9) + b"\0" + MAGIC * 2 + b"a" + MAGIC),
            Record(identifier=2, labels=(1.0,), image=b""),
        ]
    )
)
_SEVERAL_LABELS = b"".join(
    recordio.write([Record(identifier=n, labels=(float(n % 2), 1.0), image=_JPEG) for n in range(3)])
)
_LIST = b"0\t0\ta.jpg\n1\t1.000000\tb c.jpg\n2\t1\td.jpg\n"

CHECKS: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "list": (
        check_list,
        (
            _LIST,
            _LIST.replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + _LIST[:-1],
            b"0\t0\t1\ta.jpg\n1\t1\t0\tb.jpg\n\n \t\n2\t1\tc.jpg\n",
            b"0\t0\ta\n0\t0\ta\n7\tcat\tb\n8\t-1\tc\n9\t0.5\td\n10\tnan\te\n11\t1e9\tf\n12\t1_0\tg\nx\t0\th\n13\t0\t\n",
            b"0\t0\ta\n" + b"x" * 200 + b"\n1\t1\tb\n",
            b"0\t0\ta\0b\n1\t1\tcaf\xe9\n2\t0\ta\x0bb\x0cc\x1cd\n18446744073709551616\t0\te\n",
            b"0\t0\ta\tb\n1\t1\n",
            b"0\t0\ta\nx\t0\tb\n1\t1\tc\td\n",
            b"0\t0\ta\n2305843009213693951\t1\tb\n",
            b"0\t0\ta\rb \n1\t1\t\xe9\n2\t1\ta\rb \n3\t0\tc\v\r\n4\t0\tc\tc\n",
        ),
    ),
    "records": (
        check_records,
        (
            _RECORDS,
            _SEVERAL_LABELS,
            _RECORDS[:-3],
            _RECORDS + b"rubbish!",
            b"1234" + _RECORDS,
            MAGIC + struct.pack("<I", 1 << 29),
            MAGIC + struct.pack("<IIfQQ", 24, 1 << 31, 0, 0, 0),
        ),
    ),
    "class names": (
        check_class_names,
        (
            b"ant\nbee\n",
            b"\xef\xbb\xbfant\r\nbee\r\n\r\n",
            b"ant\n\nant\n" + b"e" * 200 + b"\nb\xe9e\0\n",
            b"\xff\xfea\0\n\0",
        ),
    ),
    "pair": (
        check_pair,
        (
            b"\0\0\0".join([_LIST, b"0\t0\n1\t60\n2\t160\n", _RECORDS]),
            b"\0\0\0".join([b"1\t0\t1\ta\n0\t1\t1\tb\n5\t0\t0\tc\n", b"", _SEVERAL_LABELS]),
            b"\0\0\0".join([b"0\tnan\ta\n1\t1e300\tb\n", b"x\n1\t2\t3\n", _RECORDS]),
            b"\0\0\0".join([_LIST, b"9" * 5000 + b"\t0\n", _RECORDS]),  # more digits than int() takes
        ),
    ),
    "image": (
        check_image,
        (
            _JPEG,
            _JPEG + b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0?\0" + bytes(300) + b"\xff\xd9",
            _JPEG + b"\xff\xda\0\x08\x01\x01\0\0?\0" + bytes(40),  # one of three components, and no end
            b"\xff\xd8" + b"\xff\xe2\x02\0" + bytes(510) + _JPEG[2:],
            _png(8, 9) + b"\0" * 4,
            _png(8, 9) + b"crc!" + b"\0\0\0\x05IDATpixelcrc!" + b"\0\0\0\0IENDcrc!",
            b"GIF89a" + bytes(20),
        ),
    ),
}
