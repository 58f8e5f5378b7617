"""The one logger and the one set of metrics; service, namespace and level come from the environment."""

import logging
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from sagescene.foreign_text import printable, printable_json

# Of another timestamp Lambda makes nothing: it would take every line for one of level INFO.
logger = Logger(json_serializer=partial(printable_json, default=str), use_rfc3339=True, utc=True)
metrics = Metrics()

# What a message carries on from the one before it, else the message's own id; EventBridge's events have an `id`.
CORRELATION_PATH = "Records[0].messageAttributes.correlation_id.stringValue || Records[0].messageId || id"
_CORRELATION_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)

# botocore remarks at level INFO on where it found its credentials.
logging.getLogger("botocore").setLevel(logging.WARNING)
# Most invocations count nothing, which Powertools would otherwise remark on in the log each time.
warnings.filterwarnings("ignore", message="No application metrics to publish")


def log_about(*, job: str | None = None, data_set: str | None = None) -> None:
    """Have every further line name this job and this data set, and no other; None where it is not known."""
    logger.append_keys(job=job, data_set=data_set)


@contextmanager
def failure_logged() -> Iterator[None]:
    """Have an error that ends an invocation logged with its set and job, which the runtime's own line does not name."""
    try:
        yield
    except Exception as error:
        logger.error("function failed", reason=f"{type(error).__name__}: {error}")
        raise


def correlation_id() -> str | None:
    """Give the id that ties the lines of one chain of messages together; None where there is none to carry on."""
    known = logger.get_correlation_id()
    return known if isinstance(known, str) and _CORRELATION_ID.fullmatch(known) else None


def count(metric: str, value: int = 1) -> None:
    """Count an outcome, such as `TrainingStarted`, in CloudWatch."""
    metrics.add_metric(metric, MetricUnit.Count, value)


def measure(metric: str, value: float, unit: Literal["Seconds", "None"]) -> None:
    """Add up what is no number of outcomes, such as `BillableSeconds`, in CloudWatch; dollars are no unit there."""
    metrics.add_metric(metric, MetricUnit(unit), value)


def count_by(metric: str, dimension: str, value: str) -> None:
    """Count an outcome once more under a dimension of its own, such as `DatasetRefused` by `code`."""
    with single_metric(metric, MetricUnit.Count, 1) as counted:
        counted.add_dimension(dimension, printable(value))
        counted.add_dimension("service", metrics.service)


def measure_accuracy(accuracy: float | None, data_set: str) -> None:
    """Keep how accurate a model of a data set is, 0 to 1, if that is known; CloudWatch takes names in ASCII alone."""
    if accuracy is None or not math.isfinite(accuracy):
        return
    with single_metric("ModelAccuracy", MetricUnit.NoUnit, accuracy) as measured:
        measured.add_dimension("DataSet", printable(data_set).encode("ascii", "backslashreplace").decode())
        measured.add_dimension("service", metrics.service)
