"""The dashboard shows what is really counted: each metric of a widget, with its dimensions, is one that comes."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from aws_lambda_powertools.metrics.provider import cold_start

from sagescene_standin.cloudformation.intrinsics import resolve
from tests.proof.scenarios import SCENARIOS
from tests.proof.world import World
from tests.stack_template import PSEUDO_PARAMETERS, transform

type Metric = tuple[str, str, frozenset[str]]
"""A namespace, a name, and the names of the dimensions."""

# Each AWS namespace: its dimension, the resources that give it a value, and the metrics that AWS documents.
DOCUMENTED: Mapping[str, tuple[str, str, set[str]]] = {
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    "AWS/Lambda": ("FunctionName", "AWS::Lambda::Function", {"AsyncEventsDropped", "Duration", "Errors", "Throttles"}),
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    "AWS/SQS": (
        "QueueName",
        "AWS::SQS::Queue",
        {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
        },
    ),
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    "AWS/Events": ("RuleName", "AWS::Events::Rule", {"FailedInvocations", "Invocations"}),
    # https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
    "AWS/SNS": ("TopicName", "AWS::SNS::Topic", {"NumberOfNotificationsFailed"}),
    # https://docs.aws.amazon.com/sagemaker/latest/dg/IC-tuning.html
    "/aws/sagemaker/TrainingJobs": ("TrainingJobName", "", {"train:accuracy", "validation:accuracy"}),
}
SEARCH = re.compile(r"SEARCH\('\{([^}]+)\} MetricName=\"([^\"]+)\" (\w+)=\"?sagescene\"?', '\w+', \d+\)")
CHOSEN = {"EvaluateModel": "yes", "ModelRegistry": "yes", "HourlyPriceUSD": "ml.g4dn.xlarge=1.00"}
CHOICES: tuple[dict[str, str], ...] = ({}, {"EvaluateModel": "no"}, {"ExistingBucket": "photos"})


def widgets(**parameters: str) -> list[dict[str, Any]]:
    template = transform(**parameters)
    # Resources stand for themselves, so that a test sees which one gives a dimension its value.
    body = resolve(
        template.resources["FlowDashboard"]["Properties"]["DashboardBody"],
        {**PSEUDO_PARAMETERS, **template.parameters},
    )
    shown: list[dict[str, Any]] = json.loads(body)["widgets"]
    return shown


def shown_metrics(shown: list[dict[str, Any]]) -> Iterator[tuple[Metric, dict[str, str]]]:
    """Give each metric, and the values of its dimensions where it is not searched for."""
    for widget in shown:
        for metric in widget["properties"].get("metrics", ()):
            if isinstance(metric[0], dict):
                found = SEARCH.search(metric[0]["expression"])
                assert found, metric[0]["expression"]
                namespace, *dimensions = found[1].split(",")
                assert found[3] in dimensions
                yield (namespace, found[2], frozenset(dimensions)), {}
            else:
                namespace, name, *pairs = [part for part in metric if isinstance(part, str)]
                values = dict(zip(pairs[::2], pairs[1::2], strict=True))
                yield (namespace, name, frozenset(values)), values


@cache
def emitted() -> set[Metric]:
    """Play what there is to play, and give all that the functions count meanwhile."""
    cold_start.is_cold_start = True
    measured: set[Metric] = set()
    for scenario in SCENARIOS:
        for fails in (False, True) if scenario.name == "a model" else (False,):
            world = World(0, **{**CHOSEN, **scenario.parameters})
            world.evaluator.fails = fails
            scenario.play(world)
            measured |= {(each.namespace, each.name, frozenset(each.dimensions)) for each in world.measured}
    World.end()
    return measured


@pytest.mark.parametrize("parameters", CHOICES)
def test_every_metric_of_the_product_that_is_shown_is_counted(parameters: dict[str, str]) -> None:
    own = {metric for metric, _ in shown_metrics(widgets(**parameters)) if metric[0] == "Sagescene"}
    assert own
    assert own <= emitted(), own - emitted()


def test_every_metric_that_is_counted_is_shown() -> None:
    shown = {name for (_, name, _), _ in shown_metrics(widgets())}
    assert {name for _, name, _ in emitted()} <= shown


@pytest.mark.parametrize("parameters", CHOICES)
def test_every_metric_of_aws_is_a_documented_one_of_a_resource_of_the_stack(parameters: dict[str, str]) -> None:
    resources = transform(**parameters).resources
    seen = set()
    for (namespace, name, dimensions), values in shown_metrics(widgets(**parameters)):
        if namespace == "Sagescene":
            assert set(values.values()) <= {"sagescene", *resources}
            continue
        dimension, kind, names = DOCUMENTED[namespace]
        assert dimensions == {dimension}
        assert name in names
        seen.add((namespace, name))
        for value in values.values():
            logical_id, _, attribute = value.partition(".")
            assert resources[logical_id]["Type"] == kind
            assert attribute in ("", dimension)
    assert seen == {(namespace, name) for namespace, (_, _, names) in DOCUMENTED.items() for name in names}


def test_no_widget_is_wider_than_the_dashboard_and_each_has_a_title() -> None:
    shown = widgets()
    assert all(widget["width"] <= 24 for widget in shown)
    titles = [widget["properties"]["title"] for widget in shown if widget["type"] == "metric"]
    assert len(titles) == len(set(titles)) > 10


@pytest.mark.parametrize(
    ("partition", "console"),
    [
        ("aws", "us-east-1.console.aws.amazon.com"),
        ("aws-cn", "us-east-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-east-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_links_lead_to_the_partitions_console(
    partition: str, console: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PSEUDO_PARAMETERS, "AWS::Partition", partition)
    transform.cache_clear()
    text = widgets()[0]["properties"]["markdown"]
    transform.cache_clear()
    addresses = re.findall(r"\]\(https://([^/]+)/", text)
    assert set(addresses) == {console}
    assert len(addresses) > 5


def test_without_a_dashboard_there_is_neither_it_nor_its_address() -> None:
    template = transform(Dashboard="no")
    assert not [one for one in template.resources.values() if one["Type"] == "AWS::CloudWatch::Dashboard"]
    assert "Dashboard" not in template.body["Outputs"]
