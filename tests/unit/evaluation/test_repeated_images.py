"""Images that are there more than once are counted, told, and remembered from one invocation to the next."""

import json
from collections.abc import Iterable

import pytest

from sagescene_evaluation.caveat import CaveatCode
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.document import as_json, from_json
from sagescene_evaluation.repeated_images import RepeatedImages
from sagescene_evaluation.tally import Tally
from tests.unit.evaluation.painted import paint, train_on
from tests.unit.evaluation.test_document import SCHEMA, evaluate


def look_for(repeats: RepeatedImages, images: Iterable[bytes]) -> RepeatedImages:
    for image in images:
        repeats.look_for(image)
    return repeats


def test_each_image_after_the_first_of_its_bytes_counts_in_whichever_invocation_it_comes() -> None:
    first = look_for(RepeatedImages(), [b"a", b"b", b"a", b"a"])
    kept = RepeatedImages.from_json(json.loads(json.dumps(first.as_json())))
    assert (first.images, look_for(kept, [b"c", b"b", b"c"]).images) == (2, 4)


def test_no_more_are_remembered_than_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_evaluation.repeated_images.MOST_KEPT", 2)
    repeats = look_for(RepeatedImages(), [b"a", b"b", b"c", b"c", b"b"])
    assert (repeats.images, len(repeats.digests)) == (1, 2)


def test_a_tally_of_before_remembers_none() -> None:
    document = Tally.start(classes=4, is_multi_label=False).as_json()
    del document["repeats"]
    assert Tally.from_json(document).repeats == RepeatedImages()


def test_images_that_repeat_are_told_with_their_number() -> None:
    images = [(n % 4, paint(n % 4, 90 - n % 8)) for n in range(40)]
    evaluation = evaluate([*images, *images[:2]], trained_on=train_on())
    found = {caveat.code: caveat for caveat in find_caveats(evaluation)}
    assert found[CaveatCode.IMAGES_REPEATED].message.startswith("34 of 42 test images are there once more, and counted")
    assert SCHEMA.is_valid(as_json(evaluation))
    assert from_json(as_json(evaluation)).repeated == 34
