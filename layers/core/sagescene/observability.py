"""The one logger and the one set of metrics; service, namespace and level come from the environment."""

import logging
import warnings
from functools import partial

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from sagescene.foreign_text import printable, printable_json

logger = Logger(json_serializer=partial(printable_json, default=str))
metrics = Metrics()

# botocore remarks at level INFO on where it found its credentials.
logging.getLogger("botocore").setLevel(logging.WARNING)
# Most invocations count nothing, which Powertools would otherwise remark on in the log each time.
warnings.filterwarnings("ignore", message="No application metrics to publish")


def count(metric: str, value: int = 1) -> None:
    """Count an outcome, such as `TrainingStarted`, in CloudWatch."""
    metrics.add_metric(metric, MetricUnit.Count, value)


def count_by(metric: str, dimension: str, value: str) -> None:
    """Count an outcome once more under a dimension of its own, such as `DatasetRefused` by `code`."""
    with single_metric(metric, MetricUnit.Count, 1) as counted:
        counted.add_dimension(dimension, printable(value))
        counted.add_dimension("service", metrics.service)
