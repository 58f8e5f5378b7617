"""Messages that ask for an evaluation: what one version puts into the queue, the next one reads."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.evaluation_messages import (
    EvaluationRequested,
    EvaluationTrigger,
    NewTestRecords,
    read_evaluation_triggers,
    write_trigger,
)
from sagescene.events import UnreadableEventError
from tests.stack_template import ROOT

GOLDEN = ROOT / "tests/golden/evaluations"
SAMPLES = ROOT / "events/evaluate_model"
JOB = "sagescene--pets--0f1e2d3c4b5a"
READ: dict[str, EvaluationTrigger] = {
    "1-asked": EvaluationRequested(job=JOB),
    "1-goes-on": EvaluationRequested(job=JOB, hop=3),
    "1-test-records": NewTestRecords(
        bucket="sagescene-123456789012-us-east-1",
        key="datasets/pets/animals_test.rec",
        time=datetime(2026, 11, 12, 9, 30, tzinfo=UTC),
    ),
}


def read(path: Any) -> Any:  # noqa: ANN401
    return json.loads(path.read_text())


def test_every_kept_message_is_read() -> None:
    assert {path.stem: read_evaluation_triggers(read(path)) for path in sorted(GOLDEN.iterdir())} == {
        name: [trigger] for name, trigger in READ.items()
    }


@pytest.mark.parametrize("name", READ)
def test_messages_are_written_as_those_that_are_kept(name: str) -> None:
    assert write_trigger(READ[name]) == read(GOLDEN / f"{name}.json")


@given(
    st.builds(EvaluationRequested, job=st.text(min_size=1), hop=st.integers(0, 500))
    | st.builds(NewTestRecords, bucket=st.text(), key=st.text(), time=st.datetimes(timezones=st.just(UTC)))
)
def test_what_is_written_is_read(trigger: EvaluationTrigger) -> None:
    record = {"eventSource": "aws:sqs", "body": json.dumps(write_trigger(trigger))}
    assert read_evaluation_triggers({"Records": [record]}) == [trigger]


def test_the_sample_events_are_read() -> None:
    assert read_evaluation_triggers(read(SAMPLES / "test-records.json")) == [READ["1-test-records"]]
    assert read_evaluation_triggers(read(SAMPLES / "model-made.json")) == [EvaluationRequested(job=JOB)]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"version": 2, "evaluate": {"job": JOB, "hop": 0}},
        {"version": 1, "evaluate": {"job": JOB}},
        {"Records": [{"body": "no JSON"}]},
        {"Records": [{"eventSource": "aws:s3"}]},
        {"source": "aws.s3", "detail-type": "Object Created", "time": "today", "detail": {}},
    ],
)
def test_anything_else_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError, match="no event the function understands"):
        read_evaluation_triggers(event)
