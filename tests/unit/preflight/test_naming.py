"""What the classes are called: by `classes.txt`, else by folders, in findings and in the report; and who disagrees."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagescene.files.classnames import ClassNames
from sagescene.preflight.report import Report, Verdict, read_report
from tests.unit.preflight.test_examination import judge, several
from tests.unit.preflight.test_wrong_models import accepting, backslashed, in_files, made, merged, only

ABC = {"ant": 0, "bee": 1, "cat": 2}


def sets(train: Mapping[str, int], validation: Mapping[str, int], names: str = "") -> dict[str, bytes]:
    files = made("train", train) | made("validation", validation)
    return {**files, "classes.txt": names.encode()} if names else files


def report_on(files: Mapping[str, bytes]) -> Report:
    return judge(files).report


def beneath(root: str, inner: str = "") -> dict[str, int]:
    return {f"{root}{name}{inner}": label for name, label in ABC.items()}


# ------------------------------------------------------------------------------------------- what they are called


def test_a_classes_txt_names_the_classes_whatever_the_folders_are_called() -> None:
    report = report_on(sets({"n01": 0, "n02": 1}, {"n01": 0, "n02": 1}, "ant\nbee\n"))
    assert (report.verdict, report.findings) == (Verdict.READY, ())
    assert (report.class_names.source, report.class_names.names) == ("classes.txt", {0: "ant", 1: "bee"})


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        (beneath(""), beneath("")),
        (beneath("train/"), beneath("val/")),
        (beneath("", "/indoors"), beneath("", "/outdoors")),
        (beneath("pets/train/"), beneath("pets/val/")),
        (beneath("train/", "/images"), beneath("val/", "/images")),
        (beneath("/mnt/ann/train/", "/images"), beneath("/srv/bob/pets/val/", "/images")),
        (beneath(""), {"Ant": 0, "BEE": 1, "cat ": 2}),
        (beneath("photos/"), beneath("photos/")),
        ({"ant/red": 0, "bee/old": 1, "cat/fat": 2}, {"ant/red": 0, "bee/old": 1, "cat/fat": 2}),
    ],
)
def test_folders_name_the_classes_where_there_is_no_classes_txt(
    train: dict[str, int], validation: dict[str, int]
) -> None:
    report = report_on(sets(train, validation))
    assert report.class_names.names == {0: "ant", 1: "bee", 2: "cat"}
    assert report.class_names.source == "folders of train.lst"


def test_folders_within_folders_are_named_in_full_where_no_part_alone_tells_the_classes_apart() -> None:
    nested = {"all/ant/old": 0, "all/ant/young": 1, "all/bee/old": 2, "all/bee/young": 3}
    assert report_on(sets(nested, nested)).class_names.names == {label: folder for folder, label in nested.items()}


def test_one_folder_of_validation_takes_no_names_from_the_classes() -> None:
    report = report_on(sets(beneath("", "/indoors"), {"ant/indoors": 0}))
    assert report.class_names.names == {0: "ant", 1: "bee", 2: "cat"}


def test_folders_of_a_list_of_windows_name_the_classes() -> None:
    files = backslashed(made("train", ABC)) | backslashed(made("validation", ABC))
    assert report_on(files).class_names.names == {0: "ant", 1: "bee", 2: "cat"}


@pytest.mark.parametrize(
    "files",
    [
        sets({"x": 0, "y": 1}, {"x": 0, "z": 1}),  # a label of two folders
        sets({"x": 0, "y": 1}, {"y": 0, "x": 1}),
        merged(made("train", {"x": 0, "y": 1}), made("train", {"x": 1, "y": 0}, first=500))
        | made("validation", {"x": 0, "y": 1}),  # a folder of two labels
        sets({"all": 0}, {"all": 0}),
    ],
)
def test_folders_that_do_not_correspond_to_the_labels_name_nothing(files: dict[str, bytes]) -> None:
    assert report_on(files).class_names.as_json() == {"source": "", "names": {}, "more": 0}


def test_folders_of_a_list_that_was_not_read_to_its_end_name_nothing() -> None:
    files = sets(ABC, ABC)
    report = report_on({**files, "train.rec": files["train.rec"][:-4]})
    assert "truncated" in [finding.code for finding in report.findings]
    assert report.class_names.names == {}


def test_a_folder_whose_label_is_no_class_names_none() -> None:
    report = report_on(sets({"ant": -1, "bee": 0, "cat": 1}, {"bee": 0, "cat": 1}))
    assert report.class_names.names == {0: "bee", 1: "cat"}


def test_a_report_of_very_many_classes_holds_the_first_names() -> None:
    files = made("train", {f"c{label:04}": label for label in range(1_005)}, 1)
    report = report_on(files | made("validation", {"c0000": 0, "c0001": 1}, 1))
    assert (len(report.class_names.names), report.class_names.more) == (1_000, 5)


def test_a_report_from_before_names_were_kept_has_none() -> None:
    document = report_on(sets(ABC, ABC)).as_json()
    del document["class_names"]
    kept = read_report(json.dumps(document).encode())
    assert kept
    assert kept.class_names == ClassNames()


def test_a_faulty_classes_txt_leaves_the_names_to_the_folders() -> None:
    report = report_on(sets(ABC, ABC, "ant\n\ncat\n"))
    assert [finding.code for finding in report.findings] == ["class-name-missing"]
    assert report.class_names.source == "folders of train.lst"


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        (sets(ABC, {"ant": 0, "cat": 2}), "class-not-in-validation", "no image of class bee (1), which"),
        (sets({"ant": 0, "bee": 1}, ABC, "ant\nbee\ncat"), "class-not-in-train", "images of class cat (2), of which"),
        (sets({"ant": 0, "cat": 2}, ABC, "ant\nbee\ncat"), "class-missing", "has no image: bee (1)."),
        (sets(ABC, {"bee": 1}), "validation-of-one-class", "images have the label bee (1), but"),
        (
            made("train", ABC) | made("validation", {"bee": 1}, 1, first=500),
            "validation-of-one-class",
            "The only image has the label bee (1), but",
        ),
        (
            merged(made("train", {"ant": 0}, 50), made("train", {"bee": 1}, 4, first=500)) | made("validation", ABC),
            "classes-uneven",
            "Class ant (0) has 50 images, class bee (1) only 4.",
        ),
        (
            merged(made("train", {"ant": 0}, 50), made("train", {"bee": 1}, 4, first=500)) | made("validation", ABC),
            "few-images-of-class",
            "(class bee (1)); class bee (1) has 4.",
        ),
    ],
)
def test_findings_call_classes_by_their_names(files: dict[str, bytes], code: str, said: str) -> None:
    assert said in only(report_on(files), code).message


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        (("ant", "bee", "Bee"), ["bee (1) and Bee (2)"]),
        (("ant", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", "cafe\N{COMBINING ACUTE ACCENT}"), ["(1) and", "(2)"]),
        (("'ant'", "bee", "ant"), ["'ant' (0) and ant (2)"]),
        (("ant", "Ant", "ANT"), ["ant (0) and Ant (1), ant (0) and ANT (2)"]),
        (("night owl", "night_owl", "Night-Owl"), ["night owl (0) and night_owl (1)", "Night-Owl (2)"]),
        (("café noir", "café_noir", "tea"), ["(0) and", "(1)"]),
        (("A", "a", "B"), []),
        (("cat", "cat-", "-"), []),
        (("ant", "ants", "bee"), []),
    ],
)
@pytest.mark.parametrize("by_folders", [True, False])
def test_names_that_people_take_for_one_are_told(names: tuple[str, ...], alike: list[str], *, by_folders: bool) -> None:
    folders = dict(zip(names if by_folders else ("n1", "n2", "n3"), range(3), strict=True))
    report = report_on(sets(folders, folders, "" if by_folders else "\n".join(names)))
    assert report.verdict is Verdict.READY
    if not alike:
        assert report.findings == ()
        return
    found = only(report, "class-names-alike")
    assert found.file.endswith("train.lst" if by_folders else "classes.txt")
    assert all(each in found.message for each in alike)


# ------------------------------------------------------------------------------------------------ who disagrees


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            "bee\nant\ncat\n",
            "2 of the 3 names that are folders in datasets/pets/train.lst as well stand at another label there: bee is "
            "0 here and 1 there, ant is 1 here and 0 there.",
        ),
        (
            "Cat\nBee\nAnt\n",
            "2 of the 3 names that are folders in datasets/pets/train.lst as well stand at another label there: Cat is "
            "0 here and 2 there, Ant is 2 here and 0 there.",
        ),
        (
            '"bee"\n"ant"\n"cat"\n',
            "2 of the 3 names that are folders in datasets/pets/train.lst as well stand at another label there: "
            '"bee" is 0 here and 1 there, "ant" is 1 here and 0 there.',
        ),
        (
            "cat\ndog\nemu\n",
            "1 of the 1 names that are folders in datasets/pets/train.lst as well stand at another label there: cat is "
            "0 here and 2 there.",
        ),
    ],
)
def test_the_same_names_at_other_labels_are_a_conflict(names: str, message: str) -> None:
    report = report_on(sets(ABC, ABC, names))
    (finding,) = report.findings
    assert (finding.code, finding.file, finding.message) == (
        "class-names-conflict",
        "datasets/pets/classes.txt",
        message,
    )
    assert report.verdict is Verdict.REFUSED
    assert '"accept": ["class-names-conflict"]' in finding.remedy


def test_names_of_files_in_another_order_are_a_conflict() -> None:
    files = in_files("train", list(ABC), "{0}.{1}.jpg") | in_files("validation", list(ABC), "{0}.{1}.jpg")
    report = report_on({**files, "classes.txt": b"bee\nant\ncat\n"})
    assert only(report, "class-names-conflict").message.startswith(
        "2 of the 3 names that files begin with in datasets/pets/train.lst as well stand at another label there: bee is"
    )


def test_a_conflict_that_is_accepted_is_a_warning() -> None:
    report = report_on(accepting(sets(ABC, ABC, "bee\nant\ncat\n"), "class-names-conflict"))
    assert [(finding.code, finding.severity) for finding in report.findings] == [("class-names-conflict", "warning")]
    assert (report.verdict, report.class_names.names[0]) == (Verdict.READY, "bee")


def test_a_conflict_with_the_validation_list_alone_is_told_as_what_it_is() -> None:
    turned = {"ant": 1, "bee": 0, "cat": 2}
    report = report_on(sets(ABC, turned, "ant\nbee\ncat\n"))
    assert [finding.code for finding in report.findings] == ["labels-numbered-apart"]
    accepted = report_on(accepting(sets({"a": 0, "b": 1, "c": 2}, turned, "ant\nbee\ncat\n")))
    assert "datasets/pets/validation.lst" in only(accepted, "class-names-conflict").message


@pytest.mark.parametrize(
    "names",
    [
        "ant\nbee\ncat\n",
        "ANT\n'bee'\nCat\n",
        "Ameise\nBiene\nKatze\n",
        "ant\nBiene\nKatze\n",  # partly another vocabulary, at the same labels
    ],
)
@pytest.mark.parametrize("root", ["", "train/"])
def test_names_that_agree_or_are_of_another_vocabulary_need_no_word(names: str, root: str) -> None:
    report = report_on(sets(beneath(root), beneath(root), names))
    assert (report.verdict, report.findings) == (Verdict.READY, ())


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("ant\nbee\n", "The file names 2 of 3 classes: class 2 has no name."),
        ("ant\nbee\ncat\ndog\nemu\n", "The file names 5 classes, but the images have only 3: dog has no image."),
        (
            "classes\nAmeise\nBiene\nKatze\n",
            "The file names 4 classes, but the images have only 3: Katze has no image.",
        ),
    ],
)
def test_as_many_names_as_classes_are_wanted(names: str, said: str) -> None:
    report = report_on(sets(ABC, ABC, names))
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.message) == ("class-names-miscounted", "error", said)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (sets({"ant": 1, "bee": 2}, {"ant": 1, "bee": 2}, "ameise\nbiene"), "class-missing"),
        (made("train", ABC, lost=range(40, 60)) | made("validation", ABC), "classes-without-record"),
        (sets({"ant": 0, "bee": 1}, ABC, "ant\nbee\ncat"), "class-not-in-train"),
        (sets(ABC, {"bee": 1}, "ant\nbee\ncat") | {"train.rec": b""}, "record-file-empty"),
    ],
)
def test_a_count_that_another_fault_explains_is_not_told(files: dict[str, bytes], code: str) -> None:
    files = {"classes.txt": b"ant\nbee\ncat", **files}
    found = [finding.code for finding in report_on(files).findings]
    assert code in found
    assert "class-names-miscounted" not in found


def test_names_of_label_columns_are_counted_by_the_columns() -> None:
    report = report_on({**several(1, 0, 1), "classes.txt": b"ant\nbee\ncat\n"})
    assert "label column bee (1)" in only(report, "class-without-samples").message
    assert "class-names-miscounted" not in [finding.code for finding in report.findings]


def test_a_classes_txt_is_a_condition_and_no_content() -> None:
    files = sets(ABC, ABC)
    plain, named = report_on(files), report_on({**files, "classes.txt": b"ant\nbee\ncat\n"})
    assert plain.fingerprint == named.fingerprint
    assert named.conditions.companions.keys() - plain.conditions.companions == {"datasets/pets/classes.txt"}


@settings(max_examples=30)
@given(
    order=st.permutations(range(3)),
    renamed=st.lists(
        st.text("abcdefghé ", min_size=1).map(str.strip).filter(bool), min_size=3, max_size=3, unique=True
    ),
)
def test_renaming_folders_and_names_alike_changes_no_verdict(order: list[int], renamed: list[str]) -> None:
    def judged(words: list[str]) -> tuple[Verdict, list[str]]:
        folders = {word: label for label, word in enumerate(words)}
        report = report_on(sets(folders, folders, "".join(f"{words[label]}\n" for label in order)))
        return report.verdict, [finding.code for finding in report.findings]

    assert judged(list(ABC)) == judged(renamed)
    assert (judged(renamed)[0] is Verdict.READY) is (order == [0, 1, 2])
