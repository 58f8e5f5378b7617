"""A data set examined as the stack does it: from its files in memory to one report."""

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sagescene import dataset
from sagescene.bounds import REPEATS_HELD_AT_MOST, SAMPLES, SHARED_HELD_AT_MOST
from sagescene.dataset import DataSet, StoredObject, assemble
from sagescene.files import lists, overlaps, pairing, recordcontent, recordio, recordsample, recordscan
from sagescene.files.framing import FIRST, MAGIC
from sagescene.files.images import PNG_SIGNATURE
from sagescene.files.recordio import Record
from sagescene.finding_codes import Code
from sagescene.findings import Severity
from sagescene.parts import part_of
from sagescene.preflight import judgement
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.examination import companions, examine
from sagescene.preflight.reading import Examination, Reader
from sagescene.preflight.reading_time import unlimited
from sagescene.preflight.report import Conditions, Verdict, read_report

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests/data"
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/report.schema.json").read_text()))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GPU = "ml.g4dn.xlarge"

type Rows = Sequence[tuple[int, float | str, str]]


class Memory:
    """Files by key; `read` notes what was asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = {f"datasets/pets/{path}": content for path, content in files.items()}
        self.objects = [
            StoredObject(key=key, etag=key, size=len(content), last_modified=NOW) for key, content in self.files.items()
        ]
        self.whole: list[str] = []
        self.spans: list[tuple[int, int]] = []

    def reader(self, piece: int = 1 << 18) -> Reader:
        def whole(stored: StoredObject) -> Iterator[bytes]:
            self.whole.append(stored.key.removeprefix("datasets/pets/"))
            content = self.files[stored.key]
            yield from (content[start : start + piece] for start in range(0, len(content), piece))

        def span(stored: StoredObject, offset: int, length: int) -> bytes:
            self.spans.append((offset, length))
            return self.files[stored.key][offset : offset + length]

        return Reader(whole=whole, span=span)


def judge(
    files: Mapping[str, bytes],
    *,
    largest: int = 10**10,
    instance: str = GPU,
    count: int = 1,
    max_epochs: int = 0,
    storage: int = 0,
    most: str = "0",
    prices: Mapping[str, Decimal] | None = None,
    seconds_left: Callable[[], float] = unlimited,
    **stack: str,
) -> Examination:
    memory = Memory(files)
    assembled = assemble("pets", memory.objects)
    conditions = Conditions(
        instance_type=instance,
        instance_count=count,
        max_epochs=max_epochs,
        storage_type=instance,
        storage_in_gb=storage,
        instance_types=(instance,) if prices or most != "0" else (),
        max_runtime_in_seconds=86_400,
        prices=prices or {},
        max_job_cost_usd=Decimal(most),
        hyperparameters=stack,
        companions=companions(assembled),
    )
    examined = examine(
        assembled,
        memory.reader(),
        conditions,
        written=NOW,
        largest_whole_in_bytes=largest,
        seconds_left=seconds_left,
    )
    content = examined.report.as_json()
    SCHEMA.validate(content)
    assert read_report(json.dumps(content).encode()) == examined.report
    return examined


def codes(examined: Examination) -> list[str]:
    return [finding.code for finding in examined.report.findings]


def png(number: int, height: int = 300, width: int = 300, size: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", number.to_bytes(8) + bytes(size)) + chunk(b"IEND")


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def lst(rows: Iterable[tuple[object, ...]]) -> bytes:
    return "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()


def rec(records: Iterable[Record]) -> bytes:
    return b"".join(recordio.write(records))


def idx(records: bytes) -> bytes:
    lines, offset = [], 0
    for record in recordio.read([records]):
        lines.append(recordio.index_line(record.identifier, offset))
        offset += len(recordio.pack(record))
    return "".join(lines).encode()


def channel(name: str, first: int, images: int, *, classes: int = 2, **size: int) -> dict[str, bytes]:
    labels = {number: number % classes for number in range(first, first + images)}
    rows = [(number, label, f"{name}/{number}.png") for number, label in labels.items()]
    records = [
        Record(identifier=number, labels=(float(label),), image=png(number, **size)) for number, label in labels.items()
    ]
    return {f"{name}.lst": lst(rows), f"{name}.rec": rec(records)}


TRAIN, VALIDATION = channel("train", 0, 40), channel("validation", 1000, 40)
SOUND = {**TRAIN, **VALIDATION}


def changed(**files: bytes | None) -> dict[str, bytes]:
    """Replace parts of a sound data set; `train_lst` stands for train.lst."""
    changes = {re.sub("_(?=lst|rec|idx|json)", ".", name): content for name, content in files.items()}
    return {name: content for name, content in {**SOUND, **changes}.items() if content is not None}


LARGER = {**channel("train", 0, 60), **VALIDATION}


def with_exchanged_lists(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {**files, "train.lst": files["validation.lst"], "validation.lst": files["train.lst"]}


def training(**hyperparameters: object) -> dict[str, bytes]:
    return changed(training_json=json.dumps(hyperparameters).encode())


# ------------------------------------------------------------------------------------------- what is examined


def test_a_sound_set_is_ready_without_a_word() -> None:
    examined = judge(SOUND)
    assert (examined.report.verdict, examined.report.findings) == (Verdict.READY, ())
    assert (examined.report.train.images, examined.report.validation.classes) == (40, {0: 20, 1: 20})
    assert examined.report.train.sizes == {(300, 300): 40}


@pytest.mark.parametrize(("name", "more"), [("two_class", []), ("multi", ["multi-label-in-records"])])
def test_sets_of_im2rec_with_their_indices_are_ready(name: str, more: list[str]) -> None:
    files = {
        path.relative_to(DATA / name).as_posix(): path.read_bytes()
        for path in (DATA / name).rglob("*")
        if path.is_file()
    }
    assert {"train/train.idx", "validation/validation.idx"} <= set(files)
    examined = judge(files)
    assert examined.report.verdict is Verdict.READY
    assert codes(examined) == ["paths-shared", *more]  # each list starts from a folder of its own
    assert len(examined.thumbnails) == len(examined.report.train.classes)


def test_a_fault_in_the_validation_list_refuses_the_set_by_its_name() -> None:
    report = judge(changed(validation_lst=b"x\t0\ta.png\n" + VALIDATION["validation.lst"])).report
    assert report.verdict is Verdict.REFUSED
    assert ("index-not-an-integer", "datasets/pets/validation.lst") in [
        (finding.code, finding.file) for finding in report.findings
    ]


def test_the_validation_list_is_named_where_the_records_differ_from_it() -> None:
    report = judge(changed(validation_lst=lst((n, 1, 0, f"{n}.png") for n in range(1000, 1040)))).report
    assert "datasets/pets/validation.lst lists 2 labels" in " ".join(finding.message for finding in report.findings)


def test_paths_in_both_channels_are_told_by_the_names_of_both_lists() -> None:
    (finding,) = (each for each in CASES["paths-shared"]().report.findings if each.code == "paths-shared")
    assert finding.file == "datasets/pets/validation.lst"
    assert "datasets/pets/train.lst" in finding.message


def test_a_fault_in_training_json_is_told_by_its_name() -> None:
    (finding,) = judge(training(epochs=0)).report.findings
    assert finding.file == "datasets/pets/training.json"


@pytest.mark.parametrize("classes", [3, 4])
def test_validation_files_need_not_show_every_class(classes: int) -> None:
    assert codes(judge(of_classes(classes, 2))) == ["class-not-in-validation"]


def test_a_training_json_in_many_pieces_is_read_whole() -> None:
    memory = Memory(training(epochs=7))
    examined = examine(
        assemble("pets", memory.objects),
        memory.reader(piece=1),
        Conditions(),
        written=NOW,
        largest_whole_in_bytes=10**9,
    )
    assert examined.report.hyperparameters["epochs"].value == "7"


def test_no_more_than_a_mebibyte_of_training_json_is_held() -> None:
    memory = Memory(training())
    reader, pieces = memory.reader(), []

    def without_end(stored: StoredObject) -> Iterator[bytes]:
        if stored.key.endswith(".json"):
            for number in range(100):
                pieces.append(number)
                yield b" " * (1 << 18)
        yield from reader.whole(stored)

    examined = examine(
        assemble("pets", memory.objects),
        Reader(whole=without_end, span=reader.span),
        Conditions(),
        written=NOW,
        largest_whole_in_bytes=10**9,
    )
    assert "training-json-too-large" in codes(examined)
    assert len(pieces) == 5


def test_what_tells_the_images_is_kept_for_a_set_that_is_compared_later() -> None:
    memory = Memory(training())
    assembled = assemble("pets", memory.objects)
    kept, left_out = (
        examine(
            assembled,
            memory.reader(),
            Conditions(),
            written=NOW,
            largest_whole_in_bytes=10**9,
            is_compared_later=is_compared_later,
        )
        for is_compared_later in (True, False)
    )
    assert kept.images
    assert len(kept.images.labelled) == 40
    assert left_out == replace(kept, images=None)


def test_an_index_that_agrees_is_read_and_said_nothing_of() -> None:
    memory = Memory(changed(train_idx=idx(TRAIN["train.rec"])))
    assembled = assemble("pets", memory.objects)
    examined = examine(
        assembled, memory.reader(), Conditions(instance_type=GPU), written=NOW, largest_whole_in_bytes=10**9
    )
    assert "train.idx" in memory.whole
    assert codes(examined) == []


def test_what_describes_a_set_beside_its_content_is_a_condition() -> None:
    report = judge(changed(train_idx=idx(TRAIN["train.rec"]))).report
    assert set(report.conditions.companions) == {"datasets/pets/train.idx", "datasets/pets/validation.lst"}
    assert report.fingerprint == judge(SOUND).report.fingerprint
    assert report.conditions != judge(SOUND).report.conditions


def test_an_incomplete_set_waits_and_names_what_it_lacks() -> None:
    report = judge(changed(train_lst=None, validation_rec=None)).report
    assert report.verdict is Verdict.WAITING
    assert [finding.message for finding in report.findings] == [
        "There is no train .lst.",
        "There is no validation .rec.",
    ]


def test_a_missing_file_is_found_by_the_folder_and_the_name_that_its_remedy_names() -> None:
    missing = judge({}).report.findings
    for finding, ending in zip(missing, ("_train", "_train", "_val"), strict=True):
        suffix = finding.message.removesuffix(".").rpartition(".")[2]
        named = re.search(r"a folder named (\w+) or with a name that ends in (\w+)\.$", finding.remedy)
        assert named
        assert named[2] == ending
        for key in (f"datasets/pets/{named[1]}/a.{suffix}", f"datasets/pets/a{named[2]}.{suffix}"):
            assert finding.message == f"There is no {part_of(key)}."


def test_shared_images_are_named_by_their_records() -> None:
    leaked = rec([Record(identifier=1000, labels=(1.0,), image=png(7)), *recordio.read([VALIDATION["validation.rec"]])])
    (finding,) = judge(changed(validation_rec=leaked, validation_lst=None)).report.findings
    assert (finding.code, finding.file) == ("images-shared", "datasets/pets/validation.rec")
    assert "1 of the 41 images is in datasets/pets/train.rec as well: record 1 is record 8 there." in finding.message


def test_stubs_of_images_are_broken_and_not_shared() -> None:
    stub = png(7)[:33]
    channels = {
        f"{name}_rec": rec(replace(record, image=stub) for record in recordio.read([SOUND[f"{name}.rec"]]))
        for name in ("train", "validation")
    }
    examined = judge(changed(**channels))
    assert codes(examined) == ["image-broken", "image-broken"]
    assert examined.thumbnails == ()


def test_images_of_one_length_and_beginning_are_told_apart() -> None:
    def images(first: int) -> list[Record]:
        return [
            Record(identifier=number, labels=(number % 2,), image=png(0) + bytes(5000) + number.to_bytes(4))
            for number in range(first, first + 40)
        ]

    assert codes(judge(changed(train_rec=rec(images(0)), validation_rec=rec(images(1000))))) == []


def test_thumbnails_are_whole_images_of_distinct_classes_within_bounds() -> None:
    images = [
        *(Record(identifier=number, labels=(0.0,), image=png(number, size=70_000)) for number in range(20)),
        *(Record(identifier=number, labels=(float(number % 20),), image=png(number)) for number in range(20, 400)),
    ]
    rows = [(record.identifier, int(record.labels[0]), f"{record.identifier}.png") for record in images]
    thumbnails = judge(changed(train_rec=rec(images), train_lst=lst(rows))).thumbnails
    assert [thumbnail.label for thumbnail in thumbnails] == list(range(12))
    assert thumbnails[0].image == png(20)


def test_only_what_every_browser_shows_is_a_thumbnail() -> None:
    examined = judge(changed(train_rec=of_jpegs(bmp(32))))
    assert (examined.report.train.formats, examined.thumbnails) == ({"bmp": 40}, ())


def test_an_index_never_rings_and_is_no_part_of_the_content() -> None:
    assert part_of("datasets/pets/train.idx") is None
    assembled = assemble("pets", Memory(changed(train_idx=b"", other_idx=b"")).objects)
    assert isinstance(assembled, DataSet)
    assert assembled.train_index is not None
    assert assembled.train_index.key == "datasets/pets/train.idx"
    assert assembled.validation_index is None


@settings(max_examples=50)
@given(st.sets(st.integers(0, 10**6), min_size=1), st.sets(st.integers(0, 10**6)), st.integers(1, 40))
def test_a_thinned_overlap_finds_only_what_is_there(first: set[int], second: set[int], held: int) -> None:
    overlap = overlaps.Overlap[int]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlaps, "SHARED_HELD_AT_MOST", held)
        for value in first:
            overlap.remember(str(value), value)
    found = {value for value in first | second if overlap.find(str(value)) is not None}
    assert found <= first
    assert len(found) <= held
    assert all(overlap.find(str(value)) == value for value in found)
    assert (overlap.thinned_by == 1) == (len(first) <= held)
    assert overlap.thinned_by > 1 or found == first


# ----------------------------------------------------------------------------------------- in samples

MANY = 4000
LARGE = channel("train", 0, MANY, size=300)
LARGE_RECORDS = LARGE["train.rec"]


def large(**files: bytes | None) -> dict[str, bytes]:
    return {**changed(**files), **{name: content for name, content in LARGE.items() if name not in changes(files)}}


def changes(files: Mapping[str, object]) -> set[str]:
    return {name.replace("_", ".") for name in files}


def sampled(**files: bytes | None) -> Examination:
    return judge(large(**files), largest=len(VALIDATION["validation.rec"]))


def test_a_large_file_is_counted_by_its_index_and_says_how_much_was_looked_at() -> None:
    report = sampled(train_idx=idx(LARGE_RECORDS)).report
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("records-sampled", "warning")
    assert report.train.looked_at is not None
    assert 256 <= report.train.looked_at < MANY
    assert f"Of 4,000 records {report.train.looked_at:,} were looked at" in finding.message
    assert (report.train.images, report.train.classes) == (MANY, {0: MANY // 2, 1: MANY // 2})
    assert report.validation.looked_at is None


def test_a_large_file_without_index_is_looked_at_from_both_ends() -> None:
    report = sampled().report
    (finding,) = report.findings
    assert "both ends" in finding.message
    assert (report.train.images, report.train.rows) == (MANY, MANY)
    assert report.hyperparameters["num_training_samples"].value == str(MANY)


def test_samples_of_a_large_file_are_read_by_range_only() -> None:
    memory = Memory(large(train_idx=idx(LARGE_RECORDS)))
    assembled = assemble("pets", memory.objects)
    examine(assembled, memory.reader(), Conditions(), written=NOW, largest_whole_in_bytes=100_000)
    assert "train.rec" not in memory.whole
    assert "validation.rec" in memory.whole
    assert 0 < sum(length for _, length in memory.spans) < len(LARGE_RECORDS) * 2 / 3 + (1 << 20)


@pytest.mark.parametrize("with_index", [True, False])
def test_a_large_file_that_was_cut_off_is_refused(with_index: bool) -> None:
    files = {"train_rec": LARGE_RECORDS[:-40], "train_idx": idx(LARGE_RECORDS) if with_index else None}
    found = codes(sampled(**files))
    assert ("index-file-differs" if with_index else "truncated") in found


LARGE_LINES = idx(LARGE_RECORDS).splitlines(keepends=True)
OFFSETS = [int(line.split()[1]) for line in LARGE_LINES]


def lines_of(offsets: Iterable[int]) -> bytes:
    return "".join(f"{number}\t{offset}\n" for number, offset in enumerate(offsets)).encode()


HALF = MANY // 2
UNFIT_INDICES: Mapping[str, bytes] = {
    "-1": lines_of([*OFFSETS[:HALF], *[-1] * HALF]),
    "-1 as unsigned": lines_of([*OFFSETS[:HALF], *[2**64 - 1] * HALF]),
    "wrapped at 2^32": lines_of([*OFFSETS[:HALF], *(offset - 2**32 for offset in OFFSETS[HALF:])]),
    "wrapped to the file's beginning": lines_of([*OFFSETS[:HALF], *OFFSETS[:HALF]]),
    "in another order": lines_of(reversed(OFFSETS)),
    "cut short": b"".join(LARGE_LINES[:-10]),
    "every second line": b"".join(LARGE_LINES[::2]),
    "a mark of UTF-8": b"\xef\xbb\xbf" + b"".join(LARGE_LINES),
    "of another file, a little longer each": lines_of([0, *(offset + 4 for offset in OFFSETS[1:])]),
    "of another file from the middle on": lines_of([*OFFSETS[:HALF], *(offset - 4 for offset in OFFSETS[HALF:])]),
    "far beyond the file": lines_of([*OFFSETS, 2**50]),
    "text": b"none\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", UNFIT_INDICES)
def test_a_large_file_is_looked_at_without_an_index_that_does_not_fit_it(name: str) -> None:
    memory = Memory(large(train_idx=UNFIT_INDICES[name]))
    conditions = Conditions(instance_type=GPU)
    largest = len(VALIDATION["validation.rec"])
    report = examine(
        assemble("pets", memory.objects), memory.reader(), conditions, written=NOW, largest_whole_in_bytes=largest
    ).report
    assert report.verdict is Verdict.READY
    assert [(each.code, each.severity) for each in report.findings] == [
        ("index-file-differs", "warning"),
        ("records-sampled", "warning"),
    ]
    assert "because the file is large and its .idx does not fit it" in report.findings[1].message
    assert report.findings[1].remedy == report.findings[0].remedy, "the .idx file lies beside it already"
    assert report.train.looked_at is not None
    assert report.train.looked_at >= 2
    assert (report.train.images, report.train.rows) == (MANY, MANY)
    assert all(0 <= start <= start + length <= len(LARGE_RECORDS) for start, length in memory.spans)


def test_the_end_of_a_large_file_is_looked_at_where_its_index_does_not_fit() -> None:
    records = with_a_small_image(LARGE_RECORDS, MANY - 1)
    report = sampled(train_rec=records, train_idx=UNFIT_INDICES["-1 as unsigned"]).report
    assert "images-below-image-shape" in {finding.code for finding in report.findings}


def test_an_index_of_other_ids_still_leads_to_the_records() -> None:
    counted = b"".join(b"%d\t%d\n" % (number + 1, offset) for number, offset in enumerate(OFFSETS))
    differs, sampled_by_index = sampled(train_idx=counted).report.findings
    assert (differs.code, differs.severity) == ("index-file-differs", "warning")
    assert "The record has the id 0, but 1 in the .idx file." in differs.message
    assert "Of 4,000 records" in sampled_by_index.message


def test_damage_in_the_middle_of_a_large_file_is_told_from_an_index_that_does_not_fit() -> None:
    start, end = OFFSETS[3000], OFFSETS[3200]  # behind what is read of the beginning
    records = LARGE_RECORDS[:start] + bytes(end - start) + LARGE_RECORDS[end:]
    report = sampled(train_rec=records, train_idx=idx(LARGE_RECORDS)).report
    assert report.verdict is Verdict.REFUSED
    (finding,) = (finding for finding in report.findings if finding.severity is Severity.ERROR)
    assert finding.code == "no-magic-number"
    assert "No record starts here, as the .idx file says, though one does at byte" in finding.message


def test_a_large_file_of_garbage_is_refused() -> None:
    assert sampled(train_rec=bytes(len(LARGE_RECORDS))).report.verdict is Verdict.REFUSED


def test_a_label_that_differs_at_the_end_of_a_large_file_is_seen() -> None:
    last = recordio.pack(Record(identifier=MANY - 1, labels=(0.0,), image=png(MANY - 1, size=300)))
    records = LARGE_RECORDS[: -len(last)] + last
    assert "label-not-as-listed" in codes(sampled(train_rec=records))
    assert "label-not-as-listed" in codes(sampled(train_rec=records, train_idx=idx(records)))


@pytest.mark.parametrize(("with_index", "where"), [(True, f"record {MANY}, byte "), (False, "byte ")])
def test_a_tiny_image_at_the_end_of_a_large_file_is_named_by_its_place(*, with_index: bool, where: str) -> None:
    records = with_a_small_image(LARGE_RECORDS, MANY - 1)
    report = sampled(train_rec=records, train_idx=idx(records) if with_index else None).report
    (finding,) = (finding for finding in report.findings if finding.code == "images-below-image-shape")
    offset = records.rindex(MAGIC)
    assert (finding.file, finding.where) == ("datasets/pets/train.rec", f"{where}{offset}")
    assert f"1 of {report.train.looked_at:,} images looked at is smaller than image_shape 3,224,224" in finding.message


@settings(max_examples=60)
@given(st.data())
def test_no_large_file_makes_the_examination_raise(data: st.DataObject) -> None:
    records = bytearray(TRAIN["train.rec"])
    for position, byte in data.draw(st.lists(st.tuples(st.integers(0, len(records) - 1), st.integers(0, 255)))):
        records[position] = byte
    del records[data.draw(st.integers(0, len(records))) :]
    index = data.draw(st.none() | st.just(idx(TRAIN["train.rec"])) | st.binary(max_size=40))
    judge(changed(train_rec=bytes(records), train_idx=index), largest=0)


@settings(max_examples=30)
@given(st.integers(1, 1500))
def test_evenly_spread_samples_hold_both_ends(records: int) -> None:
    content = rec(Record(identifier=n, labels=(n % 2,), image=png(n)) for n in range(records))
    lines = list(recordio.read_index([idx(content)]))
    numbers: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordsample, "FILE_END_BYTES", 256)  # so that the beginning holds two records and not all
        summary = recordsample.sample(
            lambda offset, length: content[offset : offset + length],
            len(content),
            index=lines,
            on_image=lambda image: numbers.append(image.record),
        )
    assert [finding.code for finding in summary.findings] == ["records-sampled"]
    assert (summary.records, summary.looked_at) == (records, len(numbers))
    assert {1, records} <= set(numbers)
    strides = [after - before for before, after in pairwise(sorted(numbers))]
    assert all(stride == 1 or stride * SAMPLES < records for stride in strides)


# ------------------------------------------------------------------------------------ every finding is reachable


def rows_of(*rows: tuple[object, ...]) -> dict[str, bytes]:
    kept = [(number, number % 2, f"train/{number}.png") for number in range(len(rows), 40)]
    return changed(train_lst=lst([*rows, *kept]))


def label(text: object) -> dict[str, bytes]:
    return rows_of((0, text, "a.png"))


def parted(flag: int) -> bytes:
    return MAGIC + struct.pack("<I", flag << 29)


def several(*labels: int, records: int = 40) -> dict[str, bytes]:
    files = {}
    for name, first in (("train", 0), ("validation", 1000)):
        numbers = range(first, first + records)
        files[f"{name}_lst"] = lst((n, *labels, f"{name}{n}.png") for n in numbers)
        files[f"{name}_rec"] = rec(
            Record(identifier=n, labels=tuple(map(float, labels)), image=png(n)) for n in numbers
        )
    return changed(**files)


def of_classes(train: int, validation: int) -> dict[str, bytes]:
    return {**channel("train", 0, 40, classes=train), **channel("validation", 1000, 40, classes=validation)}


FRAME = b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 300, 300) + b"\3\1\x22\0\2\x11\1\3\x11\1"
SCAN = b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0" + bytes(range(100))


def bmp(side: int) -> bytes:
    header = struct.pack("<IIIIiiHHI", 54, 0, 54, 40, side, side, 1, 24, 0)
    return b"BM" + header + bytes(20 + side * (side * 24 + 31) // 32 * 4)


def metadata(segments: int) -> bytes:
    return segments * (b"\xff\xe2\xff\xff" + bytes(65533))


def of_jpegs(image: bytes) -> bytes:
    """Put another image behind each that is packed for training; what follows a picture's end tells them apart."""
    return rec(
        replace(record, image=image + record.identifier.to_bytes(8)) for record in recordio.read([TRAIN["train.rec"]])
    )


