"""Record files: bytes as dmlc-core writes them, any stream read back, every damage found."""

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.files import (
    earlierids,
    listrows,
    lists,
    pairing,
    recordcontent,
    recordimages,
    recordio,
    recordscan,
    uncompared,
)
from sagescene.files.framing import FIRST, LAST, MAGIC, MIDDLE, RecordError, UnpackableRecordError, frame
from sagescene.files.images import ImageSize, read_size
from sagescene.files.listrows import Row
from sagescene.files.recordio import Record
from sagescene.finding_codes import Code
from sagescene.findings import Finding

DATA = Path(__file__).parents[2] / "data"
PARTS = ["two_class/train/train", "two_class/validation/validation", "multi/train/train", "multi/validation/validation"]

bounded = settings(max_examples=60)


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def png(height: int, width: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def record(identifier: int, *labels: float, image: bytes = b"") -> Record:
    return Record(identifier=identifier, labels=labels or (0.0,), image=image or png(32, 48))


def codes(summary: recordcontent.RecordSummary) -> list[str]:
    return [finding.code for finding in summary.findings]


def test_wrong_labels_of_records_are_counted_to_the_last() -> None:
    wide = (record(number, *[3.0] * 10) for number in range(30))
    summary = recordscan.scan(recordio.write(wide), complete=False)
    assert summary.counts == {Code.LABEL_NOT_0_OR_1: 300}
    assert summary.findings[0].where.endswith("and 295 more")


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("size", [1000, 4096, 1 << 20])
def test_files_of_im2rec_agree_with_their_list_and_index(name: str, size: int) -> None:
    path = DATA / name
    listed = lists.summarize([path.with_suffix(".lst").read_bytes()])
    summary = recordscan.scan(
        cut(path.with_suffix(".rec").read_bytes(), size),
        rows=listrows.read([path.with_suffix(".lst").read_bytes()]),
        index=recordio.read_index(cut(path.with_suffix(".idx").read_bytes(), 7)),
    )
    assert summary.findings == ()
    assert (summary.records, summary.label_width, summary.classes) == (
        listed.samples,
        listed.label_width,
        listed.classes,
    )
    side = 224 if "two" in name else 160
    assert (summary.smallest_height, summary.smallest_width) == (side, side)
    assert summary.formats == {"jpeg": listed.samples}
    assert summary.size == path.with_suffix(".rec").stat().st_size


@pytest.mark.parametrize("name", PARTS)
def test_files_of_im2rec_are_written_again_byte_for_byte(name: str) -> None:
    content = (DATA / name).with_suffix(".rec").read_bytes()
    offset, index = 0, ""
    for entry in recordio.read([content]):
        index += recordio.index_line(entry.identifier, offset)
        offset += len(recordio.pack(entry))
    assert index == (DATA / name).with_suffix(".idx").read_text()
    assert b"".join(recordio.write(recordio.read([content]))) == content


def test_golden_bytes_of_one_label() -> None:
    assert recordio.pack(Record(identifier=35, labels=(1.0,), image=b"abcde")) == bytes.fromhex(
        "0a23d7ce 1d000000  00000000 0000803f 2300000000000000 0000000000000000  6162636465 000000"
    )


def test_golden_bytes_of_several_labels() -> None:
    assert recordio.pack(Record(identifier=1, labels=(0.0, 1.0), image=b"")) == bytes.fromhex(
        "0a23d7ce 20000000  02000000 00000000 0100000000000000 0000000000000000  00000000 0000803f"
    )


def test_golden_bytes_of_an_aligned_magic_number() -> None:
    # Cut at the aligned one into a first part of 28 bytes and a last part of 5; the other is left alone.
    image = b"abcd" + MAGIC + b"e" + MAGIC
    assert recordio.pack(Record(identifier=1, labels=(0.0,), image=image)) == bytes.fromhex(
        "0a23d7ce 1c000020  00000000 00000000 0100000000000000 0000000000000000  61626364"
        "0a23d7ce 05000060  65 0a23d7ce 000000"
    )


@pytest.mark.parametrize("bad", [record(-1), record(1 << 64), Record(identifier=0, labels=(), image=b"")])
def test_a_record_that_the_format_cannot_hold_is_refused(bad: Record) -> None:
    with pytest.raises(UnpackableRecordError, match="valid id"):
        recordio.pack(bad)


images = st.lists(st.sampled_from([MAGIC, MAGIC, b"\0", b"ab", b"abcd", MAGIC[:2]]) | st.binary(max_size=6)).map(
    b"".join
)


@st.composite
def record_lists(draw: st.DrawFn) -> list[Record]:
    width = draw(st.integers(1, 3))
    label = st.integers(0, 1).map(float)
    return [
        Record(identifier=number, labels=tuple(draw(label) for _ in range(width)), image=draw(images))
        for number in range(draw(st.integers(1, 6)))
    ]


@bounded
@given(record_lists(), st.integers(1, 50))
def test_any_records_read_back_whatever_the_boundaries(records: list[Record], size: int) -> None:
    content = b"".join(recordio.write(records))
    assert list(recordio.read(cut(content, size))) == records
    rows = [Row(entry.identifier, entry.labels, "") for entry in records]
    summary = recordscan.scan(cut(content, size), rows=rows, complete=False)
    assert summary.records == len(records)
    assert all(code.startswith("image-") for code in codes(summary))  # bytes drawn at random may begin as a TIFF does
    assert recordscan.scan([content], rows=rows, complete=False) == summary


@bounded
@given(record_lists())
def test_written_bytes_hold_no_magic_number_but_at_the_parts(records: list[Record]) -> None:
    # What lets a reader find the next record after damage: dmlc-core's reason for cutting payloads.
    content = b"".join(recordio.write(records))
    position = 0
    while position < len(content):
        length = int.from_bytes(content[position + 4 : position + 8], "little") & (1 << 29) - 1
        words = [content[at : at + 4] for at in range(position + 8, position + 8 + length, 4)]
        assert MAGIC not in words
        position += 8 + (length + 3 & ~3)


SMALL = [record(7, 1.0), record(3, 0.0, image=png(8, 8) + b"\0\0\0" + MAGIC + b"xyz"), record(4, 1.0)]
SMALL_BYTES = b"".join(recordio.write(SMALL))


def reading(content: bytes, size: int = 64) -> tuple[tuple[object, ...], list[str]]:
    """What a file says of labels and ids, held against the list, and the codes of its findings."""
    rows = [Row(entry.identifier, entry.labels, "") for entry in SMALL]
    summary = recordscan.scan(cut(content, size), rows=rows)
    return (summary.records, summary.label_width, summary.classes, summary.unmatched), codes(summary)


def test_every_single_byte_corruption_is_found_or_changes_nothing_that_was_read() -> None:
    good, none = reading(SMALL_BYTES)
    assert none == []
    for position in range(len(SMALL_BYTES)):
        for change in (0x01, 0x20, 0x80, 0xFF):
            damaged = bytearray(SMALL_BYTES)
            damaged[position] ^= change
            read, faults = reading(bytes(damaged))
            assert faults or read == good, f"byte {position} changed by {change:#x} goes unseen"


def of_empty_parts(number: int) -> bytes:
    first, middle, last = (MAGIC + struct.pack("<I", flag << 29) for flag in (FIRST, MIDDLE, LAST))
    return first + number * middle + last


@pytest.mark.parametrize(
    "long",
    [frame(bytes(996)), frame(MAGIC.join([bytes(300)] * 4)), of_empty_parts(124)],
    ids=["whole", "parts", "empty parts"],
)
def test_a_record_that_is_too_long_to_be_held_is_passed_over_or_refused(
    long: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordio, "LARGEST_RECORD_IN_BYTES", 1000)
    short = recordio.pack(Record(identifier=7, labels=(1.0,), image=bytes(1000 - 8 - 24)))
    content = short + long + short
    places = [(offset, record and record.identifier) for offset, record in recordio.read_past_long_ones([content])]
    assert places == [(0, 7), (1000, None), (1000 + len(long), 7)]
    records = recordio.read([content])
    assert next(records).identifier == 7
    with pytest.raises(RecordError, match=r"byte 1000: the record has more than [0-9]+ MiB\.$"):
        next(records)


def test_every_truncation_is_found() -> None:
    starts = {0}
    for entry in SMALL:
        starts.add(max(starts) + len(recordio.pack(entry)))
    for length in range(len(SMALL_BYTES)):
        _, faults = reading(SMALL_BYTES[:length])
        if not length:
            assert "record-file-empty" in faults
        elif length in starts:  # no file by itself tells that whole records are missing; its list does
            assert "rows-without-record" in faults
        else:
            assert faults == ["truncated"]
            with pytest.raises(RecordError):
                list(recordio.read([SMALL_BYTES[:length]]))


@bounded
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: SMALL_BYTES[:150] + tail), st.integers(1, 64))
def test_no_bytes_make_a_scan_raise(content: bytes, size: int) -> None:
    assert recordscan.scan(cut(content, size)) == recordscan.scan([content])
    if not codes(recordscan.scan([content])):
        assert len(list(recordio.read([content]))) > 0


