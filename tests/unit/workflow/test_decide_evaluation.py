"""How an evaluation begins, goes on and ends, by how far it has come and what was read."""

from dataclasses import replace
from typing import Any

import pytest

from sagescene.evaluation_messages import EvaluationRequested, EvaluationTrigger
from sagescene.workflow.decide_evaluation import (
    MOST_HOPS,
    after_disturbance,
    after_early_disturbance,
    after_measuring,
    after_refused_evaluation,
    may_be_put_off,
)
from sagescene.workflow.evaluation_state import EvaluationPhase
from sagescene.workflow.evaluation_steps import Conclude, GoOn, Measure, PutOff, RecordUnevaluated
from sagescene.workflow.evaluator import EvaluationProgress
from sagescene.workflow.steps import Ignore
from tests.unit.workflow.evaluations import JOB, begun, known, resumed, uploaded
from tests.unit.workflow.known import MINUTE, NOON, SET, job_name


def progress(images: int, *, is_whole: bool = False, fault: str = "") -> EvaluationProgress:
    return EvaluationProgress(tally={"images": images}, images=images, is_whole=is_whole, fault=fault)


def test_an_evaluation_goes_on_where_it_stopped_for_what_is_left_of_its_minutes() -> None:
    step = resumed(begun(hops=1, seconds=1500.0, images=7, tally={"images": 7}))
    assert isinstance(step, Measure)
    assert (step.state.tally, step.seconds) == ({"images": 7}, 300)


def test_an_evaluation_that_has_ended_is_left() -> None:
    step = resumed(begun(phase=EvaluationPhase.ENDED))
    assert isinstance(step, Ignore)
    assert step.decision == "known"


def test_whoever_follows_one_that_died_concludes_in_its_place() -> None:
    step = resumed(begun(phase=EvaluationPhase.MEASURED, hops=2, tally={}))
    assert isinstance(step, Conclude)
    assert step.state.hops == 3  # of two that follow, one is first to write
    refused = resumed(begun(phase=EvaluationPhase.MEASURED, reason="it diverged"))
    assert isinstance(refused, RecordUnevaluated)
    assert refused.reason == "it diverged"


@pytest.mark.parametrize(
    ("before", "counted", "took", "step_type", "is_whole"),
    [
        ({}, progress(10, is_whole=True), 5, Conclude, True),
        ({}, progress(10), 840, GoOn, False),
        ({"seconds": 960.0, "images": 5}, progress(10), 840, Conclude, False),  # 30 minutes
        ({"seconds": 1790.0, "images": 10}, progress(10), 1, Conclude, False),  # less was left than a batch takes
        ({"hops": MOST_HOPS - 1}, progress(10), 1, Conclude, False),
        ({"seconds": 960.0}, progress(0), 840, RecordUnevaluated, False),
    ],
)
def test_when_reading_ends(
    before: dict[str, Any], counted: EvaluationProgress, took: float, step_type: type, is_whole: bool
) -> None:
    step = after_measuring(begun(**before), counted, took, known())
    assert isinstance(step, step_type)
    state = step.state
    assert state
    assert (state.hops, state.seconds) == (before.get("hops", 0) + 1, before.get("seconds", 0.0) + took)
    assert (state.tally, state.is_whole) == (counted.tally, is_whole)
    if isinstance(step, GoOn):
        assert step.message == EvaluationRequested(job=job_name(), hop=1)
        assert state.phase is EvaluationPhase.MEASURING
    else:
        assert state.phase is EvaluationPhase.MEASURED


@pytest.mark.parametrize(
    ("seconds", "took", "step_type"), [(1500.0, 290.0, Conclude), (955.0, 830.0, GoOn), (955.0, 846.0, Conclude)]
)
def test_when_the_last_of_its_minutes_were_given_no_message_follows(
    seconds: float, took: float, step_type: type
) -> None:
    step = resumed(begun(seconds=seconds, images=5, tally={"images": 5}))
    assert isinstance(step, Measure)
    assert isinstance(after_measuring(step, progress(10), took, known()), step_type)


@pytest.mark.parametrize(
    ("counted", "reason"),
    [
        (progress(0), "No image could be read in the time there was."),
        (progress(0, is_whole=True), "animals_test.rec: there is no image in it. Pack the images again"),
        (
            progress(0, is_whole=True, fault="animals_test.rec, byte 0: it is cut"),
            "animals_test.rec can be read. animals_test.rec, byte 0: it is cut. Pack the images again",
        ),
    ],
)
def test_why_nothing_was_read_is_said(counted: EvaluationProgress, reason: str) -> None:
    step = after_measuring(begun(), counted, 1, known())
    assert isinstance(step, RecordUnevaluated)
    assert reason in step.reason


def test_what_is_disturbed_comes_back_until_it_has_come_back_too_often() -> None:
    step = after_disturbance(begun(hops=2), "it changed")
    assert isinstance(step, PutOff)
    assert (step.message, step.delay_in_seconds) == (EvaluationRequested(job=job_name(), hop=3), 60)
    message = replace(begun(), hop=5)
    assert after_disturbance(message, "").message == EvaluationRequested(job=job_name(), hop=6)  # type: ignore[union-attr]
    assert isinstance(after_disturbance(replace(begun(), hop=MOST_HOPS - 1), "it changed"), RecordUnevaluated)


def test_what_was_about_to_be_told_comes_back_when_nobody_holds_its_notice() -> None:
    concluding = resumed(begun(hops=2, phase=EvaluationPhase.MEASURED))
    refused = resumed(begun(hops=2, phase=EvaluationPhase.MEASURED, reason="it diverged"))
    assert isinstance(concluding, Conclude)
    assert isinstance(refused, RecordUnevaluated)
    for step in (concluding, refused):
        later = after_disturbance(step, "SNS fails")
        assert isinstance(later, PutOff)
        assert (later.message, later.delay_in_seconds) == (EvaluationRequested(job=job_name(), hop=4), 900)
    last = replace(refused, state=replace(refused.state, hops=MOST_HOPS - 1))
    assert after_disturbance(last, "SNS fails") == last


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        (EvaluationRequested(job=job_name(), hop=4), EvaluationRequested(job=job_name(), hop=5)),
        (EvaluationRequested(job=job_name(), hop=MOST_HOPS - 1), None),
        (uploaded(time=NOON - 59 * MINUTE), uploaded(time=NOON - 59 * MINUTE)),
        (uploaded(time=NOON - 60 * MINUTE), None),
    ],
)
def test_a_trigger_comes_back_until_it_has_come_back_too_often_or_for_an_hour(
    trigger: EvaluationTrigger, message: EvaluationTrigger | None
) -> None:
    facts = known(trigger)
    assert may_be_put_off(facts) is (message is not None)
    later = after_early_disturbance(facts, "S3 fails")
    assert (later.reason, later.delay_in_seconds) == ("S3 fails", 60)
    assert message in (None, later.message)


def test_a_refused_model_keeps_its_reason() -> None:
    step = after_refused_evaluation(begun(), "it diverged")
    assert (step.job, step.data_set, step.reason) == (JOB, SET, "it diverged")
    assert step.state
    assert (step.state.phase, step.state.reason) == (EvaluationPhase.MEASURED, "it diverged")
