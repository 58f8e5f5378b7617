"""What every test of the workflow shares: the names that metrics have on Lambda, and none left from another test."""

from collections.abc import Iterator

import pytest

from sagescene.observability import metrics
from tests.stack_template import environment_of


@pytest.fixture(autouse=True)
def fresh_metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin and end without a metric."""
    environment = environment_of("StartTrainingFunction")
    for name in ("POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"):
        monkeypatch.setenv(name, environment[name])
    metrics.clear_metrics()
    yield
    metrics.clear_metrics()