@pytest.mark.parametrize(
    ("content", "code", "where", "says"),
    [
        (b"", "record-file-empty", "", "empty"),
        (b"random bytes" * 100, "not-a-record-file", "record 1, byte 0", "1,200 bytes"),
        (b"\0" * 8 + SMALL_BYTES, "no-magic-number", "record 1, byte 0", "at byte 8."),
        (SMALL_BYTES + b"rubbish!", "trailing-bytes", f"record 4, byte {len(SMALL_BYTES)}", "8 bytes"),
        (SMALL_BYTES + MAGIC, "truncated", f"record 4, byte {len(SMALL_BYTES)}", "first 4 bytes"),
        (SMALL_BYTES[:-4], "truncated", "record 3", "4 bytes before the end"),
        (MAGIC + struct.pack("<I", 3 << 29), "part-out-of-order", "record 1, byte 0", "flag 3"),
        (MAGIC + struct.pack("<I", 4) + b"abcd", "header-too-short", "record 1, byte 0", "4 bytes of at least 24"),
        (MAGIC + struct.pack("<I", 1 << 29), "truncated", "record 1, byte 0", "last part"),
    ],
)
def test_damage_is_named_with_its_place(content: bytes, code: str, where: str, says: str) -> None:
    (finding,) = [f for f in recordscan.scan(cut(content, 100)).findings if f.code == code]
    assert finding.where.startswith(where)
    assert says in finding.message


