"""Lists: statistics that do not depend on how the bytes arrive, and every fault with its line."""

import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sagescene.bounds import ROWS_OF_A_BLOCK
from sagescene.files import labeltally, linefaults, listrows, lists, repeats
from sagescene.files.repeats import Repeats
from sagescene.finding_codes import Code
from sagescene.finding_log import FindingLog
from sagescene.findings import Severity
from sagescene.foreign import IMAGE_ENDINGS

DATA = Path(__file__).parents[2] / "data"

bounded = settings(max_examples=60)


def summarize(text: str | bytes, *, complete: bool = False, size: int = 1 << 20) -> lists.ListSummary:
    content = text if isinstance(text, bytes) else text.encode()
    return lists.summarize(cut(content, size), file="a.lst", complete=complete)


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def found(summary: lists.ListSummary) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in summary.findings]


def test_the_faults_of_numbers_are_those_that_a_label_can_have() -> None:
    labels = [(float("nan"), 1), (0.5, 2), (0.5, 1), (-1, 1), (1 << 25, 1), (0, 1), (1, 2)]
    faults = [fault[0] for label, width in labels if (fault := labeltally.fault_of_label(label, width))]
    assert sorted(faults) == sorted(labeltally.WRONG_NUMBERS)


@pytest.mark.parametrize("ending", sorted(IMAGE_ENDINGS))
def test_an_image_is_known_by_each_of_its_endings_where_a_text_stands_behind_it(ending: str) -> None:
    rows = "".join(f"{number}\t0\t{number}{ending.upper()}\ta cat\n" for number in range(9))
    (finding,) = summarize(rows).findings
    assert (finding.code, finding.message) == ("wrong-columns", "The path is in column 3 of 4, not in the last.")


@pytest.mark.parametrize(
    ("name", "samples", "classes"),
    [
        ("two_class/train/train", 40, {0: 20, 1: 20}),
        ("two_class/validation/validation", 20, {0: 10, 1: 10}),
        ("multi/train/train", 80, {0: 38, 1: 50, 2: 43}),
        ("multi/validation/validation", 20, {0: 7, 1: 11, 2: 11}),
    ],
)
def test_reads_lists_of_im2rec(name: str, samples: int, classes: dict[int, int]) -> None:
    summary = summarize((DATA / f"{name}.lst").read_bytes(), complete=True, size=100)
    assert (summary.samples, summary.classes) == (samples, classes)
    assert summary.findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "0\t0\ta.jpg\n1\t1\tb.jpg\n",
        "0\t0\ta.jpg\n1\t1\tb.jpg",
        "0\t0\ta.jpg\r\n1\t1\tb.jpg\r\n",
        "\ufeff0\t0\ta.jpg\n1\t1\tb.jpg\n",
        "\n0\t0\ta.jpg\n \t \n1\t1.000000\tb.jpg\n\n\n",
        " 0\t 0 \ta.jpg\n1\t1\t b.jpg\n",
    ],
)
def test_harmless_forms_read_the_same(text: str) -> None:
    for size in (1, 3, 1000):
        summary = summarize(text, complete=True, size=size)
        assert (summary.samples, summary.classes, summary.findings) == (2, {0: 1, 1: 1}, ())
        rows = list(listrows.read(cut(text.encode(), size)))
        assert rows == [listrows.Row(0, (0.0,), "a.jpg"), listrows.Row(1, (1.0,), "b.jpg")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("7", "too-few-fields"),
        ("7\t0", "too-few-fields"),
        ("7 0 c.jpg", "wrong-separator"),
        ("7\t0\t0\tc.jpg", "label-width-differs"),
        ("7\t0\tc\td.jpg", "label-width-differs"),
        ("\t0\tc.jpg", "too-few-fields"),
        ("x\t0\tc.jpg", "index-not-an-integer"),
        ("-1\t0\tc.jpg", "index-not-an-integer"),
        ("1.5\t0\tc.jpg", "index-not-an-integer"),
        ("18446744073709551616\t0\tc.jpg", "index-not-an-integer"),
        ("0\t0\tc.jpg", "index-repeated"),
        ("7\t0\ta.jpg", "path-repeated"),
        ("7\tcat\tc.jpg", "label-not-a-number"),
        ("7\t\tc.jpg", "label-not-a-number"),
        ("7\t1_0\tc.jpg", "label-not-a-number"),
        (f"7\t{1:0100}\tc.jpg", "label-not-a-number"),
        ("7\tnan\tc.jpg", "label-not-finite"),
        ("7\t1e999\tc.jpg", "label-not-finite"),
        ("7\t0.5\tc.jpg", "label-not-an-integer"),
        ("7\t-1\tc.jpg", "label-negative"),
        ("7\t1e9\tc.jpg", "label-too-large"),
        ("7\t0\tc\0.jpg", "nul-byte"),
        ("7\t" + "0\t" * 15_001 + "c.jpg", "too-many-labels"),
    ],
)
def test_every_wrong_row_is_found_at_its_line(row: str, code: str) -> None:
    text = f"0\t0\ta.jpg\n\n{row}\n1\t1\tb.jpg\n"
    for size in (1, 5, 1000):
        assert found(summarize(text, size=size)) == [(code, "line 3")]


