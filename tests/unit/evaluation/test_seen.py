"""Test images that were trained on are found by their bytes, told, and kept out of a second figure."""

import dataclasses
import json
import random
from itertools import chain, repeat

import pytest

from sagescene.bounds import HEAD_BYTES, TOLD_BY_BYTES
from sagescene.files import recordscan
from sagescene.files.listrows import Row
from sagescene.files.setimages import ImageCollector, ImagesOfSet
from sagescene_evaluation.caveat import Caveat, CaveatCode
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.measures import Proportion
from sagescene_evaluation.page import render
from sagescene_evaluation.seen import MOST_NAMED, Seen, TrainingImages
from sagescene_evaluation.sources import StoredImage
from sagescene_evaluation.tally import Tally
from tests.unit.evaluation.painted import PaintedModel, clock, pack, paint, stream, train_on
from tests.unit.evaluation.test_document import Labelled, evaluate

# Forty images of their own, of which the last eight are called by the class before.
IMAGES: Labelled = [((number - (number >= 32)) % 4, paint(number % 4, 50 + number)) for number in range(40)]
BYTES = [image for _, image in IMAGES]


def caveat(*trained_on: bytes) -> Caveat | None:
    evaluation = evaluate(IMAGES, trained_on=train_on(*trained_on))
    return next((each for each in find_caveats(evaluation) if each.code is CaveatCode.TRAINED_ON), None)


def test_images_that_were_trained_on_are_counted_whatever_their_labels_and_place() -> None:
    evaluation = evaluate(IMAGES, trained_on=train_on(BYTES[35], paint(3, 10), *BYTES[:9], BYTES[0]))
    seen = evaluation.seen
    assert (seen.looked_for, seen.images, seen.right) == (40, 10, 9)
    assert [each.identifier for each in seen.named] == [*range(9), 35]
    assert evaluation.accuracy[:] == (32, 40)
    assert evaluation.unseen == Proportion(23, 30)
    assert seen.tell_doubt(40) == ""


def test_what_was_trained_on_is_told_with_what_is_left_and_what_to_do() -> None:
    told = caveat(BYTES[35], *BYTES[:9])
    assert told
    assert told.message.startswith(
        "10 of 40 test images were trained on: the figure is too good by up to 22.5 percentage points. Of the other 30 "
        "images 76.7 % are right. Trained on: byte 0 of datasets/pets/pets_test.rec, byte "
    )
    assert told.message.endswith(" and 5 more.")
    assert told.remedy == "Leave these images out of the test files, or out of training, and pack again."
    assert "Trained on: byte 0 of" in render(evaluate(IMAGES, trained_on=train_on(BYTES[0])))
    assert caveat(paint(3, 10)) is None


def test_one_image_is_told_as_one_and_of_all_none_is_left() -> None:
    (one, every) = caveat(BYTES[1]), caveat(*BYTES)
    assert one
    assert every
    assert one.message.startswith("1 of 40 test images was trained on: the figure is too good by up to 2.5 ")
    assert "up to 80.0 percentage points. Trained on: byte" in every.message


def test_they_are_named_by_the_paths_of_the_list() -> None:
    rows = [Row(number, (float(label),), f"ant/{number}.jpg") for number, (label, _) in enumerate(IMAGES)]  # type: ignore[arg-type]
    evaluation = evaluate(IMAGES, trained_on=train_on(BYTES[7], BYTES[3]), listed=rows)
    (told,) = [each for each in find_caveats(evaluation) if each.code is CaveatCode.TRAINED_ON]
    assert told.message.endswith("Trained on: ant/3.jpg, ant/7.jpg.")


def test_how_many_are_named_is_bounded() -> None:
    assert len(evaluate(IMAGES, trained_on=train_on(*BYTES)).seen.named) == MOST_NAMED


def test_it_goes_on_where_it_stopped_and_finds_the_same() -> None:
    training = train_on(*BYTES[10:30])
    tally, invocations = Tally.start(classes=4, is_multi_label=False), 0
    while not tally.is_complete:
        remaining = clock(chain(repeat(3600, 1), repeat(0)))
        continue_tally(tally, PaintedModel(4), [stream(pack(IMAGES))], remaining=remaining, trained_on=training)
        tally = Tally.from_json(json.loads(json.dumps(tally.as_json())))
        invocations += 1
    assert invocations > 1
    assert tally.seen == evaluate(IMAGES, trained_on=training).seen
    assert (tally.seen.looked_for, tally.seen.images) == (40, 20)


def test_a_tally_of_an_earlier_version_has_looked_for_nothing() -> None:
    kept = Tally.start(classes=4, is_multi_label=False).as_json()
    del kept["seen"]
    assert Tally.from_json(kept).seen == Seen()


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        (None, "what tells its training images is not kept"),
        (ImagesOfSet(missing="it has more than 100,000 training images"), "it has more than 100,000 training images"),
    ],
)
def test_where_the_training_images_are_not_known_that_is_said(images: ImagesOfSet | None, reason: str) -> None:
    evaluation = evaluate(IMAGES, trained_on=TrainingImages(images))
    assert (evaluation.seen.images, evaluation.seen.tell_doubt(40)) == (0, reason)
    assert f"Whether any of the images was trained on is not known: {reason}." in render(evaluation)
    assert not [each for each in find_caveats(evaluation) if each.code is CaveatCode.TRAINED_ON]


def test_images_that_were_looked_for_in_a_part_of_the_invocations_are_not_known() -> None:
    evaluation = evaluate(IMAGES, trained_on=train_on())
    assert "0 of the images were trained on." in render(evaluation)
    more = dataclasses.replace(evaluation, images=41)
    assert more.seen.tell_doubt(41) == "they were not looked for among its training images"


@pytest.mark.parametrize(
    "length", [1, TOLD_BY_BYTES - 1, TOLD_BY_BYTES + 1, HEAD_BYTES - 10, HEAD_BYTES, 3 * HEAD_BYTES]
)
@pytest.mark.parametrize("labels", [(2.0,), (0.0, 1.0) * 30])
def test_an_image_is_told_whatever_its_length_and_however_many_labels_stood_before_it(
    length: int, labels: tuple[float, ...]
) -> None:
    image = paint(1, 90) + random.Random(length).randbytes(length)
    collector = ImageCollector()
    recordscan.scan([pack([(labels, image)])], file="train.rec", on_image=collector.add)
    training = TrainingImages(collector.collected(is_whole=True))
    for content, images in ((image, 1), (image + b"1", 0), (bytes([image[0] ^ 1]) + image[1:], 0)):
        seen = Seen()
        training.look_for(StoredImage(0, 0, 0, (1.0,), content), 0, seen, is_right=True)
        assert (seen.looked_for, seen.images, seen.right) == (1, images, images)
