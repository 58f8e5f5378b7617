"""Which model is evaluated, and on which files, by what triggers it and what lies in the bucket."""

from dataclasses import replace

import pytest

from sagescene import dataset, keys
from sagescene.evaluation_messages import EvaluationRequested
from sagescene.workflow.decide_evaluation import before_measuring
from sagescene.workflow.evaluation_state import EvaluationPhase
from sagescene.workflow.evaluation_steps import Measure, RecordUnevaluated
from sagescene.workflow.facts import EvaluationFacts
from sagescene.workflow.steps import Ignore, StandDown
from tests.unit.workflow.evaluations import ARTIFACT, JOB, OBJECTS, TEST, begun, known, uploaded
from tests.unit.workflow.known import COMPLETE, NOON, SET, VALIDATION_RECORDS, job, job_name, report, stored, stored_all


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


LONGER = replace(
    JOB, name=keys.job_name("sagescene", SET, dataset.assemble(SET, OBJECTS).digest[: dataset.LONGER_FORM])
)


def test_a_content_whose_name_is_anothers_is_found_by_its_longer_one() -> None:
    step = before_measuring(known(EvaluationRequested(job=LONGER.name), jobs=[LONGER]))
    assert isinstance(step, Measure)


def test_new_test_files_have_the_model_measured_that_has_the_longer_name() -> None:
    reports = {stored.key: kept for stored, kept in report(digest="another's").items()}
    step = before_measuring(known(uploaded(), jobs=[JOB, LONGER], reports=reports))
    assert isinstance(step, Measure)
    assert step.assignment.job == LONGER
