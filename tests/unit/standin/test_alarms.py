"""When alarms ring and recover."""

from dataclasses import replace

import pytest

from sagescene_standin.cloudwatch.alarms import Condition, Sample, evaluate

NOW = 1_000_000.0
FAILED = Condition(
    statistic="Sum",
    period=300,
    evaluation_periods=1,
    datapoints_to_alarm=1,
    threshold=1.0,
    comparison="GreaterThanOrEqualToThreshold",
    treat_missing_data="notBreaching",
)


def state_of(condition: Condition, *samples: Sample, before: str = "OK", now: float = NOW) -> str:
    return evaluate(condition, samples, now, before)[0]


def test_it_rings_on_the_threshold_and_recovers_after_the_period() -> None:
    sample = (NOW, 1.0)
    assert state_of(FAILED, sample) == "ALARM"
    assert state_of(FAILED, sample, now=NOW + 299) == "ALARM"
    assert state_of(FAILED, sample, now=NOW + 300) == "OK"


def test_the_reason_is_in_cloudwatchs_words() -> None:
    assert evaluate(FAILED, [(NOW, 1.0)], NOW, "OK")[1] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [1.0] was greater than or equal to the threshold (1.0)."
    )


@pytest.mark.parametrize(
    ("treatment", "before", "expected"),
    [
        ("notBreaching", "ALARM", "OK"),
        ("breaching", "OK", "ALARM"),
        ("missing", "OK", "INSUFFICIENT_DATA"),
        ("ignore", "ALARM", "ALARM"),
    ],
)
def test_missing_data_is_treated_as_the_alarm_says(treatment: str, before: str, expected: str) -> None:
    assert state_of(replace(FAILED, treat_missing_data=treatment), before=before) == expected


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", 12.0), ("Maximum", 9.0), ("Average", 4.0), ("Minimum", 1.0), ("SampleCount", 3.0)],
)
def test_each_statistic_is_taken_of_the_period(statistic: str, expected: float) -> None:
    condition = replace(FAILED, statistic=statistic)
    _, reason = evaluate(condition, [(NOW, 2.0), (NOW - 1, 9.0), (NOW - 2, 1.0)], NOW, "OK")
    assert f"datapoints [{expected}] was" in reason


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]),
        ("GreaterThanThreshold", ["OK", "OK", "ALARM"]),
        ("LessThanThreshold", ["ALARM", "OK", "OK"]),
        ("LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]),
    ],
)
def test_each_comparison_is_made_with_the_threshold(comparison: str, expected: list[str]) -> None:
    condition = replace(FAILED, comparison=comparison)
    assert [state_of(condition, (NOW, value)) for value in (0.5, 1.0, 1.5)] == expected


def test_an_alarm_on_an_increase_compares_each_period_with_the_one_before() -> None:
    condition = replace(FAILED, statistic="Maximum", is_increase=True)
    assert state_of(condition, (NOW - 300, 1.0), (NOW, 1.0)) == "OK"
    assert state_of(condition, (NOW - 300, 1.0), (NOW, 2.0)) == "ALARM"
    assert state_of(condition, (NOW - 300, 2.0), (NOW, 1.0)) == "OK"
    assert state_of(condition, (NOW - 600, 0.0), (NOW - 300, 2.0), (NOW, 2.0)) == "OK"


def test_the_first_value_of_a_metric_is_an_increase() -> None:
    condition = replace(FAILED, statistic="Maximum", is_increase=True)
    assert state_of(condition, (NOW, 1.0)) == "ALARM"
    assert state_of(condition) == "OK"


def test_an_increase_is_seen_in_each_of_the_periods_that_count() -> None:
    condition = replace(FAILED, statistic="Maximum", is_increase=True, evaluation_periods=2)
    assert state_of(condition, (NOW - 600, 0.0), (NOW - 300, 1.0), (NOW, 1.0)) == "ALARM"
    assert state_of(condition, (NOW - 600, 1.0), (NOW - 300, 1.0), (NOW, 1.0)) == "OK"


def test_so_many_of_the_last_periods_must_breach() -> None:
    two_of_three = replace(FAILED, evaluation_periods=3, datapoints_to_alarm=2)
    assert state_of(two_of_three, (NOW, 1.0)) == "OK"
    assert state_of(two_of_three, (NOW, 1.0), (NOW - 700, 1.0)) == "ALARM"
    assert state_of(two_of_three, (NOW, 1.0), (NOW - 900, 1.0)) == "OK"
