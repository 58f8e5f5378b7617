"""Files that may be what a set lacks are told with what to do, and done to the letter it is what the set lacks."""

import shlex

import pytest

from sagescene import dataset
from sagescene.dataset import AmbiguousSet, DataSet, IncompleteSet
from sagescene.parts import Part
from tests.unit.test_dataset import stored

SET = "datasets/pets/"


def assemble(*names: str) -> DataSet | IncompleteSet | AmbiguousSet:
    return dataset.assemble("pets", [stored(f"{SET}{name}") for name in names])


def obey(sentence: str, names: list[str]) -> list[str]:
    """Do what the commands behind the last colon say."""
    words = shlex.split(sentence.rpartition(": ")[2].removesuffix(".").replace(";", " && "))
    for place, word in enumerate(words):
        if word == "mv":
            old, new = words[place + 1 : place + 3]
            names = [new.removeprefix("./") if name == old.removeprefix("./") else name for name in names]
    return names


@pytest.mark.parametrize(
    ("names", "part", "told"),
    [
        (["train.rec", "train.txt", "val.rec"], Part.TRAIN_LIST, "If train.txt is it, rename it"),
        (["a/train/x.rec", "a/train/x.CSV", "val.rec"], Part.TRAIN_LIST, "mv a/train/x.CSV a/train/x.lst"),
        (["train.rec", "my train.list", "val.rec"], Part.TRAIN_LIST, ""),
        (["train.rec", "my_train.list", "val.rec"], Part.TRAIN_LIST, "mv my_train.list my_train.lst"),
        (["train.rec", "train.tsv", "val.rec"], Part.TRAIN_LIST, "mv train.tsv train.lst"),
        (["-train.bin", "train.lst", "val.rec"], Part.TRAIN_RECORDS, ""),
        (["-_train.bin", "train.lst", "val.rec"], Part.TRAIN_RECORDS, "mv ./-_train.bin ./-_train.rec"),
        (["train.rec", "train.lst", "val.recordio"], Part.VALIDATION_RECORDS, "mv val.recordio val.rec"),
        (["train.rec", "train.lst", "val.record"], Part.VALIDATION_RECORDS, "mv val.record val.rec"),
        (["train.rec", "train.lst", "x_test.rec", "x_test.lst"], Part.VALIDATION_RECORDS, "mv x_test.rec x_val.rec"),
        (["train.rec", "train.lst", "test.rec"], Part.VALIDATION_RECORDS, "mv test.rec val.rec"),
        (["train.rec", "train.lst", "x_TEST.rec"], Part.VALIDATION_RECORDS, "mv x_TEST.rec x_val.rec"),
        (
            ["train/x.rec", "train/x.lst", "train/test/x.rec"],
            Part.VALIDATION_RECORDS,
            "mkdir -p train/validation && mv train/test/x.rec train/validation/x.rec",
        ),
        (
            ["train.rec", "train.lst", "Test/x_test.rec"],
            Part.VALIDATION_RECORDS,
            "mkdir -p validation && mv Test/x_test.rec validation/x_test.rec",
        ),
        # neither of another channel, nor hidden, nor what has a part of its own
        (["train.rec", "val.txt", "val.rec"], Part.TRAIN_LIST, ""),
        (["train.rec", ".train.txt", "val.rec", "readme.txt", "train/classes.txt"], Part.TRAIN_LIST, ""),
        (["train.rec", "train.rec.idx", "val.rec"], Part.TRAIN_LIST, ""),
        (["train.rec", "test.rec", "val.rec"], Part.TRAIN_LIST, ""),
        (["train.rec", "train.lst", "test.lst"], Part.VALIDATION_RECORDS, ""),
    ],
)
def test_a_file_that_may_be_what_a_set_lacks_is_told(names: list[str], part: Part, told: str) -> None:
    assembled = assemble(*names)
    if isinstance(assembled, AmbiguousSet):
        assert told == ""
        return
    assert isinstance(assembled, IncompleteSet)
    sentence = assembled.likely.get(part, "")
    assert (told in sentence) if told else not sentence
    if sentence:
        assert isinstance(assemble(*obey(sentence, names)), DataSet)


def test_of_several_files_that_may_be_it_some_are_named() -> None:
    notes = [f"train/{number}.txt" for number in range(5)]
    assembled = assemble("train.rec", "val.rec", *reversed(notes))
    assert isinstance(assembled, IncompleteSet)
    assert assembled.likely[Part.TRAIN_LIST] == (
        "If one of these is it, give its name the ending .lst and upload it again: "
        "train/0.txt, train/1.txt, train/2.txt and 2 more."
    )


@pytest.mark.parametrize(
    "names",
    [
        ["train/x_train.rec", "train/x_val.rec", "train/x_train.lst", "train/x_val.lst"],
        ["a/Train/x_train.rec", "a/Train/x_validation.rec", "a/Train/x_train.lst"],
        ["train/x.rec", "train/x_val.rec", "train/x_test.rec", "train/x.lst"],
        ["validation/-_train.rec", "validation/b.rec", "train/-_train.lst"],
        ["train/val.rec", "train/x_test.rec", "train/y_test.rec", "train/a.rec", "train/z_test.rec", "train/a.lst"],
    ],
)
def test_files_of_other_channels_in_one_folder_are_to_be_moved(names: list[str]) -> None:
    while isinstance(assembled := assemble(*names), AmbiguousSet):
        assert {finding.code for finding in assembled.findings} == {"surplus-file"}
        moved = obey(assembled.findings[0].remedy, names)
        assert moved != names
        names = moved
    assert isinstance(assembled, DataSet)


@pytest.mark.parametrize(
    "names",
    [
        ["train/a.rec", "train/b.rec", "train/a_val.rec", "train/a.lst"],  # which is for training?
        ["train/a_val.rec", "train/b_val.rec", "train/a.lst"],
        ["train/a.rec", "train/a_val.rec", "train/a.lst", "val/b.rec"],  # there is one already
        ["train/a.rec", "train/a_val.rec", "train/b_val.rec", "train/a.lst"],
        ["more_train.rec", "train.rec", "train.lst", "val.rec"],
    ],
)
def test_where_it_is_not_plain_what_is_meant_the_surplus_is_to_be_deleted(names: list[str]) -> None:
    assembled = assemble(*names)
    assert isinstance(assembled, AmbiguousSet)
    assert [finding.remedy.partition(",")[0] for finding in assembled.findings] == ["Delete all but one"]


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (["pets.rec", "pets.lst"], "A set needs"),
        (["pets.rec", "pets.lst", "test.rec"], "A set needs"),
        (["pets.rec"], "A set needs"),
        (["pets.rec", "pets.lst", "train.rec"], "Put it"),
        (["pets.rec", "pets.lst", "val.rec"], "Put it"),
        (["pets.rec", "pets.lst", "others.rec"], "Put it"),
        (["pets.lst"], "Put it"),
    ],
)
def test_a_set_in_one_file_is_to_be_split(names: list[str], remedy: str) -> None:
    assembled = assemble(*names)
    assert isinstance(assembled, AmbiguousSet)
    assert {finding.remedy[: len(remedy)] for finding in assembled.findings} == {remedy}
