"""Where not all may be read, what comes first is balanced by class and spread over the file."""

from collections import Counter
from collections.abc import Callable

import pytest

from sagescene.files import recordio
from sagescene.files.framing import MAGIC
from sagescene.files.listrows import Row
from sagescene.files.recordio import Record
from sagescene_evaluation import picking, sources
from sagescene_evaluation.picking import pick_records
from sagescene_evaluation.sources import PickedRecords, StreamedRecords

# Class 0 is most of the file, and the file is in the order of the classes.
LABELS = [0] * 900 + [1] * 200 + [2] * 50
RECORDS = [
    recordio.pack(Record(identifier=number, labels=(float(label),), image=b"image" * (number % 7)))
    for number, label in enumerate(LABELS)
]
CONTENT = b"".join(RECORDS)
OFFSETS = [sum(map(len, RECORDS[:number])) for number in range(len(RECORDS))]
INDEX = list(enumerate(OFFSETS))
ROWS = [Row(number, (float(label),), f"{number}.jpg") for number, label in enumerate(LABELS)]


FEWEST = 1000


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pick from as many records as the file here has."""
    monkeypatch.setattr(picking, "FEWEST_IN_RECORDS", FEWEST)


def span_of(content: bytes) -> Callable[[int, int], bytes]:
    def span(offset: int, length: int) -> bytes:
        assert 0 <= offset < len(content)  # S3 would answer with an error
        return content[offset : offset + length]

    return span


def pick(
    index: list[tuple[int, int]] = INDEX, rows: list[Row] | None = ROWS, content: bytes = CONTENT
) -> PickedRecords:
    picked = pick_records(name="test.rec", span=span_of(content), size=len(content), index=index, rows=rows)
    assert picked
    return picked


def test_each_record_is_read_once_and_the_first_ones_are_balanced() -> None:
    picked = pick()
    stored = list(picked.read(0))
    assert picked.images == len(LABELS)
    assert sorted(image.identifier for image in stored) == list(range(len(LABELS)))
    assert not any(image.fault for image in stored)
    for first in (30, 150):
        assert Counter(image.labels[0] for image in stored[:first]) == dict.fromkeys((0.0, 1.0, 2.0), first // 3)
    assert Counter(image.labels[0] for image in stored[:550]) == {0: 300, 1: 200, 2: 50}


def test_the_images_of_a_class_are_spread_over_it() -> None:
    of_class = [image.identifier for image in list(pick().read(0))[:150] if image.labels[0] == 0]
    assert len(of_class) == 50
    assert all(any(start <= number < start + 150 for number in of_class) for start in range(0, 900, 150))


def test_it_goes_on_from_where_it_stopped() -> None:
    stored = list(pick().read(0))
    for place in (1, 700):
        assert list(pick().read(stored[place - 1].following)) == stored[place:]


@pytest.mark.parametrize("rows", [None, ROWS[:-1], [row._replace(labels=(0.0, 1.0)) for row in ROWS]])
def test_without_labels_the_order_is_an_even_spread(rows: list[Row] | None) -> None:
    first = Counter(image.labels[0] for image in list(pick(rows=rows).read(0))[:230])
    assert first[0] == pytest.approx(180, abs=20)
    assert first[1] == pytest.approx(40, abs=15)


@pytest.mark.parametrize(
    "index",
    [
        INDEX[: FEWEST - 1],
        INDEX[1:],
        [(number + 1, offset) for number, offset in INDEX],
        [(number, offset + 4) if number else (0, 0) for number, offset in INDEX],
        [*INDEX, (len(INDEX), len(CONTENT))],
        [*INDEX, INDEX[-1]],
        # As signed numbers these would be far before the file, each behind the one before it.
        [*INDEX, (len(INDEX), 1 << 62), (len(INDEX) + 1, (1 << 63) + len(CONTENT) + 1)],
        [],
    ],
    ids=["few", "first", "ids", "offsets", "more", "twice", "beyond", "none"],
)
def test_an_index_that_does_not_fit_or_is_small_is_not_followed(index: list[tuple[int, int]]) -> None:
    assert pick_records(name="", span=span_of(CONTENT), size=len(CONTENT), index=index, rows=ROWS) is None


def test_no_more_is_read_of_a_file_that_has_grown_than_a_record_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picking, "LARGEST_RECORD_IN_BYTES", 1000)
    asked: list[int] = []

    def span(offset: int, length: int) -> bytes:
        asked.append(length)
        return CONTENT[offset : offset + length]

    assert pick_records(name="", span=span, size=len(CONTENT), index=INDEX[:FEWEST], rows=ROWS) is None
    assert asked == [len(RECORDS[0]), len(RECORDS[FEWEST // 2]), 1000]


def test_a_record_that_is_not_where_the_index_says_is_damaged() -> None:
    wrong = bytearray(CONTENT)
    wrong[OFFSETS[3]] = 0
    faults = [image for image in pick(content=bytes(wrong)).read(0) if image.fault]
    assert [(image.offset, image.fault) for image in faults] == [
        (OFFSETS[3], "no record is there, as the .idx file says")
    ]


@pytest.mark.parametrize(
    ("image", "size"),
    [(bytes(968), 1000), (bytes(972), 1004), (MAGIC * 121, 1000), (MAGIC * 121 + b"more", 1004), (bytes(2000), 2032)],
)
def test_a_record_that_is_too_long_is_told_as_in_a_file_that_is_streamed(
    monkeypatch: pytest.MonkeyPatch, image: bytes, size: int
) -> None:
    for module in (sources, recordio):
        monkeypatch.setattr(module, "LARGEST_RECORD_IN_BYTES", 1000)
    long = recordio.pack(Record(identifier=3, labels=(0.0,), image=image))
    assert len(long) == size
    records = [*RECORDS[:3], long, *RECORDS[4:]]
    content = b"".join(records)
    index = [(number, sum(map(len, records[:number]))) for number in range(len(records))]
    streamed = StreamedRecords(name="test.rec", open=lambda start: [content[start:]])
    told = [
        [(image.offset, image.fault) for image in source.read(0) if image.fault]
        for source in (pick(index, content=content), streamed)
    ]
    assert told == [[(OFFSETS[3], "it has more than 64 MiB")] if size > 1000 else []] * 2


def test_records_that_the_index_leaves_out_are_named() -> None:
    left_out = [3, 400, 401]
    picked = pick([line for line in INDEX if line[0] not in left_out])
    stored = list(picked.read(0))
    assert sorted((image.offset, image.fault) for image in stored if image.fault) == [
        (OFFSETS[number], "the .idx file leaves it out") for number in left_out
    ]
    assert len(stored) == len(LABELS)
    place = next(place for place, image in enumerate(stored) if image.fault)
    assert list(picked.read(stored[place].following)) == stored[place + 1 :]


def test_a_balanced_sample_of_a_small_file_takes_a_few_requests() -> None:
    requests: list[int] = []

    def span(offset: int, length: int) -> bytes:
        requests.append(length)
        return CONTENT[offset : offset + length]

    picked = pick_records(name="test.rec", span=span, size=len(CONTENT), index=INDEX, rows=ROWS)
    assert picked
    assert len(list(picked.read(0))) == len(LABELS)
    assert len(requests) == 3 + 1  # that the index fits, and then all of it
    assert requests[3] == len(CONTENT)