RECORDS = TRAIN["train.rec"]
BACKWARDS = b"".join(reversed(TRAIN["train.lst"].splitlines(keepends=True)))
LABELS = struct.pack("<If", 0, 1.0), struct.pack("<If", 0, 0.0)
META = recordio.pack(Record(identifier=0, labels=(41.0, 43.0), image=b""))
TRAIN_OF_PHOTOS = channel("train", 0, 40, height=1200, width=1600)
CASES: Mapping[str, Any] = {
    "batch-above-images": lambda: judge(training(mini_batch_size=41)),
    "batch-below-gpus": lambda: judge(training(mini_batch_size=3), instance="ml.g5.48xlarge"),
    "batch-of-few-validation-images": lambda: judge({**TRAIN, **channel("validation", 1000, 3)}),
    "batch-uneven": lambda: judge(training(mini_batch_size=9), instance="ml.g5.48xlarge"),
    "channel-in-chunks": lambda: judge(
        {**VALIDATION, **{f"train_0.{kind}": TRAIN[f"train.{kind}"] for kind in ("rec", "lst")}, "train_1.rec": b""}
    ),
    "checkpoint-after-end": lambda: judge(training(epochs=2, checkpoint_frequency=3)),
    "class-missing": lambda: judge({**VALIDATION, **with_a_gap()}),
    "class-name-missing": lambda: judge(named(b"ant\n\nbee\n")),
    "class-names-numbered": lambda: judge(named(b"1 bee\n0 ant\n")),
    "class-name-not-printable": lambda: judge(named(b"ant\nb\tee\n")),
    "class-name-repeated": lambda: judge(named(b"ant\nant\n")),
    "class-names-alike": lambda: judge({**of_classes(3, 3), "classes.txt": b"ant\nbee\nBee\n"}),
    "class-name-too-long": lambda: judge(named(b"ant\n" + b"e" * 101)),
    "class-names-conflict": lambda: judge(named(b"b\na\n", train_lst=in_folders("ab"))),
    "class-names-miscounted": lambda: judge(named(b"ant\n")),
    "class-names-not-utf-8": lambda: judge(named(b"ant\nb\xe9e\n")),
    "class-names-too-large": lambda: judge(named(b"a\n" * 100_001)),
    "class-not-in-train": lambda: judge(of_classes(2, 3)),
    "class-not-in-validation": lambda: judge(of_classes(3, 2)),
    "class-without-samples": lambda: judge(several(1, 0, 1)),
    "classes-not-in-list": lambda: judge_scanned(recordscan.scan([of_classes(3, 2)["train.rec"]])),
    "classes-uneven": lambda: judge({**VALIDATION, **uneven()}),
    "classes-without-record": lambda: judge({**SOUND, **of_classes(3, 2), "train.rec": without(2)}),
    "contradicts-data": lambda: judge(training(num_classes=5)),
    "cost-above-limit": lambda: judge(SOUND, prices={GPU: Decimal("1.00")}, most="10"),
    "cost-unknown": lambda: judge(SOUND, prices={"ml.g5.xlarge": Decimal("2.00")}, most="10"),
    "depth-not-for-height": lambda: judge(training(num_layers=20)),
    "detection-labels": lambda: judge(several(2, 5, 1, 0, 0, 1, 1)),
    "early-stopping-never": lambda: judge(training(epochs=2, early_stopping=True)),
    "ending-in-capitals": lambda: judge({**VALIDATION, "TRAIN.REC": RECORDS, "TRAIN.LST": TRAIN["train.lst"]}),
    "name-not-exact": lambda: judge({**TRAIN, **VALIDATION, "Training.json": b"{}"}),
    "few-small-images": lambda: judge(changed(train_rec=with_a_small_image(RECORDS, size=(156, 300)))),
    "few-images-of-class": lambda: judge({**VALIDATION, **uneven()}),
    "few-training-images": lambda: judge({**channel("train", 0, 2), **VALIDATION}),
    "file-compressed": lambda: judge({**VALIDATION, "train.lst": TRAIN["train.lst"], "train.rec.gz": b""}),
    "file-missing": lambda: judge(changed(train_lst=None)),
    "epochs-above-limit": lambda: judge(training(epochs=6), max_epochs=5),
    "file-of-no-channel": lambda: judge({**SOUND, "odd.rec": b""}),
    "header-too-short": lambda: judge(changed(train_rec=parted(0))),
    "header-line": lambda: judge(changed(train_lst=b"index\tlabel\tpath\n" + TRAIN["train.lst"])),
    "hidden-folders-as-classes": lambda: judge(in_classes("cat", "cat/.ipynb_checkpoints", "dog")),
    "hyperparameter-invalid": lambda: judge(training(epochs=0)),
    "hyperparameter-repeated": lambda: judge(changed(training_json=b'{"epochs": 1, "epochs": 2}')),
    "hyperparameter-unknown": lambda: judge(training(epoch=3)),
    "image-broken": lambda: judge(changed(train_rec=RECORDS.replace(b"IEND", b"iend", 1))),
    "image-cut": lambda: judge(changed(train_rec=of_jpegs(b"\xff\xd8" + FRAME + SCAN))),
    "image-size-unknown": lambda: judge(changed(train_rec=of_jpegs(b"\xff\xd8" + metadata(3))), largest=0),
    "image-not-readable": lambda: judge(
        changed(train_rec=RECORDS.replace(PNG_SIGNATURE, b"GIF89a..", 1)),
    ),
    "image-format-undocumented": lambda: judge(changed(train_rec=of_jpegs(bmp(300)))),
    "image-labels-differ": lambda: judge(changed(validation_rec=RECORDS.replace(*LABELS, 1), validation_lst=None)),
    "images-below-image-shape": lambda: judge(training(image_shape="3,400,400")),
    "images-dropped": lambda: sampled(train_rec=shortened(LARGE_RECORDS), train_idx=idx(shortened(LARGE_RECORDS))),
    "images-mostly-cropped": lambda: judge({**TRAIN_OF_PHOTOS, **VALIDATION}),
    "images-not-packed": lambda: judge({"train.lst": TRAIN["train.lst"], "cat/1.jpg": b"", "dog/1.jpg": b""}),
    "images-shared": lambda: judge(changed(validation_rec=shortened(RECORDS, 39), validation_lst=None)),
    "index-file-differs": lambda: judge(changed(train_idx=b"0\t4\n")),
    "index-not-an-integer": lambda: judge(rows_of(("x", 0, "a.png"))),
    "index-repeated": lambda: judge(rows_of((0, 0, "a.png"), (0, 1, "b.png"))),
    "instance-type-undocumented": lambda: judge(SOUND, instance="ml.m5.large"),
    "key-refused-by-sagemaker": lambda: judge({f"{'d' * 1_024}/train.rec": b""}),
    "key-swept-into-channel": lambda: judge({**SOUND, "train.rec.md5": b""}),
    "label-negative": lambda: judge(label(-1)),
    "label-not-0-or-1": lambda: judge(several(1, 3)),
    "label-not-a-number": lambda: judge(label("cat")),
    "label-not-an-integer": lambda: judge(label(0.5)),
    "label-not-as-listed": lambda: judge(label(1)),
    "label-not-finite": lambda: judge(label("inf")),
    "label-too-large": lambda: judge(label(1 << 25)),
    "label-width-differs": lambda: judge(rows_of((0, 0, "a.png"), (1, 0, 1, "b.png"))),
    "label-width-not-as-listed": lambda: judge(changed(train_lst=lst((n, 1, 0, f"{n}.png") for n in range(40)))),
    "label-width-of-validation": lambda: judge(
        {**VALIDATION, **{name: content for name, content in several(1, 1).items() if name.startswith("train")}}
    ),
    "labels-numbered-apart": lambda: judge(changed(train_lst=in_folders("ab"), validation_lst=in_folders("ba", 1000))),
    "labels-differ": lambda: judge_scanned(recordscan.scan([RECORDS]), label(1)["train.lst"]),
    "line-too-long": lambda: judge(rows_of((0, 0, "a" * (1 << 20)))),
    "list-empty": lambda: judge(changed(train_lst=b"\n")),
    "list-not-split": lambda: judge(changed(train_lst=TRAIN["train.lst"] + VALIDATION["validation.lst"])),
    "list-too-large": lambda: judge_within(100, SOUND),
    "lists-exchanged": lambda: judge(with_exchanged_lists(LARGER)),
    "more-records-than-rows": lambda: sampled(
        train_lst=LARGE["train.lst"].replace(b"3501\t1\ttrain/3501.png\n", b""), train_idx=idx(LARGE_RECORDS)
    ),
    "meta-records": lambda: judge(changed(train_rec=META + RECORDS)),
    "multi-label-in-records": lambda: judge(several(1, 1)),
    "no-magic-number": lambda: judge(changed(train_rec=RECORDS[:64] + b"xxxx" + RECORDS[64:])),
    "no-records": lambda: judge_scanned(recordsample.sample(lambda *_: b"", 0)),
    "not-a-record-file": lambda: judge(changed(train_rec=b"x" * 64)),
    "not-acceptable": lambda: judge(training(accept=["truncated"])),
    "not-an-object": lambda: judge(changed(training_json=b"[]")),
    "not-a-list": lambda: judge(changed(train_lst=b"\x1f\x8b\x08\0")),
    "not-json": lambda: judge(changed(training_json=b"{")),
    "not-read-in-time": lambda: judge(SOUND, seconds_left=lambda: 29),
    "not-utf-8": lambda: judge(changed(train_lst=TRAIN["train.lst"].replace(b"train/", b"\xe9/"))),
    "nul-byte": lambda: judge(rows_of((0, 0, "a\0.png"))),
    "one-class-only": lambda: judge(of_classes(1, 1)),
    "one-channel": lambda: judge(training(image_shape="1,64,64")),
    "part-out-of-order": lambda: judge(changed(train_rec=parted(FIRST) + parted(FIRST))),
    "path-repeated": lambda: judge(rows_of((0, 0, "a.png"), (1, 1, "a.png"))),
    "other-format": lambda: judge({"train.lst": TRAIN["train.lst"], "train.tfrecord": b""}),
    "packing-ended-early": lambda: judge(changed(train_rec=rec(list(recordio.read([RECORDS]))[:30]))),
    "paths-shared": lambda: judge(
        changed(validation_lst=VALIDATION["validation.lst"].replace(b"validation/1000", b"train/1"))
    ),
    "pretrained-depth": lambda: judge(training(use_pretrained_model=1, num_layers=20)),
    "pretrained-image-shape": lambda: judge(training(use_pretrained_model=1, image_shape="3,100,100")),
    "record-file-empty": lambda: judge(changed(train_rec=b"")),
    "record-not-in-list": lambda: judge(changed(train_lst=TRAIN["train.lst"].partition(b"\n")[2])),
    "record-repeated": lambda: judge(changed(train_rec=RECORDS + RECORDS)),
    "records-not-compared": lambda: judge_holding(10, changed(train_rec=shortened(RECORDS, 1), train_lst=BACKWARDS)),
    "records-in-order-of-classes": lambda: judge(changed(**in_order_of_classes())),
    "records-sampled": lambda: judge(SOUND, largest=0),
    "repeats-sampled": lambda: judge(
        changed(train_lst=lst((n, n % 2, f"{n}.png") for n in range(REPEATS_HELD_AT_MOST)))
    ),
    "resize-below-image-shape": lambda: judge(training(resize=100, image_shape="3,224,224")),
    "rows-without-record": lambda: judge(changed(train_lst=TRAIN["train.lst"] + b"99\t1\tz.png\n")),
    "shared-sampled": lambda: judge(
        changed(train_lst=lst((n, n % 2, f"{n}.png") for n in range(SHARED_HELD_AT_MOST + 1)))
    ),
    "splits-as-classes": lambda: judge(in_classes("test/cat", "test/dog", "train/cat", "train/dog")),
    "step-after-end": lambda: judge(training(epochs=2, lr_scheduler_step=[3])),
    "steps-not-rising": lambda: judge(training(lr_scheduler_step=[3, 2])),
    "storage-too-small": lambda: judge(SOUND, storage=1),
    "surplus-file": lambda: judge({**SOUND, "train/more.rec": b""}),
    "too-few-fields": lambda: judge(rows_of((0, "a.png"))),
    "too-many-labels": lambda: judge(changed(train_lst=lst((n, n, f"{n}.png") for n in range(60_000)))),
    "too-many-files": lambda: judge_of_few(9, {**SOUND, **{f"ant/{number}.jpg": b"" for number in range(9)}}),
    "top-k-above-classes": lambda: judge(training(top_k=3)),
    "trailing-bytes": lambda: judge(changed(train_rec=RECORDS + b"end.")),
    "training-json-too-large": lambda: judge(changed(training_json=b" " * 2_000_000)),
    "truncated": lambda: judge(changed(train_rec=RECORDS[:-4])),
    "validation-of-one-class": lambda: judge(of_classes(2, 1)),
    "validation-larger-than-train": lambda: judge({**TRAIN, **channel("validation", 1000, 160)}),
    "weighted-loss-needs-multi-label": lambda: judge(training(use_weighted_loss=1)),
    "wrong-columns": lambda: judge(changed(train_lst=lst((n, f"{n}.png", n % 2) for n in range(40)))),
    "wrong-separator": lambda: judge(changed(train_lst=TRAIN["train.lst"].replace(b"\t", b" "))),
    "without-effect": lambda: judge(training(gamma=0.5)),
}


