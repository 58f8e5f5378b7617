"""A model is held against another by a paired test on the same images, and by no other figure."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from math import comb, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.files.classnames import ClassNames
from sagescene_evaluation.answers import Answers
from sagescene_evaluation.challenge import (
    Challenge,
    ClassLoss,
    Outcome,
    find_hindrances,
    hold_against,
    measure_probability,
    state_challenge,
)
from sagescene_evaluation.evaluation import Evaluation, Role, SampleKind
from sagescene_evaluation.measures import ClassFigures
from sagescene_evaluation.seen import Seen
from tests.unit.evaluation.test_document import balanced, evaluate

SOUND = evaluate(balanced(8))
ANT, BEE = (ClassNames.of({0: name}, "classes.txt") for name in ("ant", "bee"))
OTHERS = tuple(ClassFigures(label, 9, 9, 9) for label in (1, 2, 3))


def answered(right: Sequence[bool], *, first: int = 0) -> Evaluation:
    """Give the evaluation of a model that was right on these images; the images are numbered from `first` on."""
    answers = Answers()
    for number, is_right in enumerate(right, first):
        answers.note(str(number).encode(), (0.0,), is_right=is_right)
    return dataclasses.replace(
        SOUND,
        answers=answers,
        images=len(right),
        per_class=(ClassFigures(0, 58, 50, 50), *OTHERS),
        seen=Seen(looked_for=len(right)),
    )


def divided(won: int, lost: int, both: int = 50) -> tuple[Evaluation, Evaluation]:
    """Give a challenger and the model in use, each of which is alone right on so many images."""
    return (
        answered([True] * won + [False] * lost + [True] * both),
        answered([False] * won + [True] * lost + [True] * both),
    )


def challenge(won: int, lost: int) -> Challenge:
    challenger, in_use = divided(won, lost)
    return hold_against(challenger, [in_use])


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_probability_is_the_binomials_to_the_last_digits(won: int, lost: int) -> None:
    tail = Fraction(sum(comb(won + lost, k) for k in range(min(won, lost) + 1)), 1 << (won + lost))
    assert isclose(measure_probability(won, lost), min(1.0, float(2 * tail)), rel_tol=1e-9)


@pytest.mark.parametrize(("won", "lost", "known"), [(0, 0, 1), (5, 0, 0.0625), (6, 0, 0.03125), (10, 2, 0.03857421875)])
def test_the_probability_of_divisions_that_stand_in_books(won: int, lost: int, known: float) -> None:
    assert isclose(measure_probability(won, lost), known, rel_tol=1e-12)


def test_of_a_million_images_no_number_overflows() -> None:
    assert measure_probability(500_000, 500_000) == 1
    assert 0.9 < measure_probability(500_050, 499_950) < 1
    assert 0 <= measure_probability(900_000, 100_000) < 1e-300


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=200))
def test_changing_sides_turns_the_verdict_round(pairs: list[tuple[bool, bool]]) -> None:
    challenger, in_use = (answered(right) for right in zip(*pairs, strict=True))
    forth, back = hold_against(challenger, [in_use]), hold_against(in_use, [challenger])
    turned = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}
    assert back.outcome is turned.get(forth.outcome, forth.outcome)
    assert (back.won, back.lost, back.probability) == (forth.lost, forth.won, forth.probability)
    assert forth.won - forth.lost == sum(new for new, _ in pairs) - sum(old for _, old in pairs)


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_model_is_never_better_than_itself(right: list[bool]) -> None:
    assert hold_against(answered(right), [answered(right)]).outcome is Outcome.WITHIN_NOISE


def test_verdicts_turn_where_chance_becomes_unlikely() -> None:
    assert challenge(5, 0).outcome is Outcome.WITHIN_NOISE
    assert challenge(6, 0).outcome is Outcome.BETTER
    assert challenge(0, 6).outcome is Outcome.WORSE
    assert challenge(36, 30).outcome is Outcome.WITHIN_NOISE


def test_of_several_evaluations_the_one_on_the_same_images_counts() -> None:
    challenger, in_use = divided(0, 8)
    others = [answered([True] * 58, first=1), in_use, answered([True])]
    assert hold_against(challenger, others).outcome is Outcome.WORSE


def test_test_files_that_were_renamed_are_compared_image_by_image() -> None:
    first, second = [("ant", True), ("bee", False)], [("cat", True)] * 8 + [("dog", False)]
    found = hold_against(in_files(second, first), [in_files(first, [(image, False) for image, _ in second])])
    assert (found.images, found.won, found.lost, found.outcome) == (11, 8, 0, Outcome.BETTER)


def in_files(*files: Sequence[tuple[str, bool]]) -> Evaluation:
    """Give the evaluation of a model that was right or not on each image of these files."""
    answers = Answers()
    for number, images in enumerate(files):
        for image, is_right in images:
            answers.note(image.encode(), (0.0,), is_right=is_right, file=number)
    return dataclasses.replace(SOUND, answers=answers, images=answers.images)


@pytest.mark.parametrize(
    ("challenger", "in_use", "reason"),
    [
        (answered([True]), [], "there is no evaluation of it"),
        (answered([True]), [answered([True], first=1)], "other images"),
        (answered([True]), [answered([True, True])], "other images"),
        (evaluate([]), [evaluate([])], "no image was read"),
        (dataclasses.replace(SOUND, answers=Answers()), [SOUND], "kept no answer for each image"),
        (SOUND, [dataclasses.replace(SOUND, images=9)], "kept no answer for each image"),
    ],
    ids=["none", "others", "more", "nothing read", "earlier version", "in use of an earlier version"],
)
def test_what_cannot_be_paired_is_not_compared(
    challenger: Evaluation, in_use: Sequence[Evaluation], reason: str
) -> None:
    found = hold_against(challenger, in_use)
    assert found.outcome is Outcome.NOT_COMPARABLE
    assert reason in found.reason


def called(evaluation: Evaluation, *names: str) -> Evaluation:
    """Give the evaluation of a model whose classes have these names, from the first on."""
    subject = dataclasses.replace(evaluation.subject, class_names=ClassNames.of(dict(enumerate(names)), "classes.txt"))
    return dataclasses.replace(evaluation, subject=subject)


def test_a_model_whose_classes_are_called_otherwise_is_not_compared_and_never_approved() -> None:
    challenger, in_use = divided(8, 0)
    for names, reason in (
        (("ant", "dog", "cat"), "class 1 is dog here and cat there, and 1 more differs"),
        (("ant", "cat", "fox"), "class 2 is fox here and dog there"),
    ):
        renamed = called(challenger, *names)
        found = hold_against(renamed, [called(in_use, "ant", "cat", "dog")])
        assert (found.outcome, found.reason) == (Outcome.NOT_COMPARABLE, reason)
        assert find_hindrances(found, renamed) == ["it is not compared with an approved version"]


def test_a_class_more_and_names_that_are_not_known_hinder_no_comparison() -> None:
    challenger, in_use = divided(8, 0)
    for names in (("ant", "bee", "cat"), ("ant",), ()):
        assert hold_against(called(challenger, *names), [called(in_use, "ant", "bee")]).outcome is Outcome.BETTER


def test_more_images_than_have_answers_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagescene_evaluation.answers.MOST_KEPT", 20)
    assert challenge(20, 0).outcome is Outcome.NOT_COMPARABLE


def with_classes(*figures: tuple[int, int, int]) -> Evaluation:
    """Give an evaluation with these labels, images and hits."""
    return dataclasses.replace(
        SOUND, per_class=tuple(ClassFigures(label, support, hits, hits) for label, support, hits in figures)
    )


def test_a_class_is_worse_by_more_than_the_margin_and_by_more_than_one_image() -> None:
    before = with_classes((0, 100, 90), (1, 100, 90), (2, 19, 19), (3, 20, 20), (4, 3, 3), (5, 9, 4))
    after = with_classes((0, 100, 85), (1, 100, 84), (2, 19, 18), (3, 20, 19), (4, 3, 1), (5, 9, 9))
    assert hold_against(after, [before]).losses == (ClassLoss(4, 3, 3, 1), ClassLoss(1, 100, 90, 84))


def test_a_class_that_a_model_no_longer_has_is_lost() -> None:
    before, after = with_classes((0, 40, 30), (1, 40, 30)), with_classes((0, 40, 40))
    assert hold_against(after, [before]).losses == (ClassLoss(1, 40, 30, 0),)


def test_what_is_surely_better_may_be_approved() -> None:
    challenger, in_use = divided(8, 0)
    assert find_hindrances(hold_against(challenger, [in_use]), challenger) == []


@pytest.mark.parametrize(
    ("won", "lost", "changes", "hindrance"),
    [
        (7, 0, {}, "a probability of 0.01 or more"),
        (0, 8, {}, "it is not better"),
        (4, 4, {}, "it is not better"),
        (8, 0, {"sample": SampleKind.BALANCED}, "not all images were read"),
        (8, 0, {"faults": ("it ends",)}, "not all images were read"),
        (8, 0, {"damaged": 1}, "not all images were read"),
        (8, 0, {"classes": 1001}, "more classes than are compared"),
        (8, 0, {"per_class": (ClassFigures(0, 58, 50, 50), *OTHERS[:2]), "classes": 3}, "a class is worse"),
        (8, 0, {"answers": Answers()}, "not compared with an approved version"),
        (8, 0, {"seen": Seen(looked_for=58, images=1)}, "1 test image was trained on"),
        (8, 0, {"seen": Seen(looked_for=57, unknown="it is too large")}, "were trained on, because it is too large"),
        (8, 0, {"seen": Seen()}, "were trained on, because they were not looked for"),
        (8, 0, {"subject": dataclasses.replace(SOUND.subject, role=Role.VALIDATION)}, "validation images"),
        (8, 0, {"subject": dataclasses.replace(SOUND.subject, copies=("a_test.rec",))}, "by another name"),
        (8, 0, {"per_class": (ClassFigures(0, 58, 40, 40), *OTHERS)}, "a class is worse"),
        (8, 0, {"repeated": 1}, "some test images are there more than once"),
        (8, 0, {"classes": 5}, "some of its classes have no test images"),
        (8, 0, {"chance": 0.9}, "not right more often than guessing would surely be"),
        (8, 0, {"strange": 2}, "a label that is none of its classes"),
        (8, 0, {"strange": 58}, "labels of its test images are none of its classes"),
        (8, 0, {"subject": dataclasses.replace(SOUND.subject, class_names=ANT, names_of_files=BEE)}, "otherwise"),
    ],
)
def test_each_doubt_by_itself_keeps_a_model_from_being_approved(
    won: int, lost: int, changes: dict[str, object], hindrance: str
) -> None:
    challenger, in_use = divided(won, lost)
    changed = dataclasses.replace(challenger, **changes)  # type: ignore[arg-type]
    (found,) = find_hindrances(hold_against(changed, [in_use]), changed)
    assert hindrance in found


def test_doubts_about_the_approved_version_keep_another_from_being_approved() -> None:
    challenger, in_use = divided(8, 0)
    larger = dataclasses.replace(in_use, classes=1001)
    assert find_hindrances(hold_against(challenger, [larger]), challenger) == [
        "one of both has more classes than are compared"
    ]
    for seen, expected in ((Seen(looked_for=58, images=2), 1), (Seen(unknown="it is too large"), 0)):
        found = find_hindrances(hold_against(challenger, [dataclasses.replace(in_use, seen=seen)]), challenger)
        assert found == ["2 test images were trained on for the approved version"] * expected


def test_without_an_approved_version_nothing_is_approved() -> None:
    challenger, _ = divided(8, 0)
    (found,) = find_hindrances(hold_against(challenger, []), challenger)
    assert "approved version" in found


def test_the_verdict_says_test_probability_and_losses() -> None:
    names = ClassNames.of({0: "ant"}, "classes.txt")
    assert state_challenge(challenge(10, 2), 3, names) == (
        "Better than the approved version 3: of the same 62 images it alone is right on 10, the other alone on 2 "
        "(McNemar's exact test, p = 0.039)."
    )
    assert state_challenge(challenge(4, 5), 3, names).startswith("Within noise of the approved version 3: ")
    challenger, in_use = divided(0, 8)
    worse = dataclasses.replace(challenger, per_class=(ClassFigures(0, 58, 40, 40), *OTHERS))
    assert state_challenge(hold_against(worse, [in_use]), 3, names).endswith(
        " More than 5 percentage points of recall are lost by ant (0) on 40 instead of 50 of its 58 images."
    )


def test_the_verdict_says_why_there_is_none() -> None:
    nothing = hold_against(answered([True]), [])
    assert state_challenge(nothing, 0, ClassNames()).startswith("No version of this data set is approved yet")
    assert state_challenge(nothing, 2, ClassNames()) == (
        "Not comparable with the approved version 2: there is no evaluation of it."
    )
