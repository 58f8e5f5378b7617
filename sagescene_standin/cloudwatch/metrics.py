"""Metrics of the local CloudWatch: functions' own, Lambda's, EventBridge's, SNS's, and those of queues."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends
from moto.sqs.models import Queue, sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.cloudwatch.logs import Measurement
from sagescene_standin.functions.function import FunctionSettings, Invocation
from sagescene_standin.occurrence import Listener, Occurrence

_ACTIVE = 6 * 3600.0  # seconds
_MOST_MISSED = 100  # readings
_AGE = "ApproximateAgeOfOldestMessage"  # it changes at each look, and is stored when it begins and ends
_QUEUE_READINGS: Mapping[str, Callable[[Queue, float], float]] = {
    "ApproximateNumberOfMessagesVisible": lambda queue, _: queue.approximate_number_of_messages,
    "ApproximateNumberOfMessagesNotVisible": lambda queue, _: queue.approximate_number_of_messages_not_visible,
    "ApproximateNumberOfMessagesDelayed": lambda queue, _: queue.approximate_number_of_messages_delayed,
    _AGE: lambda queue, now: now - _oldest(queue, now),
}


class Metrics:
    """Store measurements in moto's CloudWatch, dated by the stack's clock."""

    def __init__(self, account: Account, listen: Listener, now: Callable[[], float]) -> None:
        self._account = account
        self._listen = listen
        self._now = now
        self._last_depths: dict[tuple[str, str], tuple[float, float]] = {}
        self._last_use: dict[str, float] = {}

    def measure(self, measurement: Measurement) -> None:
        """Store a function's own measurement and report it to the listener."""
        self.store(measurement)
        detail = {
            "namespace": measurement.namespace,
            "dimensions": dict(measurement.dimensions),
            "value": measurement.value,
        }
        self._listen(Occurrence(kind="metric", subject=measurement.name, detail=detail))

    def count_invocation(self, settings: FunctionSettings, invocation: Invocation) -> None:
        """Store what Lambda itself measures of an invocation."""
        values = {
            "Invocations": 1.0,
            "Errors": float(bool(invocation.error)),
            "Duration": invocation.duration_ms,
        }
        for name, value in values.items():
            self._store_of_function(settings, name, value)

    def count_drop(self, settings: FunctionSettings) -> None:
        """Store that Lambda has stopped an invocation because it belongs to a recursive loop."""
        self._store_of_function(settings, "RecursiveInvocationsDropped")

    def count_throttle(self, settings: FunctionSettings) -> None:
        """Store that Lambda has put an invocation off, because the function's concurrency is in use."""
        self._store_of_function(settings, "Throttles")

    def count_dropped_event(self, settings: FunctionSettings) -> None:
        """Store that Lambda has given an asynchronous event up; it goes to the failure destination, if there is one."""
        self._store_of_function(settings, "AsyncEventsDropped")

    def count_delivery(self, rule: str, *, is_delivered: bool) -> None:
        """Store that EventBridge has invoked a target of a rule, or has failed to for good."""
        for name in ("Invocations",) if is_delivered else ("Invocations", "FailedInvocations"):
            self.store(Measurement(namespace="AWS/Events", name=name, dimensions={"RuleName": rule}, value=1.0))

    def count_notification(self, topic: str, *, is_delivered: bool) -> None:
        """Store that SNS has delivered a message to a subscriber of a topic, or has given up."""
        name = "NumberOfNotificationsDelivered" if is_delivered else "NumberOfNotificationsFailed"
        self.store(Measurement(namespace="AWS/SNS", name=name, dimensions={"TopicName": topic}, value=1.0))

    def read_queue(self, queue_name: str, metric: str, interval: float) -> None:
        """Store a queue's depth or age when it has changed or the last reading is older than the interval.

        Of a queue that has been empty for six hours there are no metrics at all:
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html

        Raises:
            KeyError: SQS has no such metric here.
        """
        queue = sqs_backends[self._account.id][self._account.region].queues.get(queue_name)
        if queue is None:
            return
        now = self._now()
        value = float(_QUEUE_READINGS[metric](queue, now))
        if queue._messages or queue_name not in self._last_use:
            self._last_use[queue_name] = now
        if now - self._last_use[queue_name] > _ACTIVE:
            return
        known, read_at = self._last_depths.get((queue_name, metric), (-1.0, 0.0))
        is_same = bool(value) == (known > 0) if metric == _AGE else value == known
        if is_same and now - read_at < interval:
            return
        self._last_depths[queue_name, metric] = value, now
        dimensions = {"QueueName": queue_name}
        depth = Measurement(namespace="AWS/SQS", name=metric, dimensions=dimensions, value=value)
        if known > 0:  # SQS has told of it all the time, should the clock have been set forward
            for number in range(1, min(int((now - read_at) / interval), _MOST_MISSED) + 1):
                self.store(replace(depth, value=known), now - number * interval)
        self.store(depth)

    def samples(
        self, namespace: str, name: str, dimensions: Mapping[str, str], since: float
    ) -> Iterator[tuple[float, float]]:
        """Go through a metric's values since a time, each with its own time (epoch seconds)."""
        for datum in list(cloudwatch_backends[self._account.id][self._account.region].metric_data):
            if (
                isinstance(datum, MetricDatum)
                and (datum.namespace, datum.name) == (namespace, name)
                and {dimension.name: dimension.value for dimension in datum.dimensions} == dimensions
                and (time := _epoch(datum.timestamp)) > since
            ):
                yield time, datum.value

    def _store_of_function(self, settings: FunctionSettings, name: str, value: float = 1.0) -> None:
        dimensions = {"FunctionName": settings.name}
        self.store(Measurement(namespace="AWS/Lambda", name=name, dimensions=dimensions, value=value))

    def store(self, measurement: Measurement, at: float | None = None) -> None:
        """Store one value, dated `at` (epoch seconds) or now."""
        moment = datetime.datetime.fromtimestamp(self._now() if at is None else at, datetime.UTC).replace(tzinfo=None)
        cloudwatch_backends[self._account.id][self._account.region].put_metric_data(
            measurement.namespace,
            [
                {
                    "MetricName": measurement.name,
                    "Value": measurement.value,
                    "Unit": measurement.unit,
                    "Timestamp": moment,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in measurement.dimensions.items()],
                }
            ],
        )


def _oldest(queue: Queue, now: float) -> float:
    return min([(message.sent_timestamp or 0) / 1000 for message in queue._messages], default=now)


def _epoch(moment: datetime.datetime) -> float:
    # moto keeps moments of its own without a zone, and those of requests with one.
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
