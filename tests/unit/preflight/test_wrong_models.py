"""Sets that would train a wrong model and are refused, beside legitimate ones that look like them and are not."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import pytest

from sagescene.files import lists, numbering
from sagescene.files.classnames import ClassNames
from sagescene.files.leaks import Leaks
from sagescene.files.listrows import Row
from sagescene.files.recordcontent import PackedImage
from sagescene.files.recordio import Record
from sagescene.findings import Finding, Severity
from sagescene.preflight import class_order
from sagescene.preflight.report import Report, Verdict
from tests.unit.preflight.test_examination import idx, judge, lst, png, rec

TEN = {f"c{label}": label for label in range(10)}


def made(
    name: str,
    folders: Mapping[str, int],
    images: int = 20,
    *,
    first: int | None = None,
    lost: Collection[int] = (),
    is_shuffled: bool = False,
    pictures: Callable[[int], int] = lambda number: number,
) -> dict[str, bytes]:
    """Make a channel of so many images a folder, class by class as --no-shuffle has them, without the lost records."""
    start = {"train": 0, "validation": 100_000}[name] if first is None else first
    rows = [
        (start + number, label, f"{folder}/{start + number}.png")
        for number, (folder, label) in enumerate(each for each in folders.items() for _ in range(images))
    ]
    if is_shuffled:
        rows.sort(key=lambda row: row[0] * 7919 % 1009)
    records = [
        Record(identifier=number, labels=(float(label),), image=png(pictures(number)))
        for place, (number, label, _) in enumerate(rows)
        if place not in lost
    ]
    return {f"{name}.lst": lst(rows), f"{name}.rec": rec(records)}


def in_files(name: str, classes: Sequence[str], form: str, images: int = 20) -> dict[str, bytes]:
    """Make a channel of one folder in which the names of files tell the class, of which each second image has one."""
    numbers = range(images) if name == "train" else range(100_000, 100_000 + images)
    labels = {number: number % len(classes) for number in numbers}
    rows = [(number, label, form.format(classes[label], number)) for number, label in labels.items()]
    records = [Record(identifier=n, labels=(float(label),), image=png(n)) for n, label in labels.items()]
    return {f"{name}.lst": lst(rows), f"{name}.rec": rec(records)}


def merged(*channels: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: b"".join(channel[name] for channel in channels) for name in channels[0]}


def backslashed(channel: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        name: content.replace(b"/", b"\\") if name.endswith(".lst") else content for name, content in channel.items()
    }


def shifted_at(place: int) -> Callable[[int], int]:
    """Make the validation image at this place (from 1) one of training's first class."""
    return lambda number: 3 if number == 100_000 + place - 1 else number


def half_known(number: int) -> int:
    """Make every second validation image of each class one of the same class of training."""
    place = number - 100_000
    return number if place % 2 else place // 4 * 20 + place % 4


def modulo(number: int) -> int:
    """Make each image one of the third class of training again."""
    return 60 + number % 20


def accepting(files: Mapping[str, bytes], *codes: object, **hyperparameters: object) -> dict[str, bytes]:
    return {**files, "training.json": json.dumps({"accept": codes, **hyperparameters}).encode()}


def found(report: Report, severity: Severity) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity is severity]


def only(report: Report, code: str) -> Finding:
    (finding,) = (finding for finding in report.findings if finding.code == code)
    return finding


TRAIN, VALIDATION = made("train", TEN), made("validation", TEN, 4)
SCATTERED = set(range(3, 200, 4)) - {199}

SPLITS = {"test/cat": 0, "test/dog": 1, "train/cat": 2, "train/dog": 3, "valid/cat": 4, "valid/dog": 5}
WITHIN_CLASSES = {"cat/train": 0, "cat/val": 1, "dog/train": 2, "dog/val": 3}
SPLITS_WITH_FOLDERS = {"train/cat": 0, "train/dog": 0, "val/cat": 1, "val/dog": 1}
TWO_OF_THREE = {"test/Cat": 0, "test/dog": 1, "train/cat": 2, "train/cow": 3, "train/dog": 4}
PATIENTS = {"train/0": 0, "train/1": 1, "train/2": 2, "val/0": 1, "val/1": 2, "val/2": 0}
GRADES = {"Mild-1": 0, "Moderate-2": 1, "No-0": 2}
HIDDEN = {".ipynb_checkpoints": 0, "ant": 1, "ant/@eaDir": 2, "bee": 3}
VEHICLES = {"bus": 0, "car": 1, "train": 2}

