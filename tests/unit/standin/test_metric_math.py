"""What an alarm may watch by metric math."""

from types import SimpleNamespace
from typing import Any

import pytest

from sagescene_standin.cloudwatch.alarms import UnsupportedAlarmError, read_condition
from sagescene_standin.cloudwatch.metric_math import describe_queries, increases, read_queries, read_series

LETTERS = {
    "Id": "letters",
    "MetricStat": {
        "Metric": {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": "dead-letters"}],
        },
        "Period": 300,
        "Stat": "Maximum",
    },
    "ReturnData": False,
}
INCREASE = {"Id": "increase", "Expression": "DIFF(FILL(letters, 0))", "Label": "New letters"}


def alarm(*queries: dict[str, Any]) -> Any:  # noqa: ANN401
    return SimpleNamespace(
        name="Letters",
        rule=None,
        metric_data_queries=read_queries(queries),
        extended_statistic=None,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=2,
        datapoints_to_alarm=1,
        threshold=0,
        treat_missing_data="notBreaching",
        alarm_actions=[],
        ok_actions=[],
        insufficient_data_actions=[],
    )


@pytest.mark.parametrize("expression", ["DIFF(FILL(letters, 0))", "DIFF(FILL(letters,0))"])
def test_the_increase_of_a_metric_is_watched(expression: str) -> None:
    series = read_series(alarm({**INCREASE, "Expression": expression}, LETTERS))
    assert (series.namespace, series.metric_name) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (series.dimensions, series.statistic, series.period) == ({"QueueName": "dead-letters"}, "Maximum", 300)
    assert series.is_increase
    condition = read_condition(alarm(INCREASE, LETTERS))
    assert (condition.is_increase, condition.periods, condition.datapoints_to_alarm) == (True, 3, 1)


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ([{**INCREASE, "Expression": "DIFF(letters)"}, LETTERS], r"the metric math 'DIFF\(letters\)', where"),
        ([{**INCREASE, "Expression": "RATE(FILL(letters, 0))"}, LETTERS], "the metric math 'RATE"),
        ([{**INCREASE, "Expression": "DIFF(FILL(letters, REPEAT))"}, LETTERS], "the metric math 'DIFF"),
        ([{**INCREASE, "Expression": "DIFF(FILL(others, 0))"}, LETTERS], ".*of a metric beside it"),
        ([{**LETTERS, "ReturnData": True}], "the metric math 'letters'"),
        ([INCREASE, {**LETTERS, "ReturnData": True}], "2 queries with ReturnData, where CloudWatch takes one"),
    ],
)
def test_other_metric_math_is_refused_by_name(queries: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(UnsupportedAlarmError, match=f"cannot evaluate alarm Letters: it uses {message}"):
        read_condition(alarm(*queries))


def errors_of(function: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401
    dimensions = [{"Name": "FunctionName", "Value": function}]
    stat = {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": dimensions}, "Period": 300}
    return {"Id": function, "MetricStat": {**stat, "Stat": "Sum", **changed}, "ReturnData": False}


ADDED = {"Id": "all", "Expression": "SUM(METRICS())"}


def test_the_sum_of_metrics_that_differ_in_their_dimensions_is_watched() -> None:
    series = read_series(alarm(ADDED, errors_of("start"), errors_of("finish")))
    assert (series.metric_name, series.statistic) == ("Errors", "Sum")
    assert [series.dimensions, *series.others] == [{"FunctionName": "start"}, {"FunctionName": "finish"}]
    assert read_series(alarm(ADDED, errors_of("start"))).others == ()


@pytest.mark.parametrize("changed", [{"Period": 60}, {"Stat": "Maximum"}])
def test_a_sum_of_what_cannot_be_added_here_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedAlarmError, match="differ in more than their dimensions"):
        read_condition(alarm(ADDED, errors_of("start"), errors_of("finish", **changed)))
    with pytest.raises(UnsupportedAlarmError, match="whose statistic is not Sum"):
        read_condition(alarm(ADDED, errors_of("start", Stat="Average")))


def test_a_value_that_is_missing_counts_as_none() -> None:
    assert increases([3.0, 1.0, None, 2.0]) == [2.0, 1.0, -2.0]


def test_the_queries_are_told_as_in_an_alarms_message() -> None:
    increase, letters = describe_queries(read_queries([INCREASE, LETTERS]))
    assert increase == {**INCREASE, "ReturnData": True}
    assert letters["MetricStat"]["Metric"]["Dimensions"] == [{"name": "QueueName", "value": "dead-letters"}]
    assert letters["ReturnData"] is False
