"""Uploads in, training jobs out."""

import os
from datetime import UTC, datetime
from random import random
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sagescene.aws import Cloud
from sagescene.events import Event, read_uploads
from sagescene.observability import logger, metrics
from sagescene.settings import StartSettings
from sagescene.workflow import pipeline
from sagescene.workflow.invocation import Invocation

settings = StartSettings.from_env(os.environ)
cloud = Cloud(settings.aws_region)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, _context: LambdaContext) -> list[dict[str, Any]]:
    """Judge the data set of every upload in the event."""
    chance = random()  # noqa: S311 - it spreads waits and guards nothing
    invocation = Invocation(settings=settings, cloud=cloud, now=datetime.now(UTC), chance=chance)
    return pipeline.answer(pipeline.start(upload, invocation) for upload in read_uploads(event))
