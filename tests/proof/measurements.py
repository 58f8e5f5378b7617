"""What the functions' decorators print of metrics: read as CloudWatch reads it, and kept from the terminal."""

import json
import sys
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from aws_lambda_powertools.metrics import base
from aws_lambda_powertools.metrics.provider.cloudwatch_emf import cloudwatch
from greenlet import getcurrent, greenlet

from sagescene.observability import metrics
from sagescene_standin.cloudwatch.logs import Measurement, read_measurements
from tests.proof.simulation import CrashError


class OfThisActivity(UserDict[str, Any]):
    """A dictionary of which each activity has its own, as on Lambda each process has."""

    def __init__(self) -> None:
        self._own: WeakKeyDictionary[greenlet, dict[str, Any]] = WeakKeyDictionary()

    @property
    def data(self) -> dict[str, Any]:  # type: ignore[override]
        """What the activity has put here that asks."""
        return self._own.setdefault(getcurrent(), {})


@contextmanager
def taken(environment: Mapping[str, str], take: Callable[[Measurement], None]) -> Iterator[None]:
    """Give Powertools the names that it has in this environment, and take each measurement that it prints."""

    def read(line: str) -> None:
        # A process that died prints no more, whatever stands in a `finally`.
        if not isinstance(sys.exception(), CrashError):
            for measurement in read_measurements(json.loads(line)):
                take(measurement)

    with (
        patch.object(metrics.provider, "namespace", environment["POWERTOOLS_METRICS_NAMESPACE"]),
        patch.object(metrics.provider, "service", environment["POWERTOOLS_SERVICE_NAME"]),
        patch.object(metrics.provider, "metric_set", OfThisActivity()),
        patch.object(cloudwatch, "print", read, create=True),
        patch.object(base, "print", read, create=True),
    ):
        yield
