"""Metric alarms: when they ring, when they recover, and what they tell their topics: at each change of state, once.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html, but with periods
that end now instead of on the minute.
"""

import datetime
import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends
from moto.sns.models import sns_backends

from sagescene_standin.account import Account
from sagescene_standin.aws_call import Permission
from sagescene_standin.cloudwatch.metric_math import (
    UnknownExpressionError,
    describe_queries,
    increases,
    read_series,
)
from sagescene_standin.cloudwatch.metrics import Metrics
from sagescene_standin.errors import DeploymentError
from sagescene_standin.iam.authority import Authority
from sagescene_standin.kms.key_use import topic_permissions
from sagescene_standin.occurrence import Listener, Occurrence

type Sample = tuple[float, float]  # time in epoch seconds, value

_SERVICE = "cloudwatch.amazonaws.com"
_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": lambda values: float(len(values)),
}
_REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-west-2": "US West (Oregon)",
    "eu-west-1": "EU (Ireland)",
}


class UnsupportedAlarmError(DeploymentError):
    """An alarm uses what the local stack cannot evaluate."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"The local stack cannot evaluate alarm {name}: it uses {what}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When an alarm rings: so many of the last periods' statistics compare so with the threshold."""

    statistic: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison: str
    treat_missing_data: str
    is_increase: bool = False

    @property
    def periods(self) -> int:
        """How many periods are looked at: an increase needs the one before, too."""
        return self.evaluation_periods + self.is_increase


def evaluate(condition: Condition, samples: Iterable[Sample], now: float, state: str) -> tuple[str, str]:
    """Work out the alarm's state and, in CloudWatch's words, its reason from the last periods' samples."""
    compare, words = _COMPARISONS[condition.comparison]
    periods: list[list[float]] = [[] for _ in range(condition.periods)]
    for time, value in samples:
        age = int((now - time) // condition.period)
        if 0 <= age < len(periods):
            periods[age].append(value)
    points = [_STATISTICS[condition.statistic](values) if values else None for values in periods]
    if condition.is_increase:
        points = increases(points)
    known = [point for point in points if point is not None]
    missing = len(points) - len(known)
    if not known and condition.treat_missing_data in ("missing", "ignore"):
        if condition.treat_missing_data == "ignore":
            return state, ""
        return "INSUFFICIENT_DATA", f"Insufficient Data: {missing} datapoint(s) were unknown."
    breaching = sum(compare(point, condition.threshold) for point in known)
    if condition.treat_missing_data == "breaching":
        breaching += missing
    new_state = "ALARM" if breaching >= condition.datapoints_to_alarm else "OK"
    if not known:
        treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}[condition.treat_missing_data]
        reason = (
            f"no datapoints were received for {missing} period(s) and "
            f"{missing} missing datapoint(s) were treated as [{treated}]"
        )
        return new_state, f"Threshold Crossed: {reason}."
    count = breaching if new_state == "ALARM" else len(known) - breaching
    verb = "" if new_state == "ALARM" else "not "
    return new_state, (
        f"Threshold Crossed: {count} out of the last {len(points)} datapoints {known} was {verb}{words} "
        f"the threshold ({condition.threshold})."
    )


