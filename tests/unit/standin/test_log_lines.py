"""What is read from functions' log lines."""

from sagescene_standin.cloudwatch.logs import read_measurements

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
