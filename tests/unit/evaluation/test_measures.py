"""The figures are those that statistics and scikit-learn give for the same answers."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn import metrics

from sagescene_evaluation.cases import Case, rank_doubtful, rank_mistakes
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.measures import (
    ClassFigures,
    Proportion,
    measure_chance,
    measure_classes,
    measure_fit,
    rank_classes,
    rank_pairs,
)
from sagescene_evaluation.tally import Tally
from sagescene_model.pictures import Fit
from tests.unit.evaluation.painted import PaintedModel, pack, paint, stream

RANDOM = np.random.default_rng(7)
CLASSES = 5
GIVEN = RANDOM.integers(0, 4, 200).tolist()
FOUND = [given if right else given + 1 for given, right in zip(GIVEN, RANDOM.random(200) < 0.7, strict=True)]
PERCENT = RANDOM.integers(51, 101, 200).tolist()


def tally_of(model: PaintedModel, images: Sequence[tuple[float | Sequence[float], bytes]]) -> Tally:
    tally = Tally.start(classes=model.classes, is_multi_label=model.is_multi_label)
    return continue_tally(tally, model, [stream(pack(images))], remaining=lambda: 3600)


@pytest.fixture(scope="module")
def counted() -> Tally:
    images = [(given, paint(found, percent)) for given, found, percent in zip(GIVEN, FOUND, PERCENT, strict=True)]
    return tally_of(PaintedModel(CLASSES), images)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    # Of Newcombe, Statistics in Medicine 17 (1998), table I, method 3, and the ends.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    assert Proportion(right, of).interval == pytest.approx((low, high), abs=5e-5)
    assert Proportion(of - right, of).interval == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_the_interval_ends_at_all_and_nothing() -> None:
    for images in range(1, 500):
        assert Proportion(0, images).interval[0] == 0
        assert Proportion(images, images).interval[1] == 1
    assert Proportion(0, 0).interval == (0, 1)


def test_classes_are_measured_as_scikit_learn_does(counted: Tally) -> None:
    figures = list(measure_classes(counted, Fit.CROP))
    expected = metrics.precision_recall_fscore_support(GIVEN, FOUND, zero_division=0)
    assert [each.label for each in figures] == list(range(CLASSES))
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(each, name) or 0 for each in figures] == pytest.approx(values.tolist())
    fit = measure_fit(counted, Fit.CROP)
    assert fit.accuracy.share == pytest.approx(metrics.accuracy_score(GIVEN, FOUND))
    assert fit.macro_f1 == pytest.approx(metrics.f1_score(GIVEN, FOUND, average="macro"))
    assert fit.balanced == pytest.approx(metrics.recall_score(GIVEN, FOUND, average="macro", labels=range(4)))
    assert fit.entries == fit.accuracy


def test_what_was_never_found_or_given_has_no_figure() -> None:
    assert ClassFigures(0, support=3, found=0, hits=0).precision is None
    assert ClassFigures(0, support=0, found=3, hits=0).recall is None
    assert ClassFigures(0, support=0, found=0, hits=0).f1 is None


def test_pairs_are_the_confusion_matrix_without_its_diagonal(counted: Tally) -> None:
    matrix = metrics.confusion_matrix(GIVEN, FOUND)
    np.fill_diagonal(matrix, 0)
    pairs = rank_pairs(counted, Fit.CROP)
    assert {(given, found): images for given, found, images in pairs} == {
        (given, found): matrix[given, found] for given, found in np.argwhere(matrix).tolist()
    }
    assert [images for *_, images in pairs] == sorted(matrix[matrix > 0].tolist(), reverse=True)


def test_the_calibration_error_weighs_each_tenth(counted: Tally) -> None:
    confidence = np.array(PERCENT, np.float32) / np.float32(100)
    is_right = np.array(GIVEN) == np.array(FOUND)
    tenth = np.minimum((confidence * 10).astype(int), 9)
    expected = sum(
        abs(confidence[tenth == bin_].mean() - is_right[tenth == bin_].mean()) * (tenth == bin_).mean()
        for bin_ in set(tenth.tolist())
    )
    assert measure_fit(counted, Fit.CROP).calibration_error == pytest.approx(expected, abs=1e-6)


def test_chance_is_the_share_of_the_largest_class(counted: Tally) -> None:
    assert measure_chance(counted) == max(map(GIVEN.count, range(CLASSES))) / 200
    strangers = tally_of(PaintedModel(2), [(0, paint(0, 90)), (0, paint(0, 90)), (1, paint(0, 90)), (7, paint(0, 90))])
    assert measure_chance(strangers) == 0.5


def test_several_labels_have_their_own_measures() -> None:
    random = np.random.default_rng(1)
    given = (random.random((60, 4)) < [0.5, 0.2, 0.9, 0.4]).astype(int)
    starts, lengths = random.integers(0, 4, 60).tolist(), random.integers(0, 4, 60).tolist()
    found = np.array(
        [[start <= c < start + many for c in range(4)] for start, many in zip(starts, lengths, strict=True)]
    )
    images = [(row.tolist(), paint(start, many)) for row, start, many in zip(given, starts, lengths, strict=True)]
    tally = tally_of(PaintedModel(4, is_multi_label=True), images)
    fit = measure_fit(tally, Fit.CROP)
    assert fit.accuracy.share == pytest.approx(metrics.accuracy_score(given, found))
    assert fit.entries.share == pytest.approx((given == found).mean())
    assert fit.macro_f1 == pytest.approx(metrics.f1_score(given, found, average="macro"))
    assert measure_chance(tally) == pytest.approx(np.maximum(given.mean(0), 1 - given.mean(0)).mean())
    expected = metrics.precision_recall_fscore_support(given, found)
    figures = list(measure_classes(tally, Fit.CROP))
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(each, name) for each in figures] == pytest.approx(values.tolist())


def test_nothing_read_has_no_figures() -> None:
    tally = tally_of(PaintedModel(3), [])
    assert measure_chance(tally) == 0
    assert measure_fit(tally, Fit.CROP).accuracy == (0, 0)


def test_the_worst_classes_come_first_and_those_without_images_last() -> None:
    good, poor = ClassFigures(0, 10, 10, 9), ClassFigures(1, 10, 10, 2)
    never, absent = ClassFigures(2, 3, 0, 0), ClassFigures(3, 0, 4, 0)
    assert rank_classes([good, absent, poor, never]) == [never, poor, good, absent]


def case(number: int, given: int, given_probability: float, found_probability: float = 0.5) -> Case:
    return Case(0, number, number, given, given + 1, given_probability, found_probability)


def test_a_label_is_held_against_its_class() -> None:
    # In the easy class 0 a probability of 0.2 is more remarkable than one of 0.1 in the hard class 1.
    cases = [case(1, 1, 0.1), case(2, 0, 0.2), case(3, 0, 0.3)]
    assert [each.identifier for each in rank_doubtful(cases, {0: 0.95, 1: 0.4})] == [2, 3, 1]
    assert [each.identifier for each in rank_doubtful(cases, {0: 0.4, 1: 0.4})] == [1, 2, 3]


def test_the_surest_mistakes_come_first() -> None:
    cases = [case(1, 0, 0.1, 0.6), case(2, 0, 0.1, 0.9), case(3, 0, 0.1, 0.6)]
    assert [each.identifier for each in rank_mistakes(cases)] == [2, 1, 3]
