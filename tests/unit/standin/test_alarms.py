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
    [("Sum", "ALARM"), ("Maximum", "ALARM"), ("Average", "OK"), ("Minimum", "OK"), ("SampleCount", "ALARM")],
)
def test_each_statistic_is_taken_of_the_period(statistic: str, expected: str) -> None:
    condition = replace(FAILED, statistic=statistic, threshold=2.0)
    assert state_of(condition, (NOW, 0.0), (NOW - 1, 2.0)) == expected


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("GreaterThanOrEqualToThreshold", "ALARM"),
        ("GreaterThanThreshold", "OK"),
        ("LessThanThreshold", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM"),
    ],
)
def test_each_comparison_is_made_with_the_threshold(comparison: str, expected: str) -> None:
    assert state_of(replace(FAILED, comparison=comparison), (NOW, 1.0)) == expected


def test_so_many_of_the_last_periods_must_breach() -> None:
    two_of_three = replace(FAILED, evaluation_periods=3, datapoints_to_alarm=2)
    assert state_of(two_of_three, (NOW, 1.0)) == "OK"
    assert state_of(two_of_three, (NOW, 1.0), (NOW - 700, 1.0)) == "ALARM"
    assert state_of(two_of_three, (NOW, 1.0), (NOW - 900, 1.0)) == "OK"
