"""Trained models in, evaluations out."""

import os
from datetime import UTC, datetime
from random import random
from typing import TYPE_CHECKING, Any

from sagescene import cold_start  # before what the evaluator imports, too

# isort: split
from onnx_evaluator import OnnxEvaluator
from sagescene.aws import Cloud
from sagescene.evaluation_messages import read_evaluation_triggers
from sagescene.events import Event
from sagescene.observability import CORRELATION_PATH, failure_logged, logger, metrics
from sagescene.settings import EvaluateSettings
from sagescene.workflow.context import Context
from sagescene.workflow.evaluate import evaluate

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = EvaluateSettings.from_env(os.environ)
cloud = Cloud(settings.aws_region)
evaluator = OnnxEvaluator()
cloud.connect()
cold_start.end()


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context(clear_state=True, correlation_id_path=CORRELATION_PATH)
@failure_logged()
def handler(event: Event, context: "LambdaContext") -> list[dict[str, Any]]:
    """Evaluate the model that each trigger in the event names."""
    jitter = random()  # nosec B311 # noqa: S311 - it spreads waits and guards nothing
    invocation = Context(
        settings=settings,
        cloud=cloud,
        now=datetime.now(UTC),
        jitter=jitter,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    return [evaluate(trigger, invocation, evaluator).as_json() for trigger in read_evaluation_triggers(event)]