@pytest.mark.parametrize(
    ("records", "code", "where"),
    [
        ([record(0, 0.0), record(1, 0.5)], "label-not-an-integer", "record 2, byte 92"),
        ([record(0, 0.0), record(1, -1.0)], "label-negative", "record 2, byte 92"),
        ([record(0, 0.0), record(1, float("nan"))], "label-not-finite", "record 2, byte 92"),
        ([record(0, 0.0, 1.0), record(1, 1.0, 3.0)], "label-not-0-or-1", "record 2, byte 100"),
        ([record(0, 0.0), record(1, 0.0, 1.0)], "label-width-differs", "record 2, byte 92"),
        ([record(0, 0.0), record(1, 1.0, image=b"GIF89a")], "image-not-readable", "record 2, byte 92"),
        ([record(0, 0.0), record(1, 2.0)], "class-missing", ""),
    ],
)
def test_faults_of_records(records: list[Record], code: str, where: str) -> None:
    summary = recordscan.scan(recordio.write(records))
    assert (code, where) in [(finding.code, finding.where) for finding in summary.findings]


@pytest.mark.parametrize(
    ("rows", "code", "says"),
    [
        ([Row(0, (1.0,), "a"), Row(1, (1.0,), "b")], "label-not-as-listed", "has the label 0, its row 1"),
        ([Row(0, (0.0,), "a"), Row(2, (1.0,), "b")], "record-not-in-list", "no row with the record's id 1"),
        ([Row(0, (0.0, 1.0), "a"), Row(1, (1.0, 0.0), "b")], "label-width-not-as-listed", "has 1 label,"),
        ([Row(5, (0.0,), "x"), Row(0, (0.0,), "a"), Row(1, (1.0,), "b")], "rows-without-record", "its index is 5"),
    ],
)
def test_records_are_held_against_the_list(rows: list[Row], code: str, says: str) -> None:
    content = list(recordio.write([record(0, 0.0), record(1, 1.0)]))
    messages = {f.code: f.message for f in recordscan.scan(content, rows=rows).findings}
    assert says in messages[code]


def test_the_order_of_the_list_does_not_matter() -> None:
    records = [record(number, float(number % 2)) for number in range(50)]
    rows = [Row(entry.identifier, entry.labels, "") for entry in reversed(records)]
    assert recordscan.scan(recordio.write(records), rows=rows).findings == ()


def test_rows_without_record_are_counted() -> None:
    rows = [Row(number, (float(number % 2),), "") for number in range(100)]
    summary = recordscan.scan(recordio.write([record(0), record(51, 1.0)]), rows=rows)
    assert summary.unmatched == 98


