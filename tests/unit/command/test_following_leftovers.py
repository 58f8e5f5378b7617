"""What lies in the bucket beside a folder's files: what would have them refused, and what only counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sagescene.dataset import StoredObject
from sagescene_command.following.leftovers import Leftovers, find_leftovers, refuse, tell_beside

FOLDER = ("pets-2026-12_train.rec", "pets-2026-12_train.lst", "pets-2026-12_val.rec")
LAST_MONTH = ("pets-2026-11_train.lst", "pets-2026-11_train.rec", "pets-2026-11_val.lst", "pets-2026-11_val.rec")


def store(*names: str, data_set: str = "pets") -> tuple[StoredObject, ...]:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    return tuple(
        StoredObject(key=f"datasets/{data_set}/{name}", etag=f"of {name}", size=1, last_modified=now) for name in names
    )


@pytest.mark.parametrize(
    ("stored", "in_the_way", "counting"),
    [
        (FOLDER, (), ()),
        ((*FOLDER, *LAST_MONTH), LAST_MONTH[:2] + LAST_MONTH[3:], LAST_MONTH[2:3]),
        (("training.json",), (), ("training.json",)),
        (("a/training.json", "training.json"), ("training.json",), ("a/training.json",)),
        (("classes.txt", "test.rec", "val/val.lst"), (), ("classes.txt", "test.rec", "val/val.lst")),
        (("pets-2026-11_train.idx", "pets-2026-12_train.idx"), (), ("pets-2026-12_train.idx",)),
        (("old.rec",), ("old.rec",), ()),
        (("pets-2026-12_train.rec.bak",), ("pets-2026-12_train.rec.bak",), ()),
        (("Training.json",), ("Training.json",), ()),
        (("photo.jpg", "notes.txt", "old.rec.gz", ".old_train.rec"), (), ()),
    ],
)
def test_what_is_not_replaced_is_in_the_way_or_counts(
    stored: tuple[str, ...], in_the_way: tuple[str, ...], counting: tuple[str, ...]
) -> None:
    found = find_leftovers("pets", store(*FOLDER), store(*stored))
    assert found == Leftovers(in_the_way=store(*in_the_way), counting=store(*counting))


def test_a_folder_that_lacks_files_is_checked_by_itself() -> None:
    assert find_leftovers("pets", store(*FOLDER[:2]), store(*LAST_MONTH)) == Leftovers()


def test_a_refusal_gives_a_command_that_a_shell_takes_for_each_file_in_the_way() -> None:
    found = Leftovers(in_the_way=store("a_train.rec", "my old_train.rec"))
    state = refuse(found, "s3://bucket/datasets/pets/", Path("new"))
    assert state.reason == (
        "Nothing is uploaded: s3://bucket/datasets/pets/ holds 2 files beside which those of new would be refused."
    )
    assert state.remedy.splitlines()[1:] == [
        "aws s3 rm s3://bucket/datasets/pets/a_train.rec",
        "aws s3 rm 's3://bucket/datasets/pets/my old_train.rec'",
    ]


def test_what_counts_and_what_is_left_out_are_told_in_a_line_each() -> None:
    one, two = (Leftovers(counting=store(*names)) for names in (("training.json",), ("classes.txt", "test.rec")))
    assert list(tell_beside(one, "s3://b/datasets/pets/", 1)) == [
        "1 file of the folder is left out, as no part of a set",
        "s3://b/datasets/pets/ holds training.json as well, which counts: the folder is checked with it; "
        "delete there what is not wanted",
    ]
    assert list(tell_beside(two, "s3://b/datasets/pets/", 0)) == [
        "s3://b/datasets/pets/ holds classes.txt, test.rec as well, which count: the folder is checked with them; "
        "delete there what is not wanted",
    ]
