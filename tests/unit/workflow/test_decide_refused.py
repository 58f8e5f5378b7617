"""What follows when SageMaker refuses to start a job: another type, a wait, or an end at once."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sagescene.jobs.failures import Cause, Failure
from sagescene.jobs.refusals import Refusal
from sagescene.preflight.report import Conditions
from sagescene.triggers import FOR_ROOM, WaitCause
from sagescene.workflow.decide import after_reading, before_reading
from sagescene.workflow.decide_refused import after_refused_start
from sagescene.workflow.facts import StartFacts
from sagescene.workflow.steps import Claim, Examine, GiveUp, Start, Wait
from tests.unit.workflow.known import CAPACITY, SET, SETTINGS, examination, job, job_name, known, refusal

FIRST, SECOND, THIRD = SETTINGS.instance_types
PRICED = Conditions(
    instance_types=(FIRST, SECOND),
    prices={FIRST: Decimal("0.72"), SECOND: Decimal("3.6")},
    instance_count=1,
    max_runtime_in_seconds=86400,
)
OF_TYPE = refusal(is_of_type=True)


def start(facts: StartFacts, conditions: Conditions | None = None) -> Start:
    examine = before_reading(facts)
    assert isinstance(examine, Examine)
    examined = examination()
    if conditions:
        examined = replace(examined, report=replace(examined.report, conditions=conditions))
    step = after_reading(examine, facts, examined)
    assert isinstance(step, Start)
    return step


def follow(facts: StartFacts, *refusals: Refusal) -> list[Start | Wait | GiveUp]:
    """Give the steps from the first start on, each refused in its turn."""
    steps: list[Start | Wait | GiveUp] = [start(facts)]
    for each in refusals:
        last = steps[-1]
        assert isinstance(last, Start)
        steps.append(after_refused_start(last, facts, each))
    return steps


def types(steps: list[Start | Wait | GiveUp]) -> list[str]:
    return [step.instance_type for step in steps if isinstance(step, Start)]


def test_each_type_is_tried_once_and_then_no_more() -> None:
    steps = follow(known(), OF_TYPE, OF_TYPE, OF_TYPE)
    assert types(steps) == [FIRST, SECOND, THIRD]
    assert isinstance(steps[-1], GiveUp)


def test_a_retry_for_capacity_begins_with_its_own_type_and_goes_round() -> None:
    steps = follow(known(jobs=[job(failure_reason=CAPACITY)]), OF_TYPE, OF_TYPE, OF_TYPE)
    assert types(steps) == [SECOND, THIRD, FIRST]
    assert isinstance(steps[-1], GiveUp)


@pytest.mark.parametrize("cause", sorted(FOR_ROOM))
def test_whoever_waits_for_room_reads_what_the_job_may_cost(cause: WaitCause) -> None:
    priced, unpriced = (after_refused_start(start(known(), each), known(), refusal(cause)) for each in (PRICED, None))
    assert "\nCost: at most $86.40 (time limit).\n" in told(priced)
    assert "Cost" not in told(unpriced)


def told(step: Start | Wait | GiveUp) -> str:
    assert isinstance(step, Wait)
    assert step.notice
    return step.notice[1].text


def test_the_same_job_is_asked_for_on_the_next_type() -> None:
    first, second = follow(known(), OF_TYPE)
    assert isinstance(first, Start)
    assert isinstance(second, Start)
    resources = {**first.request["ResourceConfig"], "InstanceType": SECOND}
    assert second == replace(
        first,
        instance_type=SECOND,
        request={**first.request, "ResourceConfig": resources},
        refused={FIRST: OF_TYPE},
    )


def test_what_no_other_type_can_mend_is_given_up_at_once() -> None:
    facts = known()
    step = follow(facts, refusal())[-1]
    assert isinstance(step, GiveUp)
    assert (step.data_set, step.job, step.waited_for) == (SET, job_name(), None)
    assert (step.reason, step.failure) == ("AWS's own words", refusal().failure)
    assert step.claim == Claim.of(facts.trigger, f"notices/{SET}/{job_name()}.given-up.json")
    assert step.outcome_key == f"outcomes/2026-11-12/{job_name()}.not-started.json"
    assert step.notice.subject == f"Training on data set {SET} could not be started"
    assert step.notice.text == (
        f"No training job could be started for data set {SET}:\n- AWS's own words\n\nMend it.\n"
        f"Then drop the data set again, or run: sagescene start --stack-name image-training {SET}"
    )


def test_the_end_names_every_type_its_reason_and_each_remedy_once() -> None:
    limit = replace(OF_TYPE, message="no quota", failure=Failure(cause=Cause.QUOTA, remedy="Raise it."))
    step = follow(known(), OF_TYPE, OF_TYPE, limit)[-1]
    assert isinstance(step, GiveUp)
    words = "AWS's own words"
    assert step.reason == f"{FIRST}: {words} {SECOND}: {words} {THIRD}: no quota"
    assert step.failure == Failure(cause=Cause.QUOTA, remedy="Mend it. Raise it.")
    assert f"- {FIRST}: {words}\n- {SECOND}: {words}\n- {THIRD}: no quota\n\nMend it. Raise it.\n" in step.notice.text
    assert "Quotas: https://us-east-1.console.aws.amazon.com/servicequotas/" in step.notice.text


def test_what_ends_it_on_a_later_type_is_told_with_what_was_refused_before() -> None:
    step = follow(known(), OF_TYPE, refusal(message="no role"))[-1]
    assert isinstance(step, GiveUp)
    assert step.reason == f"{FIRST}: AWS's own words no role"
    assert "servicequotas" not in step.notice.text


@pytest.mark.parametrize("cause", [WaitCause.QUOTA, WaitCause.RATE])
def test_a_later_type_may_be_waited_for(cause: WaitCause) -> None:
    step = follow(known(), OF_TYPE, refusal(cause))[-1]
    assert isinstance(step, Wait)
    assert step.cause is cause


def test_a_wait_for_a_type_comes_before_any_other() -> None:
    assert isinstance(follow(known(), replace(OF_TYPE, waits_for=WaitCause.QUOTA))[-1], Wait)


def test_a_region_without_the_image_is_given_up_before_anything_is_read() -> None:
    facts = known()
    step = before_reading(replace(facts, settings=replace(SETTINGS, aws_region="mx-central-1")))
    assert isinstance(step, GiveUp)
    assert (step.job, step.failure.cause, step.waited_for) == (job_name(), Cause.CONFIGURATION, None)
    assert step.reason.startswith("There is no Image Classification image in Region 'mx-central-1'.")
    assert step.reason in step.notice.text