@pytest.mark.parametrize("index", [[(0, 0)], [(0, 0), (1, 64)], [(0, 0), (1, 92), (2, 184)], [(1, 0), (0, 92)]])
def test_an_index_that_differs_is_reported_once(index: list[tuple[int, int]]) -> None:
    content = list(recordio.write([record(0, 0.0), record(1, 1.0)]))
    assert codes(recordscan.scan(content, index=[(0, 0), (1, 92)])) == []
    assert codes(recordscan.scan(content, index=index)) == ["index-file-differs"]


@pytest.mark.parametrize("number", ["9" * 4301, "9" * 21, str(1 << 64), "x", "-1", ""])
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_line_of_the_index_that_is_none_is_left_out(number: str, size: int) -> None:
    content = f"{number}\t0\n0\t{number}\n1\t92\n".encode()
    assert list(recordio.read_index(cut(content, size))) == [(1, 92)]


def test_the_largest_numbers_of_the_index_are_read() -> None:
    largest = (1 << 64) - 1
    assert list(recordio.read_index([f"{largest}\t{largest}\n".encode()])) == [(largest, largest)]


def test_a_long_line_of_the_index_is_left_out_wherever_it_is_cut() -> None:
    content = b"0" + b" " * 64 + b"0\n1\t92\n"
    for size in (1, 60, 65, 66, 67, 1000):
        assert list(recordio.read_index(cut(content, size))) == [(1, 92)]


def test_more_labels_than_are_kept_are_called_that() -> None:
    packed = record(0, *[0.0, 1.0] * 16_500)
    content = recordio.pack(packed)
    assert list(recordio.read([content])) == [packed]
    (finding,) = recordscan.scan(cut(content, 50_000)).findings
    assert (finding.code, finding.where) == ("too-many-labels", "record 1, byte 0")
    assert finding.message == "The record has 33,000 labels; at most 32,762 are looked at."
    assert "fewer labels" in finding.remedy


def test_labels_that_a_record_has_no_room_for_are_called_that() -> None:
    content = MAGIC + struct.pack("<IIfQQ", 24, 33_000, 0, 0, 0)
    assert codes(recordscan.scan([content])) == ["header-too-short"]


def test_sizes_of_images() -> None:
    records = [record(0, 0.0, image=png(32, 48)), record(1, 1.0, image=png(40, 20)), record(2, 1.0, image=png(32, 48))]
    summary = recordscan.scan(recordio.write(records))
    assert (summary.smallest_height, summary.smallest_width) == (32, 20)
    assert summary.sizes == {(32, 48): 2, (40, 20): 1}
    assert summary.formats == {"png": 3}


@pytest.mark.parametrize("most_sizes", [1, 10_000])
def test_the_first_of_the_lowest_and_of_the_narrowest_images_are_named(
    monkeypatch: pytest.MonkeyPatch, most_sizes: int
) -> None:
    monkeypatch.setattr(recordimages, "MOST_SIZES", most_sizes)
    monkeypatch.setattr(recordimages, "NAMED", 2)
    shapes = [(50, 60), (9, 40), (0, 0), (30, 8), (50, 60), (8, 8), (8, 90), (7, 70), (8, 9)]
    images = [png(*shape) if shape != (0, 0) else b"\xff\xd8" for shape in shapes]
    summary = recordscan.scan(recordio.write(record(number, image=image) for number, image in enumerate(images)))
    assert summary.smallest == (
        (4, 92 * 2 + 36, 30, 8),
        (6, 92 * 4 + 36, 8, 8),
        (8, 92 * 6 + 36, 7, 70),
    )
    assert (summary.smallest_height, summary.smallest_width) == (7, 8)
    assert summary.shorter_sides == {50: 2, 9: 1, 8: 4, 7: 1}


def test_without_an_image_of_known_size_none_is_the_smallest() -> None:
    assert recordscan.scan(recordio.write([record(0, image=b"\xff\xd8")])).smallest == ()


def test_no_more_shorter_sides_are_held_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordimages, "LARGEST_SIDE", 8)
    records = (record(side, image=png(side, 1000)) for side in range(1, 100))
    assert recordscan.scan(recordio.write(records)).shorter_sides == {**dict.fromkeys(range(1, 8), 1), 8: 92}


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


