"""What an evaluation asks for, by what triggers it, what lies in the bucket and how far it has come."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sagescene import dataset, keys
from sagescene.dataset import StoredObject
from sagescene.evaluation_messages import EvaluationRequested, EvaluationTrigger, NewTestRecords
from sagescene.jobs.training_job import TrainingJob
from sagescene.workflow.decide_evaluation import (
    MOST_HOPS,
    EvaluationFacts,
    after_disturbance,
    after_early_disturbance,
    after_measuring,
    after_refused_evaluation,
    before_measuring,
    may_be_put_off,
)
from sagescene.workflow.evaluation_state import EvaluationPhase, EvaluationState
from sagescene.workflow.evaluation_steps import Conclude, GoOn, Measure, PutOff, RecordUnevaluated
from sagescene.workflow.evaluator import EvaluationProgress
from sagescene.workflow.steps import Ignore, StandDown
from tests.unit.workflow.known import (
    BUCKET,
    COMPLETE,
    EVALUATE_SETTINGS,
    MINUTE,
    NOON,
    SET,
    VALIDATION_RECORDS,
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
        documents=defaultdict(lambda: None),
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


def progress(images: int, *, is_whole: bool = False, fault: str = "") -> EvaluationProgress:
    return EvaluationProgress(tally={"images": images}, images=images, is_whole=is_whole, fault=fault)


def test_a_model_is_measured_on_the_test_files() -> None:
    step = before_measuring(known())
    assert isinstance(step, Measure)
    assert [file.key for file in step.assignment.files] == [f"datasets/{SET}/{TEST}"]
    assert (step.assignment.role, step.assignment.artifact, step.seconds) == ("test", ARTIFACT, 840)
    assert step.state.key == f"evaluations/2026-11-12/{job_name()}/{step.assignment.identity}.json"


def test_without_test_files_it_is_measured_on_the_validation_file() -> None:
    step = before_measuring(known(objects=stored_all(*COMPLETE)))
    assert isinstance(step, Measure)
    assert [file.key for file in step.assignment.files] == [f"datasets/{SET}/{VALIDATION_RECORDS}"]
    assert step.assignment.role == "validation"


def test_a_test_file_that_holds_what_the_validation_file_does_is_known_by_etag_and_size() -> None:
    validation, test = stored(VALIDATION_RECORDS), stored(TEST)
    for etag, size, copies in (
        (validation.etag, validation.size, (test.key,)),
        (validation.etag, validation.size + 1, ()),
        ("other", validation.size, ()),
    ):
        step = before_measuring(known(objects=(*stored_all(*COMPLETE), replace(test, etag=etag, size=size))))
        assert isinstance(step, Measure)
        assert (step.assignment.copies, step.assignment.role) == (copies, "test")


@pytest.mark.parametrize(
    "facts",
    [
        known(objects=(*stored_all(*COMPLETE), replace(stored(TEST), etag="other"))),
        known(objects=(*OBJECTS, stored("more_test.rec"))),
        known(objects=(*OBJECTS, stored("animals_test.idx"))),
        known(artifact=replace(ARTIFACT, etag="other")),
    ],
    ids=["other bytes", "one more file", "an index", "another artifact"],
)
def test_an_evaluation_is_identified_by_its_files(facts: EvaluationFacts) -> None:
    step = before_measuring(facts)
    assert isinstance(step, Measure)
    assert step.assignment.identity != begun().assignment.identity


def test_files_that_lie_elsewhere_change_no_identity() -> None:
    step = before_measuring(known(objects=(*OBJECTS, stored("notes.txt"), stored("train.idx"))))
    assert isinstance(step, Measure)
    assert step.assignment.identity == begun().assignment.identity


@pytest.mark.parametrize(
    ("facts", "word", "reason"),
    [
        (known(EvaluationRequested(job="other--pets--0123456789ab")), "ignored", "not of the stack"),
        (known(jobs=()), "unknown", "no training job"),
        (known(jobs=[replace(JOB, status="Failed")]), "ignored", "no model: it is Failed"),
        (known(uploaded(bucket="elsewhere")), "ignored", "another bucket"),
        (known(uploaded("gone_test.rec")), "gone", "no such file"),
        (known(uploaded(COMPLETE[0])), "ignored", "no test file"),
        (known(uploaded(), objects=[stored(TEST)]), "ignored", "not complete"),
        (known(uploaded(), jobs=()), "ignored", "no model of these files yet"),
        (known(uploaded(), jobs=[replace(JOB, status="InProgress")]), "ignored", "no model of these files yet"),
    ],
)
def test_what_asks_for_no_evaluation_is_ignored(facts: EvaluationFacts, word: str, reason: str) -> None:
    step = before_measuring(facts)
    assert isinstance(step, Ignore)
    assert step.decision == word
    assert reason in step.reason


def test_new_test_files_have_the_sets_model_measured() -> None:
    second = replace(job(2, status="Completed"), artifact=JOB.artifact)
    step = before_measuring(known(uploaded(), jobs=[replace(JOB, status="Failed"), second]))
    assert isinstance(step, Measure)
    assert step.assignment.job == second


def test_a_test_file_stands_down_for_a_later_one_and_for_no_other_file() -> None:
    later = [*OBJECTS, stored("more_test.rec", NOON)]
    assert isinstance(before_measuring(known(uploaded(), objects=later)), StandDown)
    others = [*stored_all(*COMPLETE, modified=NOON), stored(TEST)]
    assert isinstance(before_measuring(known(uploaded(), objects=others)), Measure)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (known(objects=[replace(each, etag="new") for each in OBJECTS]), "were replaced since"),
        (known(objects=[stored(TEST)]), "were replaced since"),
        (known(artifact=None), f"There is no {JOB.artifact} any more. Put it back"),
        (known(jobs=[replace(JOB, train_uri="")]), "were replaced since"),
    ],
)
def test_what_cannot_be_measured_is_said_without_reading(facts: EvaluationFacts, reason: str) -> None:
    step = before_measuring(facts)
    assert isinstance(step, RecordUnevaluated)
    assert reason in step.reason
    assert (step.state.phase, step.state.reason, step.state.hops) == (EvaluationPhase.MEASURED, step.reason, 1)
    again = before_measuring(replace(facts, states={step.state.key: replace(step.state, phase=EvaluationPhase.ENDED)}))
    assert isinstance(again, Ignore)
    assert again.decision == "known"


def test_an_artifact_that_is_gone_is_said_of_each_test_files() -> None:
    first, other = (
        before_measuring(known(uploaded(), objects=objects, artifact=None))
        for objects in (OBJECTS, (*OBJECTS, stored("more_test.rec")))
    )
    assert isinstance(first, RecordUnevaluated)
    assert isinstance(other, RecordUnevaluated)
    assert first.state.key != other.state.key


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


def test_a_content_whose_name_is_anothers_is_found_by_its_longer_one() -> None:
    digest = dataset.assemble(SET, OBJECTS).digest
    long = replace(JOB, name=keys.job_name("sagescene", SET, digest[: dataset.LONGER_FORM]))
    step = before_measuring(known(EvaluationRequested(job=long.name), jobs=[long]))
    assert isinstance(step, Measure)
