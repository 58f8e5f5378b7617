"""Rows without a record that are those of the other channel's list."""

from dataclasses import replace
from typing import Any

import pytest

from sagescene.files import overlaps
from sagescene.files.lostrows import LostRows
from sagescene.files.overlaps import Overlap
from sagescene.files.recordcontent import RecordSummary
from tests.unit.preflight.test_channel_checks import codes, files, listed, packed
from tests.unit.preflight.test_examination import TRAIN, VALIDATION, channel, judge


def summary(records: int, lost: range) -> RecordSummary:
    more: dict[str, Any] = {"unmatched": len(lost), "unmatched_ids": lost}
    return packed({0: records}, **more)


def compared(lost: range, validation: range, *, lost_there: range = range(0)) -> tuple[bool, bool]:
    """Compare a training list of 100 rows with a validation list of some of them, which have ids of their own."""
    paths = Overlap[int]()
    for identifier in range(100):
        paths.remember(f"{identifier}.jpg", identifier)
    rows = LostRows(paths)
    rows.expect(lost)
    for identifier in validation:
        if (place := paths.find(f"{identifier}.jpg")) is not None:
            rows.add(identifier + 1000, place)
    there = range(1000 + lost_there.start, 1000 + lost_there.stop)
    found = rows.find_unsplit_lists(summary(100 - len(lost), lost), summary(len(validation) - len(lost_there), there))
    assert rows.are_other_lists is any(found)
    return found


@pytest.mark.parametrize(
    ("lost", "validation", "lost_there", "found"),
    [
        (range(60, 100), range(60, 100), range(0), (True, False)),
        (range(60, 100), range(100), range(60), (True, True)),
        (range(60, 100), range(61, 100), range(0), (False, False)),  # one is nowhere
        (range(0), range(100), range(3), (False, False)),  # the same here
        (range(60, 90), range(60, 100), range(0), (False, False)),  # a packing that lost some, and lists alike
        (range(0), range(60, 100), range(0), (False, False)),
        (range(60, 100), range(60, 160), range(100, 160), (True, False)),  # 60 that no list has but its own
    ],
)
def test_the_rows_of_the_other_list_are_told(
    lost: range, validation: range, lost_there: range, found: tuple[bool, bool]
) -> None:
    assert compared(lost, validation, lost_there=lost_there) == found


def test_a_sample_of_the_paths_tells_the_training_list_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlaps, "SHARED_HELD_AT_MOST", 50)
    assert compared(range(60, 100), range(100), lost_there=range(60)) == (True, False)
    assert compared(range(60, 100), range(60, 80)) == (False, False)


def test_no_path_is_told_beside_the_list_before_it_was_split() -> None:
    report = judge({**TRAIN, **VALIDATION, "train.lst": TRAIN["train.lst"] + VALIDATION["validation.lst"]}).report
    assert [(finding.code, finding.file) for finding in report.findings] == [
        ("list-not-split", "datasets/pets/train.lst")
    ]
    assert report.verdict == "ready"
    both = TRAIN["train.lst"] + VALIDATION["validation.lst"]
    report = judge({**TRAIN, **VALIDATION, "train.lst": both, "validation.lst": both}).report
    assert codes(report.findings) == ["list-not-split"] * 2


def test_a_list_that_was_not_split_is_of_no_packing_that_ended() -> None:
    train = files(packed({0: 60}, unmatched=40, unmatched_at_end=40), listed())
    for other, is_ended in (("", True), ("val.lst", False)):
        losses = replace(train, other_list=other).losses
        assert losses
        assert losses.is_packing_ended is is_ended


def test_a_class_of_the_other_list_alone_is_not_trained_on() -> None:
    other = channel("validation", 1000, 40, classes=3)
    report = judge({**TRAIN, **other, "train.lst": TRAIN["train.lst"] + other["validation.lst"]}).report
    assert codes(report.findings) == ["list-not-split", "class-not-in-train"]