FRAME = segment(0xC0, struct.pack(">BHHB", 8, 30, 40, 3) + bytes(9))
PROGRESSIVE = segment(0xC2, struct.pack(">BHHB", 8, 30, 40, 3) + bytes(9))


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"\xff\xd8" + FRAME, ImageSize("jpeg", 30, 40)),
        (
            b"\xff\xd8" + segment(0xE1, b"\xff\xc0" * 50) + segment(0xC4, bytes(20)) + PROGRESSIVE,
            ImageSize("jpeg", 30, 40),
        ),
        (b"\xff\xd8\xff\xff" + FRAME, ImageSize("jpeg", 30, 40)),
        (b"\xff\xd8" + segment(0xE1, bytes(500))[:100], ImageSize("jpeg", 0, 0)),
        (b"\xff\xd8" + segment(0xDA, bytes(10)), None),
        (b"\xff\xd8" + b"no marker here", None),
        (png(5, 6), ImageSize("png", 5, 6)),
        (png(0, 6), None),
        (png(5, 6)[:20], None),
        (b"", None),
        (b"BM" + bytes(50), None),
    ],
)
def test_size_from_the_first_bytes(content: bytes, size: ImageSize | None) -> None:
    assert read_size(content) == size
    assert read_size(memoryview(content)) == size


def shuffled(labels: tuple[float, ...], rows: int = 100) -> tuple[list[Row], list[Record]]:
    """Give rows in one order, and their records in the opposite one."""
    numbers = range(rows)
    listed = [Row(number, labels, f"{number}.jpg") for number in numbers]
    return listed, [Record(identifier=number, labels=labels, image=png(300, 300)) for number in reversed(numbers)]


@pytest.mark.parametrize(("labels", "room"), [((1.0, 0.0) * 50, 10_000), ((0.5,) * 100, 80_000)])
def test_labels_held_for_records_in_another_order_are_bounded_by_their_bytes(
    monkeypatch: pytest.MonkeyPatch, labels: tuple[float, ...], room: int
) -> None:
    rows, records = shuffled(labels)
    monkeypatch.setattr(pairing, "LABELS_HELD_IN_BYTES", room)
    assert "record-not-in-list" not in codes_of(records, rows)
    monkeypatch.setattr(pairing, "LABELS_HELD_IN_BYTES", room // 2)
    records[10] = replace(records[10], labels=labels[::-1] if len(set(labels)) > 1 else (0.25,) * 100)
    (told,) = (each for each in paired(records, rows).findings if each.code == "label-not-as-listed")
    assert told.message.startswith("Of 50 records too far from their place in the list to be compared one by one, at")


def renumbered(records: list[Record], place: int, identifier: int) -> list[Record]:
    return [*records[:place], replace(records[place], identifier=identifier), *records[place + 1 :]]


ABOUT_ROWS = {
    Code.RECORD_NOT_IN_LIST,
    Code.ROWS_WITHOUT_RECORD,
    Code.RECORDS_NOT_COMPARED,
    Code.LABEL_NOT_AS_LISTED,
}


def about_rows(summary: recordcontent.RecordSummary) -> list[Finding]:
    return [finding for finding in summary.findings if finding.code in ABOUT_ROWS]


def test_records_far_from_their_rows_are_compared_in_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "ROWS_AHEAD", 10)
    rows, records = shuffled((0.1,))
    assert about_rows(paired(records, rows)) == []
    assert paired(records, rows).unmatched == 0


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda records: [replace(records[0], labels=(0.2,)), *records[1:]], "label-not-as-listed", "at least one has"),
        (lambda records: renumbered(records, 3, 999), "record-not-in-list", "at least 1 has an id that no row has"),
        (lambda records: renumbered(records, 3, 95), "record-not-in-list", "at least 1 has an id that no row has"),
        (
            lambda records: [*renumbered(records[:2], 0, 999), *renumbered(records[:2], 1, 998), *records],
            "record-not-in-list",
            "Of 94 records too far from their place in the list to be compared one by one, at least 4 have",
        ),
        (
            lambda records: [replace(each, identifier=each.identifier + 1000) for each in records[20:]],
            "record-not-in-list",
            "at least 80 have an id that no row has",
        ),
        (
            lambda records: renumbered(records, 3, 999)[:-5],
            "record-not-in-list",
            "at least 1 has an id that no row has",
        ),
    ],
    ids=[
        "another label",
        "a foreign id",
        "an id twice",
        "more records than rows",
        "another list",
        "fewer, one foreign",
    ],
)
def test_what_sums_of_far_records_prove_is_an_error(
    change: Callable[[list[Record]], list[Record]], code: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "ROWS_AHEAD", 10)
    rows, records = shuffled((0.1,))
    found = about_rows(paired(change(records), rows))[0]
    assert (found.code, found.severity, found.where) == (code, "error", "record 1, byte 0")
    assert says in found.message


