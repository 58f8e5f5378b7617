"""The lines of a `classes.txt`: names by label, and every fault told once with its line."""

import codecs

import pytest

from sagescene.files import classnames
from sagescene.files.classnames import LARGEST_IN_BYTES, MOST_NAMES, MOST_REPORTED, ClassNames, read_class_names
from sagescene.findings import Severity

NAMED = {0: "ant", 1: "red bee", 2: "côté"}
PLAIN = "ant\nred bee\ncôté\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.rstrip(),
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b"\r"),
        codecs.BOM_UTF8 + PLAIN,
        PLAIN.replace(b"\n", b" \n") + b"\n \r\n\n",
    ],
)
def test_a_line_names_the_label_of_its_number_from_0(content: bytes) -> None:
    read = read_class_names([content[:5], content[5:]])
    assert (read.names, read.findings) == (NAMED, ())


@pytest.mark.parametrize(
    ("content", "code", "where", "said"),
    [
        (b"ant\n\nbee\n", "class-name-missing", "line 2", "so class 1 has no name"),
        (b"\nant\n", "class-name-missing", "line 1", "so class 0 has no name"),
        (b"ant\nbee\nant\n", "class-name-repeated", "line 3", "Class 2 is called 'ant', as class 0 on line 1 is."),
        (b"ant\nb\x00ee\n", "class-name-not-printable", "line 2", "The name of class 1"),
        (b"1 bee\n0 ant\n", "class-names-numbered", "", "such as '1 bee'"),
        (b"2,cow\n3,dog\n1,bee\n", "class-names-numbered", "", "such as '2,cow'"),
        (b"0\tant\n1\tbee\n", "class-names-numbered", "", "the line alone says"),
        (b"0: ant\n1: bee\n", "class-names-numbered", "", "a number before each name, such as '0: ant'"),
        (b"1:ant\n2:bee\n", "class-names-numbered", "", "such as '1:ant'"),
        (b"bee 1\nant 0\n", "class-names-numbered", "", "a number behind each name, such as 'bee 1'"),
        (b"cat: 2\nbee: 1\nant: 0\n", "class-names-numbered", "", "such as 'cat: 2'"),
        (b"bee,1\nant,0\n", "class-names-numbered", "", "such as 'bee,1'"),
        (b"bee\t1\nant\t0\n", "class-names-numbered", "", "behind each name"),
        (b"0\tant\n", "class-name-not-printable", "line 1", "such as a TAB"),
        (b"ant\nb\xe9e\n", "class-names-not-utf-8", "line 2", "not UTF-8"),
        ("ant\nbee\n".encode("utf-16"), "class-names-not-utf-8", "", "UTF-16"),
        ("ant\nbee\n".encode("utf-16-le"), "class-names-not-utf-8", "", "UTF-16"),
        ("ant\nbee\n".encode("utf-16-be"), "class-names-not-utf-8", "", "UTF-16"),
        (b"a\n" * (MOST_NAMES + 1), "class-names-too-large", "", "100,001 lines"),
        (b"a" * (LARGEST_IN_BYTES + 1), "class-names-too-large", "", "more than 1 MiB"),
    ],
)
def test_a_fault_is_told_once_and_leaves_no_names(content: bytes, code: str, where: str, said: str) -> None:
    read = read_class_names([content], file="datasets/pets/classes.txt")
    (finding,) = read.findings
    assert (finding.code, finding.where, finding.file) == (code, where, "datasets/pets/classes.txt")
    assert finding.severity is Severity.ERROR
    assert said in finding.message
    assert read.names is None


@pytest.mark.parametrize(
    "content",
    [
        b"0 ant\n1 bee\n",
        b"2 euro\n1 euro\n",
        b"0: ant\n1 bee\n",
        b"0: ant\n2: bee\n",
        b"0. ant\n1. bee\n",
        b"101 dalmatians\n12 monkeys\n",
        b"9 lives\n1 life\n",
        b"1 bee\nant\n",
        b"(1) bee\n(0) ant\n",
        b"Mild (1)\nNo (0)\n",
        b"1 bee\n",
        b"ant 0\n",
        b"ant 0\nbee 1\n",
        b"digit 1\ndigit 0\n",
        b"Boeing 747\nAirbus 320\n",
        b"Apollo 1\nSoyuz 2\n",
        b"Apollo 0\nSoyuz 0\n",
        b"Apollo 1\nSoyuz\nVostok 0\n",
        b"c0\nb1\n",
        b"1\n0\n",
        b"ant 0000000\nbee 1\n",
    ],
)
def test_names_that_begin_or_end_with_numbers_are_names(content: bytes) -> None:
    read = read_class_names([content])
    assert (read.names, read.findings) == (dict(enumerate(content.decode().splitlines())), ())


