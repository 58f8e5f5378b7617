"""A model is run over test files: nothing twice, nothing left out, wherever it is stopped and whatever lies in them."""

import json
import struct
import tracemalloc
from collections.abc import Iterable, Sequence
from itertools import chain, count, repeat

import pytest

from sagescene.bounds import HEAD_BYTES, LARGEST_RECORD_IN_BYTES
from sagescene.files import recordio
from sagescene.files.framing import HEADER, frame
from sagescene.files.recordio import Record
from sagescene_evaluation.cases import MOST_DOUBTFUL, MOST_MISTAKES
from sagescene_evaluation.evaluate import BATCH_IN_IMAGES, continue_tally
from sagescene_evaluation.sources import RecordSource
from sagescene_evaluation.tally import MOST_NAMED, Tally
from sagescene_model.params import Array
from sagescene_model.pictures import Fit
from tests.unit.evaluation.painted import PaintedModel, clock, pack, paint, stream

LONG = 3600.0
# Each third image is called by the class before.
LABELLED = [((number - (number % 3 == 2)) % 4, paint(number % 4, 60 + number % 40)) for number in range(50)]


def evaluate(*contents: bytes, classes: int = 4, is_multi_label: bool = False) -> Tally:
    sources = [stream(content, name=f"{number}.rec") for number, content in enumerate(contents)]
    tally = Tally.start(classes=classes, is_multi_label=is_multi_label)
    model = PaintedModel(classes, is_multi_label=is_multi_label)
    return continue_tally(tally, model, sources, remaining=lambda: LONG)


def evaluate_bit_by_bit(sources: Sequence[RecordSource], model: PaintedModel, batches: int) -> tuple[Tally, int]:
    """Go on with what was kept as JSON, some batches an invocation."""
    tally, invocations = Tally.start(classes=model.classes, is_multi_label=model.is_multi_label), 0
    while not tally.is_complete:
        assert invocations < 100
        remaining = clock(chain(repeat(LONG, batches), repeat(0)))
        continue_tally(tally, model, sources, remaining=remaining)
        tally = Tally.from_json(json.loads(json.dumps(tally.as_json())))
        invocations += 1
    return tally, invocations


def test_every_image_is_counted_with_its_label_and_its_answer() -> None:
    tally = evaluate(pack(LABELLED))
    crop = tally.fits[Fit.CROP]
    assert tally.is_complete
    assert (tally.images, crop.images, crop.right) == (50, 50, 34)
    assert tally.given.total() == 50
    assert crop.hits.total() == 34
    assert crop.pairs == {(0, 1): 4, (1, 2): 4, (2, 3): 4, (3, 0): 4}
    assert crop.found == {0: 13, 1: 13, 2: 12, 3: 12}


def without_seconds(tally: Tally) -> dict[str, object]:
    return tally.as_json() | {"seconds": 0}


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_it_goes_on_where_it_stopped_and_comes_to_the_same(batches: int) -> None:
    files = [pack(LABELLED), b"", pack(LABELLED[:7])]
    sources = [stream(content, name=f"{number}.rec") for number, content in enumerate(files)]
    model = PaintedModel(4)
    tally, invocations = evaluate_bit_by_bit(sources, model, batches)
    assert invocations > 1
    assert tally.images == 57
    assert sum(model.batches) == 57  # and no image was answered twice
    assert without_seconds(tally) == without_seconds(evaluate(*files))


def test_it_stops_before_the_time_is_up_for_another_batch() -> None:
    model, tally = PaintedModel(4), Tally.start(classes=4, is_multi_label=False)
    remaining = clock([LONG, LONG, 0])
    continue_tally(tally, model, [stream(pack(LABELLED))], remaining=remaining)
    assert (tally.images, tally.is_complete) == (2 * BATCH_IN_IMAGES, False)
    assert tally.seconds > 0


def test_it_leaves_time_for_a_batch_that_takes_longer_than_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", count(step=10).__next__)  # each batch takes ten seconds
    for left, batches in ((16, 2), (14, 1)):
        tally = Tally.start(classes=4, is_multi_label=False)
        continue_tally(tally, PaintedModel(4), [stream(pack(LABELLED))], remaining=clock([LONG, left, 0]))
        assert tally.images == batches * BATCH_IN_IMAGES


