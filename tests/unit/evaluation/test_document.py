"""An evaluation says what was found in sentences, is kept as JSON that the schema describes, and is read again."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sagescene.files.classnames import ClassNames
from sagescene.files.listrows import Row
from sagescene_evaluation.caveat import CaveatCode
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.document import as_json, read_document
from sagescene_evaluation.epochs import read_epochs
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.evaluation import EpochAccuracy, EvaluatedFile, Evaluation, Role, SampleKind, Subject
from sagescene_evaluation.label_sample import LabelSample
from sagescene_evaluation.page import render
from sagescene_evaluation.seen import TrainingImages
from sagescene_evaluation.sentences import relate_to_job, state_verdict, state_worst
from sagescene_evaluation.tally import MOST_NAMED, Tally
from tests.checkout import ROOT
from tests.unit.evaluation.painted import PaintedModel, clock, pack, paint, stream, train_on

SCHEMA = Draft202012Validator(
    json.loads((ROOT / "docs/evaluation.schema.json").read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER
)
SUBJECT = Subject(
    job="sagescene--pets--0123456789ab",
    data_set="pets",
    artifact=EvaluatedFile("models/job/output/model.tar.gz", "e1"),
    role=Role.TEST,
    files=(EvaluatedFile("datasets/pets/pets_test.rec", "e2"),),
    class_names=ClassNames.of({0: "ant", 1: "bee", 3: "dog"}, "classes.txt"),
    job_accuracy=0.9,
    epochs=(EpochAccuracy(1, 0.5, 0.4), EpochAccuracy(2, 0.9, None)),
    epoch=1,
)

type Labelled = list[tuple[float | Sequence[float], bytes]]


def balanced(count: int, wrong: int = 0) -> Labelled:
    """Make images of four classes in turn, the last of which is called the first on some."""
    return [(n % 4, paint(0 if n % 4 == 3 and n < 4 * wrong else n % 4, 90)) for n in range(count)]


def evaluate(
    images: Labelled,
    *,
    batches: int | None = None,
    known: int | None = None,
    trained_on: TrainingImages | None = None,
    listed: Sequence[Row] = (),
    **changes: Any,  # noqa: ANN401
) -> Evaluation:
    if trained_on is None:  # what stands behind a picture makes it another image
        images = [(label, image + number.to_bytes(4)) for number, (label, image) in enumerate(images)]
    width = len(images[0][0]) if images and isinstance(images[0][0], Sequence) else 0
    tally = Tally.start(classes=width or 4, is_multi_label=bool(width))
    model = PaintedModel(tally.classes, is_multi_label=bool(width))
    sources = [stream(pack(images), name="datasets/pets/pets_test.rec", images=known)]
    remaining = clock([*[3600.0] * batches, 0]) if batches else lambda: 3600
    continue_tally(tally, model, sources, remaining=remaining, trained_on=trained_on)
    subject = dataclasses.replace(SUBJECT, **changes)
    evaluation = Evaluation.of(tally, sources, subject=subject, written=datetime(2026, 11, 26, 12, tzinfo=UTC))
    return evaluation.with_list(0, listed, tally.labels, subject.class_names)


SEVERAL: Labelled = [([0, 1, 1], paint(1, 2)), ([1, 1, 1], paint(1, 2)), ([0, 0, 1], paint(1, 2))]
ODD: Labelled = [*balanced(20, 3), (9, paint(0, 90)), (0, b"no image"), (1, paint(1, 90, border=2))]


def list_of(images: Labelled) -> list[Row]:
    """List images as they are packed."""
    return [
        Row(number, tuple(label) if isinstance(label, Sequence) else (label,), f"{number}.jpg")
        for number, (label, _) in enumerate(images)
    ]


def codes(evaluation: Evaluation) -> list[CaveatCode]:
    return [caveat.code for caveat in find_caveats(evaluation)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: evaluate(balanced(40, 4), listed=list_of(balanced(50))),
        lambda: evaluate(balanced(40, 4), listed=list_of(balanced(50)[::-1])),
        lambda: evaluate(ODD, role=Role.VALIDATION),
        lambda: evaluate(SEVERAL, job_accuracy=None, epochs=(), class_names=ClassNames()),
        lambda: evaluate([]),
        lambda: evaluate(balanced(40), names_of_files=ClassNames.of({0: "ape"}, "classes.txt")),
        lambda: evaluate(balanced(40), class_names=ClassNames(), names_of_files=ClassNames.of({0: "ape"}, "new.txt")),
        lambda: evaluate(balanced(40), copies=("datasets/pets/pets_test.rec",)),
        lambda: evaluate(balanced(100), batches=2, known=100),
        lambda: evaluate(balanced(40), trained_on=train_on(paint(1, 90), paint(2, 90))),
        lambda: evaluate(balanced(40), trained_on=train_on(paint(1, 90)), is_of_training=False),
        lambda: evaluate(balanced(40), trained_on=TrainingImages(None)),
    ],
    ids=[
        "plain",
        "another list",
        "odd",
        "several",
        "none",
        "other names",
        "fewer names",
        "copy",
        "sample",
        "trained on",
        "of some training",
        "unknown",
    ],
)
def test_what_is_kept_fits_the_schema_and_is_read_again(make: Callable[[], Evaluation]) -> None:
    evaluation = make()
    kept = json.dumps(as_json(evaluation), allow_nan=False)
    SCHEMA.validate(json.loads(kept))
    again = read_document(json.loads(kept))
    assert again is not None
    assert as_json(again) == json.loads(kept)


def test_the_schema_refuses_what_it_does_not_describe() -> None:
    kept = as_json(evaluate(balanced(40, 4)))
    for changes in ({"more": 1}, {"chance": 2}, {"sample": "some"}, {"caveats": [{"code": "other"}]}):
        assert not SCHEMA.is_valid({**kept, **changes})


def test_the_schema_knows_every_caveat() -> None:
    known = json.loads((ROOT / "docs/evaluation.schema.json").read_text())["properties"]["caveats"]["items"]
    assert known["properties"]["code"]["enum"] == list(CaveatCode)


@pytest.mark.parametrize("document", [None, {}, [], {"version": 2}, "version"])
def test_anything_else_is_no_evaluation(document: object) -> None:
    assert read_document(document) is None


def test_the_verdict_says_figure_interval_and_chance() -> None:
    assert state_verdict(evaluate(balanced(600, 17))) == (
        "Right on 583 of 600 test images (97.2 %, 95 % interval 95.5 to 98.2 %); "
        "always guessing the largest class would give 25 %."
    )
    assert "of 600 validation images (" in state_verdict(evaluate(balanced(600), role=Role.VALIDATION))
    assert state_verdict(evaluate([])) == "None of the test images could be evaluated."


def test_the_verdict_of_several_labels_says_both_figures() -> None:
    assert state_verdict(evaluate(SEVERAL)) == (
        "Every label right on 1 of 3 test images (33.3 %, 95 % interval 6.1 to 79.2 %). Of single labels 77.8 % are "
        "right; always giving the commoner answer for each class would get 77.8 % of them."
    )


def test_a_good_model_has_no_caveats() -> None:
    assert find_caveats(evaluate(balanced(40))) == []


def test_validation_images_are_told() -> None:
    assert codes(evaluate(balanced(40), role=Role.VALIDATION)) == [CaveatCode.NO_TEST_FILES]


def test_a_test_file_that_is_the_validation_file_is_told() -> None:
    (caveat,) = find_caveats(evaluate(balanced(40), copies=("pets_test.rec",)))
    assert caveat.code is CaveatCode.COPY_OF_VALIDATION
    assert caveat.message.startswith("pets_test.rec: this is the validation file by another name")


def test_a_sample_is_told_with_what_it_is_of() -> None:
    first = evaluate(balanced(100), batches=2, known=100)
    assert (first.sample, first.images, first.all_images) == (SampleKind.FIRST, 32, 100)
    assert "of the first that were read out of 100 (" in state_verdict(first)
    (caveat,) = find_caveats(first)
    assert (
        "the first 32 of 100 images were read; they show 4 of 4 classes, whose mean recall is 100 %" in caveat.message
    )
    assert "32 of more images" in find_caveats(evaluate(balanced(100), batches=2))[0].message
    balanced_sample = dataclasses.replace(first, sample=SampleKind.BALANCED)
    assert "of a class-balanced sample out of 100 (" in state_verdict(balanced_sample)
    assert "32 of 100 images were read, as evenly" in find_caveats(balanced_sample)[0].message


def test_where_nothing_was_read_the_reason_is_told() -> None:
    empty, damaged = evaluate([]), evaluate([(0, b"no image")])
    late = dataclasses.replace(empty, sample=SampleKind.FIRST)
    reasons = {0: "datasets/pets/pets_test.rec holds no record.", 1: "MaxEvaluationMinutes allows was over before."}
    for number, nothing in enumerate((empty, late)):
        (caveat,) = find_caveats(nothing)
        assert caveat.code is CaveatCode.NOTHING_READ
        assert caveat.message.endswith(reasons[number])
        assert "below" not in caveat.remedy
    assert [caveat.code for caveat in find_caveats(damaged)] == [CaveatCode.NOTHING_READ, CaveatCode.IMAGES_DAMAGED]
    assert "below" in find_caveats(damaged)[0].remedy


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({0: "ape", 1: "bee", 3: "cow"}, "new.txt calls class 0 ape, the model ant (1 more differs): classes are"),
        ({0: "ant", 1: "bee", 2: "cat", 3: "cow"}, "new.txt calls class 3 cow, the model dog: classes are"),
        ({0: "ant", 1: "bee", 2: "cat", 3: "dog", 4: "eel"}, ""),
        ({0: "Ant", 1: "bee ", 2: "CAT", 3: "dog"}, ""),
        ({}, ""),
    ],
    ids=["two", "one", "more names", "written otherwise", "none"],
)
def test_names_of_the_files_that_are_not_the_model_s_are_told(names: dict[int, str], says: str) -> None:
    evaluation = evaluate(balanced(40), names_of_files=ClassNames.of(names, "new.txt"))
    assert codes(evaluation) == ([CaveatCode.CLASS_NAMES_DIFFER] if says else [])
    assert "".join(caveat.message for caveat in find_caveats(evaluation)).startswith(says)
    assert ('<li class="error">' in render(evaluation, {})) == bool(says)


def test_what_could_not_be_used_is_told_by_its_place() -> None:
    evaluation = evaluate(ODD)
    damaged, strange, *_ = find_caveats(evaluation)
    assert (damaged.code, strange.code) == (CaveatCode.IMAGES_DAMAGED, CaveatCode.LABELS_OF_NO_CLASS)
    assert "without 1 image that could not be read: datasets/pets/pets_test.rec, byte " in damaged.message
    assert "Counted as wrong: 1 image with a label that is none of the model's 4 classes: 9 (1)." in strange.message


def test_of_many_that_could_not_be_used_some_are_named_and_the_others_counted() -> None:
    damaged, strange, *_ = find_caveats(
        evaluate([*balanced(20), *((label, paint(0, 90)) for label in range(10, 35)), *[(0, b"no image")] * 1_025])
    )
    assert (damaged.code, strange.code) == (CaveatCode.IMAGES_DAMAGED, CaveatCode.LABELS_OF_NO_CLASS)
    assert "without 1,025 images" in damaged.message
    assert damaged.message.count("byte ") == MOST_NAMED == 20
    assert damaged.message.endswith(" and 1,005 more.")
    assert strange.message.endswith("29 (1) and others (5).")


def test_a_key_that_a_terminal_would_obey_is_shown() -> None:
    evaluation = dataclasses.replace(evaluate(balanced(40)), faults=("a\x1b[31m.rec: the file ends",))
    assert find_caveats(evaluation)[0].message.startswith(r"a\x1b[31m.rec: the file ends; what follows")


def test_guessing_is_told() -> None:
    guessing: Labelled = [(n % 4, paint(0, 90)) for n in range(40)]
    found = find_caveats(evaluate(guessing, epoch=None))
    assert [each.code for each in found[:2]] == [CaveatCode.NO_BETTER_THAN_CHANCE, CaveatCode.BELOW_THE_JOB]
    assert found[0].message == "The model is right on 25 %, which guessing would be as well."


def test_a_model_that_guessing_would_beat_is_told_so() -> None:
    worse: Labelled = [(n % 4, paint(0 if n else 1, 90)) for n in range(40)]
    told = "The model is right on 22.5 %, less often than guessing: always guessing the largest class gives 25 %."
    assert find_caveats(evaluate(worse))[0].message == told
    labels: Labelled = [([0, 0, 1], paint(0, 2)), ([1, 0, 1], paint(0, 2))]
    told = "less often than guessing: always giving the commoner answer for each class gives 83.3 %."
    assert find_caveats(evaluate(labels))[0].message.endswith(told)


def test_what_is_not_surely_more_than_guessing_is_told_and_is_not_green() -> None:
    # The largest class is on a quarter of the images: chance may give 15 right ones of 40, but not 150 of 400.
    for images, expected in ((40, [CaveatCode.NEAR_CHANCE]), (400, [])):
        right = images * 3 // 8
        lucky: Labelled = [(n % 4, paint(n % 4 if n < right else (n + 1) % 4, 90)) for n in range(images)]
        found = evaluate(lucky, job_accuracy=None, epochs=())
        assert [code for code in codes(found) if "chance" in code] == expected
        assert ('class="verdict ready"' in render(found)) == (not expected)


def test_a_model_that_tells_classes_apart_is_not_condemned_by_one_large_class() -> None:
    # 900 images of one class and 100 of another, of which it finds 88 and 90 percent.
    useful: Labelled = [(0, paint(n % 100 >= 88, 90)) for n in range(900)]
    useful += [(1, paint(n % 10 > 0, 90)) for n in range(100)]
    (near,) = [each for each in find_caveats(evaluate(useful)) if each.code is CaveatCode.NEAR_CHANCE]
    assert (
        "would be right at least as often (90 %), but the model tells classes apart: their mean recall is 89 %"
        in near.message
    )
    # It says the second class now and then, and two of ten times that is right.
    random: Labelled = [(n >= 90, paint(n % 8 == 7 or n == 90, 90)) for n in range(100)]
    assert CaveatCode.NO_BETTER_THAN_CHANCE in codes(evaluate(random))
    three: Labelled = [(n % 2, paint(2, 90)) for n in range(100)]
    assert CaveatCode.NO_BETTER_THAN_CHANCE in codes(evaluate(three))


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ([(0, paint(0, 90))] * 40, "All test images are of class ant (0): whether the model tells it from others is"),
        ([(0, paint(n % 2, 90)) for n in range(40)], "All test images are of class ant (0): whether the model tells"),
        (
            [(n % 2, paint(n % 2, 90)) for n in range(40)],
            "Test images show 2 of the model's 4 classes: nothing is known of 2, dog (3).",
        ),
        (
            [([0, 0, 0], paint(3, 90))] * 40,
            "Test images show 0 of the model's 3 classes: nothing is known of ant (0), bee (1), 2.",
        ),
    ],
)
def test_classes_without_images_are_told_and_of_one_class_alone_no_guess_is_better(images: Labelled, told: str) -> None:
    (caveat,) = find_caveats(evaluate(images, job_accuracy=None, epochs=()))
    assert caveat.code is CaveatCode.CLASSES_NOT_TESTED
    assert caveat.message.startswith(told)
    assert caveat.remedy == "Add test images of every class."


def test_a_single_image_of_a_class_of_the_model_s_is_guessed_as_well_as_it_is_known() -> None:
    # One of 49 is a share that, times 49, is less than one in floating point.
    assert not [code for code in codes(evaluate([(0, paint(1, 90)), *[(9, paint(0, 90))] * 48])) if "chance" in code]


def test_rare_labels_that_are_found_are_not_called_guessed() -> None:
    # Of 1,000 images 30 have the first label: it is found on 27 of them, and on 33 others.
    rare: Labelled = [([n < 30, 0, 0], paint(0 if 3 <= n < 63 else 3, 90)) for n in range(1_000)]
    (near,) = [each for each in find_caveats(evaluate(rare)) if "chance" in each.code]
    assert near.code is CaveatCode.NEAR_CHANCE
    assert near.message.startswith("Always giving the commoner answer for each class would be right at least as often")
    # As often, but as often on those with it as on the others.
    guessed: Labelled = [([n < 30, 0, 0], paint(0 if n % 17 == 0 else 3, 90)) for n in range(1_000)]
    assert CaveatCode.NO_BETTER_THAN_CHANCE in codes(evaluate(guessed))


@pytest.mark.parametrize(
    ("label", "images", "remedy"),
    [
        (9, "(40)", "one label each, the class number that the model was trained with."),
        ([1, 0, 1, 1, 0], "5 labels (40)", "3 labels each, 0 or 1, in the order of the model's classes."),
        ([1], "1 label (40)", "3 labels each, 0 or 1, in the order of the model's classes."),
    ],
)
def test_labels_of_which_none_fits_say_nothing_of_the_model(label: int | list[int], images: str, remedy: str) -> None:
    kind: list[Any] = [([0, 0, 0], paint(3, 90))] if isinstance(label, list) else [(0, paint(0, 90))]
    evaluation = evaluate([*kind, *[(label, paint(0, 90))] * 40])
    all_strange = dataclasses.replace(evaluation, images=40)
    found = find_caveats(all_strange)
    assert CaveatCode.NO_LABEL_FITS in {each.code for each in found}
    assert not {CaveatCode.NO_BETTER_THAN_CHANCE, CaveatCode.CLASSES_NOT_TESTED} & {each.code for each in found}
    (caveat,) = [each for each in found if each.code is CaveatCode.NO_LABEL_FITS]
    assert (caveat.message.endswith(f"{images}."), caveat.remedy.endswith(remedy)) == (True, True)
    assert 'class="verdict refused"' in render(all_strange)


def test_fits_that_differ_are_told_with_the_better_one() -> None:
    centre: Labelled = [(n % 4, paint(n % 4, 90, border=(n + 1) % 4)) for n in range(40)]
    sides: Labelled = [((n + 1) % 4, image) for n, (_, image) in enumerate(centre)]
    for images, better in ((centre, "centre cut out"), (sides, "whole picture squashed")):
        (caveat,) = [each for each in find_caveats(evaluate(images)) if each.code is CaveatCode.FITS_DIFFER]
        assert f"pictures with the {better}, not" in caveat.remedy


def test_a_figure_below_the_jobs_own_is_told() -> None:
    assert codes(evaluate(balanced(400, 60), job_accuracy=0.95, epoch=None))[0] is CaveatCode.BELOW_THE_JOB
    assert CaveatCode.BELOW_THE_JOB not in codes(evaluate(balanced(400, 60), job_accuracy=0.86, epoch=None))
    kept: dict[str, Any] = {"epochs": (EpochAccuracy(7, None, 0.95), EpochAccuracy(8, None, 0.8)), "job_accuracy": 0.8}
    assert codes(evaluate(balanced(400, 60), epoch=7, **kept))[0] is CaveatCode.BELOW_THE_JOB
    assert CaveatCode.BELOW_THE_JOB not in codes(evaluate(balanced(400, 60), epoch=8, **kept))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"epoch": 7}, "85 % on its validation images for epoch 7, which it kept, and 80 % for its last epoch."),
        ({"epoch": 8}, "80 % on its validation images for epoch 8, which it kept."),
        (
            {"epoch": 7, "role": Role.VALIDATION},
            "85 % on its validation images for epoch 7, which it kept, and 80 % for its last epoch. What it "
            "reported for the one that it kept is found here, to the image.",
        ),
        ({"epoch": 8, "role": Role.VALIDATION}, "80 % on its validation images for epoch 8, which it kept."),
        (
            {"epoch": 9},
            "80 % on its validation images for its last epoch; of the epoch whose weights it kept, no figure is known "
            "here.",
        ),
        ({"epoch": 9, "job_accuracy": None}, ""),
    ],
)
def test_the_jobs_figure_is_that_of_the_epoch_it_kept(changes: dict[str, Any], says: str) -> None:
    epochs = (EpochAccuracy(7, None, 0.85), EpochAccuracy(8, None, 0.8))
    evaluated = evaluate(balanced(400, 60), **{"epochs": epochs, "job_accuracy": 0.8, **changes})
    assert evaluated.accuracy.share == 0.85
    assert relate_to_job(evaluated) == (f"The job itself reported {says}" if says else "")


def test_a_sample_is_not_held_against_the_job_to_the_image() -> None:
    changes: dict[str, Any] = {"role": Role.VALIDATION, "epoch": 7, "epochs": (EpochAccuracy(7, None, 1.0),)}
    assert "found here" not in relate_to_job(evaluate(balanced(400), batches=1, **changes))
    assert "found here" in relate_to_job(evaluate(balanced(400), **changes))


def test_epochs_are_read_from_what_the_algorithm_logs() -> None:
    lines = [
        "[11/26/2026 15:00:00 INFO 1] Epoch[0] Train-accuracy=0.932545",
        "[11/26/2026 15:00:01 INFO 1] Epoch[0] Validation-accuracy=0.908078",
        "Epoch[10] Train-accuracy=1.000001",  # as sums of float32 may come to
        "Epoch[10] Batch [20]\tSpeed: 88.20 samples/sec\taccuracy=0.5",
        "Epoch[1] Validation-accuracy=nan",
        "Epoch[10] Train-top_k_accuracy_5=0.9",
        "Epoch[2] Validation-accuracy=0.5",
        "Epoch[2] Validation-accuracy=0.75",
    ]
    assert read_epochs(lines) == (
        EpochAccuracy(1, 0.932545, 0.908078),
        EpochAccuracy(3, None, 0.75),
        EpochAccuracy(11, 1.0, None),
    )


def test_the_worst_class_is_stated_unless_each_is_always_found() -> None:
    told = "The worst class is dog (3): it was found on 40 of its 100 images."
    assert state_worst(evaluate(balanced(400, 60))) == told
    assert state_worst(evaluate(balanced(4, 1))).endswith("it was found on 0 of its 1 image.")
    assert state_worst(evaluate(balanced(400))) == ""
    assert state_worst(evaluate([])) == ""


def test_the_worst_class_is_the_one_that_is_found_least_not_that_of_the_lowest_f1() -> None:
    # Class 0 is found on all of its images and often said of others; class 3 is large, and found on 5 in 6.
    images: Labelled = [(0, paint(0, 90))] * 10
    images += [(1, paint(0 if n < 4 else 1, 90)) for n in range(10)]
    images += [(3, paint(0 if n < 50 else 3, 90)) for n in range(300)]
    assert state_worst(evaluate(images)) == "The worst class is bee (1): it was found on 6 of its 10 images."


def test_the_worst_class_is_named() -> None:
    (caveat,) = [each for each in find_caveats(evaluate(balanced(400, 60))) if each.code is CaveatCode.CLASS_IS_WORSE]
    assert caveat.message == "Class dog (3) is found on 40 of its 100 images only."
    # One image less of ten is no sign.
    assert codes(evaluate(balanced(40, 1))) == []


def test_classes_that_are_never_found_are_told_together() -> None:
    def never(*missed: int) -> Evaluation:
        return evaluate([(n % 4, paint((n + 1) % 4 if n % 4 in missed else n % 4, 90)) for n in range(400)])

    told = "2 classes are found on none of their images: bee (1), 2."
    assert state_worst(never(1, 2)) == told
    (caveat,) = [each for each in find_caveats(never(1, 2)) if each.code is CaveatCode.CLASS_IS_WORSE]
    assert (caveat.message, caveat.remedy[:23]) == (told, "Look at their images an")
    told = "4 classes are found on none of their images: ant (0), bee (1), 2 and 1 more."
    assert state_worst(never(0, 1, 2, 3)) == told
    assert state_worst(never(1)) == "The worst class is bee (1): it was found on 0 of its 100 images."
    (caveat,) = [each for each in find_caveats(never(1)) if each.code is CaveatCode.CLASS_IS_WORSE]
    assert caveat.message == "Class bee (1) is found on 0 of its 100 images only."


def test_cases_are_named_by_the_paths_of_their_list() -> None:
    evaluation = evaluate(balanced(40, 2), listed=[Row(n, (float(n % 4),), "x" * 300) for n in (3, 8)])
    assert evaluation.paths == {(0, 3): "x" * 200}
    assert [case["path"] for case in as_json(evaluation)["mistakes"]] == ["x" * 200, ""]


SEVEN = Row(7, (2.0,), "cat/82.jpg")  # which has another label in its record


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows, ""),
        (lambda rows: [*rows[::-1], Row(900, (1.0,), "bee/900.jpg")], ""),
        (lambda rows: rows[:20], ""),
        (lambda rows: [Row(7, (3.2e39,), "x"), *rows], ""),  # later rows of an id win
        (lambda rows: [*rows, SEVEN], "gives 1 of 40 images that were looked at another label than pets_test.rec does"),
        (lambda rows: [*rows[:8], SEVEN], "gives 1 of 8 images that were looked at another label than "),
        (lambda rows: [row._replace(labels=(*row.labels, 0.0)) for row in rows], "gives 40 of 40 images "),
        (lambda rows: [row._replace(labels=(3.2e39,)) for row in rows], "gives 40 of 40 images "),
    ],
    ids=[
        "its own",
        "in another order",
        "a part",
        "twice",
        "one differs",
        "of a part one",
        "several labels",
        "no float",
    ],
)
def test_a_list_of_other_records_names_no_image_and_is_told(
    change: Callable[[list[Row]], list[Row]], says: str
) -> None:
    evaluation = evaluate(balanced(40, 2), listed=change(list_of(balanced(40))))
    told = [each.message for each in find_caveats(evaluation) if each.code is CaveatCode.LIST_NOT_OF_RECORDS]
    assert bool(told) == bool(says)
    assert bool(evaluation.paths) != bool(says)
    assert not says or told[0].startswith(f"datasets/pets/pets_test.lst {says}")


def test_a_list_of_other_records_is_told_where_the_model_is_never_wrong() -> None:
    images = balanced(40)
    evaluation = evaluate(images, listed=list_of([*images[1:], images[0]]))
    assert codes(evaluation) == [CaveatCode.LIST_NOT_OF_RECORDS]
    assert "as to that with the id 0: it is" in find_caveats(evaluation)[0].message


def test_a_mistake_is_held_against_the_list_where_it_is_not_in_the_sample() -> None:
    evaluation = evaluate(balanced(40, 2)).with_list(0, [*list_of(balanced(40)), SEVEN], LabelSample(), ClassNames())
    assert [other[:] for other in evaluation.other_lists] == [(0, 2, 1, 7)]
    assert evaluation.paths == {}


def test_a_list_of_several_labels_is_held_against_its_records() -> None:
    assert evaluate(SEVERAL, listed=list_of(SEVERAL)).other_lists == ()
    (other,) = evaluate(SEVERAL, listed=list_of([*SEVERAL[:2], SEVERAL[0]])).other_lists
    assert other[:] == (0, 3, 1, 2)


@pytest.mark.parametrize(
    ("folders", "says"),
    [
        (["ant", "bee", "cow", "dog"], ""),
        (["ann", "bob", "joe", "kim"], ""),
        (
            ["bee", "ant", "cow", "dog"],
            "datasets/pets/pets_test.lst calls class 0 bee, the model ant (1 more differs): classes are compared by",
        ),
    ],
)
def test_folders_of_the_list_that_are_other_classes_of_the_model_are_told(folders: list[str], says: str) -> None:
    rows = [
        row._replace(path=f"{folders[number % 4]}/{number}.jpg") for number, row in enumerate(list_of(balanced(40)))
    ]
    evaluation = evaluate(balanced(40), listed=rows)
    assert codes(evaluation) == ([CaveatCode.CLASS_NAMES_DIFFER] if says else [])
    assert "".join(caveat.message for caveat in find_caveats(evaluation)).startswith(says)
    kept = json.loads(json.dumps(as_json(evaluation)))
    SCHEMA.validate(kept)
    again = read_document(kept)
    assert again
    assert find_caveats(again) == find_caveats(evaluation)


def test_a_list_of_other_records_says_nothing_of_their_classes() -> None:
    paths = [f"{'bee' if number % 4 == 2 else 'ant'}/{number}.jpg" for number in range(0, 40, 2)]
    rows = [Row(2 * place, (float(path.startswith("ant")),), path) for place, path in enumerate(paths)]
    assert codes(evaluate(balanced(40), listed=rows)) == [CaveatCode.LIST_NOT_OF_RECORDS]
    unknown = [row._replace(identifier=row.identifier + 40) for row in rows]
    assert codes(evaluate(balanced(40), listed=unknown)) == []
