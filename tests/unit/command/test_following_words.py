"""How what is known of data sets reads."""

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sagescene.finding_codes import Code
from sagescene.findings import Severity
from sagescene_command.following import words
from sagescene_command.following.sights import SeenEvaluation, Sight, State
from sagescene_command.following.uploading import UploadPlan

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Kolkata")  # five and a half hours ahead
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_those_of_the_local_zone_with_the_day_unless_it_is_today() -> None:
    assert words.tell_time(NOW, NOW) == "17:30:00"
    assert words.tell_time(NOW + timedelta(hours=7), NOW) == "2026-11-27 00:30:00"


def test_the_table_has_a_line_a_set_in_columns() -> None:
    waiting = State(
        verdict="waiting", reason="it awaits its list", is_final=False, until=NOW, ends=NOW + timedelta(hours=1)
    )
    model = State(
        verdict="model", reason="", is_final=True, job="job", metrics={"validation:accuracy": 0.9375, "loss": 1.0}
    )
    rows = [(Sight(data_set="cats-and-dogs"), waiting), (Sight(data_set="pets"), model)]
    assert list(words.tell_table(rows, NOW)) == [
        "cats-and-dogs  waiting  it awaits its list; next look at 17:30:00; given up at 18:30:00",
        "pets           model    job, accuracy on validation 0.9375",
    ]


ERROR = Code.FILE_COMPRESSED.found(file="a.lst", where="line 1", message="It is torn.", remedy="Mend it.")
WARNING = Code.FILE_COMPRESSED.found(file="a.lst", message="Odd.", remedy="Look.", severity=Severity.WARNING)
TORN = replace(ERROR, where="lines 1, 2, 3, 4, 5 and 27 more", places=32)
REFUSED = State(verdict="refused", reason="", remedy="Mend it.", is_final=True, findings=(WARNING, ERROR, ERROR))


def test_a_refusal_is_counted_and_its_first_error_told_where_there_is_one_line() -> None:
    one = replace(REFUSED, findings=(WARNING, ERROR))
    assert words.tell_state(REFUSED, NOW) == "2 errors, first: a.lst, line 1: It is torn."
    several = replace(REFUSED, findings=(WARNING, TORN, ERROR))
    assert words.tell_verdict(several, NOW) == "33 errors"
    assert words.tell_state(several, NOW).startswith("33 errors, first: a.lst, lines 1, 2, 3, 4, 5 and 27 more: It is")
    assert words.tell_state(one, NOW) == "a.lst, line 1: It is torn."
    assert list(words.tell_details(Sight(data_set="pets"), REFUSED, "bucket", NOW)) == ["verdict   refused: 2 errors"]


def test_a_set_without_a_model_of_its_files_names_the_newest_of_earlier_ones() -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model/job"
    model = {"ModelName": "job", "ModelArn": arn, "CreationTime": NOW - timedelta(days=1)}
    sight = Sight(data_set="pets", earlier_model=model)
    state = State(verdict="given up", reason="It waited too long.", is_final=True)
    assert list(words.tell_table([(sight, state)], NOW)) == ["pets  given up  It waited too long; newest model: job"]
    *_, last = words.tell_details(sight, state, "bucket", NOW)
    assert last == f"model     {arn}, created 2026-11-25 17:30:00 of earlier files"
    assert sight.as_json()["newest_model"] == arn
    assert Sight(data_set="pets", model="its own").as_json()["newest_model"] == "its own"


def test_a_model_is_told_with_what_its_evaluation_says() -> None:
    seen = SeenEvaluation(verdict="Right on 2 of 9.", caveats=("It has learnt nothing. Do not use it.",), page="s3://p")
    sight = Sight(data_set="pets", model="arn", evaluation=seen)
    state = State(verdict="model", reason="", is_final=True, job="job")
    assert list(words.tell_details(sight, state, "bucket", NOW)) == [
        "verdict   model: job",
        "model     arn",
        "tested    Right on 2 of 9.",
        "          It has learnt nothing. Do not use it.",
        "          s3://p",
    ]
    assert sight.as_json()["evaluation"] == {"verdict": seen.verdict, "caveats": seen.caveats, "page": "s3://p"}


def test_an_upload_is_told_in_its_number(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"12")
    one, two = (
        UploadPlan(groups=({name: tmp_path / name for name in names},), present=(), broken_off=())
        for names in ("a", "ab")
    )
    assert list(words.tell_plan(one, "bucket", "pets")) == ["1 file, 2 bytes, goes to s3://bucket/datasets/pets/"]
    assert list(words.tell_plan(two, "bucket", "pets")) == ["2 files, 4 bytes, go to s3://bucket/datasets/pets/"]


def test_the_details_of_a_set_name_its_jobs_and_what_is_to_do() -> None:
    job = {
        "TrainingJobName": "job",
        "TrainingJobStatus": "Failed",
        "CreationTime": NOW,
        "BillableTimeInSeconds": 1234,
        "FailureReason": "AlgorithmError",
    }
    report = {"verdict": "ready", "fingerprint": "abc", "findings": [asdict(TORN)]}
    sight = Sight(data_set="pets", files=2, size_in_bytes=3_000_000, uploaded=NOW, report=report, jobs=(job,))
    state = State(verdict="failed", reason="why", is_final=True, remedy="Mend it.")
    assert list(words.tell_details(sight, state, "bucket", NOW)) == [
        "verdict   failed: why",
        "to do     Mend it.",
        "files     2 files, 3.0 MB, the last one of 17:30:00",
        "report    ready, 32 findings, s3://bucket/reports/pets/abc.html",
        "job       job, Failed, created 17:30:00, 1,234 s billed, AlgorithmError",
    ]