@pytest.mark.parametrize(
    ("row", "remedy"),
    [
        ("Total\t60\timages", "Delete the line"),
        ("sum\t2\t-", "Delete the line"),
        ("x\t0\tc.jpg", "Number the rows"),
        ("x\t0\tcat/c", "Number the rows"),
        ("x\t0\tcat\\c", "Number the rows"),
        ("x7\t0\tc", "Number the rows"),
    ],
)
def test_a_line_that_counts_the_images_is_to_be_deleted(row: str, remedy: str) -> None:
    (finding,) = summarize(f"0\t0\ta.jpg\n1\t1\tb.jpg\n{row}\n").findings
    assert (finding.code, finding.remedy[: len(remedy)]) == ("index-not-an-integer", remedy)


def test_indices_of_one_hash_are_told_apart() -> None:
    assert hash(2**61 - 1) == hash(0)
    assert summarize(f"0\t0\ta\n{2**61 - 1}\t1\tb\n").findings == ()
    assert found(summarize(f"{2**61}\t0\ta\n0{2**61}\t1\tb\n")) == [("index-repeated", "line 2")]


def test_a_block_that_is_read_again_reports_its_findings_once() -> None:
    summary = summarize("0\t0\ta\nx\t0\tb\n1\t1\tc\td\n")
    assert found(summary) == [("index-not-an-integer", "line 2"), ("label-width-differs", "line 3")]


@pytest.mark.parametrize("blank", [" ", "\t", "\v", "\f", "\r", " \r", "\r\r", "\u00a0"])
@pytest.mark.parametrize("row", ["2\t0\tb\0", "2\t0\tb\tc", "2\t0\tb"])
def test_a_blank_after_a_path_matters_nowhere(blank: str, row: str) -> None:
    text = f"0\t0\ta{blank}\n{row}\n1\t1\ta{blank}\n"
    assert ("path-repeated", "line 3") in found(summarize(text))
    assert [entry.path for entry in listrows.read([text.encode()]) if entry.identifier < 2] == ["a", "a"]


def test_a_carriage_return_within_a_path_ends_no_line() -> None:
    assert found(summarize(b"0\t0\ta\rb\n1\t1\t\xe9\n")) == [("not-utf-8", "line 2")]


def test_index_of_64_bits_and_a_path_with_blanks_are_allowed() -> None:
    row = "18446744073709551615\t0\tred flower/0 img.jpg"
    assert summarize(row).findings == ()
    assert list(listrows.read([row.encode()])) == [listrows.Row(2**64 - 1, (0.0,), "red flower/0 img.jpg")]


def test_rows_without_a_numeric_label_are_no_samples_and_others_are() -> None:
    summary = summarize("0\t0\ta\n1\tcat\tb\n2\t0.5\tc\n3\tnan\td\n4\t1\te\n")
    assert (summary.samples, summary.classes) == (4, {0: 1, 1: 1})


def test_a_row_with_two_unreadable_labels_is_left_out_once() -> None:
    assert summarize("0\t0\t1\ta\n1\tx\ty\tb\n2\t1\t1\tc\n").samples == 2


