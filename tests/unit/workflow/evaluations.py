"""What is known when a model is to be evaluated, of one whose set has test files."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sagescene.dataset import StoredObject
from sagescene.evaluation_messages import EvaluationRequested, EvaluationTrigger, NewTestRecords
from sagescene.jobs.training_job import TrainingJob
from sagescene.preflight.report import Report
from sagescene.workflow.decide_evaluation import before_measuring
from sagescene.workflow.evaluation_state import EvaluationState
from sagescene.workflow.evaluation_steps import Measure
from sagescene.workflow.facts import EvaluationFacts
from tests.unit.workflow.known import (
    BUCKET,
    COMPLETE,
    EVALUATE_SETTINGS,
    MINUTE,
    NOON,
    SET,
    job,
    job_name,
    stored,
    stored_all,
)

JOB = job(status="Completed")
ARTIFACT = StoredObject(key=JOB.artifact.removeprefix(f"s3://{BUCKET}/"), etag="a", size=1, last_modified=NOON)
TEST = "animals_test.rec"
OBJECTS = (*stored_all(*COMPLETE), stored(TEST))


def known(
    trigger: EvaluationTrigger | None = None,
    *,
    jobs: Iterable[TrainingJob] = (JOB,),
    objects: Iterable[StoredObject] = OBJECTS,
    artifact: StoredObject | None = ARTIFACT,
    states: Mapping[str, EvaluationState] | None = None,
    reports: Mapping[str, Report | None] | None = None,
    seconds_left: float = 900,
) -> EvaluationFacts:
    """Give what is known of a completed job, whose set has test files and whose evaluation has not begun."""
    return EvaluationFacts(
        trigger=trigger or EvaluationRequested(job=job_name()),
        now=NOON,
        seconds_left=seconds_left,
        settings=EVALUATE_SETTINGS,
        jobs=defaultdict(lambda: None, {each.name: each for each in jobs}),
        objects=defaultdict(list, {SET: list(objects)}),
        stored=defaultdict(lambda: None, {JOB.artifact: artifact}),
        documents=defaultdict(lambda: None, reports or {}),
        states=defaultdict(lambda: None, states or {}),
    )


def begun(**more: Any) -> Measure:  # noqa: ANN401
    """Give the step by which an evaluation begins; what is given besides stands in its state."""
    step = before_measuring(known())
    assert isinstance(step, Measure)
    return replace(step, state=replace(step.state, **more))


def resumed(step: Measure) -> object:
    """Decide anew where the state of a step is found."""
    return before_measuring(known(states={step.state.key: step.state}))


def uploaded(name: str = TEST, **more: Any) -> NewTestRecords:  # noqa: ANN401
    return NewTestRecords(**{"bucket": BUCKET, "key": f"datasets/{SET}/{name}", "time": NOON - MINUTE, **more})