class Alarms:
    """Keep the state of all alarms of the account up to date and their actions going."""

    def __init__(
        self,
        account: Account,
        metrics: Metrics,
        authority: Authority,
        listen: Listener,
        now: Callable[[], float],
    ) -> None:
        self._account = account
        self._metrics = metrics
        self._authority = authority
        self._listen = listen
        self._now = now

    def require_known(self) -> None:
        """Make sure that every alarm can be evaluated.

        Raises:
            UnsupportedAlarmError: an alarm uses other metric math, percentiles, or an action that is no topic.
        """
        for alarm in list(cloudwatch_backends[self._account.id][self._account.region].alarms.values()):
            read_condition(alarm)

    def check(self) -> None:
        """Evaluate every alarm; whoever changes state sends the message of that state, once.

        An alarm that cannot be evaluated (`require_known` raises for it) has insufficient data and says why.
        """
        for alarm in list(cloudwatch_backends[self._account.id][self._account.region].alarms.values()):
            try:
                condition = read_condition(alarm)
            except UnsupportedAlarmError as error:
                if alarm.state_reason != str(error):
                    self._change_state(alarm, "INSUFFICIENT_DATA", str(error))
                continue
            series = read_series(alarm)
            if series.namespace == "AWS/SQS" and "QueueName" in series.dimensions:
                self._metrics.read_queue(series.dimensions["QueueName"], series.metric_name, condition.period / 2)
            since = self._now() - condition.period * condition.periods
            samples = chain.from_iterable(
                self._metrics.samples(series.namespace, series.metric_name, dimensions, since)
                for dimensions in (series.dimensions, *series.others)
            )
            state, reason = evaluate(condition, samples, self._now(), alarm.state_value)
            if state != alarm.state_value:
                self._change_state(alarm, state, reason)

    def _change_state(self, alarm: Alarm, state: str, reason: str) -> None:
        old_state = alarm.state_value
        cloudwatch_backends[self._account.id][self._account.region].set_alarm_state(alarm.name, reason, "{}", state)
        self._listen(Occurrence(kind="alarm", subject=alarm.name, detail={"state": state, "reason": reason}))
        if not alarm.actions_enabled:
            return
        message = describe_change(alarm, old_state, self._account, self._now())
        subject = f'{state}: "{alarm.name}" in {_region_name(self._account)}'
        for topic in _actions(alarm)[state]:
            if refusal := self._refusal(alarm, topic):
                self._listen(Occurrence(kind="event", subject=alarm.name, detail={"target": topic, "error": refusal}))
                continue
            backend = sns_backends[self._account.id][self._account.region]
            backend.publish(json.dumps(message), topic, subject=subject[:99])

    def _refusal(self, alarm: Alarm, topic: str) -> str | None:
        """Say, as the alarm's history does, why its message cannot be published; None when it can.

        https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
        """
        needed = (Permission(action="sns:Publish", resource=topic), *topic_permissions(topic, self._account))
        for permission in needed:
            if self._authority.service_may(_SERVICE, permission, source=alarm.alarm_arn):
                continue
            if permission.resource == topic:
                error = f"Resource: {alarm.alarm_arn} is not authorized to perform: SNS:Publish on resource: {topic}"
            else:
                error = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
            return f'Failed to execute action {topic}. Received error: "{error}"'
        return None


def read_condition(alarm: Alarm) -> Condition:
    """Read an alarm's condition.

    Raises:
        UnsupportedAlarmError: the alarm uses other metric math, percentiles, or an action that is no topic.
    """
    if alarm.rule:
        raise UnsupportedAlarmError(alarm.name, "other alarms")
    try:
        series = read_series(alarm)
    except UnknownExpressionError as error:
        raise UnsupportedAlarmError(alarm.name, str(error)) from None
    if series.statistic not in _STATISTICS:
        raise UnsupportedAlarmError(alarm.name, f"the statistic {series.statistic or alarm.extended_statistic}")
    if alarm.comparison_operator not in _COMPARISONS:
        raise UnsupportedAlarmError(alarm.name, f"the comparison {alarm.comparison_operator}")
    for arn in (arn for arns in _actions(alarm).values() for arn in arns):
        if arn.split(":")[2] != "sns":
            raise UnsupportedAlarmError(alarm.name, f"the action {arn}")
    return Condition(
        statistic=series.statistic,
        period=series.period,
        evaluation_periods=int(alarm.evaluation_periods),
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        threshold=float(alarm.threshold),
        comparison=alarm.comparison_operator,
        treat_missing_data=alarm.treat_missing_data or "missing",
        is_increase=series.is_increase,
    )


def describe_change(alarm: Alarm, old_state: str, account: Account, now: float) -> dict[str, Any]:
    """Write the message that CloudWatch sends to an alarm's topic."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account.id,
        "AlarmConfigurationUpdatedTimestamp": _moment(
            alarm.configuration_updated_timestamp.replace(tzinfo=datetime.UTC).timestamp()
        ),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _moment(now),
        "Region": _region_name(account),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old_state,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            **_describe_watched(alarm),
            "EvaluationPeriods": int(alarm.evaluation_periods),
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": float(alarm.threshold),
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def _describe_watched(alarm: Alarm) -> dict[str, Any]:
    if alarm.metric_data_queries:
        return {"Metrics": describe_queries(alarm.metric_data_queries)}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "StatisticType": "Statistic",
        "Statistic": alarm.statistic.upper(),
        "Unit": alarm.unit,
        "Dimensions": [{"value": dimension.value, "name": dimension.name} for dimension in alarm.dimensions],
        "Period": int(alarm.period),
    }


def _actions(alarm: Alarm) -> dict[str, list[str]]:
    return {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }


def _region_name(account: Account) -> str:
    return _REGIONS.get(account.region, account.region)


def _moment(epoch: float) -> str:
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