def test_far_records_that_cannot_be_compared_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "ROWS_AHEAD", 10)
    rows, records = shuffled((0.1,))
    summary = paired([*records[:5], *records[8:]], rows)
    compared, lost = about_rows(summary)
    assert [(each.code, each.severity) for each in (compared, lost)] == [
        ("records-not-compared", "warning"),
        ("rows-without-record", "warning"),
    ]
    assert "87 records too far from their place" in compared.message
    assert "90 rows are left" in compared.message
    assert lost.message == "3 of 100 rows of the list (3 %) have no record."
    assert (summary.unmatched, summary.unmatched_at_end) == (3, 0)


def test_records_of_the_end_of_a_long_list_have_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "ROWS_AHEAD", 10)
    rows = [Row(number, (0.1,), f"{number}.jpg") for number in range(40)]
    records = [Record(identifier=row.identifier, labels=row.labels, image=png(300, 300)) for row in rows[10:]]
    summary = paired(records, rows)
    assert {each.code for each in about_rows(summary)} == {"records-not-compared", "rows-without-record"}
    assert summary.unmatched == 10


@pytest.mark.parametrize(("place", "code"), [(3, "record-not-in-list"), (4, "records-not-compared")])
def test_ids_of_the_first_far_records_are_looked_for_in_all_rows(
    place: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "ROWS_AHEAD", 10)
    monkeypatch.setattr(uncompared, "FAR_IDS_HELD", 4)
    rows, records = shuffled((0.1,))
    found = about_rows(paired(renumbered(records[:50], place, 999), rows))
    assert [each.code for each in found] == [code, "rows-without-record"]
    without = 51 if code == "record-not-in-list" else 50
    assert found[1].message.startswith(f"{without} of 100 rows of the list")


@pytest.mark.parametrize("order", [range(10), range(9, -1, -1)], ids=["in order", "in another"])
def test_a_record_whose_id_came_before_is_told_from_one_without_a_row(order: range) -> None:
    rows = [Row(number, (0.1,), "p") for number in range(10)]
    records = [
        Record(identifier=number, labels=(0.1,), image=png(300, 300))
        for number in [*order[:5], 77, *order[5:], *order, 99]
    ]
    found = {each.code: each for each in paired(records, rows).findings if each.severity == "error"}
    assert found["record-not-in-list"].message.endswith("the record's id 77 in the list; the same holds for 99.")
    assert f"the id {order[0]} (record 1) already; the same holds for" in found["record-repeated"].message
    assert found["record-repeated"].places == 10


def test_ids_that_came_before_are_held_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlierids, "EARLIER_IDS_HELD", 4)
    rows = [Row(number, (0.1,), "p") for number in range(10)]
    once = [Record(identifier=number, labels=(0.1,), image=png(300, 300)) for number in range(10)]
    twice = paired([*once, *once], rows)
    assert twice.counts[Code.RECORD_REPEATED] == 10
    assert "record-not-in-list" not in codes(twice)
    (unknown,) = (each for each in paired([*once, once[7]], rows).findings if each.code == "record-not-in-list")
    assert unknown.message == "There is no row with the record's id 7 in the list, unless a record before has it."


def test_labels_that_found_their_record_are_no_longer_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "LABELS_HELD_IN_BYTES", 400)
    rows = [Row(number ^ 1, (1.0, 0.0) * 50, "p") for number in range(1000)]
    records = [Record(identifier=number, labels=(1.0, 0.0) * 50, image=png(300, 300)) for number in range(1000)]
    assert "record-not-in-list" not in codes_of(records, rows)


def paired(records: Iterable[Record], rows: Iterable[Row]) -> recordcontent.RecordSummary:
    return recordscan.scan(recordio.write(records), rows=rows, complete=False)


def codes_of(records: Iterable[Record], rows: Iterable[Row]) -> set[str]:
    return {finding.code for finding in paired(records, rows).findings}