def test_several_labels_a_row_must_be_0_or_1() -> None:
    summary = summarize("0\t0\t1\ta\n1\t2\t1\tb\n2\t1\t0.000000\tc\n")
    assert found(summary) == [("label-not-0-or-1", "line 2")]
    assert (summary.label_width, summary.classes) == (2, {0: 1, 1: 2})


def test_labels_of_one_fault_are_told_once_with_the_first_lines_and_the_first_labels() -> None:
    summary = summarize("0\t0\ta\n" + "".join(f"{n}\tx{n % 9}\tb{n}\n" for n in range(1, 51)))
    assert found(summary) == [("label-not-a-number", "lines 2, 3, 4, 5, 6 and 45 more")]
    (finding,) = summary.findings
    assert finding.message == ("The label 'x1' is not a number; the same holds for 'x2', 'x3', 'x4', 'x5' and others.")
    assert summary.counts == {"label-not-a-number": 50}


def test_the_first_five_of_a_kind_are_shown_and_the_others_counted() -> None:
    summary = summarize("0\t0\ta\n" + "".join(f"{n}\t{'0\t' * n}0\tb{n}\n" for n in range(1, 51)))
    assert found(summary)[:5] == [("label-width-differs", f"line {n}") for n in range(2, 7)]
    assert [finding.message for finding in summary.findings[5:]] == [
        "There are 45 more findings of the kind label-width-differs."
    ]


def test_wrong_label_is_found_in_every_block_it_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listrows, "BLOCK_BYTES", 20)
    text = "".join(f"{n}\t{-1 if n in (3, 90) else 0}\tp{n}\n" for n in range(100))
    assert found(summarize(text, size=7)) == [("label-negative", "lines 4, 91")]


@pytest.mark.parametrize("size", [100, 1000, 10_000])
def test_a_line_without_end_is_cut_short(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(listrows, "LONGEST_LINE", 500)
    monkeypatch.setattr(listrows, "BLOCK_BYTES", 100)
    text = "0\t0\ta\n" + "x" * 5000 + "\n1\t1\tb\n\n2\tcat\tc\n" + "y" * 5000
    assert found(summarize(text, size=size)) == [
        ("line-too-long", "lines 2, 6"),
        ("label-not-a-number", "line 5"),
    ]


def test_text_that_is_not_utf_8() -> None:
    summary = summarize("0\t0\tcaf\u00e9\n1\t1\tb\n".encode("latin-1"))
    assert [(f.code, f.where, f.severity) for f in summary.findings] == [("not-utf-8", "line 1", Severity.WARNING)]
    assert summary.samples == 2


def test_a_list_in_utf_16_is_an_error() -> None:
    whole, *_ = summarize("0\t0\tcaf\u00e9\n".encode("utf-16")).findings
    assert (whole.code, whole.where, whole.severity) == ("not-utf-8", "line 1", Severity.ERROR)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "list-empty", "no image"),
        ("\n \n", "list-empty", "no image"),
        ("0\t0\ta\n1\t3\tb\n", "class-missing", "1, 2"),
        ("0\t1\ta\n1\t2\tb\n", "class-missing", "labels begin at 1"),
        ("0\t0\ta\n1\t0\tb\n", "one-class-only", "label 0"),
        ("0\t0\t1\t0\ta\n1\t0\t1\t1\tb\n", "class-without-samples", "label column 0"),
        ("0\t0\t0\ta\n1\t0\t0\tb\n", "one-class-only", "a 1 in any of its 2 labels"),
        ("0\t1\t1\ta\n1\t1\t1\tb\n", "one-class-only", "the same 2 labels"),
        ("".join(f"{n}\t{int(n == 0)}\tp{n}\n" for n in range(12)), "classes-uneven", "class 1 only 1"),
    ],
)
def test_faults_of_the_classes(text: str, code: str, says: str) -> None:
    (finding,) = summarize(text, complete=True).findings
    assert finding.code == code
    assert says in finding.message


@pytest.mark.parametrize("labels", ["0 -1", "0 cat", "0 0.5", "0\t0 0\t3"])
def test_nothing_is_said_of_all_images_where_some_labels_are_wrong(labels: str) -> None:
    text = "".join(f"{number}\t{label}\tp{number}\n" for number, label in enumerate(labels.split(" ")))
    assert "one-class-only" not in [finding.code for finding in summarize(text, complete=True).findings]


