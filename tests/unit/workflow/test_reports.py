"""A report is kept under its content's name, unless another content has that name."""

import json

import pytest

from sagescene.preflight.report import Report, Verdict
from sagescene.workflow import reports
from tests.unit.workflow.account import Account, invoked
from tests.unit.workflow.known import NOON, SET

KEY = f"reports/{SET}/0123456789ab.json"


def report(digest: str, verdict: Verdict = Verdict.READY) -> Report:
    return Report(data_set=SET, fingerprint="0123456789ab", digest=digest, written=NOON, verdict=verdict)


def kept(earlier: Report) -> Account:
    return Account(objects={KEY: json.dumps(earlier.as_json()).encode()})


@pytest.mark.parametrize("earlier", [report("0123456789abcd"), report("")], ids=["same", "version before"])
def test_a_report_replaces_an_earlier_one_on_its_content(earlier: Report) -> None:
    account, newer = kept(earlier), report("0123456789abcd", Verdict.REFUSED)
    assert reports.write(newer, invoked(account))
    assert account.document(KEY) == newer.as_json()


def test_a_report_leaves_that_on_another_content_alone() -> None:
    other = report("0123456789abff")
    account = kept(other)
    assert not reports.write(report("0123456789abcd"), invoked(account))
    assert account.document(KEY) == other.as_json()


def test_a_report_replaces_what_is_none() -> None:
    account = Account(objects={KEY: b"somebody's"})
    assert reports.write(report("0123456789abcd"), invoked(account))
    assert account.document(KEY)["digest"] == "0123456789abcd"
