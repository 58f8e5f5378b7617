"""What is said of two channels that disagree with each other."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.preflight.channel_comparison import compare_channels, find_exchanged_lists, find_larger_validation
from tests.unit.preflight.test_channel_checks import TWO, codes, files, listed, packed

HALF = {0: 30, 1: 20}


def compare(train: Mapping[int, int], validation: Mapping[int, int]) -> list[Finding]:
    return list(compare_channels(files(packed(train)), files(packed(validation))))


@pytest.mark.parametrize(("train", "validation"), [({}, TWO), (TWO, {}), ({}, {})])
def test_a_channel_without_classes_is_compared_with_nothing(
    train: Mapping[int, int], validation: Mapping[int, int]
) -> None:
    assert compare(train, validation) == []


@pytest.mark.parametrize(
    ("train", "validation", "sentence"),
    [
        (1, 3, "The images have 3 labels each, but those of train.rec have 1 label."),
        (3, 1, "The images have 1 label each, but those of train.rec have 3 labels."),
        (2, 3, "The images have 3 labels each, but those of train.rec have 2 labels."),
    ],
)
def test_images_of_other_numbers_of_labels_are_told_by_both_numbers(train: int, validation: int, sentence: str) -> None:
    channels = (files(packed(width=width, records=100)) for width in (train, validation))
    (finding,) = compare_channels(*channels)
    assert (finding.code, finding.message) == ("label-width-of-validation", sentence)


@pytest.mark.parametrize(
    ("train", "validation", "expected"),
    [
        ({0: 5, 1: 5}, {0: 5, 1: 5, 2: 0}, []),
        ({0: 5, 1: 5, 2: 0}, {0: 5, 1: 5}, []),
        ({0: 5, 1: 0}, {0: 5, 1: 5}, ["class-not-in-train"]),
        ({0: 5, 1: 5, 2: 5}, {0: 5, 1: 5, 2: 0}, ["class-not-in-validation"]),
        ({0: 5, 1: 5}, {0: 5, 1: 0}, ["validation-of-one-class"]),
        ({0: 5, 1: 0}, {0: 5, 1: 0}, []),
    ],
)
def test_a_class_without_an_image_is_as_good_as_none(
    train: Mapping[int, int], validation: Mapping[int, int], expected: list[str]
) -> None:
    assert codes(compare(train, validation)) == expected


@pytest.mark.parametrize(
    ("train", "validation", "said"),
    [
        ((0, 1, 2), (1, 2, 3), "none: its labels begin at 1, and those there at 0."),
        ((1, 2, 3), (0, 1, 2), "none: its labels begin at 0, and those there at 1."),
        ((0, 2), (1, 3), "none: its labels begin at 1, and those there at 0."),
        ((0, 1, 2), (1, 3), "none."),
        ((0, 1), (0, 2), "none."),
        ((0,), (1,), "none."),
        ((2, 3), (3, 4), "none."),
    ],
)
def test_a_channel_that_is_numbered_from_1_beside_one_from_0_is_called_so(
    train: tuple[int, ...], validation: tuple[int, ...], said: str
) -> None:
    found = compare(dict.fromkeys(train, 5), dict.fromkeys(validation, 5))
    assert found[0].message.endswith(said)
    assert ("class-not-in-validation" in codes(found)) is (said == "none.")
    assert ("Number the classes of both channels alike" in found[0].remedy) is (said != "none.")


def test_wrong_labels_leave_open_whether_validation_is_of_one_class() -> None:
    wrong = replace(packed({0: 50}), counts={Code.LABEL_NEGATIVE: 50})
    assert codes(compare_channels(files(packed()), files(wrong))) == ["class-not-in-validation"]


def test_one_class_of_several_labels_or_of_a_sample_is_only_absent_from_the_rest() -> None:
    several = files(packed(TWO, width=2)), files(packed({0: 50, 1: 0}, width=2))
    assert codes(compare_channels(*several)) == ["class-not-in-validation"]
    sampled = files(packed({0: 50}, looked_at=50, is_counted=False))
    assert codes(compare_channels(files(packed()), sampled)) == ["class-not-in-validation"]


@pytest.mark.parametrize(
    ("number", "named"),
    [
        (1, "class 2,"),
        (2, "classes 2, 3,"),
        (10, "classes 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,"),
        (11, "classes 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1 more,"),
    ],
)
def test_up_to_ten_classes_are_named(number: int, named: str) -> None:
    (finding,) = compare(TWO, TWO | dict.fromkeys(range(2, 2 + number), 1))
    assert finding.message.startswith(f"The file has images of {named} of which")


@pytest.mark.parametrize(
    ("train", "validation", "is_told"),
    [(40, 40, False), (40, 50, False), (40, 51, True), (7, 9, False), (7, 10, True), (0, 40, False)],
    ids=["equal", "uneven halves", "exchanged", "a handful", "ten", "nothing to train on"],
)
def test_only_clearly_more_images_to_validate_with_are_told(train: int, validation: int, *, is_told: bool) -> None:
    channels = (files(packed({0: images})) for images in (train, validation))
    assert codes(find_larger_validation(*channels)) == ["validation-larger-than-train"] * is_told


def test_records_that_are_there_twice_are_not_counted_against_training() -> None:
    twice = files(packed({0: 130}, findings=[Code.RECORD_REPEATED]))
    assert codes(find_larger_validation(files(packed()), files(packed({0: 130})))) == ["validation-larger-than-train"]
    assert codes(find_larger_validation(files(packed()), twice)) == []


@pytest.mark.parametrize(
    ("of_train", "of_validation", "is_told"),
    [
        (HALF, TWO, True),
        (TWO, HALF, False),
        (HALF, {0: 61, 1: 40}, False),
        ({0: 20, 1: 30}, TWO, False),
        (HALF, None, False),
    ],
    ids=["exchanged", "in place", "an image more", "other classes", "no list of validation"],
)
def test_lists_that_count_the_records_of_each_other_are_exchanged(
    of_train: Mapping[int, int], of_validation: Mapping[int, int] | None, *, is_told: bool
) -> None:
    train = files(packed(TWO), listed(of_train))
    validation = files(packed(HALF), listed(of_validation) if of_validation else None)
    assert codes(find_exchanged_lists(train, validation)) == ["lists-exchanged"] * is_told


def test_lists_that_count_alike_are_in_place() -> None:
    alike = files(packed(TWO), listed(TWO))
    assert codes(find_exchanged_lists(alike, alike)) == []
