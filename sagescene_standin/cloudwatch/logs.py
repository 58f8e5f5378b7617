"""What functions print: into their log group, and its embedded metrics into CloudWatch.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.logs.models import logs_backends

from sagescene_standin.account import Account
from sagescene_standin.aws_call import Permission
from sagescene_standin.iam.authority import Authority
from sagescene_standin.occurrence import Listener, Occurrence

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one metric."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    value: float
    unit: str | None = None


def read_measurements(line: Mapping[str, Any]) -> Iterator[Measurement]:
    """Read the metrics that a log line carries in the embedded metric format; most lines carry none."""
    for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(line[name]) for name in names}
            for metric in directive["Metrics"]:
                values = line[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield Measurement(
                        namespace=directive["Namespace"],
                        name=metric["Name"],
                        dimensions=dimensions,
                        value=float(value),
                        unit=metric.get("Unit"),
                    )


def assign_level(line: str) -> str:
    """Give a line of a function with LogFormat JSON as Lambda takes it: without a timestamp as of RFC 3339 it is INFO.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html; what carries metrics stays
    as it is.
    """
    content = _parse(line)
    if not {"level", "message"} <= content.keys() or _RFC_3339.fullmatch(str(content.get("timestamp"))):
        return line
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps({**content, "level": "INFO", "timestamp": now})


class LogDelivery:
    """Write lines to log groups in the name of roles, and report them to the listener."""

    def __init__(
        self,
        account: Account,
        authority: Authority,
        listen: Listener,
        measure: Callable[[Measurement], None],
    ) -> None:
        self._account, self._authority = account, authority
        self._listen = listen
        self._measure = measure
        self._lock = threading.Lock()

    def store(self, role: str, group: str, stream: str, line: str) -> bool:
        """Put one line into a stream of a log group, which are made when they are missing; False if the role may not.

        What is asked of the role: https://docs.aws.amazon.com/service-authorization/latest/reference/
        list_amazoncloudwatchlogs.html; CreateLogGroup names the group and an empty stream.
        """
        backend = logs_backends[self._account.id][self._account.region]
        event = {"timestamp": int(time.time() * 1000), "message": line}
        with self._lock:  # several processes begin one stream at once
            if group not in backend.groups:
                if not self.may(role, "logs:CreateLogGroup", group):
                    return False
                backend.create_log_group(group, {})
            if stream not in backend.groups[group].streams:
                if not self.may(role, "logs:CreateLogStream", group, stream):
                    return False
                backend.create_log_stream(group, stream)
            if not self.may(role, "logs:PutLogEvents", group, stream):
                return False
            backend.put_log_events(group, stream, [event])
        return True

    def deliver(self, role: str, group: str, stream: str, line: str, *, subject: str) -> None:
        """Store one line; the listener hears of it under the subject unless it only carries metrics."""
        if not self.store(role, group, stream, line):
            lost = f"{role} may not write to {group}: this line and its metrics are lost"
            self._listen(Occurrence("log", subject, {"level": "ERROR", "message": lost, "line": line}))
            return
        content = _parse(line)
        if "_aws" not in content:
            self._listen(Occurrence(kind="log", subject=subject, detail=content))
        for measurement in read_measurements(content):
            self._measure(measurement)

    def may(self, role: str, action: str, group: str, stream: str = "") -> bool:
        """Say whether a role may do this with a log stream; what is about a whole group names an empty one."""
        resource = self._account.arn("logs", f"log-group:{group}:log-stream:{stream}")
        return self._authority.role_may(role, Permission(action=action, resource=resource))


def _parse(line: str) -> Mapping[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {"message": line}