def test_wrong_labels_are_counted_to_the_last() -> None:
    (finding,) = summarize("".join(f"{n}\t{-1 - n}\tp{n}\n" for n in range(1000))).findings
    assert finding.where == "lines 1, 2, 3, 4, 5 and 995 more"
    assert "the same holds for" in finding.message


@bounded
@given(st.lists(st.lists(st.sampled_from(["cat", "dog", "0.5", "0", "1"]), min_size=2, max_size=2), min_size=60))
def test_wrong_labels_are_counted_block_by_block_as_if_each_were_told(rows: list[list[str]]) -> None:
    for width in (1, 2):
        lines = [[str(number), *labels[:width], f"p{number}"] for number, labels in enumerate(rows)]
        text = "".join("\t".join(line) + "\n" for line in lines)
        whole = summarize(text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(listrows, "BLOCK_BYTES", 100)
            patch.setattr(labeltally, "TOLD_ONE_BY_ONE", 3)
            counted = summarize(text)
        assert (counted.samples, counted.classes, counted.counts) == (whole.samples, whole.classes, whole.counts)


def test_a_huge_label_does_not_make_a_huge_message() -> None:
    (finding,) = summarize(f"0\t0\ta\n1\t{1 << 24}\tb\n", complete=True).findings
    assert "16,777,215" in finding.message
    assert len(finding.message) < 200


@pytest.mark.parametrize("width", [1, 2])
def test_counts_that_start_anew_after_some_rows_come_to_the_same(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(listrows, "BLOCK_BYTES", 100)
    labels = ["1", "0", "1.0", "0", "1", *["0"] * 95] * 3
    text = "".join(f"{n}" + f"\t{label}" * width + f"\tp{n}\n" for n, label in enumerate(labels))
    whole = summarize(text)
    monkeypatch.setattr(labeltally, "FEWEST_ROWS", 50)
    monkeypatch.setattr(labeltally, "ROWS_A_LABEL", 20)
    started = Mock(side_effect=labeltally.LabelTally.count_anew, autospec=True)
    monkeypatch.setattr(labeltally.LabelTally, "count_anew", lambda tally: started(tally))
    assert summarize(text) == whole
    assert whole.classes == ({0: 291, 1: 9} if width == 1 else {0: 9, 1: 9})
    assert 2 <= started.call_count <= 5


def test_a_regression_list_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labeltally, "MOST_LABELS", 50)
    monkeypatch.setattr(listrows, "BLOCK_BYTES", 100)
    summary = summarize("".join(f"{n}\t{n}\tp{n}\n" for n in range(1000)), complete=True)
    assert found(summary) == [("too-many-labels", "")]
    assert summary.samples == 1000
    assert len(summary.classes) < 100


def test_a_list_of_more_labels_than_can_be_read_in_time_is_refused_and_not_read_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "MOST_LABELS_IN_ALL", 50_000)
    pieces = (f"{n}\t{'0' if n % 2 else '1'}\t1\tp{n}\n".encode() * 100 for n in range(1000))
    summary = lists.summarize(pieces, file="train.lst")
    (finding,) = (finding for finding in summary.findings if finding.code == "list-too-large")
    assert "rows of 2 labels; at most 50,000 labels are looked at in all" in finding.message
    assert (summary.samples, summary.classes, summary.is_read) == (0, {}, False)


def test_rows_of_very_many_labels_are_looked_at_several_at_a_time() -> None:
    row = b"\t".join([b"0"] * 15_000)
    text = b"".join(b"%d\t%s\tp\n" % (number, row) for number in range(64))
    blocks = list(listrows.read_blocks([text], FindingLog("")))
    assert sum(block.rows for block in blocks) == 64
    assert len(blocks) <= 64 / ROWS_OF_A_BLOCK + 1


@bounded
@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["", "0", "00"]), st.sampled_from("abcdefgh")), min_size=1)
)
def test_repeats_are_told_as_if_each_row_were_compared(rows: list[tuple[int, str, str]]) -> None:
    text = "".join(f"{zeros}{index}\t0\t{path}\n" for index, zeros, path in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listrows, "BLOCK_BYTES", 40)
        counts = summarize(text).counts
    indices, paths = [row[0] for row in rows], [row[2] for row in rows]
    assert counts.get(Code.INDEX_REPEATED, 0) == len(indices) - len(set(indices))
    are_rows = [indices.index(each) for each in indices] == [paths.index(each) for each in paths]
    assert counts.get(Code.PATH_REPEATED, 0) == (0 if are_rows else len(paths) - len(set(paths)))


