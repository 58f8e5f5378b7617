"""Ended training jobs in, models or logged reasons out."""

import os
from datetime import UTC, datetime
from random import random
from typing import TYPE_CHECKING, Any

from sagescene import cold_start
from sagescene.aws import Cloud
from sagescene.events import Event, JobEnded, read_end
from sagescene.observability import CORRELATION_PATH, failure_logged, logger, metrics
from sagescene.settings import FinishSettings
from sagescene.workflow.context import Context
from sagescene.workflow.finish import finish
from sagescene.workflow.reconcile import reconcile

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = FinishSettings.from_env(os.environ)
cloud = Cloud(settings.aws_region)
cloud.connect()
cold_start.end()


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context(clear_state=True, correlation_id_path=CORRELATION_PATH)
@failure_logged()
def handler(event: Event, _context: "LambdaContext") -> list[dict[str, Any]]:
    """Finish the job the event names, or all that ended unnoticed when the clock struck."""
    jitter = random()  # nosec B311 # noqa: S311 - it spreads waits and guards nothing
    context = Context(settings=settings, cloud=cloud, now=datetime.now(UTC), jitter=jitter)
    match read_end(event):
        case JobEnded(job=job):
            decisions = [finish(job, context)]
        case _:
            decisions = reconcile(context)
    return [decision.as_json() for decision in decisions]
