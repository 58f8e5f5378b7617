"""The page of an evaluation: the verdict first, everything escaped, nothing fetched, and never long."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.files.classnames import ClassNames
from sagescene_evaluation import page
from sagescene_evaluation.cases import MOST_DOUBTFUL, Case
from sagescene_evaluation.evaluation import EpochAccuracy, EvaluatedFile, Evaluation, Role
from sagescene_evaluation.measures import ClassFigures
from tests.unit.evaluation.painted import paint
from tests.unit.evaluation.test_document import ODD, SEVERAL, SUBJECT, Labelled, balanced, evaluate
from tests.unit.messages.test_report_page import Page

THUMBNAIL = b"\xff\xd8\xff"


def render(evaluation: Evaluation, thumbnails: Mapping[tuple[int, int], bytes] | None = None) -> Page:
    return Page(page.render(evaluation, thumbnails))


def values(shown: Page, name: str) -> list[str | None]:
    return [value for attribute, value in shown.attributes if attribute == name]


def places(text: str, parts: list[str]) -> list[int]:
    return [text.index(part) for part in parts]


def test_the_verdict_comes_first_then_what_must_be_known_then_the_figures() -> None:
    evaluation = evaluate(balanced(400, 60), role=Role.VALIDATION)
    order = [
        "pets: right on 85 % of validation images",
        "Right on 340 of 400 validation images (85 %,",
        "The data set has no test files",
        "Upload images that training never sees",
        "Class dog (3) is found on 40 of its 100 images only.",
        "85 % (340 of 400)",
        "Classes, the worst first",
        "Given classes, and what was found",
        "Labels to look at",
        "How sure it is",
        "Accuracy by epoch",
        "datasets/pets/pets_test.rec",
    ]
    text = render(evaluation).text
    body = text[text.index("Model ·") :]
    assert places(body, order) == sorted(places(body, order))


def test_the_colour_tells_the_kind_of_verdict() -> None:
    guessing: Labelled = [(number % 4, balanced(1)[0][1]) for number in range(40)]
    kinds: dict[str, Labelled] = {"ready": balanced(40), "waiting": ODD, "refused": guessing}
    for kind, images in kinds.items():
        assert f"verdict {kind}" in values(render(evaluate(images)), "class")


def test_what_could_not_be_evaluated_says_so_and_shows_no_figures() -> None:
    shown = render(evaluate([], epochs=()))
    assert "pets: the model could not be evaluated" in shown.text
    assert "verdict refused" in values(shown, "class")
    assert "Figures" not in shown.text


def test_the_worst_classes_are_shown_by_name() -> None:
    figures = tuple(ClassFigures(label, 10, 10, 5) for label in range(100))
    text = render(dataclasses.replace(evaluate(balanced(40)), per_class=figures, classes=100)).text
    assert "dog (3)" in text
    assert "The 30 worst" in text
    assert text.count("50 %50 %50 %10") == 30


def test_few_classes_have_a_matrix_and_many_their_pairs() -> None:
    few = evaluate(balanced(40, 3))
    many = dataclasses.replace(few, classes=13)
    assert "matrix named" in values(render(few), "class")
    assert "matrix" in values(render(evaluate(balanced(40, 3), class_names=ClassNames())), "class")
    assert "--share: 56%" in values(render(few), "style")  # of dog: 7 of 10 right, at four fifths of the shade
    assert "--share: 12%" in values(render(evaluate(balanced(400, 1))), "style")  # one of a hundred is to be seen
    assert "dog (3)ant (0)3 of 10" in render(many).text.replace("\n", "")


def test_mistakes_and_doubtful_labels_are_shown_with_names_paths_and_pictures() -> None:
    evaluation = evaluate(balanced(40, 2))
    places = {case.place: THUMBNAIL for case in evaluation.mistakes[:1]}
    evaluation = dataclasses.replace(evaluation, paths={(0, evaluation.mistakes[0].identifier): "dogs/<rex>.jpg"})
    shown = render(evaluation, places)
    assert shown.text.count("dog (3), found ant (0), 90 %") == 1
    assert "dogs/<rex>.jpg" in shown.text
    assert f"id {evaluation.mistakes[1].identifier}" in shown.text
    assert values(shown, "src") == ["data:image/jpeg;base64,/9j/"] * 2


def test_labels_to_look_at_say_what_they_are_ordered_by() -> None:
    # It is surer of the first class than of the last, so that 40 % is more doubtful there than 30 % here.
    sure: Labelled = [*[(0, paint(0, 99))] * 9, (0, paint(3, 60))]
    hard: Labelled = [*[(3, paint(3, 60))] * 9, (3, paint(2, 70))]
    text = render(evaluate([*hard, *sure])).text.partition("Labels to look at")[2]
    found = places(text, ["by how much less, not by the probability shown", "ant (0) 40 %", "dog (3) 30 %"])
    assert found == sorted(found)


def test_of_several_labels_one_too_many_and_one_too_few_are_told_apart() -> None:
    names = ClassNames.of({0: "sun", 1: "sea", 2: "sand"}, "classes.txt")
    shown = render(evaluate(SEVERAL, class_names=names))
    text = shown.text.replace("\n", "")
    assert "sun (0) 20 %not sun (0) 80 %" in text
    assert "not sea (1) 10 %sea (1) 90 %" in text
    assert "labels right77.8 % (7 of 9)" in text
    assert "every label right on 33.3 %" in text


def test_epochs_are_lines_with_gaps() -> None:
    epochs = tuple(EpochAccuracy(n, 0.5 + n / 20, None if n == 4 else 0.4 + n / 20) for n in range(1, 9))
    shown = render(evaluate(balanced(40), epochs=epochs, epoch=8))
    assert [value for name, value in shown.attributes if name == "class" and value in ("train", "validation")] == [
        "train",
        "validation",
        "validation",
    ]
    assert values(shown, "points")[1] == "0.00,100.0 14.29,90.9 28.57,81.8"
    assert "the lower edge is 45 %" in shown.text
    assert "Best on validation: epoch 8, 80 %. The model is that of epoch 8." in shown.text
    assert "Accuracy by epoch" not in render(evaluate(balanced(40), epochs=(EpochAccuracy(1, None, None),))).text


@settings(max_examples=50)
@given(st.text())
def test_what_others_wrote_is_never_markup(text: str) -> None:
    hostile = f"<script>alert(1)</script>{text}\"'><img src=x onerror=alert(1)>"
    file = EvaluatedFile(hostile, hostile)
    changes: dict[str, Any] = {"job": hostile, "data_set": hostile, "artifact": file, "files": (file,)}
    names = ClassNames.of(dict.fromkeys(range(4), hostile), hostile)
    evaluation = evaluate(balanced(8, 1), class_names=names, **changes)
    told = dataclasses.replace(
        evaluation, paths={(0, 3): hostile}, faults=(hostile,), damaged=1, damages=(hostile,), strange=1,
        strangers={hostile: 1},
    )  # fmt: skip
    for classes in (4, 40):
        shown = render(dataclasses.replace(told, classes=classes))
        assert {"script", "img"}.isdisjoint(shown.tags)
        assert not [name for name, _ in shown.attributes if name.startswith("on")]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    evaluation = evaluate(balanced(40, 2))
    shown = render(evaluation, {case.place: THUMBNAIL for case in evaluation.mistakes})
    assert {"script", "link", "iframe", "object"}.isdisjoint(shown.tags)
    assert all(str(source).startswith("data:image/jpeg;base64,") for source in values(shown, "src"))
    assert "href" not in dict(shown.attributes)


def test_the_page_stays_short_whatever_was_found() -> None:
    cases = tuple(Case(0, n, n, n % 1000, 1, 0.1, 0.9) for n in range(MOST_DOUBTFUL))
    evaluation = dataclasses.replace(
        evaluate(balanced(40)),
        subject=dataclasses.replace(
            SUBJECT, class_names=ClassNames.of(dict.fromkeys(range(1000), "x" * 100), "classes.txt")
        ),
        classes=1000,
        per_class=tuple(ClassFigures(label, 10, 10, 5) for label in range(1000)),
        pairs=tuple((label, label + 1, 5) for label in range(999)),
        mistakes=cases[:24],
        doubtful=cases,
    )
    small = {case.place: bytes(4000) for case in cases[:48]}
    assert len(page.render(evaluation, small)) < 600_000