@pytest.mark.parametrize(
    ("rows", "where", "message"),
    [
        (["0 a", "0 b"], "line 2", "The index was used on line 1 already."),
        (["0 a", "0 b", "0 c"], "lines 2, 3", "The index was used on line 1 already."),
        (["0 a", "1 b", "0 c", "1 d"], "lines 3, 4", "The indices were used before, on lines 1, 2."),
        (
            [f"{number % 8} {number}" for number in range(16)],
            "lines 9, 10, 11, 12, 13 and 3 more",
            "The indices were used before, on lines 1, 2, 3, 4, 5 and 3 more.",
        ),
        (["0 a", "1 b", "2 a", "3 b"], "lines 3, 4", "The images were named before, on lines 1, 2."),
        (["0 a", "0 a"], "line 2", "The row, index and path, was there on line 1 already."),
        (["0 a", "1 b", "0 a", "1 b"], "lines 3, 4", "The rows, index and path, were there before, on lines 1, 2."),
    ],
)
def test_repeats_are_told_at_once(rows: list[str], where: str, message: str) -> None:
    text = "".join(row.replace(" ", "\t0\t") + "\n" for row in rows)
    (finding,) = summarize(text).findings
    assert (finding.where, finding.message, finding.places) == (
        where,
        message,
        len(rows) - len({row.split()["images" in message] for row in rows}),
    )


def test_repeats_are_told_in_the_order_of_their_lines() -> None:
    rows = Repeats(columns=1)
    rows.add(range(1, 101), [f"path {line % 50}" for line in range(1, 101)])
    assert list(rows.find(0)) == [(line, line - 50) for line in range(51, 101)]


def test_a_long_list_is_sampled_for_repeats_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "REPEATS_HELD_IN_FULL", 200)
    monkeypatch.setattr(listrows, "BLOCK_BYTES", 500)
    text = "".join(f"{n}\t{n % 2}\tp{n}\n" for n in range(2000))
    summary = summarize(text)
    assert found(summary) == [("repeats-sampled", "")]
    compared = re.match(r"Of 2,000 rows (\d+) were searched", summary.findings[0].message)
    assert compared
    assert 200 < int(compared[1]) < 1000
    doubled = {code for code, _ in found(summarize(text + text))}
    assert doubled == {"repeats-sampled", "index-repeated"}


BAD_LINES = [
    "{} 1 p{}.jpg",
    "{},1,p{}.jpg",
    "x{}\t1\tp{}.jpg",
    "{}\t1\t",
    "{}",
    "p{}.jpg\t{}\t1",
    "{}\t0\tb\tp{}",
    "184467440737095516{}\t0\tp{}",  # of one form, and above or below the largest index
    "{}\t{}\t5\t1\t1\t1\t1\t1\tp",  # of one form, and of object detection or not
    "{}\tcat\tp{}",
]


@bounded
@given(st.lists(st.tuples(st.sampled_from(BAD_LINES), st.integers(5, 120)), min_size=60, max_size=120))
def test_lines_of_a_known_form_are_told_as_if_each_were_looked_at(lines: list[tuple[str, int]]) -> None:
    rows = [f"{number}\t0\trow{number}.jpg" for number in range(len(lines))]
    bad = [form.format(number, number) for form, number in lines]
    content = "\n".join(line for pair in zip(rows, bad, strict=True) for line in pair).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listrows, "BLOCK_BYTES", 100)
        counted = lists.summarize([content])
        patch.setattr(linefaults, "FORMS_HELD", 0)
        assert counted == lists.summarize([content])


ROW_FORMS = ("{0}\t{1}\t{2}.jpg", " {0}\t{1}\t{2}.jpg", "{0}\t{1}\t{2}.jpg\t", "{0}\t{1}", "", "{0}\t{1}\t\0{2}.jpg")
ROWS_AMONG_THEM = ROW_FORMS[:3]  # im2rec strips the blanks and the TAB


