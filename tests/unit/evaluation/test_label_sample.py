"""The labels of some images are kept, evenly over all that were read, however many these are."""

import json

import pytest

from sagescene_evaluation.label_sample import MOST_KEPT, LabelSample, digest_labels


@pytest.mark.parametrize(
    ("images", "kept", "stride"),
    [(0, 0, 1), (MOST_KEPT, MOST_KEPT, 1), (MOST_KEPT + 1, 501, 2), (2 * MOST_KEPT, 1_000, 2), (9_000, 563, 16)],
)
def test_at_most_a_thousand_are_kept_from_the_first_to_the_last(images: int, kept: int, stride: int) -> None:
    sample = LabelSample()
    for number in range(images):
        sample.note(number // 700, number, (number % 3,))
        if number == 600:  # where an invocation ends
            sample = LabelSample.from_json(json.loads(json.dumps(sample.as_json())))
    assert [each.identifier for each in sample.kept] == list(range(0, images, stride))
    assert (len(sample.kept), sample.stride) == (kept, stride)
    assert [*sample.of_file(1)] == [
        (n, digest_labels([n % 3])) for n in range(700, min(images, 1_400)) if n % stride == 0
    ]


@pytest.mark.parametrize(
    "document", [{}, {"images": 1, "stride": 0, "kept": []}, {"images": 1, "stride": 1, "kept": [1]}]
)
def test_anything_else_is_no_sample(document: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        LabelSample.from_json(document)
