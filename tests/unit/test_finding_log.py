"""The record of the findings of one file: places of the same words together, the rest as a number."""

import pytest

from sagescene.bounds import SHOWN_OF_A_KIND
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog, in_order
from sagescene.findings import Severity


@pytest.mark.parametrize(("severity", "expected"), [(None, Severity.WARNING), (Severity.ERROR, Severity.ERROR)])
def test_those_not_shown_weigh_what_those_shown_do(severity: Severity | None, expected: Severity) -> None:
    log = FindingLog("f")
    for line in range(SHOWN_OF_A_KIND + 3):
        log.report(Code.NOT_UTF_8, f"line {line}", f"m{line}", "r", severity)
    *shown, more = log.close()
    assert {finding.severity for finding in shown} == {more.severity} == {expected}
    assert (more.code, more.message) == ("not-utf-8", "There are 3 more findings of the kind not-utf-8.")


@pytest.mark.parametrize(
    ("others", "told"),
    [(1, "There is 1 more finding of the kind "), (1_495, "There are 1,495 more findings of the kind ")],
)
def test_those_not_shown_are_told_in_words_that_agree_and_counted_by_them(others: int, told: str) -> None:
    log = FindingLog("f")
    for line in range(SHOWN_OF_A_KIND + others):
        log.report(Code.NOT_UTF_8, f"line {line}", f"m{line}", "r")
    findings = log.close()
    assert findings[-1].message.startswith(told)
    assert sum(finding.places for finding in findings) == SHOWN_OF_A_KIND + others


@pytest.mark.parametrize(
    ("places", "where"),
    [
        (["line 3"], "line 3"),
        ([f"line {number}" for number in range(3, 103)], "lines 3, 4, 5, 6, 7 and 95 more"),
        (["record 1, byte 0", "byte 40"], "record 1, byte 0; byte 40"),
        (["", ""], ""),
    ],
)
def test_what_is_said_of_several_places_is_said_once(places: list[str], where: str) -> None:
    log = FindingLog("f")
    for place in places:
        log.report(Code.NUL_BYTE, place, "m", "r")
    log.report(Code.TOO_FEW_FIELDS, "line 9", "m", "r")
    (finding, other) = log.close()
    assert (finding.where, other.where) == (where, "line 9")
    assert log.counts == {Code.NUL_BYTE: len(places), Code.TOO_FEW_FIELDS: 1}


@pytest.mark.parametrize(
    "places",
    [
        [],
        [""],
        ["line 9, column 4"],
        [f"line {number}" for number in range(3)],
        [f"line {number}" for number in range(2000)],
        [f"record {number}, byte {number}" for number in range(4)],
        [f"record {number}, byte {number}" for number in range(9)],
        ["epochs and 1,000 more"],
        ["a; b; c"],
        ["lines 3, 4"],
    ],
)
def test_places_are_counted_as_they_were_reported(places: list[str]) -> None:
    log = FindingLog("f")
    for number, place in enumerate(places):
        log.report(Code.NUL_BYTE, place, "m", "r")
        log.report(Code.NOT_UTF_8, place, f"m{number}", "r")
    assert sum(finding.places for finding in log.close()) == 2 * len(places)


def test_findings_of_a_file_are_told_from_its_beginning_to_its_end() -> None:
    told = [
        ("b.rec", "record 9, byte 700"),
        ("a.lst", ""),
        ("a.lst", "lines 12, 30 and 2 more"),
        ("a.lst", "line 9, column 4"),
        ("training.json", "beta_2"),
        ("training.json", "beta_1"),
        ("b.rec", "byte 80"),
        ("a.lst", "lines 3 to 40"),
    ]
    found = [Code.NUL_BYTE.found(file=file, where=where, message="m", remedy="r") for file, where in told]
    ordered = in_order(found)
    assert [(finding.file, finding.where) for finding in ordered] == [
        ("b.rec", "byte 80"),
        ("b.rec", "record 9, byte 700"),
        ("a.lst", "lines 3 to 40"),
        ("a.lst", "line 9, column 4"),
        ("a.lst", "lines 12, 30 and 2 more"),
        ("a.lst", ""),
        ("training.json", "beta_2"),
        ("training.json", "beta_1"),
    ]
    assert in_order(ordered) == ordered
