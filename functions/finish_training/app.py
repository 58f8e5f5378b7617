"""Ended training jobs in, models or logged reasons out."""

import os
from datetime import UTC, datetime
from random import random
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sagescene.aws import Cloud
from sagescene.events import Event, JobEnded, read_bell
from sagescene.observability import logger, metrics
from sagescene.settings import Settings
from sagescene.workflow import pipeline
from sagescene.workflow.invocation import Invocation

settings = Settings.from_env(os.environ)
cloud = Cloud(settings.aws_region)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, _context: LambdaContext) -> list[dict[str, Any]]:
    """Finish the job the event names, or all that ended unnoticed when the clock struck."""
    chance = random()  # noqa: S311 - it spreads waits and guards nothing
    invocation = Invocation(settings=settings, cloud=cloud, now=datetime.now(UTC), chance=chance)
    match read_bell(event):
        case JobEnded(job=job):
            return pipeline.answer([pipeline.finish(job, invocation)])
        case _:
            return pipeline.answer(pipeline.reconcile(invocation))
