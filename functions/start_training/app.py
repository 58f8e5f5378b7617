"""Uploads in, training jobs out."""

import os
from datetime import UTC, datetime
from random import random
from typing import TYPE_CHECKING, Any

from sagescene import cold_start
from sagescene.aws import Cloud
from sagescene.events import Event, read_triggers
from sagescene.observability import CORRELATION_PATH, failure_logged, logger, metrics
from sagescene.settings import StartSettings
from sagescene.workflow.context import Context
from sagescene.workflow.start import start

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = StartSettings.from_env(os.environ)
cloud = Cloud(settings.aws_region)
cloud.connect()
cold_start.end()


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context(clear_state=True, correlation_id_path=CORRELATION_PATH)
@failure_logged()
def handler(event: Event, context: "LambdaContext") -> list[dict[str, Any]]:
    """Judge the data set that each trigger in the event names."""
    jitter = random()  # nosec B311 # noqa: S311 - it spreads waits and guards nothing
    invocation = Context(
        settings=settings,
        cloud=cloud,
        now=datetime.now(UTC),
        jitter=jitter,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    return [start(trigger, invocation).as_json() for trigger in read_triggers(event)]
