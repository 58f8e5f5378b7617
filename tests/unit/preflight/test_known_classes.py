"""What is said of classes where a list has faults, or is not that of its records."""

from collections.abc import Mapping

import pytest

from sagescene.files import lists
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.preflight.channel_checks import ChannelFiles
from sagescene.preflight.channel_comparison import compare_channels
from sagescene.preflight.known_classes import judge_classes
from tests.unit.preflight.test_channel_checks import TWO, codes, files, listed, packed
from tests.unit.preflight.test_examination import TRAIN, VALIDATION, judge

IN_DOUBT = [
    ([Code.TOO_FEW_FIELDS], []),
    ([Code.WRONG_SEPARATOR], []),
    ([Code.WRONG_COLUMNS], []),
    ([], [Code.RECORD_NOT_IN_LIST]),
    ([], [Code.RECORD_REPEATED]),
    ([], [Code.LABEL_NOT_AS_LISTED]),
]


def channel(
    of_list: Mapping[int, int],
    of_records: Mapping[int, int],
    faults_of_list: list[Code] | None = None,
    faults_of_records: list[Code] | None = None,
) -> ChannelFiles:
    return files(packed(of_records, findings=faults_of_records or []), listed(of_list, findings=faults_of_list or []))


def judged(train: ChannelFiles) -> list[Finding]:
    found = judge_classes(train).listed
    assert found
    return [finding for finding in found.findings if finding.message != "It is so."]


@pytest.mark.parametrize(("of_list", "of_records"), IN_DOUBT)
def test_what_a_faulty_list_lacks_of_the_records_classes_is_not_told(
    of_list: list[Code], of_records: list[Code]
) -> None:
    assert judged(channel({1: 40}, TWO, of_list, of_records)) == []
    assert codes(judged(channel({1: 40}, {1: 100}, of_list, of_records))) == ["class-missing", "one-class-only"]


def test_the_classes_of_a_sound_list_are_judged() -> None:
    assert codes(judged(channel({1: 40}, TWO, [Code.NOT_UTF_8]))) == ["class-missing", "one-class-only"]


def test_records_alone_and_widths_that_differ_are_as_they_are() -> None:
    assert judge_classes(files(packed())).listed is None
    lost = files(packed({0: 5, 1: 4}), listed({0: 9, 1: 0}, width=2, findings=[Code.TOO_FEW_FIELDS]))
    assert "class-without-samples" in codes(judged(lost))


@pytest.mark.parametrize(("of_list", "of_records"), IN_DOUBT)
def test_channels_differ_only_in_classes_that_are_certain(of_list: list[Code], of_records: list[Code]) -> None:
    sound, doubtful = channel(TWO, TWO), channel({1: 40}, TWO, of_list, of_records)
    assert list(compare_channels(doubtful, sound)) == []
    assert list(compare_channels(sound, doubtful)) == []
    three = TWO | {2: 9}
    assert codes(compare_channels(doubtful, channel(three, three))) == ["class-not-in-train"]
    assert codes(compare_channels(channel(three, three), doubtful)) == ["class-not-in-validation"]


def test_records_that_only_differ_from_their_list_are_counted_themselves() -> None:
    differing = channel({0: 200}, TWO, [], [Code.RECORD_NOT_IN_LIST])
    assert (differing.images, differing.classes) == (100, TWO)


def test_a_list_without_the_rows_of_a_class_is_told_by_its_records_alone() -> None:
    rows = b"".join(line for line in TRAIN["train.lst"].splitlines(keepends=True) if b"\t1\t" not in line)
    report = judge({**TRAIN, **VALIDATION, "train.lst": rows}).report
    assert codes(report.findings) == ["record-not-in-list"]
    assert lists.summarize([rows]).classes == {0: 20}
    assert report.hyperparameters["num_classes"].value == "2"