def named(names: bytes, **files: bytes | None) -> dict[str, bytes]:
    return {**changed(**files), "classes.txt": names}


def in_order_of_classes(images: int = 40, size: int = 450_000) -> dict[str, bytes]:
    """Make 18 MB of training images, the first half of one class and the rest of another."""
    labels = {number: 2 * number // images for number in range(images)}
    return {
        "train_lst": lst((number, label, f"train/{number}.png") for number, label in labels.items()),
        "train_rec": rec(
            Record(identifier=number, labels=(float(label),), image=png(number, size=size))
            for number, label in labels.items()
        ),
    }


def in_folders(names: str, first: int = 0) -> bytes:
    return lst((number, number % 2, f"{names[number % 2]}/{number}.png") for number in range(first, first + 40))


def in_classes(*folders: str) -> dict[str, bytes]:
    """List folders as `im2rec --list --recursive` does, which numbers all that hold images, by their names."""
    number = len(folders)
    rows = {
        name: [(n, n % number, f"{folders[n % number]}/{n}.png") for n in range(first, first + 40)]
        for name, first in (("train", 0), ("validation", 1000))
    }
    records = {
        name: rec(Record(identifier=n, labels=(float(label),), image=png(n)) for n, label, _ in numbered)
        for name, numbered in rows.items()
    }
    return {f"{name}.lst": lst(rows[name]) for name in rows} | {f"{name}.rec": records[name] for name in rows}


def without(label: int) -> bytes:
    return rec(record for record in recordio.read([of_classes(3, 2)["train.rec"]]) if record.labels != (label,))


def with_a_gap() -> dict[str, bytes]:
    numbers = [(number, number % 2 * 2) for number in range(40)]
    return {
        "train.lst": lst((number, label, f"train/{number}.png") for number, label in numbers),
        "train.rec": rec(Record(identifier=n, labels=(float(label),), image=png(n)) for n, label in numbers),
    }


def uneven() -> dict[str, bytes]:
    numbers = [(number, int(number == 7)) for number in range(40)]
    return {
        "train.lst": lst((number, label, f"train/{number}.png") for number, label in numbers),
        "train.rec": rec(Record(identifier=n, labels=(float(label),), image=png(n)) for n, label in numbers),
    }


def judge_within(largest_list_in_bytes: int, files: Mapping[str, bytes]) -> Examination:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "LARGEST_LIST_IN_BYTES", largest_list_in_bytes)
        return judge(files)


