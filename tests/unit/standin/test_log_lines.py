"""What is read from functions' log lines."""

import json

import pytest

from sagescene_standin.cloudwatch.logs import assign_level, read_measurements

LINE = {
    "_aws": {
        "Timestamp": 1,
        "CloudWatchMetrics": [
            {
                "Namespace": "Sagescene",
                "Dimensions": [["service"], []],
                "Metrics": [{"Name": "TrainingFailed", "Unit": "Count"}, {"Name": "Images", "Unit": "Count"}],
            }
        ],
    },
    "service": "sagescene",
    "TrainingFailed": 1,
    "Images": [60.0, 30.0],
}


def test_each_set_of_dimensions_gets_every_value() -> None:
    found = list(read_measurements(LINE))
    assert [(one.name, one.value) for one in found[:3]] == [
        ("TrainingFailed", 1.0),
        ("Images", 60.0),
        ("Images", 30.0),
    ]
    assert [dict(one.dimensions) for one in found] == [{"service": "sagescene"}] * 3 + [{}] * 3
    assert {(one.namespace, one.unit) for one in found} == {("Sagescene", "Count")}


def test_an_ordinary_line_carries_no_metric() -> None:
    assert list(read_measurements({"level": "INFO", "message": "training started"})) == []


@pytest.mark.parametrize(
    ("timestamp", "level"),
    [
        ("2026-11-27T20:39:52.126+00:00", "ERROR"),
        ("2026-11-27T20:39:52Z", "ERROR"),
        ("2026-11-27 20:39:52,126+0000", "INFO"),
        ("2026-11-27T20:39:52.126+0000", "INFO"),
        (None, "INFO"),
    ],
)
def test_a_line_keeps_its_level_with_a_timestamp_that_lambda_reads(timestamp: str | None, level: str) -> None:
    line = {"level": "ERROR", "message": "training job failed", "timestamp": timestamp}
    taken = json.loads(assign_level(json.dumps(line)))
    assert taken["level"] == level
    assert assign_level(json.dumps(taken)) == json.dumps(taken)


@pytest.mark.parametrize("line", ["Task timed out", json.dumps(LINE), "[1]"])
def test_what_is_no_line_of_a_logger_is_handed_on_as_it_is(line: str) -> None:
    assert assign_level(line) == line
