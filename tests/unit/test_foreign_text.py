"""Whatever keys, paths and labels hold, nothing that leaves for a person holds what a terminal or a reader obeys."""

import inspect
import json
import logging
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.aws import Cloud
from sagescene.costs import Bill
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.foreign_text import printable, printable_json, printable_lines, to_ascii
from sagescene.jobs.failures import Cause, Failure
from sagescene.messages import end_notices, page, start_notices
from sagescene.messages.evaluation_notices import Said
from sagescene.messages.notices import Notice
from sagescene.observability import count_by, logger, measure_accuracy
from sagescene.preflight.estimate import Estimate
from sagescene.preflight.hyperparameters import Origin, Value
from sagescene.preflight.report import Report, Verdict, read_report
from sagescene.triggers import WaitCause
from tests.unit.workflow.known import job

HOSTILE = "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\xad\u061c\u200b\u200d\u200e\u2028\u2029\u202e\u2066\ufeff\ud800\U000e0041"
foreign = st.text(st.sampled_from(HOSTILE) | st.characters(categories=None), min_size=1)
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
FAILURE = Failure(cause=Cause.QUOTA, remedy="Raise it.")


def raw(text: str, *but: str) -> set[str]:
    """Name the characters in a text that a terminal or a reader would obey."""
    return {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - set(but)


@given(st.text())
def test_text_for_ascii_alone_holds_nothing_else(text: str) -> None:
    given = to_ascii(text)
    assert (given.isascii(), given.isprintable()) == (True, True)
    assert to_ascii(given) == given
    if text.isascii() and text.isprintable():
        assert given == text


def finding(text: str) -> Finding:
    return Code.LABEL_NOT_A_NUMBER.found(file=text, where=text, message=text, remedy=text)


def report(text: str, verdict: Verdict = Verdict.READY) -> Report:
    return Report(
        data_set=text,
        fingerprint=text,
        written=NOON,
        verdict=verdict,
        findings=(finding(text),),
        hyperparameters={text: Value(value=text, origin=Origin.STACK)},
    )


@given(text=foreign)
def test_what_is_printable_is_one_line_and_stays_as_it_is(text: str) -> None:
    shown = printable(text)
    assert not raw(shown)
    assert printable(shown) == shown
    assert shown.encode()
    assert printable_lines(f"{shown}\n{text}").split("\n")[0] == shown


@pytest.mark.parametrize("text", ["pets", "Ångström", "é\u00a0è", "日本 語\u3000", "🐈⬛", "a\\x1b"])
def test_what_people_write_is_left_alone(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", r"\x1b[2J"), ("a\u202eb", r"a\u202eb"), ("\n", r"\n"), ("\U000e0041", r"\U000e0041")],
)
def test_what_is_obeyed_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(text=foreign)
def test_json_reads_back_what_was_written_and_shows_nothing_raw(text: str) -> None:
    written = printable_json({text: [text]}, indent=2)
    assert not raw(written, "\n")
    assert json.loads(written) == json.loads(json.dumps({text: [text]}))


@given(text=foreign)
def test_a_finding_is_one_line(text: str) -> None:
    found = finding(text)
    assert not raw("".join((str(found), found.file, found.where, found.message, found.remedy)))


ARGUMENTS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "Mapping[str, str]": lambda text: {text: text},
    "Iterable[str]": lambda text: [text],
    "Sequence[str]": lambda text: [text],
    "Collection[Finding]": lambda text: [finding(text)],
    "Report | None": report,
    "str | None": str,
    "Failure": lambda _: FAILURE,
    "TrainingJob": lambda text: job(name=text, artifact=text),
    "WaitCause": lambda _: WaitCause.QUOTA,
    "Bill | None": lambda text: Bill(instance_type=text, instance_count=1, billable_seconds=1, training_seconds=1),
    "Estimate | None": lambda text: Estimate.of({}, [text], 1, 60),
    "datetime": lambda _: NOON,
    "int": lambda _: 3,
    "timedelta": lambda _: timedelta(days=4),
    "Said | None": lambda text: Said(text=text, has_figures=True),
}
NOTICES = [
    function
    for module in (start_notices, end_notices)
    for _, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and inspect.signature(function).return_annotation is Notice
]


@pytest.mark.parametrize("make", NOTICES)
@given(text=foreign)
def test_a_notice_quotes_nothing_raw(make: Callable[..., Notice], text: str) -> None:
    notice = make(**{each.name: argument(each, text) for each in inspect.signature(make).parameters.values()})
    assert not raw(notice.subject)
    assert not raw(notice.text, "\n")


def argument(parameter: inspect.Parameter, text: str) -> Any:  # noqa: ANN401
    if parameter.name == "key":
        return f"{text}/train.rec"
    kind = re.sub(r"[\w.]+\.(?=\w)", "", inspect.formatannotation(parameter.annotation))
    return ARGUMENTS[kind](text)


@given(text=foreign)
def test_a_misplaced_key_adds_no_line_of_its_own(text: str) -> None:
    assert start_notices.misplaced("bucket", f"{text}/train.rec").text.count("\n") == 1


@given(text=foreign)
def test_a_page_shows_nothing_raw(text: str) -> None:
    assert not raw(page.render(report(text), (), {text: text}), "\n")


@given(text=foreign)
def test_a_report_is_kept_without_anything_raw_and_reads_back(text: str) -> None:
    kept = printable_json(report(text).as_json(), indent=2)
    assert not raw(kept, "\n")
    read = read_report(kept.encode())
    assert read
    assert read.findings == report(text).findings


@given(text=foreign)
def test_a_log_line_is_one_line_and_shows_nothing_raw(text: str) -> None:
    formatter = logger.registered_formatter
    record = logging.LogRecord("name", logging.INFO, "path", 1, text, None, None)
    record.file = text
    assert not raw(formatter.format(record))


@given(text=foreign)
def test_a_kept_object_holds_nothing_raw(text: str) -> None:
    client, cloud = Mock(), Cloud("us-east-1")
    vars(cloud)["_s3"] = client
    cloud.write_json("bucket", "key", {"text": text})
    assert not raw(client.put_object.call_args.kwargs["Body"].decode(), "\n")


def test_a_metrics_dimension_holds_nothing_raw(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Sagescene")
    count_by("DatasetRefused", "code", HOSTILE)
    assert json.loads(capsys.readouterr().out)["code"] == printable(HOSTILE)


def test_of_the_accuracy_of_a_set_cloudwatch_gets_what_it_takes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Sagescene")
    measure_accuracy(0.75, f"{HOSTILE} straße")
    written = json.loads(capsys.readouterr().out)
    assert written["ModelAccuracy"] == [0.75]
    assert written["DataSet"].isascii()
    assert not raw(written["DataSet"])
    for unknown in (None, float("nan"), float("inf")):
        measure_accuracy(unknown, "pets")
    assert capsys.readouterr().out == ""