@pytest.mark.parametrize("names", [("1. Eczema", "3. Warts", "2. Melanoma"), ("Mild-1", "Moderate-2", "No-0")])
def test_names_with_numbers_that_the_folders_have_as_well_are_names(names: tuple[str, ...]) -> None:
    lines = dict(enumerate(names))
    content = "\n".join(names).encode()
    moved = {0: names[1], 1: names[0], 2: names[2]}
    assert read_class_names([content], name_by_folders=lambda: lines).names == lines
    assert read_class_names([content], name_by_folders=lambda: moved).names is None


def test_no_more_than_a_mebibyte_is_held() -> None:
    pieces = iter([b"a\n" * (1 << 18)] * 10)
    read_class_names(pieces)
    assert len(list(pieces)) == 7


def test_as_many_names_as_are_read_are_no_fault() -> None:
    names = read_class_names(f"{number}\n".encode() for number in range(MOST_NAMES)).names
    assert names is not None
    assert (len(names), names[MOST_NAMES - 1]) == (MOST_NAMES, str(MOST_NAMES - 1))


def test_a_long_name_is_a_warning_and_shown_cut() -> None:
    read = read_class_names([b"ant\n" + b"e" * 101 + b"\n" + b"f" * 100])
    (finding,) = read.findings
    assert (finding.code, finding.where, finding.severity) == ("class-name-too-long", "line 2", "warning")
    assert read.names is not None
    shown = ClassNames.of(read.names, "classes.txt")
    assert shown.names == {0: "ant", 1: "e" * 100 + "...", 2: "f" * 100}


def test_a_class_is_told_by_its_name_with_the_number_or_by_the_number() -> None:
    names = ClassNames.of({3: "dog", 1: "c\x1b[31m"}, "folders of train.lst")
    assert [names.tell(label) for label in (3, 4)] == ["dog (3)", "4"]
    assert list(names.names.items()) == [(1, "c\N{REPLACEMENT CHARACTER}[31m"), (3, "dog")]


def test_a_class_that_is_called_by_its_number_is_told_once() -> None:
    names = ClassNames.of({8: "8", 3: "9", 9: "09"}, "classes.txt")
    assert [names.tell(label) for label in (8, 3, 9)] == ["8", "9 (3)", "09 (9)"]


def test_a_report_holds_the_first_thousand_and_counts_the_others() -> None:
    names = ClassNames.of({label: f"c{label}" for label in range(MOST_REPORTED + 7)}, classnames.FILE_NAME)
    kept = names.shorten()
    assert (list(kept.names), kept.more) == (list(range(MOST_REPORTED)), 7)
    assert kept.shorten() == kept
    assert ClassNames.from_json(kept.as_json()) == kept


@pytest.mark.parametrize(
    ("other", "differing"),
    [
        ({0: "ape", 1: "bee", 3: "cow"}, [0]),
        ({2: "cow", 0: "ape"}, [0, 2]),
        ({0: "Ant", 1: "bee ", 2: "black_cat"}, []),
        ({}, []),
    ],
)
def test_names_differ_where_people_would_not_take_them_for_one(other: dict[int, str], differing: list[int]) -> None:
    names = ClassNames(names={0: "ant", 1: "bee", 2: "black cat"})
    assert names.find_differing(ClassNames(names=other)) == differing


def test_names_that_are_alike_differ_where_they_are_two_classes() -> None:
    names = ClassNames(names={0: "Co", 1: "CO", 2: "ant"})
    assert names.find_differing(ClassNames(names={0: "CO", 1: "Co"})) == [0, 1]