def test_a_minute_is_spent_on_images(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = 0.0

    class SlowModel(PaintedModel):
        def probabilities(self, batch: Array) -> Array:
            nonlocal passed
            passed += 5
            return super().probabilities(batch)

    monkeypatch.setattr("time.monotonic", lambda: passed)
    tally = Tally.start(classes=4, is_multi_label=False)
    continue_tally(tally, SlowModel(4), [stream(pack(LABELLED * 10))], remaining=lambda: 60 - passed)
    assert not tally.is_complete
    assert 50 < tally.seconds <= 60


def test_after_a_fault_of_the_storage_the_tally_stands_at_a_batch() -> None:
    content = pack(LABELLED)

    def break_off(start: int) -> Iterable[bytes]:
        yield content[start : start + 5000]
        raise ConnectionError

    source = stream(content)
    broken = type(source)(name="test.rec", open=break_off)
    tally = Tally.start(classes=4, is_multi_label=False)
    with pytest.raises(ConnectionError):
        continue_tally(tally, PaintedModel(4), [broken], remaining=lambda: LONG)
    assert tally.images
    assert tally.images % BATCH_IN_IMAGES == 0
    continue_tally(tally, PaintedModel(4), [source], remaining=lambda: LONG)
    assert without_seconds(tally) == without_seconds(evaluate(content))


def test_images_that_cannot_be_read_are_counted_and_named() -> None:
    damaged = [*LABELLED[:20], (1, b"no image"), *LABELLED[20:]]
    tally = evaluate(pack(damaged))
    offset = len(pack(LABELLED[:20]))
    assert (tally.images, tally.damaged) == (50, 1)
    assert tally.damages[0].startswith(f"0.rec, byte {offset:,}: The image cannot be decoded")


def test_a_record_without_a_header_or_of_any_length_is_passed_over() -> None:
    good = pack(LABELLED[:3])
    huge = frame(bytes(LARGEST_RECORD_IN_BYTES + 4))
    tally = evaluate(frame(b"short") + good + huge + good)
    assert (tally.images, tally.damaged, tally.is_complete) == (6, 2, True)
    assert "5 bytes of at least 24" in tally.damages[0]
    assert tally.damages[1].endswith("it has more than 64 MiB")


def test_a_record_of_more_labels_than_are_looked_at_is_passed_over_unread() -> None:
    most = (HEAD_BYTES - HEADER.size) // 4
    records = [frame(HEADER.pack(k, 0, 7, 0) + struct.pack("<f", 1) * k + paint(1, 60)) for k in (most, most + 1)]
    tally = evaluate(*records)
    assert (tally.images, tally.damaged) == (1, 1)
    assert tally.damages[0].endswith(f"the record has {most + 1:,} labels; at most {most:,} are looked at")


def test_large_images_are_read_in_smaller_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_evaluation.evaluate._BATCH_OF_FILES_IN_BYTES", len(paint(0, 60)) + 1)
    tally = Tally.start(classes=4, is_multi_label=False)
    content = pack([(0, paint(0, 60))] * 9)
    continue_tally(tally, PaintedModel(4), [stream(content)], remaining=clock([LONG, LONG, 0]))
    assert tally.images == 4
    continue_tally(tally, PaintedModel(4), [stream(content)], remaining=lambda: LONG)
    assert (tally.images, tally.is_complete) == (9, True)


def test_a_file_that_breaks_off_is_told_and_the_next_one_is_read() -> None:
    content = pack(LABELLED)
    tally = evaluate(content[:-100], content)
    assert (tally.images, tally.is_complete) == (99, True)
    assert tally.faults == ["0.rec: the file ends 100 bytes before the end of this record"]


def test_an_image_of_several_parts_is_read_whole() -> None:
    aligned = paint(2, 70) + b"\0" * (-len(paint(2, 70)) % 4) + bytes.fromhex("0a23d7ce") + b"end"
    content = pack([(2, aligned), *LABELLED[:3]])
    assert content.count(bytes.fromhex("0a23d7ce")) == 5
    assert (evaluate(content).images, evaluate(content).damaged) == (4, 0)


@pytest.mark.parametrize("label", [4.0, -1.0, 1.5, float("nan"), float("inf")])
def test_a_label_of_no_class_counts_as_wrong_and_is_told(label: float) -> None:
    tally = evaluate(pack([*LABELLED[:2], (label, paint(0, 90))]))
    assert (tally.images, tally.fits[Fit.CROP].right, tally.strange) == (3, 2, 1)
    assert tally.strangers == {f"{label:g}": 1}


def test_several_labels_for_a_model_of_one_are_told() -> None:
    assert evaluate(pack([([1, 0, 0, 0], paint(0, 90))])).strangers == {"4 labels": 1}


def test_both_fits_are_answered_and_alike_images_only_once() -> None:
    wide = [(1, paint(1, 90, border=3))] * 5
    model, tally = PaintedModel(4), Tally.start(classes=4, is_multi_label=False)
    continue_tally(tally, model, [stream(pack(LABELLED[:2] + wide))], remaining=lambda: LONG)
    assert (tally.fits[Fit.CROP].right, tally.fits[Fit.SQUASH].right) == (7, 2)
    assert (tally.same, model.batches) == (2, [7, 5])


def test_answers_are_sorted_into_bins_by_their_probability() -> None:
    images = [(0, paint(0, 55)), (1, paint(0, 55)), (0, paint(0, 95)), (0, paint(0, 100))]
    bins = evaluate(pack(images)).fits[Fit.CROP].bins
    assert [(each.answers, each.right) for each in bins] == [*[(0, 0)] * 5, (2, 1), *[(0, 0)] * 3, (2, 2)]
    assert bins[9].probability == pytest.approx(1.95)


def test_several_labels_are_counted_each_and_together() -> None:
    images = [([0, 1, 1], paint(1, 2)), ([1, 1, 1], paint(1, 2)), ([0, 0, 1], paint(1, 2)), ([1, 0], paint(0, 1))]
    tally = evaluate(pack(images), classes=3, is_multi_label=True)
    crop = tally.fits[Fit.CROP]
    assert (tally.images, crop.right, crop.entries, tally.strange) == (4, 1, 7, 1)
    assert tally.given == {0: 1, 1: 2, 2: 3}
    assert crop.found == {1: 3, 2: 3}
    assert crop.hits == {1: 2, 2: 3}
    assert {(case.identifier, case.given, case.found) for case in tally.mistakes} == {(1, 0, None), (2, None, 1)}


def test_the_tally_stays_small_whatever_is_read() -> None:
    one = paint(0, 90)
    images = [(number % 4, one) for number in range(2 * MOST_DOUBTFUL)]
    tally = evaluate(pack(images))
    assert len(tally.mistakes) == MOST_MISTAKES
    assert len(tally.doubtful) == MOST_DOUBTFUL
    assert len(tally.thumbnails) <= 2 * MOST_MISTAKES
    assert len(json.dumps(tally.as_json())) < 1 << 20


def test_only_the_first_of_what_is_odd_is_named_and_all_of_it_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_evaluation.counting.MOST_PAIRS", 2)
    strangers = [(100 + number, paint(0, 90)) for number in range(30)]
    tally = evaluate(pack([*strangers, *[(0, b"no image")] * 30, *LABELLED]))
    assert (tally.strange, len(tally.strangers)) == (30, MOST_NAMED)
    assert (tally.damaged, len(tally.damages)) == (30, MOST_NAMED)
    assert tally.fits[Fit.CROP].pairs == {(1, 2): 4, (0, 1): 4}


def test_a_record_of_many_parts_is_not_held_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordio, "LARGEST_RECORD_IN_BYTES", 1 << 20)
    part = bytes(1 << 18)

    def parts(_start: int) -> Iterable[bytes]:
        for flag in (1, *[2] * 60, 3):
            yield struct.pack("<II", 0xCED7230A, flag << 29 | len(part)) + part

    source = type(stream(b""))(name="test.rec", open=parts)
    tracemalloc.start()
    try:
        tally = continue_tally(
            Tally.start(classes=4, is_multi_label=False), PaintedModel(4), [source], remaining=lambda: LONG
        )
        assert tracemalloc.get_traced_memory()[1] < 5 << 20
    finally:
        tracemalloc.stop()
    assert tally.damaged == 1


def test_a_tally_of_another_model_or_version_is_refused() -> None:
    with pytest.raises(ValueError, match="4 classes cannot go on with a model of 5"):
        continue_tally(
            Tally.start(classes=4, is_multi_label=False), PaintedModel(5), [stream(b"")], remaining=lambda: LONG
        )
    with pytest.raises(ValueError, match="version 0"):
        Tally.from_json(Tally.start(classes=4, is_multi_label=False).as_json() | {"version": 0})


def test_an_id_of_64_bits_goes_through_json() -> None:
    record = recordio.pack(Record(identifier=(1 << 64) - 1, labels=(1.0,), image=paint(0, 90)))
    tally = Tally.from_json(json.loads(json.dumps(evaluate(record).as_json())))
    assert tally.mistakes[0].identifier == (1 << 64) - 1
