"""What an alarm watches: a metric, or by metric math the increase of one or the sum of several.

Of metric math two expressions are known. `SUM(METRICS())` adds up all metrics of the alarm, which differ in their
dimensions alone here. Of `DIFF(FILL(metric, 0))`, DIFF is "the difference between each value in the time
series and the preceding value from that time series"; it has no value where there is no preceding one, so FILL puts
zeros where the metric has none, as that of an idle queue:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from moto.cloudwatch.models import Alarm, Dimension, Metric, MetricDataQuery, MetricStat

_SUM = re.compile(r"SUM\(\s*METRICS\(\)\s*\)")
_INCREASE = re.compile(r"DIFF\(\s*FILL\(\s*(\w+)\s*,\s*0\s*\)\s*\)")


class UnknownExpressionError(ValueError):
    """An alarm's metric math is none that the local stack can evaluate; the message says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The metric that an alarm watches, in statistics of so many seconds each; `is_increase`: by how much they grew.

    `others` are the dimensions of the metrics that are added to it.
    """

    namespace: str
    metric_name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int
    is_increase: bool = False
    others: tuple[Mapping[str, str], ...] = ()


def read_series(alarm: Alarm) -> Series:
    """Read what an alarm watches.

    Raises:
        UnknownExpressionError: it uses metric math of another kind.
    """
    if not alarm.metric_data_queries:
        return Series(
            namespace=alarm.namespace,
            metric_name=alarm.metric_name,
            dimensions={str(each.name): str(each.value) for each in alarm.dimensions},
            statistic=alarm.statistic,
            period=int(alarm.period),
        )
    returned = [query for query in alarm.metric_data_queries if query.return_data]
    if len(returned) != 1:
        raise UnknownExpressionError(f"{len(returned)} queries with ReturnData, where CloudWatch takes one")
    if _SUM.fullmatch(returned[0].expression or ""):
        return _read_sum([query.metric_stat for query in alarm.metric_data_queries if query.metric_stat])
    known = _INCREASE.fullmatch(returned[0].expression or "")
    watched = next((query.metric_stat for query in alarm.metric_data_queries if known and query.id == known[1]), None)
    if watched is None:
        raise UnknownExpressionError(
            f"the metric math {returned[0].expression or returned[0].id!r}, where the local stack knows "
            "DIFF(FILL(metric, 0)), of a metric beside it, and SUM(METRICS()) alone"
        )
    return replace(_read_stat(watched), is_increase=True)


def _read_sum(added: Sequence[MetricStat]) -> Series:
    first, *others = map(_read_stat, added)
    if first.statistic != "Sum" or any(replace(other, dimensions=first.dimensions) != first for other in others):
        raise UnknownExpressionError(
            "SUM(METRICS()) of metrics that differ in more than their dimensions, or whose statistic is not Sum"
        )
    return replace(first, others=tuple(other.dimensions for other in others))


def _read_stat(watched: MetricStat) -> Series:
    return Series(
        namespace=watched.metric.namespace,
        metric_name=watched.metric.metric_name,
        dimensions={str(each.name): str(each.value) for each in watched.metric.dimensions},
        statistic=watched.stat,
        period=int(watched.period),
    )


def increases(points: Sequence[float | None]) -> list[float | None]:
    """Give by how much each point is greater than the one before it; the newest comes first, the oldest is dropped."""
    filled = [0.0 if point is None else point for point in points]
    return [newer - older for newer, older in pairwise(filled)]


def read_queries(metrics: Sequence[Mapping[str, Any]]) -> list[MetricDataQuery]:
    """Read the property `Metrics` of an alarm in a template."""
    return [
        MetricDataQuery(
            query_id=query["Id"],
            label=query.get("Label", ""),
            period=query.get("Period"),  # type: ignore[arg-type]  # moto cannot describe an empty one
            return_data=str(query.get("ReturnData", True)).lower() == "true",  # type: ignore[arg-type]
            expression=query.get("Expression"),
            metric_stat=_read_metric(query["MetricStat"]) if "MetricStat" in query else None,
        )
        for query in metrics
    ]


def describe_queries(queries: Sequence[MetricDataQuery]) -> list[dict[str, Any]]:
    """Write the queries as an alarm's message holds them."""
    return [
        {
            "Id": query.id,
            **({"Expression": query.expression} if query.expression else {}),
            **({"Label": query.label} if query.label else {}),
            **({"MetricStat": _describe_metric(query.metric_stat)} if query.metric_stat else {}),
            "ReturnData": query.return_data,
        }
        for query in queries
    ]


def _read_metric(stat: Mapping[str, Any]) -> MetricStat:
    metric = stat["Metric"]
    dimensions = [Dimension(each["Name"], each["Value"]) for each in metric.get("Dimensions", ())]
    watched = Metric(metric["MetricName"], metric["Namespace"], dimensions)
    return MetricStat(watched, stat["Period"], stat["Stat"], stat.get("Unit", ""))


def _describe_metric(stat: MetricStat) -> dict[str, Any]:
    return {
        "Metric": {
            "Namespace": stat.metric.namespace,
            "MetricName": stat.metric.metric_name,
            "Dimensions": [{"name": each.name, "value": each.value} for each in stat.metric.dimensions],
        },
        "Period": int(stat.period),
        "Stat": stat.stat,
    }