@given(st.lists(st.sampled_from(ROW_FORMS), max_size=40), st.integers(1, 3))
def test_rows_that_are_looked_at_one_by_one_stand_in_their_places(forms: list[str], width: int) -> None:
    labels = ["\t".join([str(number % 2)] * width) for number in range(len(forms))]
    lines = [form.format(number, labels[number], number) for number, form in enumerate(forms)]
    text = "\n".join(["90\t" + "0\t" * width + "90.jpg", *lines, ""])
    kept = [number for number, form in enumerate(forms) if form in ROWS_AMONG_THEM]
    assert list(listrows.read([text.encode()]))[1:] == [
        listrows.Row(number, (float(number % 2),) * width, f"{number}.jpg") for number in kept
    ]
    for block in listrows.read_blocks([text.encode()], FindingLog("")):
        assert [*block.lines()] == [1, *(number + 2 for number in kept)]
        assert block.labels == block.columns()[1:-1]


def test_the_last_line_of_a_cause_is_the_last_whatever_forms_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listrows, "BLOCK_BYTES", 70)
    lines = ["0\t0\ta", *["1 1 b"] * 11, "1\t1\tb", "10 1 b", "1 1 b"]
    (finding,) = summarize("\n".join(lines)).findings
    assert finding.where == f"lines 2 to {len(lines)}"


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp", "Cs"]), min_size=1, max_size=12
)


@st.composite
def written_lists(draw: st.DrawFn) -> tuple[bytes, list[listrows.Row]]:
    """A list as a model of im2rec writes it, in all the forms it may be in, and its rows."""
    width = draw(st.sampled_from([1, 1, 1, 2, 5]))
    count = draw(st.integers(1, 12))
    indices = draw(st.lists(st.integers(0, 2**64 - 1), min_size=count, max_size=count, unique=True))
    paths = draw(st.lists(texts, min_size=count, max_size=count, unique=True))
    label = st.integers(0, 1 if width > 1 else 2**24)
    rows = [
        listrows.Row(index, tuple(draw(label) for _ in range(width)), path)
        for index, path in zip(indices, paths, strict=True)
    ]
    form = draw(st.sampled_from(["{:d}", "{:f}", "{:.1f}"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = ["\t".join([str(row.identifier), *map(form.format, row.labels), row.path]) for row in rows]
    for _ in range(draw(st.integers(0, 3))):
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(["", "  ", "\t"])))
    text = draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end]))
    return text.encode(), rows


@bounded
@given(written_lists(), st.integers(1, 60), st.integers(4, 200))
def test_any_list_reads_back_whatever_the_boundaries(
    written: tuple[bytes, list[listrows.Row]], size: int, block: int
) -> None:
    content, rows = written
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listrows, "BLOCK_BYTES", block)
        summary = lists.summarize(cut(content, size), complete=False)
        assert list(listrows.read(cut(content, size))) == rows
    assert summary.findings == ()
    assert summary.samples == len(rows)
    assert summary.label_width == len(rows[0].labels)
    if summary.label_width == 1:
        assert summary.classes == {
            label: sum(row.labels == (label,) for row in rows) for label in {row.labels[0] for row in rows}
        }
    else:
        assert list(summary.classes.values()) == [
            sum(column) for column in zip(*(row.labels for row in rows), strict=True)
        ]


@bounded
@given(
    st.lists(
        st.sampled_from([b"0", b"1", b"-", b".", b"e", b"\t", b"\t", b"\n", b"\r", b"a", b" ", b"\0", b"\xc3", b"_"])
    ).map(b"".join)
    | st.binary(max_size=200),
    st.integers(8, 20),  # as many bytes of the beginning tell what text it is
)
@example(b"0\0" * 4, 8)
def test_no_bytes_make_it_raise_and_boundaries_never_matter(content: bytes, size: int) -> None:
    whole = lists.summarize([content])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listrows, "BLOCK_BYTES", size)
        pieces = lists.summarize(cut(content, size))
    assert sorted(map(str, pieces.findings)) == sorted(map(str, whole.findings))
    assert (pieces.samples, pieces.classes) == (whole.samples, whole.classes)
    assert len(list(listrows.read([content]))) >= whole.samples
