"""Answers are one bit an image, bounded, and two models that answered the same images have the same digest."""

import json

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