WRONG: Mapping[str, tuple[dict[str, bytes], list[str]]] = {
    "packing died in a list by classes": (
        made("train", TEN, lost=range(40, 200)) | VALIDATION,
        ["classes-without-record"],
    ),
    "both packings died": (
        made("train", TEN, lost=range(40, 200)) | made("validation", TEN, 4, lost=range(4, 40)),
        ["classes-without-record", "packing-ended-early"],
    ),
    "packing died in a shuffled list": (
        made("train", TEN, is_shuffled=True, lost=range(150, 200)) | VALIDATION,
        ["packing-ended-early"],
    ),
    "packing died, and some images were broken": (
        made("train", TEN, is_shuffled=True, lost={5, 60, *range(150, 200)}) | VALIDATION,
        ["packing-ended-early"],
    ),
    "a training class in the middle lost all its images": (
        made("train", TEN, lost=range(60, 80)) | VALIDATION,
        ["classes-without-record"],
    ),
    "a training class of one image lost it": (
        made("train", TEN, 1, lost=[4]) | VALIDATION,
        ["classes-without-record"],
    ),
    "two roots numbered apart": (
        made("train", {"cat": 0, "cow": 1, "dog": 2}) | made("validation", {"cat": 0, "dog": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "the same classes in another order": (
        TRAIN | made("validation", {f"c{label}": 9 - label for label in range(10)}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart below a folder for each channel": (
        made("train", {"train/cat": 0, "train/cow": 1, "train/dog": 2})
        | made("validation", {"val/cat": 0, "val/dog": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart with folders in the classes": (
        made("train", {"cat": 0, "cow": 1, "dog/in": 2, "dog/out": 2})
        | made("validation", {"cat/in": 0, "cat/out": 0, "dog": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart on Windows": (
        made("train", {"cat": 0, "cow": 1, "dog": 2}) | backslashed(made("validation", {"cat": 0, "dog": 1}, 4)),
        ["labels-numbered-apart"],
    ),
    "numbered apart where classes hold a folder of images": (
        made("train", {"train/ant/images": 0, "train/bee/images": 1, "train/cat/images": 2})
        | made("validation", {"val/ant/images": 0, "val/cat/images": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart on two machines": (
        made("train", {"/mnt/ann/ant/images": 0, "/mnt/ann/bee/images": 1, "/mnt/ann/cat/images": 2})
        | made("validation", {"/data/pets/val/ant/images": 0, "/data/pets/val/cat/images": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart below groups of classes": (
        made("train", {"train/big/cat": 0, "train/big/dog": 1, "train/small/cat": 2})
        | made("validation", {"val/big/cat": 0, "val/small/cat": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart below groups of classes that hold a folder of images": (
        made("train", {"train/big/cat/images": 0, "train/big/dog/images": 1, "train/small/cat/images": 2})
        | made("validation", {"val/big/cat/photos": 0, "val/big/dog/photos": 2, "val/small/cat/photos": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart with folders in the classes below those of the channels": (
        made("train", {"train/cat": 0, "train/cow": 1, "train/dog/in": 2, "train/dog/out": 2})
        | made("validation", {"val/cat/in": 0, "val/cat/out": 0, "val/dog": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart in capitals": (
        made("train", {"Ant": 0, "Bee": 1, "Cat": 2}) | made("validation", {"ant": 0, "cat": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart on Linux and macOS": (
        made("train", {"caf\u00e9": 0, "cr\u00e8me": 1, "th\u00e9": 2})
        | made("validation", {"cafe\u0301": 0, "the\u0301": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart, with blanks behind names": (
        made("train", {"ant": 0, "bee": 1, "cat": 2}) | made("validation", {"ant ": 0, "cat ": 1}, 4),
        ["labels-numbered-apart"],
    ),
    "numbered apart, with the classes in names of files": (
        in_files("train", ["cat", "cow", "dog"], "train/{0}.{1}.jpg")
        | in_files("validation", ["cat", "dog"], "{0}_{1}.png"),
        ["labels-numbered-apart"],
    ),
    "images of both channels with other labels": (
        TRAIN | made("validation", {f"v{label}": label for label in range(10)}, 10, pictures=shifted_at(100)),
        ["image-labels-differ"],
    ),
    "splits as classes, as im2rec lists the folder above them": (
        made("train", SPLITS) | made("validation", SPLITS, 4),
        ["splits-as-classes"],
    ),
    "splits as classes below folders of their own, and not every class in each": (
        made("train", {f"/data/train/{folder}": label for folder, label in TWO_OF_THREE.items()})
        | made("validation", {f"/data/train/{folder}": label for folder, label in TWO_OF_THREE.items()}, 4),
        ["splits-as-classes"],
    ),
    "splits within the classes": (
        made("train", WITHIN_CLASSES) | made("validation", WITHIN_CLASSES, 4),
        ["splits-as-classes"],
    ),
    "nothing but splits": (
        made("train", {"train": 0, "val": 1}) | made("validation", {"train": 0, "val": 1}, 4),
        ["splits-as-classes"],
    ),
    "splits as classes, though folders lie below them": (
        made("train", SPLITS_WITH_FOLDERS) | made("validation", SPLITS_WITH_FOLDERS, 4),
        ["splits-as-classes"],
    ),
    "splits as classes below a folder of their own, though folders lie below them": (
        made("train", {f"train/{folder}": label for folder, label in SPLITS_WITH_FOLDERS.items()})
        | made("validation", {f"train/{folder}": label for folder, label in SPLITS_WITH_FOLDERS.items()}, 4),
        ["splits-as-classes"],
    ),
    "splits that are named for a model": (
        made("train", {"seg_train": 1, "seg_test": 0}) | made("validation", {"seg_train": 1, "seg_test": 0}, 4),
        ["splits-as-classes"],
    ),
    "hidden folders that were numbered as classes": (
        made("train", HIDDEN) | made("validation", HIDDEN, 4),
        ["hidden-folders-as-classes"],
    ),
    "a hidden folder that was numbered as a class below the folder of a channel": (
        made("train", {"train/__MACOSX": 0, "train/ant": 1, "train/bee": 2})
        | made("validation", {"val/__MACOSX": 0, "val/ant": 1, "val/bee": 2}, 4),
        ["hidden-folders-as-classes"],
    ),
    "one class in all": (made("train", {"cat": 0}) | made("validation", {"cat": 0}, 4), ["one-class-only"]),
    "images of all classes in one folder": (
        in_files("train", ["cat"], "{0}{1}.jpg") | in_files("validation", ["cat"], "{0}{1}.jpg"),
        ["one-class-only"],
    ),
    "a flat folder of validation images": (TRAIN | made("validation", {"all": 0}, 64), ["validation-of-one-class"]),
    "validation packed from the training images": (
        TRAIN | made("validation", TEN, first=0, pictures=lambda number: number),
        ["images-shared"],
    ),
    "half of the validation images are trained on": (
        TRAIN | made("validation", TEN, 4, pictures=half_known),
        ["images-shared"],
    ),
    "the last tenth of a validation list is missing": (
        TRAIN | made("validation", TEN, 4, is_shuffled=True, lost=range(36, 40)),
        ["packing-ended-early"],
    ),
}

# What is wrong with these, or right, are the names of folders: by other names they are other sets.
TOLD_BY_NAMES = {
    "grades in folders that are numbered in another order",
    "splits as classes, as im2rec lists the folder above them",
    "splits as classes below folders of their own, and not every class in each",
    "splits within the classes",
    "nothing but splits",
    "splits as classes, though folders lie below them",
    "splits as classes below a folder of their own, though folders lie below them",
    "splits that are named for a model",
    "hidden folders that were numbered as classes",
    "a hidden folder that was numbered as a class below the folder of a channel",
    "numbered apart in capitals",
    "numbered apart on Linux and macOS",
    "numbered apart, with blanks behind names",
    "classes that differ in capitals alone",
}

BOTH = made("train", VEHICLES) | made("validation", VEHICLES, 4)
LEGITIMATE: Mapping[str, tuple[dict[str, bytes], list[str]]] = {
    "vehicles": (made("train", VEHICLES) | made("validation", VEHICLES, 4), []),
    "vehicles, and the list before they were split": (
        BOTH | {"train.lst": BOTH["train.lst"] + BOTH["validation.lst"]},
        ["list-not-split"],
    ),
    "vehicles below a split": (
        made("train", {f"train/{folder}": label for folder, label in VEHICLES.items()})
        | made("validation", {f"val/{folder}": label for folder, label in VEHICLES.items()}, 4),
        [],
    ),
    "vehicles and tests": (
        made("train", {**VEHICLES, "test": 3}) | made("validation", {**VEHICLES, "test": 3}, 4),
        [],
    ),
    "hidden folders whose images count to the class around them": (
        made("train", {"ant": 0, "ant/.ipynb_checkpoints": 0, "bee": 1}) | made("validation", {"ant": 0, "bee": 1}, 4),
        [],
    ),
    "classes below a hidden folder": (
        made("train", {"/data/ann/.cache/ant": 0, "/data/ann/.cache/bee": 1})
        | made("validation", {"../val/ant": 0, "../val/bee": 1}, 4),
        [],
    ),
    "classes whose folders are named from here and from the folder above": (
        made("train", {"./ant": 0, "../bee": 1}) | made("validation", {"./ant": 0, "../bee": 1}, 4),
        [],
    ),
    "answers": (made("train", {"invalid": 0, "valid": 1}) | made("validation", {"invalid": 0, "valid": 1}, 4), []),
    "things that are called by words for splits": (
        made("train", {"crash_test": 0, "model_train": 1}) | made("validation", {"crash_test": 0, "model_train": 1}, 4),
        [],
    ),
    "one class of many that two splits number apart": (
        made("train", {**TEN, "train/dog": 10, "val/dog": 11}) | made("validation", TEN, 4),
        ["class-not-in-validation"],
    ),
    "trained on two splits that are numbered alike": (
        merged(
            made("train", {"train/cat": 0, "train/dog": 1}),
            made("train", {"val/cat": 0, "val/dog": 1}, first=500),
        )
        | made("validation", {"test/cat": 0, "test/dog": 1}, 4),
        [],
    ),
    "patients that are counted in each split, with labels from a table": (
        made("train", PATIENTS) | made("validation", {"eval/0": 0, "eval/1": 1, "eval/2": 2}, 4),
        [],
    ),
    "grades in folders that are numbered in another order": (
        made("train", GRADES) | made("validation", GRADES, 4) | {"classes.txt": "\n".join(GRADES).encode()},
        [],
    ),
    "all there": (TRAIN | VALIDATION, []),
    "crawled, a quarter of the rows gone": (made("train", TEN, lost=SCATTERED) | VALIDATION, ["rows-without-record"]),
    "crawled, a short list that ends in a broken image": (
        TRAIN | made("validation", TEN, 1, is_shuffled=True, first=100_000, lost=[9]),
        ["classes-without-record"],
    ),
    "two roots that share all paths": (
        made("train", TEN, first=0) | made("validation", TEN, first=0, pictures=lambda number: number + 500),
        ["paths-shared"],
    ),
    "other folders that mean the same": (TRAIN | made("validation", {f"n0{k}": k for k in range(10)}, 4), []),
    "names of files by day in one folder, each day of one class": (
        in_files("train", ["mon", "tue"], "{0} ({1}).jpg") | in_files("validation", ["wed", "thu"], "{0} ({1}).jpg"),
        [],
    ),
    "classes in names of files, numbered alike": (
        in_files("train", ["cat", "dog"], "train/{0}.{1}.jpg") | in_files("validation", ["cat", "dog"], "{0}-{1}.jpg"),
        [],
    ),
    "the same names of files in two folders that are the classes": (
        made("train", {"a/img": 0, "b/img": 1}) | in_files("validation", ["b", "a"], "all/{1}.png"),
        [],
    ),
    "classes that differ in capitals alone": (
        made("train", {"Cat": 0, "cat": 1}) | made("validation", {"cat": 1, "Cat": 0}, 4),
        ["class-names-alike"],
    ),
    "folders by photographer within the classes below those of the channels": (
        made("train", {"train/cat/ann": 0, "train/dog/bob": 1})
        | made("validation", {"val/cat/bob": 0, "val/dog/ann": 1}),
        [],
    ),
    "folders by photographer within the classes": (
        made("train", {"cat/ann": 0, "dog/bob": 1}) | made("validation", {"cat/bob": 0, "dog/ann": 1}),
        [],
    ),
    "folders by day, each of several classes": (
        merged(made("train", {"mon": 0, "tue": 1}), made("train", {"tue": 0, "mon": 1}, first=1000))
        | merged(made("validation", {"mon": 1}), made("validation", {"tue": 0}, first=2000)),
        [],
    ),
    "all in one folder": (
        merged(made("train", {"all": 0}), made("train", {"all": 1}, first=1000))
        | merged(made("validation", {"all": 1}), made("validation", {"all": 0}, first=2000)),
        [],
    ),
    "one image in more than a hundred labelled otherwise": (
        TRAIN | made("validation", {f"v{k}": k for k in range(10)}, 11, pictures=shifted_at(109)),
        ["image-labels-differ"],
    ),
    "oversampled, a small class many times": (
        merged(TRAIN, *(made("train", {"c3": 3}, pictures=modulo, first=k * 1000 + 60) for k in range(1, 30)))
        | VALIDATION,
        ["classes-uneven"],
    ),
    "classes of one image": (
        made("train", {f"c{label}": label for label in range(30)}, 1)
        | made("validation", {f"c{label}": label for label in range(30)}, 1),
        ["few-images-of-class"],
    ),
    "two images in all": (
        made("train", {"a": 0, "b": 1}, 1) | made("validation", {"a": 0, "b": 1}, 1),
        ["few-training-images"],
    ),
    "both channels exchanged": (made("train", TEN, 7) | made("validation", TEN, 9), ["validation-larger-than-train"]),
    "rows of training that were never packed": (
        made("train", TEN, lost=SCATTERED) | made("validation", TEN),
        ["rows-without-record"],
    ),
    "less than half of validation known": (
        TRAIN | made("validation", TEN, 4, pictures=lambda number: half_known(number) if number % 40 < 38 else number),
        ["images-shared"],
    ),
    "validation of some classes": (TRAIN | made("validation", {"c2": 2, "c4": 4}, 4), ["class-not-in-validation"]),
    "an index that counts to minus one": (
        {**TRAIN, **VALIDATION, "train.idx": b"".join(b"%d\t18446744073709551615\n" % n for n in range(200))},
        ["index-file-differs"],
    ),
    "less than a tenth missing at the end": (
        made("train", TEN, is_shuffled=True, lost=range(181, 200)) | VALIDATION,
        ["rows-without-record"],
    ),
    "a class lost from validation alone": (
        TRAIN | made("validation", TEN, 4, lost=range(8, 12)),
        ["classes-without-record"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_would_train_a_wrong_model_is_refused(name: str) -> None:
    files, codes = WRONG[name]
    report = judge(files).report
    assert (report.verdict, found(report, Severity.ERROR)) == (Verdict.REFUSED, codes)


@pytest.mark.parametrize("name", LEGITIMATE)
def test_what_only_looks_like_it_is_ready(name: str) -> None:
    files, codes = LEGITIMATE[name]
    report = judge(files).report
    assert (report.verdict, found(report, Severity.WARNING)) == (Verdict.READY, codes)
    assert found(report, Severity.ERROR) == []


# ------------------------------------------------------------------------------------------------------ accepted


@pytest.mark.parametrize("name", WRONG)
def test_a_judgement_that_is_accepted_is_a_warning_that_says_so(name: str) -> None:
    files, codes = WRONG[name]
    report = judge(accepting(files, *codes, epochs=3)).report
    assert report.verdict is Verdict.READY
    for code in codes:
        finding = only(report, code)
        assert finding.severity is Severity.WARNING
        assert "This was accepted in datasets/pets/training.json." in finding.message
    assert report.hyperparameters["epochs"].value == "3"
    assert "accept" not in report.hyperparameters


@pytest.mark.parametrize("name", WRONG)
def test_the_remedy_of_a_judgement_names_the_way_to_accept_it(name: str) -> None:
    files, codes = WRONG[name]
    for code in codes:
        assert f'"accept": ["{code}"] in training.json' in only(judge(files).report, code).remedy


def test_final_training_on_all_data_is_accepted_and_counted() -> None:
    files = WRONG["validation packed from the training images"][0]
    report = judge(accepting(files, "images-shared")).report
    assert (report.verdict, [finding.code for finding in report.findings]) == (Verdict.READY, ["images-shared"])


def test_classes_lost_by_consent_are_not_trained() -> None:
    files = WRONG["packing died in a list by classes"][0]
    report = judge(accepting(files, "classes-without-record")).report
    assert report.hyperparameters["num_classes"].value == "2"


def test_a_set_that_accepts_twice_is_refused() -> None:
    files = {**TRAIN, **VALIDATION, "training.json": b'{"accept": [], "accept": []}'}
    assert found(judge(files).report, Severity.ERROR) == ["hyperparameter-repeated"]


def test_what_is_accepted_and_not_there_is_not_told() -> None:
    assert judge(accepting(TRAIN | VALIDATION, "images-shared")).report.findings == ()


@pytest.mark.parametrize(
    ("accept", "named"),
    [
        (["truncated"], '"truncated"'),
        (["label-too-large"], '"label-too-large"'),
        (["no-such-code"], '"no-such-code"'),
        ([7], "7"),
        ([None], "null"),
        ([["images-shared"]], "a list"),
        ({"images-shared": True}, "an object"),
        (True, "true"),
    ],
)
def test_what_cannot_be_accepted_is_told_with_what_can(accept: object, named: str) -> None:
    files = {**TRAIN, **VALIDATION, "training.json": json.dumps({"accept": accept}).encode()}
    (finding,) = judge(files).report.findings
    assert (finding.code, finding.severity, finding.where) == ("not-acceptable", "error", "accept")
    assert f"accept names {named}, which cannot be accepted." in finding.message
    assert "images-shared" in finding.remedy


def test_a_fact_stays_an_error_whatever_is_accepted() -> None:
    files = TRAIN | VALIDATION
    cut = accepting({**files, "train.rec": files["train.rec"][:-4]}, "truncated")
    assert found(judge(cut).report, Severity.ERROR) == ["truncated", "not-acceptable"]


# ----------------------------------------------------------------------------------------------- splits as classes


@pytest.mark.parametrize(
    ("folders", "message", "remedy"),
    [
        (
            SPLITS,
            "train/cat, valid/cat and test/cat are one class in 3 splits, but have labels of their own (2, 4 and 0): "
            "the model would learn which split an image came from.",
            "Pack the folder that holds the splits with `sagescene pack`, which",
        ),
        (
            {"test": 0, "train": 1},
            "train and test are 2 splits of a data set, but have labels of their own (1 and 0): the model would learn "
            "which split an image came from.",
            "Put the images of each split into a folder for each class, and pack the folder that holds the splits",
        ),
    ],
)
def test_folders_of_splits_are_shown_with_their_labels(folders: dict[str, int], message: str, remedy: str) -> None:
    finding = only(judge(made("train", folders) | made("validation", folders, 4)).report, "splits-as-classes")
    assert (finding.file, finding.message) == ("datasets/pets/train.lst", message)
    assert finding.remedy.startswith(remedy)


def test_what_follows_from_splits_as_classes_is_told_only_when_that_is_accepted() -> None:
    files = made("train", SPLITS) | made("validation", {"valid/cat": 0, "valid/dog": 1}, 4)
    assert [each.code for each in judge(files).report.findings] == ["splits-as-classes"]
    accepted = judge(accepting(files, "splits-as-classes")).report
    assert found(accepted, Severity.ERROR) == ["labels-numbered-apart"]


def test_splits_are_looked_for_in_a_list_that_was_read_to_its_end() -> None:
    files = made("train", SPLITS) | made("validation", SPLITS, 4)
    report = judge({**files, "train.rec": files["train.rec"][:-4]}).report
    assert "splits-as-classes" not in found(report, Severity.ERROR)


# -------------------------------------------------------------------------------------------------- one class only


@pytest.mark.parametrize(
    ("form", "remedy"),
    [
        ("cat/{1}.jpg", "Put images of at least two classes in the list, and pack again; im2rec.py leaves out files"),
        ("{1}.jpg", "Put the images of each class into a folder of its own, make the list by im2rec.py --list --recu"),
    ],
)
def test_one_class_is_mended_by_folders_where_the_list_has_none(form: str, remedy: str) -> None:
    files = in_files("train", ["cat"], form) | in_files("validation", ["cat"], form)
    assert only(judge(files).report, "one-class-only").remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("train", "validation", "follows"),
    [
        ({"dog": 1}, {"dog": 1}, ["class-missing"]),
        ({"cat": 0}, {"cat": 0, "dog": 1}, ["class-not-in-train"]),
    ],
)
def test_what_follows_from_one_class_is_told_only_when_that_is_accepted(
    train: dict[str, int], validation: dict[str, int], follows: list[str]
) -> None:
    files = made("train", train) | made("validation", validation, 4) | {"classes.txt": b"cat\ndog\n"}
    assert found(judge(files).report, Severity.ERROR) == ["one-class-only"]
    assert found(judge(accepting(files, "one-class-only")).report, Severity.ERROR) == follows


def test_images_of_several_labels_that_all_have_the_same_are_warned_of() -> None:
    rows = [(number, 1, 0, f"{number}.png") for number in range(200)]
    records = [Record(identifier=number, labels=(1.0, 0.0), image=png(number)) for number in range(200)]
    files = {
        f"{name}.{end}": content
        for name in ("train", "validation")
        for end, content in (("lst", lst(rows)), ("rec", rec(records)))
    }
    assert "one-class-only" in found(judge(files).report, Severity.WARNING)


# ----------------------------------------------------------------------------------------------- hidden folders


def test_hidden_folders_are_shown_with_their_labels() -> None:
    finding = only(judge(WRONG["hidden folders that were numbered as classes"][0]).report, "hidden-folders-as-classes")
    assert (finding.file, finding.message) == (
        "datasets/pets/train.lst",
        "'.ipynb_checkpoints' (label 0), 'ant/@eaDir' (label 2) are classes, but such folders are made by programs "
        "for their own files.",
    )
    assert finding.remedy.startswith("Delete the 2 folders, make the list anew and pack again;")


def test_what_follows_from_hidden_folders_is_told_only_when_these_are_accepted() -> None:
    files = made("train", HIDDEN) | made("validation", {"ant": 0, "bee": 1}, 4)
    assert [each.code for each in judge(files).report.findings] == ["hidden-folders-as-classes"]
    accepted = judge(accepting(files, "hidden-folders-as-classes")).report
    assert found(accepted, Severity.ERROR) == ["labels-numbered-apart"]


def test_hidden_folders_are_looked_for_in_a_list_that_was_read_to_its_end() -> None:
    files = WRONG["hidden folders that were numbered as classes"][0]
    report = judge({**files, "train.rec": files["train.rec"][:-4]}).report
    assert "hidden-folders-as-classes" not in found(report, Severity.ERROR)


# ------------------------------------------------------------------------------------------------ numbered apart


def test_both_labels_of_a_folder_are_shown() -> None:
    finding = only(judge(WRONG["two roots numbered apart"][0]).report, "labels-numbered-apart")
    assert finding.file == "datasets/pets/validation.lst"
    assert finding.message == (
        "Of 2 folders that are in datasets/pets/train.lst as well, 1 has another label in each list: "
        "'dog' is 2 there and 1 here."
    )


def test_what_follows_from_the_numbering_is_told_only_when_that_is_accepted() -> None:
    files = WRONG["two roots numbered apart"][0]
    assert [each.code for each in judge(files).report.findings] == ["labels-numbered-apart"]
    accepted = judge(accepting(files, "labels-numbered-apart")).report
    assert [each.code for each in accepted.findings] == ["class-not-in-validation", "labels-numbered-apart"]


def test_images_labelled_otherwise_are_shown_with_both_labels() -> None:
    finding = only(judge(WRONG["images of both channels with other labels"][0]).report, "image-labels-differ")
    assert "record 100 is record 4 there (label 9, there 0)." in finding.message
    named = dict(WRONG["images of both channels with other labels"][0])
    named["classes.txt"] = "".join(f"animal {label}\n" for label in range(10)).encode()
    finding = only(judge(named).report, "image-labels-differ")
    assert "(label animal 9 (9), there animal 0 (0))." in finding.message


def rows(*folders: tuple[str, float]) -> numbering.Numbering:
    learned = numbering.Numbering()
    for number, (folder, label) in enumerate(folders):
        learned.add(Row(number, (label,), f"{folder}/{number}.png"))
    return learned


def files_of(paths: Sequence[str]) -> numbering.Numbering:
    """Learn from a list of these files, of which the first two have the label 0, the third 1."""
    learned = numbering.Numbering()
    for number, path in enumerate(paths):
        learned.add(Row(number, (float(number > 1),), path))
    return learned


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([("a", 0.0)], [("a", 1.0), ("b", 0.0)]),
        ([("a", 0.0), ("b", 0.0), ("c", 1.0)], [("a", 1.0), ("b", 0.0)]),
        ([("a", 0.0), ("a", 1.0), ("b", 2.0)], [("a", 1.0), ("b", 0.0)]),
        ([("a", 0.0), ("b", 1.0), ("/", 2.0)], [("a", 1.0), ("b", 0.0)]),
        ([("a", 0.0), ("b", 1.0)], [("c", 1.0), ("d", 0.0)]),
    ],
    ids=["one folder", "folders of one label", "labels of one folder", "an image in no folder", "other folders"],
)
def test_folders_that_are_no_classes_are_not_compared(
    ours: list[tuple[str, float]], theirs: list[tuple[str, float]]
) -> None:
    assert rows(*ours).compare(rows(*theirs)) == ([], 0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["ant.0.jpg", "ant.1.jpg", "bee.2.jpg"], ["bee.0.jpg", "bee.1.jpg", "ant.2.jpg"]),
        (["x/ant_0.jpg", "x/ant_1.jpg", "x/bee_2.jpg"], ["bee (0).png", "bee (1).png", "ant (2).png"]),
    ],
)
def test_names_of_files_are_compared_without_their_numbers(ours: list[str], theirs: list[str]) -> None:
    differing, shared = files_of(ours).compare(files_of(theirs))
    assert ([(each.folder, each.is_file) for each in differing], shared) == ([("ant", True), ("bee", True)], 2)


@pytest.mark.parametrize(
    "paths",
    [
        ["ant.0.jpg", "bee.1.jpg", "bee.2.jpg"],  # two names of one label
        ["ant.0.jpg", "ant.1.jpg", "ant.2.jpg"],  # one name of two
        ["0.jpg", "ant.1.jpg", "bee.2.jpg"],
        ["x/ant.0.jpg", "x/ant.1.jpg", "y/bee.2.jpg"],
        ["ant" * 100 + ".0.jpg", "ant" * 100 + ".1.jpg", "bee.2.jpg"],
    ],
)
def test_names_of_files_that_are_no_classes_are_not_compared(paths: list[str]) -> None:
    swapped = files_of(["bee.0.jpg", "bee.1.jpg", "ant.2.jpg"])
    assert files_of(paths).compare(swapped) == ([], 0)


def test_files_that_tell_the_classes_are_called_so() -> None:
    files = WRONG["numbered apart, with the classes in names of files"][0]
    finding = only(judge(files).report, "labels-numbered-apart")
    assert finding.message == (
        "Of 2 names of files, without their numbers, that are in datasets/pets/train.lst as well, 1 has another label "
        "in each list: 'dog' is 2 there and 1 here."
    )
    assert finding.remedy.startswith("Number the names of files once for both lists and pack again;")


def test_several_labels_an_image_are_not_compared() -> None:
    ours, theirs = rows(("a", 0.0)), rows(("a", 1.0), ("b", 0.0))
    ours.add(Row(1, (1.0, 0.0), "b/1.png"))
    assert theirs.compare(ours) == ours.compare(theirs) == ([], 0)


def test_what_a_list_teaches_is_bounded_by_folders_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [(f"{n}", float(n)) for n in range(30)]
    swapped = [(f"{n}", float(29 - n)) for n in range(30)]
    assert len(rows(*folders).compare(rows(*swapped))[0]) == 30
    monkeypatch.setattr(numbering, "FOLDERS_HELD_IN_BYTES", 1000)
    assert rows(*folders).compare(rows(*swapped)) == ([], 0)
    monkeypatch.setattr(numbering, "FOLDERS_HELD_IN_BYTES", 1 << 20)
    monkeypatch.setattr(numbering, "MOST_FOLDERS", 29)
    assert rows(*folders).compare(rows(*swapped)) == ([], 0)


@pytest.mark.parametrize("form", ["{0}/{1}", "{1}/{0}"])
def test_of_too_many_directories_the_first_and_the_last_parts_are_learned(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [(form.format(f"c{n // 10}", n), float(n // 10)) for n in range(30)]
    swapped = [(form.format(f"c{n // 10}", n), 2.0 - n // 10) for n in range(30)]
    monkeypatch.setattr(numbering, "MOST_FOLDERS", 12)
    differing, shared = rows(*folders).compare(rows(*swapped))
    assert ([each.folder for each in differing], shared) == (["c0", "c2"], 3)
    assert rows(*folders).labels == {}
    assert rows(*folders[:12]).labels == dict(folders[:12])


def test_a_long_folder_is_quoted_shortly() -> None:
    files = made("train", {"a" * 5000: 0, "b": 1}) | made("validation", {"a" * 5000: 1, "b": 0})
    assert len(only(judge(files).report, "labels-numbered-apart").message) < 400


# -------------------------------------------------------------------------------------------- lost in packing


def test_lost_classes_and_rows_are_told_once_by_their_numbers() -> None:
    report = judge(WRONG["packing died in a list by classes"][0]).report
    (finding,) = report.findings
    assert finding.message == (
        "Of the 10 classes in datasets/pets/train.lst, 8 have no record (classes c2 (2), c3 (3), c4 (4), c5 (5), "
        "c6 (6), c7 (7), c8 (8), c9 (9)), so that the model would have seen 2; 160 of 200 rows (80 %) have none, the "
        "last 160 among them: packing ended early."
    )


def test_a_class_lost_from_validation_is_told_with_its_share_and_not_again_as_absent() -> None:
    (finding,) = judge(LEGITIMATE["a class lost from validation alone"][0]).report.findings
    assert (finding.severity, finding.file) == ("warning", "datasets/pets/validation.rec")
    assert "1 has no record (class c2 (2))" in finding.message
    assert "4 of 40 rows (10 %) have none." in finding.message


def test_scattered_rows_are_told_with_their_share() -> None:
    finding = only(judge(LEGITIMATE["crawled, a quarter of the rows gone"][0]).report, "rows-without-record")
    assert "49 of 200 rows of the list (24 %) have no record" in finding.message


@pytest.mark.parametrize(("kept", "codes"), [(range(3000), ["packing-ended-early"]), (range(0, 4000, 2), [])])
def test_a_large_file_whose_packing_died_is_seen_through_its_index(kept: Collection[int], codes: list[str]) -> None:
    folders = {"a": 0, "b": 1}
    train = made("train", folders, 2000, is_shuffled=True, lost=set(range(4000)) - set(kept))
    files = train | made("validation", folders)
    report = judge({**files, "train.idx": idx(files["train.rec"])}, largest=len(files["validation.rec"])).report
    assert found(report, Severity.ERROR) == codes
    assert ("images-dropped" in found(report, Severity.WARNING)) is not bool(codes)


# ------------------------------------------------------------------------------------------- one cause, one finding


def rewritten(change: Callable[[bytes], bytes], *, both: bool = True) -> dict[str, bytes]:
    files = TRAIN | VALIDATION
    return {
        name: change(content) if name.endswith(".lst") and (both or name == "train.lst") else content
        for name, content in files.items()
    }


@pytest.mark.parametrize(
    ("separator", "named"),
    [
        *((b",", "commas"), (b" ", "blanks"), (b"  ", "blanks"), (b";", "semicolons"), (b"|", "vertical bars")),
        (rb"\t", "a backslash and the letter t"),
        ("\u00a0".encode(), "no-break spaces"),
        ("\u3000".encode(), "ideographic spaces"),
    ],
)
def test_a_separator_is_told_once_a_list_with_its_lines(separator: bytes, named: str) -> None:
    train, validation = judge(rewritten(lambda content: content.replace(b"\t", separator))).report.findings
    assert (train.code, train.severity, train.where) == ("wrong-separator", "error", "lines 1 to 200")
    assert f"separated by {named}, not by TABs." in train.message
    assert validation.where == "lines 1 to 40"


def test_a_separator_of_some_lines_is_told_with_their_number() -> None:
    changed = rewritten(lambda rows: rows.replace(b"5\t0\tc", b"5,0,c"), both=False)
    (finding,) = judge(changed).report.findings
    assert (finding.where, finding.message.partition("TABs. ")[2]) == (
        "lines 6 to 16",
        "This is so on 2 of these lines.",
    )


@pytest.mark.parametrize(
    "header",
    [
        b"index\tlabel\tpath",
        b"\tlabel\tpath",
        b"Image_ID\tClass\tFile name",
        b'"idx","label","path"',
        b"# id label path",
        b"number\tspecies\tphoto",
        b"number;species;photo",
        rb"id\tlabel\tpath",
        "索引\u3000标签\u3000路径".encode(),
        "索引\t标签\t路径".encode(),
        "Índice\tEtiqueta\tRuta".encode(),
        "Índice;Etiqueta;Ruta".encode("latin-1"),
        "番号\tラベル\tパス".encode("shift-jis"),
        "\t라벨\t경로".encode(),
        b"Bild-Nr.\tKlasse\tDatei",
        b"index\tlabel (0=cat)\tpath",
        b"ID\tLabel\tImage Path (relative)",
        b"index\tclass/label\timage.path",
        b"// idx\t%label\tpath?",
        b"Unnamed: 0\t0\tpath",
        b"0\t1\t2",
        b"\t0\t1\t2",
        b'"0","1","2"',
    ],
)
def test_a_header_is_told_once_and_refuses_nothing(header: bytes) -> None:
    report = judge(rewritten(lambda content: b"\n" + header + b"\n" + content)).report
    assert report.verdict is Verdict.READY
    assert [(each.code, each.where, each.remedy) for each in report.findings] == [
        ("header-line", "line 2", "Delete this line.")
    ] * 2


@pytest.mark.parametrize(
    "line",
    [
        *(b"x\t0\tlabel/path", b"cat\tdog\tpath.jpg", b"7\tlabel\tpath", b"no list at all"),
        *(b"x\tnan\tlabel/path", b"7a\tcat\tlabel/path", b"cat\tdog/path.PNG\tby me", b"a\tb", b"Unnamed: 0\t0\ta.jpg"),
        *(b"0\t1\t3", b"1\t2\t3", b"0\t1", b"0\t1\tcat/2", b"0\t1\t2.jpg"),
        *(b'{"index": 0, "label": 1, "path": "cat/0.jpg"}', b"+1\t-inf\tcat/0", b"\0\tlabel\tpath"),
    ],
)
def test_a_faulty_row_is_no_header(line: bytes) -> None:
    assert "header-line" not in [
        each.code for each in judge(rewritten(lambda rows: line + b"\n" + rows)).report.findings
    ]


def test_numbers_are_no_header_where_the_paths_are_numbers() -> None:
    lines = ["0\t1\t2\n", "1\t0\t3\n", "2\t1\t4\n"]
    for rows in (lines, lines[:1]):
        assert lists.summarize(["".join(rows).encode()], complete=False).samples == len(rows)


def test_numbers_are_a_header_below_comments_and_above_a_blank_line() -> None:
    summary = lists.summarize([b"# made by pandas\n", b"\n0\t1\t2\n\n", b"0\t1\tcat/2\n"])
    assert [(each.code, each.where) for each in summary.findings if each.code == "header-line"] == [
        ("header-line", "line 1"),
        ("header-line", "line 3"),
    ]
    assert summary.samples == 1


def test_a_header_is_told_once_where_its_lines_are_read_again() -> None:
    summary = lists.summarize([b"index\tlabel\tpath\n0\t0\ta\xe9\n1\t1\tb\tc\n"], complete=False)
    assert [(each.code, each.where) for each in summary.findings] == [
        ("header-line", "line 1"),
        ("label-width-differs", "line 3"),
        ("not-utf-8", "line 2"),
    ]


def test_comments_are_told_once_and_a_header_behind_them_is_one() -> None:
    comments = b"# made on 2026-01-02\n#\t10 classes\nindex\tlabel\tpath\n"
    report = judge(rewritten(lambda rows: comments + rows + b"# end\n", both=False)).report
    assert report.verdict is Verdict.READY
    assert [(each.code, each.where, each.message) for each in report.findings] == [
        ("header-line", "lines 1, 2, 204", "The line is a comment; it is no image."),
        ("header-line", "line 3", "The line names the columns; it is no image."),
    ]


def test_a_header_in_the_middle_is_a_faulty_row() -> None:
    report = judge(rewritten(lambda rows: rows + b"index\tlabel\tpath\n", both=False)).report
    assert found(report, Severity.ERROR) == ["index-not-an-integer"]


@pytest.mark.parametrize(
    ("pictures", "severity", "said"),
    [
        (lambda _: 7, Severity.ERROR, "181 of the 200 images are there several times, with different labels: record"),
        (lambda number: number % 100, Severity.ERROR, "200 of the 200 images are"),
        (lambda number: number % 150, Severity.ERROR, "100 of the 200 images are"),
        (lambda number: number % 151, Severity.WARNING, "98 of the 200 images are"),
        (lambda number: number % 199, Severity.WARNING, "2 of the 200 images are there several times, with different "),
        (lambda number: number - number % 2, None, ""),
    ],
)
def test_training_images_under_several_labels_contradict_each_other(
    pictures: Callable[[int], int], severity: Severity | None, said: str
) -> None:
    report = judge(made("train", TEN, pictures=pictures) | VALIDATION).report
    told = [each for each in report.findings if each.code == "image-labels-differ"]
    assert [each.severity for each in told] == ([severity] if severity else [])
    assert all(said in each.message and each.file.endswith("train.rec") for each in told)


@pytest.mark.parametrize(("first_bytes", "are_told"), [(bytes(8), False), (b"\xff\xda", True), (b"IDAT", True)])
def test_images_of_which_only_like_metadata_were_read_are_not_taken_for_the_same(
    first_bytes: bytes, *, are_told: bool
) -> None:
    leaks = Leaks(train_list="", train_records="train.rec", validation_list="", validation_records="val.rec")
    image = PackedImage(record=1, offset=0, labels=(0.0,), length=300_000, head=first_bytes + bytes(1000))
    leaks.remember_image(image)
    leaks.remember_image(replace(image, record=2, labels=(1.0,)))
    leaks.compare_image(image)
    assert [each.code for each in leaks.findings(ClassNames())] == ["image-labels-differ", "images-shared"] * are_told


@pytest.mark.parametrize(
    ("training", "validation", "said"),
    [
        ((0.0,), (1.0,), "record 1 is record 1 there (label 1, there 0)."),
        ((0.0, 1.0), (1.0,), "record 1 is record 1 there."),
        ((0.0,), (0.0, 1.0), "record 1 is record 1 there."),
        ((0.0, 1.0), (1.0, 0.0), "record 1 is record 1 there."),
    ],
)
def test_labels_are_named_where_each_channel_has_one_of_an_image(
    training: tuple[float, ...], validation: tuple[float, ...], said: str
) -> None:
    leaks = Leaks(train_list="", train_records="train.rec", validation_list="", validation_records="val.rec")
    image = PackedImage(record=1, offset=0, labels=training, length=9, head=bytes(9))
    leaks.remember_image(image)
    leaks.compare_image(replace(image, labels=validation))
    (finding,) = leaks.findings(ClassNames())
    assert (finding.code, finding.message.partition("label: ")[2]) == ("image-labels-differ", said)


# ------------------------------------------------------------------------------------------ the order of classes


def in_order(*labels: int, name: str = "train") -> dict[str, bytes]:
    """Make a channel of images with these labels, one behind the other, each 500 bytes at least."""
    first = {"train": 0, "validation": 100_000}[name]
    rows = [(first + number, label, f"{first + number}.png") for number, label in enumerate(labels)]
    records = [Record(identifier=n, labels=(float(label),), image=png(n, size=500)) for n, label, _ in rows]
    return {f"{name}.lst": lst(rows), f"{name}.rec": rec(records)}


MIXED = [number % 4 for number in range(200)]
IN_ORDER = sorted(MIXED)
OF_A_RARE_CLASS = [1, *[0] * 200]


@pytest.mark.parametrize(
    ("train", "shuffled_at_once", "is_told"),
    [
        (IN_ORDER, 20_000, True),
        (IN_ORDER * 2, 20_000, True),
        (IN_ORDER * 3, 20_000, False),
        (IN_ORDER, 80_000, False),  # nearly all of the file is shuffled together
        (MIXED, 20_000, False),
        (OF_A_RARE_CLASS, 20_000, False),  # no order has many changes
        ([0] * 200, 20_000, False),
    ],
)
def test_records_in_order_of_classes_are_told_where_training_shuffles_parts_of_them(
    train: Sequence[int], shuffled_at_once: int, *, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_order, "SHUFFLED_AT_ONCE_IN_BYTES", shuffled_at_once)
    files = in_order(*train) | in_order(*MIXED[:40], name="validation")
    told = [each for each in judge(files).report.findings if each.code == "records-in-order-of-classes"]
    assert [(each.file, each.severity) for each in told] == [("datasets/pets/train.rec", "warning")] * is_told


def test_the_order_of_validation_or_of_a_sample_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_order, "SHUFFLED_AT_ONCE_IN_BYTES", 10_000)
    assert judge(in_order(*MIXED) | in_order(*IN_ORDER, name="validation")).report.findings == ()
    sampled = judge(in_order(*IN_ORDER) | in_order(*MIXED[:40], name="validation"), largest=0).report
    assert {each.code for each in sampled.findings} == {"records-sampled"}


def test_labels_that_begin_at_1_are_told_once() -> None:
    report = judge(made("train", {"a": 1, "b": 2}) | made("validation", {"a": 1, "b": 2})).report
    (finding,) = report.findings
    assert (finding.code, finding.message) == (
        "class-missing",
        "Your labels begin at 1; the algorithm numbers classes from 0.",
    )


def test_an_encoding_is_told_once_a_list() -> None:
    report = judge(rewritten(lambda rows: rows.replace(b"/", b"\xe9/"))).report
    assert [(each.code, each.where) for each in report.findings] == [
        ("not-utf-8", "lines 1 to 200"),
        ("not-utf-8", "lines 1 to 40"),
    ]


def test_a_list_in_utf_16_is_told_once() -> None:
    report = judge(rewritten(lambda rows: rows.decode().encode("utf-16"), both=False)).report
    assert [each.code for each in report.findings] == ["not-utf-8"]


@pytest.mark.parametrize(
    ("label", "code"), [(b"-1", "label-negative"), (b"cat", "label-not-a-number"), (b"0.5", "label-not-an-integer")]
)
def test_a_wrong_label_is_not_told_again_by_its_record(label: bytes, code: str) -> None:
    report = judge(rewritten(lambda rows: rows.replace(b"\t0\tc0/7.", b"\t" + label + b"\tc0/7."))).report
    assert [each.code for each in report.findings] == [code]


def test_an_empty_file_of_records_is_told_without_its_rows() -> None:
    report = judge({**TRAIN, **VALIDATION, "train.rec": b""}).report
    assert found(report, Severity.ERROR) == ["record-file-empty"]
    assert "rows-without-record" not in found(report, Severity.WARNING)


def test_a_record_labelled_otherwise_than_its_row_is_told_by_the_names_of_the_classes() -> None:
    rows = TRAIN["train.lst"].decode().splitlines(keepends=True)
    identifier, label, path = rows[0].split("\t")
    rows[0] = f"{identifier}\t{(float(label) + 1) % 10:g}\t{path}"
    files = TRAIN | VALIDATION | {"train.lst": "".join(rows).encode()}
    files["classes.txt"] = "".join(f"animal {number}\n" for number in range(10)).encode()
    report = judge(files).report
    finding = only(report, "label-not-as-listed")
    assert finding.message.endswith("has the label animal 0 (0), its row animal 1 (1).")
    assert Report.from_json(report.as_json()) == report
