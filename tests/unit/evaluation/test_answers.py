"""Answers are one bit an image, bounded, and two models that answered the same images have the same digest."""

import json
from itertools import permutations

import pytest

from sagescene_evaluation.answers import Answers
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.tally import Tally
from sagescene_model.pictures import Fit
from tests.unit.evaluation.painted import PaintedModel, pack, paint, stream

# Each third image is called by the class before.
LABELLED = [((number - (number % 3 == 2)) % 4, paint(number % 4, 60 + number % 40)) for number in range(50)]


def evaluate(*contents: bytes, classes: int = 4) -> Tally:
    tally = Tally.start(classes=classes, is_multi_label=False)
    sources = [stream(content, name=f"{number}.rec") for number, content in enumerate(contents)]
    return continue_tally(tally, PaintedModel(classes), sources, remaining=lambda: 3600)


def note(*images: tuple[bytes, float]) -> Answers:
    answers = Answers()
    for content, label in images:
        answers.note(content, (label,), is_right=True)
    return answers


def test_each_image_has_its_bit_in_the_order_of_reading() -> None:
    tally = evaluate(pack(LABELLED))
    assert list(tally.answers) == [number % 3 != 2 for number in range(50)]
    assert sum(tally.answers) == tally.fits[Fit.CROP].right
    assert len(tally.answers.bits) == 7


def test_an_image_whose_label_the_model_does_not_have_is_wrong_and_a_damaged_one_is_none() -> None:
    tally = evaluate(pack([(9, paint(0, 90)), (0, b"no image"), (1, paint(1, 90))]))
    assert list(tally.answers) == [False, True]
    assert tally.answers.images == tally.images == 2


def test_the_digest_is_of_the_images_wherever_they_lie_and_whatever_the_model_says() -> None:
    whole = evaluate(pack(LABELLED)).answers.content
    assert evaluate(pack(LABELLED[:20]), pack(LABELLED[20:])).answers.content == whole
    assert evaluate(pack(LABELLED), classes=5).answers.content == whole


@pytest.mark.parametrize(
    "others",
    [
        [(b"b", 1.0), (b"a", 0.0)],
        [(b"a", 0.0)],
        [(b"a", 0.0), (b"b", 2.0)],
        [(b"a", 0.0), (b"c", 1.0)],
        [(b"a", 0.0), (b"b", 1.0), (b"b", 1.0)],
        [],
    ],
    ids=["order", "fewer", "label", "image", "more", "none"],
)
def test_other_images_labels_or_another_order_have_another_digest(others: list[tuple[bytes, float]]) -> None:
    assert note((b"a", 0.0), (b"b", 1.0)).content != note(*others).content


FILES = pack(LABELLED[:7]), pack(LABELLED[7:30]), pack(LABELLED[30:])


def sort_pairs(one: Answers, other: Answers) -> list[tuple[bool, bool]]:
    assert one.are_of_images_of(other)
    return sorted(one.pair_with(other))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_same_files_are_paired_image_by_image_whatever_their_order(order: tuple[int, ...]) -> None:
    named = evaluate(*FILES).answers
    renamed = evaluate(*(FILES[number] for number in order)).answers
    assert renamed.images == named.images == 50
    assert sort_pairs(renamed, named) == [(False, False)] * 16 + [(True, True)] * 34


def test_a_file_goes_on_in_a_tally_that_was_kept() -> None:
    whole = evaluate(*FILES)
    half = json.loads(json.dumps(evaluate(FILES[0], pack(LABELLED[7:9])).as_json()))
    assert [each["images"] for each in half["answers"]["files"]] == [7, 2]
    start = len(pack(LABELLED[7:9]))
    tally = Tally.from_json({**half, "file": 1, "position": start, "is_complete": False})
    sources = [stream(content, name=f"{number}.rec") for number, content in enumerate(FILES)]
    assert continue_tally(tally, PaintedModel(4), sources, remaining=lambda: 3600).answers == whole.answers


@pytest.mark.parametrize(
    "others",
    [FILES[:2], (FILES[0], FILES[2], FILES[2]), (*FILES[1:], pack(LABELLED[1:7] + LABELLED[:1]))],
    ids=["fewer", "twice", "order within a file"],
)
def test_files_of_other_images_are_not_the_same(others: tuple[bytes, ...]) -> None:
    assert not evaluate(*FILES).answers.are_of_images_of(evaluate(*others).answers)


def test_answers_of_an_earlier_version_are_the_same_in_the_same_order_alone() -> None:
    kept = evaluate(*FILES).answers.as_json()
    del kept["files"]
    earlier = Answers.from_json(kept)
    assert sort_pairs(evaluate(*FILES).answers, earlier) == sort_pairs(earlier, earlier)
    for answers in (evaluate(*FILES[::-1]).answers, evaluate(FILES[1]).answers):
        assert not answers.are_of_images_of(earlier)
        assert not earlier.are_of_images_of(answers)
    earlier.note(b"image", (0.0,), is_right=True, file=3)  # which went on in this version
    other = Answers()
    other.note(b"image", (0.0,), is_right=True, file=0)
    assert not earlier.are_of_images_of(other)


def test_beyond_the_bound_images_are_counted_and_no_bits_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_evaluation.answers.MOST_KEPT", 20)
    answers = evaluate(pack(LABELLED)).answers
    assert (answers.images, len(answers.bits), answers.is_whole) == (50, 3, False)
    assert list(answers) == [number % 3 != 2 for number in range(20)]
    assert Answers.from_json(answers.as_json()) == answers


def test_answers_are_read_again_and_others_refused() -> None:
    answers = evaluate(pack(LABELLED)).answers
    kept = json.loads(json.dumps(answers.as_json()))
    assert Answers.from_json(kept) == answers
    for changes, message in (
        ({"images": 60}, "7 bytes are not the answers for 60 images"),
        ({"right": ""}, "0 bytes are not the answers for 50 images"),
        ({"right": "?"}, "base64"),
        ({"content": "x"}, "hexadecimal"),
    ):
        with pytest.raises(ValueError, match=message):
            Answers.from_json({**kept, **changes})


def test_a_tally_of_an_earlier_version_goes_on_with_fewer_answers_than_images() -> None:
    kept = evaluate(pack(LABELLED)).as_json()
    del kept["answers"]
    tally = Tally.from_json({**kept, "file": 0, "position": 0, "is_complete": False})
    continue_tally(tally, PaintedModel(4), [stream(pack(LABELLED))], remaining=lambda: 3600)
    assert (tally.images, tally.answers.images) == (100, 50)