def judge_of_few(objects: int, files: Mapping[str, bytes]) -> Examination:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "MOST_OBJECTS", objects)
        return judge(files)


def judge_holding(rows: int, files: Mapping[str, bytes]) -> Examination:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing, "ROWS_AHEAD", rows)
        return judge(files)


def test_records_far_from_their_rows_do_not_refuse_a_set() -> None:
    assert judge_holding(10, changed(train_lst=BACKWARDS)).report == judge(changed(train_lst=BACKWARDS)).report
    report = CASES["records-not-compared"]().report
    assert report.verdict is Verdict.READY
    assert {finding.code for finding in report.findings} == {"records-not-compared", "rows-without-record"}


def judge_scanned(train: recordcontent.RecordSummary, train_list: bytes = TRAIN["train.lst"]) -> Examination:
    """Judge records that were scanned without the rows of their list, as `examine` never scans them."""
    validation = recordscan.scan([VALIDATION["validation.rec"]])
    report = judgement.examine(
        data_set="pets",
        fingerprint="",
        digest="",
        written=NOW,
        train=ChannelFiles(
            listed=lists.summarize([train_list]), list_file="train.lst", records=train, records_file="train.rec"
        ),
        validation=ChannelFiles(
            listed=None, list_file="", records=validation, records_file="validation.rec", is_training=False
        ),
        training_json=None,
        conditions=Conditions(instance_type=GPU, instance_count=1),
    )
    return Examination(report=report)


