"""What a channel holds where its list and its records disagree, and what is said of that, once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sagescene.files.classnames import ClassNames
from sagescene.files.lists import ListSummary
from sagescene.files.recordcontent import RecordSummary
from sagescene.files.relabelled import RelabelledRecord
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Finding
from sagescene.preflight.channel_checks import ChannelFiles

TWO = {0: 60, 1: 40}
LIST, RECORDS = "train.lst", "train.rec"


def found(code: Code) -> Finding:
    return code.found(file="f", message="It is so.", remedy="Mend it.")


def listed(
    classes: Mapping[int, int] = TWO, *, width: int = 1, samples: int | None = None, findings: Iterable[Code] = ()
) -> ListSummary:
    counted = sum(classes.values()) if samples is None else samples
    codes = tuple(findings)
    return ListSummary(
        samples=counted, label_width=width, classes=classes, findings=tuple(map(found, codes)), counts=Counter(codes)
    )


def packed(
    classes: Mapping[int, int] = TWO,
    *,
    width: int = 1,
    records: int | None = None,
    findings: Iterable[Code] = (),
    **more: Any,  # noqa: ANN401
) -> RecordSummary:
    codes = tuple(findings)
    return RecordSummary(
        **{
            "records": sum(classes.values()) if records is None else records,
            "label_width": width,
            "classes": classes,
            "smallest_height": 300,
            "smallest_width": 400,
            "sizes": {},
            "shorter_sides": {},
            "formats": {},
            "size": 0,
            "unmatched": 0,
            "findings": tuple(map(found, codes)),
            "counts": Counter(codes),
            **more,
        }
    )


def files(records: RecordSummary, of_list: ListSummary | None = None) -> ChannelFiles:
    return ChannelFiles(listed=of_list, list_file=LIST, records=records, records_file=RECORDS)


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


# ---------------------------------------------------------------------------------------------- what a channel holds


@pytest.mark.parametrize(
    ("records", "of_list", "images"),
    [
        (packed(), listed({0: 70, 1: 50}), 100),
        (packed(findings=[Code.IMAGE_NOT_READABLE]), listed({0: 70, 1: 50}), 120),
        (packed(findings=[Code.IMAGE_NOT_READABLE]), listed({0: 30, 1: 20}), 100),
        (packed(looked_at=10, is_counted=False), listed({0: 70, 1: 50}), 120),
        (packed({}), None, 0),
    ],
    ids=["sound", "faulty", "faulty under a shorter list", "sampled", "empty"],
)
def test_the_rows_count_where_the_records_were_not_read_to_the_end(
    records: RecordSummary, of_list: ListSummary | None, images: int
) -> None:
    assert files(records, of_list).images == images


@pytest.mark.parametrize(
    ("records", "of_list"),
    [
        (packed(), listed({5: 100}, width=3, samples=100)),
        (packed(width=3, records=100), listed({5: 100})),
        (packed(findings=[Code.IMAGE_NOT_READABLE]), listed({5: 100})),
        (packed(looked_at=10), listed({5: 100})),
    ],
    ids=["labels lost", "labels more", "faulty", "sampled"],
)
def test_the_list_tells_the_classes_where_the_records_cannot(records: RecordSummary, of_list: ListSummary) -> None:
    assert files(records, of_list).classes == {5: 100}


def test_the_records_tell_the_classes_where_they_can() -> None:
    assert files(packed(), listed({5: 100})).classes == TWO


def test_the_report_shows_what_was_seen_in_faulty_records() -> None:
    shown = files(packed(findings=[Code.IMAGE_NOT_READABLE]), listed({5: 120})).channel()
    assert (shown.images, shown.rows, shown.classes) == (100, 120, TWO)


def test_the_report_shows_what_the_list_says_of_sampled_records() -> None:
    shown = files(packed({0: 10}, looked_at=10, is_counted=False), listed({5: 120})).channel()
    assert (shown.images, shown.rows, shown.classes) == (120, 120, {5: 120})


# ------------------------------------------------------------------------------------------------- one fault, once


@pytest.mark.parametrize(
    ("of_list", "of_records", "remaining"),
    [
        (2, [Code.RECORD_NOT_IN_LIST], []),
        (1, [Code.RECORD_NOT_IN_LIST, Code.IMAGE_NOT_READABLE], [Code.IMAGE_NOT_READABLE]),
        (1, [Code.RECORD_NOT_IN_LIST, Code.TRUNCATED], [Code.TRUNCATED]),
        (1, [Code.RECORD_NOT_IN_LIST] * 2, [Code.RECORD_NOT_IN_LIST] * 2),
        (2, [Code.RECORD_NOT_IN_LIST, Code.RECORD_REPEATED], []),
    ],
)
def test_a_record_without_a_row_is_not_told_when_its_row_is_at_fault(
    of_list: int, of_records: list[Code], remaining: list[Code]
) -> None:
    rows = listed(findings=[Code.TOO_FEW_FIELDS] * of_list)
    told = codes(files(packed(findings=of_records), rows).findings())
    assert told == [Code.TOO_FEW_FIELDS] * of_list + remaining


def test_records_that_are_there_twice_are_told_without_their_index_and_rows() -> None:
    told = [Code.RECORD_REPEATED, Code.INDEX_FILE_DIFFERS, Code.ROWS_WITHOUT_RECORD]
    assert codes(files(packed(findings=told), listed()).findings()) == ["record-repeated"]


def relabelled(number: int, *, records: int) -> RecordSummary:
    log = FindingLog(RECORDS)
    for identifier in range(number):
        log.add(
            Code.LABEL_NOT_AS_LISTED,
            RelabelledRecord.found(RECORDS, identifier, (0.0,), (1.0,)),
            f"record {identifier + 1}, byte {100 * identifier}",
        )
    log.report(Code.ROWS_WITHOUT_RECORD, "", "Some rows have none.", "Look at them.")
    return replace(packed({0: records}), findings=log.close(), counts=log.counts)


@pytest.mark.parametrize(
    ("number", "records", "where", "message"),
    [
        (1, 9, "record 1, byte 0", "The record with the id 0 has the label ant (0), its row bee (1)."),
        (
            2,
            21,
            "record 1, byte 0; record 2, byte 100",
            "2 of 21 records have another label than their row: id 0 has ant (0) instead of bee (1), id 1 has ant (0) "
            "instead of bee (1).",
        ),
        (
            2,
            20,
            "record 1, byte 0; record 2, byte 100",
            "2 of 20 records have another label than their row: id 0 has ant (0) instead of bee (1), id 1 has ant (0) "
            "instead of bee (1). The list was changed after packing, or is of other records.",
        ),
    ],
)
def test_records_of_other_labels_are_told_at_once(number: int, records: int, where: str, message: str) -> None:
    names = ClassNames(names={0: "ant", 1: "bee"})
    channel = replace(files(relabelled(number, records=records), listed()), names=names)
    told, *others = channel.findings()
    assert (told.where, told.message, told.places) == (where, message, number)
    assert type(told) is Finding
    assert codes(others) == ([] if "The list" in message else ["rows-without-record"])


def test_of_many_records_of_other_labels_five_are_named() -> None:
    (told,) = files(relabelled(12, records=100), listed()).findings()
    assert told.message.startswith("12 of 100 records have another label than their row: id 0 has")
    assert " id 4 has 0 instead of 1 and 7 more. The list" in told.message
    assert told.where.endswith("; record 5, byte 400 and 7 more")


@pytest.mark.parametrize(
    ("repeated", "lost", "told"),
    [
        (5, 5, ["index-repeated"] * 5),
        (4, 5, ["index-repeated"] * 4 + ["rows-without-record"]),
        (0, 30, ["packing-ended-early"]),
        (30, 30, ["index-repeated"] * 30),
    ],
)
def test_rows_of_a_repeated_index_are_no_lost_images(repeated: int, lost: int, told: list[str]) -> None:
    records = packed(findings=[Code.ROWS_WITHOUT_RECORD], unmatched=lost, unmatched_at_end=lost)
    rows = listed({0: 60 + lost, 1: 40}, findings=[Code.INDEX_REPEATED] * repeated)
    assert codes(files(records, rows).findings()) == told


@pytest.mark.parametrize(("strays", "is_told"), [(2, False), (3, True)])
def test_a_record_may_be_of_either_row_of_an_index(strays: int, *, is_told: bool) -> None:
    records = packed(findings=[Code.RECORD_NOT_IN_LIST] * strays)
    told = codes(files(records, listed(findings=[Code.INDEX_REPEATED])).findings())
    assert ("record-not-in-list" in told) is is_told


def test_records_that_are_only_warned_of_are_compared() -> None:
    told = codes(files(packed({0: 61, 1: 40}, findings=[Code.RECORDS_SAMPLED]), listed()).findings())
    assert told == ["records-sampled", "more-records-than-rows"]


def test_a_width_that_single_records_lack_is_told_by_the_scan() -> None:
    records = packed(findings=[Code.LABEL_WIDTH_NOT_AS_LISTED])
    assert codes(files(records, listed()).findings()) == ["label-width-not-as-listed"]


def test_numbers_are_not_compared_where_widths_differ() -> None:
    records = packed({0: 50}, findings=[Code.LABEL_WIDTH_NOT_AS_LISTED])
    assert codes(files(records, listed(width=2, samples=100)).findings()) == ["label-width-not-as-listed"]
    assert codes(files(records, listed()).findings()) == ["label-width-not-as-listed"]


@pytest.mark.parametrize("records", [packed({0: 100}, width=2, records=100), packed({})], ids=["other labels", "none"])
def test_faulty_records_are_compared_with_nothing(records: RecordSummary) -> None:
    faulty = packed(
        records.classes, width=records.label_width, records=records.records, findings=[Code.IMAGE_NOT_READABLE]
    )
    assert codes(files(faulty, listed()).findings()) == ["image-not-readable"]


@pytest.mark.parametrize(
    ("rows", "records", "is_lost"), [(2, 1, True), (3, 1, True), (1, 2, False), (3, 2, False), (2, 3, False)]
)
def test_only_labels_lost_in_packing_are_packed_again(rows: int, records: int, *, is_lost: bool) -> None:
    compared = files(packed(width=records, records=100), listed(width=rows, samples=100))
    (finding,) = compared.findings()
    assert finding.code == "label-width-not-as-listed"
    assert ("--pack-label" in finding.remedy) is is_lost


def test_labels_that_were_changed_are_no_lost_class() -> None:
    assert codes(files(packed({0: 100}), listed()).findings()) == ["labels-differ"]
