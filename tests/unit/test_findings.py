"""The codes of findings: each once, each in use, each on its page."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.bounds import LONGEST_KEY, LONGEST_QUOTE, LONGEST_SENTENCE
from sagescene.finding_codes import Code, Family
from sagescene.findings import Finding, Severity
from sagescene.quoting import quote
from scripts import generate_findings_page

ROOT = Path(__file__).parents[2]
DEFINITION = ROOT / "layers/core/sagescene/finding_codes.py"
PRODUCT = ("layers/core/sagescene", "functions", "sagescene_command")


def read_product() -> Iterator[ast.AST]:
    """Yield every node of the product's code, the definition of the codes left out."""
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path != DEFINITION:
                yield from ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path)))


def test_every_code_is_used() -> None:
    used = {
        node.attr
        for node in read_product()
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }
    assert used == set(Code.__members__)


def test_no_code_is_written_out_elsewhere() -> None:
    written = {node.value for node in read_product() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert written & set(Code) == set()


@pytest.mark.parametrize("code", Code)
def test_a_code_is_kebab_case_and_its_meaning_one_sentence(code: Code) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert code.name == code.upper().replace("-", "_")
    assert re.fullmatch(r"[A-Z`][^|\n]+[a-z0-9`]\.", code.meaning)


def test_no_two_codes_mean_the_same() -> None:
    assert len({code.meaning for code in Code}) == len(Code)


def test_every_family_has_codes() -> None:
    assert {code.family for code in Code} == set(Family)


def test_the_page_is_the_one_that_the_codes_make() -> None:
    written = generate_findings_page.PAGE.read_text(encoding="utf-8")
    assert written == generate_findings_page.render_page(), (
        "docs/findings.md is not of these codes: run `make findings`"
    )


def test_a_finding_weighs_what_its_code_says_unless_its_place_says_otherwise() -> None:
    assert Code.NOT_UTF_8.found(file="f", message="m", remedy="r").severity is Severity.WARNING
    assert Code.NOT_UTF_8.found(file="f", message="m", remedy="r", severity=Severity.ERROR).severity is Severity.ERROR
    assert Code.TRUNCATED.found(file="f", message="m", remedy="r").severity is Severity.ERROR


def test_a_finding_is_read_as_this_version_writes_it_as_the_one_before_did_and_as_the_next_may() -> None:
    finding = replace(Code.NUL_BYTE.found(file="f", where="lines 1, 2", message="m", remedy="r"), places=2)
    assert Finding.from_json(finding.as_json()) == finding
    assert Finding.from_json({**finding.as_json(), "confidence": 0.5}) == finding
    before = {name: value for name, value in finding.as_json().items() if name != "places"}
    assert Finding.from_json(before) == replace(finding, places=1)


@pytest.mark.parametrize("text", ["a" * (1 << 20), "a b/" * (1 << 18), "\N{CAT FACE}" * (1 << 20)])
def test_no_finding_quotes_more_than_people_read(text: str) -> None:
    finding = Code.PATHS_SHARED.found(file=text, where=text, message=f"Both name {text}.", remedy=f"Rename {text}.")
    assert len(finding.where) <= LONGEST_QUOTE
    assert max(len(finding.message), len(finding.remedy)) <= LONGEST_SENTENCE
    assert len(str(finding)) <= LONGEST_KEY + LONGEST_QUOTE + 2 * LONGEST_SENTENCE + len(", :  ")
    assert finding.message.startswith("Both name ")
    if " " not in text:
        assert len(finding.message) <= len("Both name ") + LONGEST_QUOTE


@given(st.text(min_size=LONGEST_QUOTE, max_size=2 * LONGEST_QUOTE))
def test_a_quote_keeps_both_ends_and_says_how_long_the_text_is(text: str) -> None:
    quoted = quote(text)
    if len(text) == LONGEST_QUOTE:
        assert quoted == text
    else:
        assert len(quoted) == LONGEST_QUOTE
        assert f"({len(text)} characters)" in quoted
        assert (text[:100], text[-50:]) == (quoted[:100], quoted[-50:])
    assert quote(quoted) == quoted