def with_a_small_image(records: bytes, identifier: int = 7, size: tuple[int, int] = (1, 1)) -> bytes:
    """Put a small image in the place of another, of the same length."""
    return rec(
        replace(record, image=png(7, *size, size=len(record.image) - len(png(7))))
        if record.identifier == identifier
        else record
        for record in recordio.read([records])
    )


def shortened(records: bytes, lost: int = 2017) -> bytes:
    return rec(record for record in recordio.read([records]) if record.identifier != lost)


@pytest.mark.parametrize("name", ["train.lst", "validation.lst"])
def test_a_list_that_is_too_large_is_refused_unread(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = SOUND[name] + b"no row\n"
    files = SOUND if name == "validation.lst" else changed(validation_lst=None)
    memory = Memory({**files, name: content})
    monkeypatch.setattr(lists, "LARGEST_LIST_IN_BYTES", len(content) - 1)
    assembled = assemble("pets", memory.objects)
    conditions = Conditions(instance_type=GPU, instance_count=1)
    report = examine(assembled, memory.reader(), conditions, written=NOW, largest_whole_in_bytes=10**9).report
    (finding,) = report.findings
    assert (finding.code, finding.file) == ("list-too-large", f"datasets/pets/{name}")
    assert f"{len(content):,} bytes; at most {len(content) - 1:,} are looked at" in finding.message
    assert name not in memory.whole
    assert "train.rec" in memory.whole


def numbered_from_0() -> dict[str, bytes]:
    """Make images of validation whose ids training has as well, with other labels."""
    numbers = {number: (number + 1) % 2 for number in range(40)}
    records = (Record(identifier=n, labels=(float(label),), image=png(1000 + n)) for n, label in numbers.items())
    rows = ((n, label, f"validation/{n}.png") for n, label in numbers.items())
    return {"validation.lst": lst(rows), "validation.rec": rec(records)}


@pytest.mark.parametrize(
    ("files", "findings"),
    [
        (LARGER, []),
        ({**LARGER, **numbered_from_0()}, []),
        ({**channel("train", 0, 60, classes=3), **VALIDATION}, ["class-not-in-validation"]),
        ({**channel("train", 0, 60), **channel("validation", 1000, 40, classes=3)}, ["class-not-in-train"]),
    ],
    ids=["one numbering", "two numberings", "a class of training alone", "a class of validation alone"],
)
def test_exchanged_lists_are_told_alone(files: Mapping[str, bytes], findings: list[str]) -> None:
    assert codes(judge(files)) == findings
    assert codes(judge(with_exchanged_lists(files))) == ["lists-exchanged"]


def test_every_code_has_its_case() -> None:
    by_decoding = {
        Code.IMAGE_UNDECODABLE,
        Code.IMAGE_DAMAGED,
        Code.IMAGE_TOO_LARGE,
    }  # tests/unit/command/test_decode.py
    assert CASES.keys() == set(Code) - by_decoding


@pytest.mark.parametrize("code", CASES)
def test_every_finding_can_be_reached(code: str) -> None:
    assert code in codes(CASES[code]())
