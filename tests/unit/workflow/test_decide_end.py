"""What each way in which a training job can end asks for, and when nothing is to be done."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagescene.jobs.failures import MODEL_TAKEN, Cause, Failure
from sagescene.preflight.estimate import LastRun
from sagescene.preflight.report import Conditions
from sagescene.triggers import RetryRequested, WaitCause, Waiting
from sagescene.workflow.decide_end import after_refused_model, decide_end
from sagescene.workflow.end_steps import (
    AdoptOutcome,
    CreateModel,
    LeaveUnfinished,
    NoteModel,
    RecordFailure,
    RecordStop,
    TryAgain,
)
from sagescene.workflow.steps import Ignore
from sagescene.workflow.unfinished import Unfinished, is_due
from tests.unit.workflow.known import (
    BUCKET,
    CAPACITY,
    DAY,
    END_SETTINGS,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    SET,
    TRAIN_RECORDS,
    ended,
    job,
    job_name,
    report,
)

OUTCOME = f"s3://{BUCKET}/outcomes/2026-11-12/{job_name()}.json"
UNFINISHED = f"outcomes/2026-11-12/{job_name()}.unfinished.json"
FORMER = f"s3://{BUCKET}/reports/{SET}/{job_name()}.outcome.json"
DIVERGED = "AlgorithmError: it diverged"


def test_a_job_of_another_stack_is_ignored() -> None:
    name = "sagescene-dev--pets--0123456789ab"
    assert decide_end(ended(job(name=name))) == Ignore(subject=name, reason="the job is not of the stack sagescene")


def test_a_job_that_there_is_not_is_said_to_be_unknown() -> None:
    step = decide_end(ended(job_name=job_name()))
    reason = "there is no training job of this name"
    assert step == Ignore(subject=job_name(), reason=reason, decision="unknown", level="warning")


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_a_job_that_goes_on_is_ignored(status: str) -> None:
    step = decide_end(ended(job(status=status)))
    assert step == Ignore(subject=job_name(), reason=f"the job has not ended: it is {status}")


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_a_job_whose_outcome_is_written_is_known(status: str) -> None:
    step = decide_end(ended(job(status=status), exists=[OUTCOME]))
    assert step == Ignore(subject=job_name(), reason=f"its outcome is {OUTCOME}", decision="known")


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_model_comes_with_what_was_found_in_its_files(attempt: int) -> None:
    ((stored, found),) = report().items()
    step = decide_end(ended(job(attempt, status="Completed"), documents={stored.key: found}))
    assert isinstance(step, CreateModel)
    assert step.report is found
    page = stored.key.replace(".json", ".html")
    assert (
        step.page_url == f"https://us-east-1.console.aws.amazon.com/s3/object/{BUCKET}?region=us-east-1&prefix={page}"
    )


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_an_outcome_under_its_former_key_is_adopted(status: str) -> None:
    described = job(status=status)
    step = decide_end(ended(described, exists=[FORMER]))
    assert step == AdoptOutcome(job=described, data_set=SET, former_key=FORMER.removeprefix(f"s3://{BUCKET}/"))


@pytest.mark.parametrize(("ago", "asks"), [(MINUTE - SECOND, False), (MINUTE, True), (DAY, True)])
def test_only_what_is_handled_late_is_looked_for_under_its_former_key(ago: timedelta, *, asks: bool) -> None:
    step = decide_end(ended(job(status="Completed", ended=NOON - ago), exists=[FORMER]))
    assert isinstance(step, AdoptOutcome) is asks


def test_a_completed_job_becomes_a_model_of_its_name() -> None:
    described = job(status="Completed")
    step = decide_end(ended(described))
    assert isinstance(step, CreateModel)
    assert (step.job, step.data_set) == (described, SET)
    assert step.request == {
        "ModelName": described.name,
        "PrimaryContainer": {"Image": "image", "ModelDataUrl": described.artifact},
        "ExecutionRoleArn": END_SETTINGS.hosting_role_arn,
        "Tags": [{"Key": "sagescene:dataset", "Value": SET}],
    }


@pytest.mark.parametrize("uri", ["", "s3://photos/datasets/pets/train.rec", f"s3://{BUCKET}/elsewhere/train.rec"])
def test_a_job_made_by_hand_belongs_to_no_set(uri: str) -> None:
    step = decide_end(ended(job(status="Completed", train_uri=uri)))
    assert isinstance(step, CreateModel)
    assert step.data_set == "other"


def refused_model(unfinished: Unfinished | None = None, failure: Failure = MODEL_TAKEN) -> LeaveUnfinished:
    facts = ended(job(status="Completed"), unfinished=unfinished)
    step = decide_end(facts)
    assert isinstance(step, CreateModel)
    return after_refused_model(step, facts, "Model m exists already.", failure)


def test_a_model_that_cannot_be_made_is_told_of_with_its_reason_and_how_it_is_made_after_all() -> None:
    step = refused_model()
    assert (step.unfinished.key, step.unfinished.job) == (UNFINISHED, job_name())
    assert (step.unfinished.data_set, step.reason, step.failure) == (SET, "Model m exists already.", MODEL_TAKEN)
    assert step.notice
    assert step.notice.subject == f"Data set {SET} has no model"
    assert step.notice.text == (
        f"Training job {job_name()} completed, but its model could not be created (model taken):\n"
        "Model m exists already.\n\nDelete the model of that name.\n"
        "Then it is made by itself, without training again: it is tried at the next full hour, and after that at "
        "intervals that grow to a day, for 30 days after the job.\n"
        "To have it tried at once: sagescene redrive --stack-name image-training"
    )


def test_a_model_is_tried_at_intervals_that_double_up_to_a_day_and_told_of_once() -> None:
    step, waits = refused_model(), []
    for _ in range(8):
        assert step.unfinished.next_try
        waits.append(step.unfinished.next_try - NOON + 10 * MINUTE)
        step = refused_model(step.unfinished)
        assert step.notice is None
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY, DAY]


def test_another_failure_of_the_same_model_is_told_of_as_well() -> None:
    first = refused_model()
    assert refused_model(first.unfinished, replace(MODEL_TAKEN, remedy="Mend the role.")).notice


@pytest.mark.parametrize(("later", "due"), [(-SECOND, False), (timedelta(), True), (DAY, True)])
def test_a_model_is_due_from_its_next_try_on(later: timedelta, *, due: bool) -> None:
    unfinished = refused_model().unfinished
    assert unfinished.next_try
    assert is_due(unfinished, unfinished.next_try + later) is due
    assert not is_due(unfinished.fulfilled(), NOON + 99 * DAY)


@pytest.mark.parametrize("failed", [True, False])
def test_a_mark_reads_back_the_same(*, failed: bool) -> None:
    unfinished = refused_model().unfinished
    unfinished = unfinished if failed else unfinished.fulfilled()
    assert Unfinished.from_json(UNFINISHED, json.loads(json.dumps(unfinished.as_json()))) == unfinished


def test_a_model_that_is_wanted_back_is_made_though_there_is_an_outcome() -> None:
    asked = Unfinished.asked(job(status="Completed"), SET, NOON + DAY)
    step = decide_end(ended(job(status="Completed"), exists=[OUTCOME], unfinished=asked))
    assert isinstance(step, CreateModel)
    assert (step.asked, step.data_set, step.job.name) == (asked, SET, job_name())
    assert asked.key == f"outcomes/2026-11-13/{job_name()}.asked.json"


def test_a_model_that_is_wanted_back_and_there_is_only_noted() -> None:
    asked = Unfinished.asked(job(status="Completed"), SET, NOON)
    step = decide_end(ended(job(status="Completed"), has_model=True, unfinished=asked))
    assert step == NoteModel(asked=asked)


def test_a_model_that_was_made_in_the_end_is_not_made_again_for_an_old_mark() -> None:
    step = decide_end(ended(job(status="Completed"), exists=[OUTCOME], unfinished=refused_model().unfinished))
    assert isinstance(step, Ignore)


@pytest.mark.parametrize(
    ("instance_type", "remedy"), [("ml.p3.2xlarge", "larger VolumeSizeInGB"), ("ml.g4dn.xlarge", "ml.g5.16xlarge")]
)
def test_full_storage_is_mended_by_what_the_jobs_type_stores_on(instance_type: str, remedy: str) -> None:
    reason = "ClientError: Data download failed: No space left on device"
    step = decide_end(ended(job(failure_reason=reason, instance_type=instance_type)))
    assert isinstance(step, RecordFailure)
    assert remedy in step.failure.remedy
    assert remedy in step.notice.text


def test_a_failure_is_recorded_with_cause_remedy_and_log() -> None:
    reason = "ClientError: Data download failed: AccessDenied"
    step = decide_end(ended(job(failure_reason=reason)))
    assert isinstance(step, RecordFailure)
    assert (step.data_set, step.reason, step.failure.cause) == (SET, reason, Cause.PERMISSION)
    assert step.logs.endswith(f"$3FlogStreamNameFilter$3D{job_name()}")
    assert step.notice.subject == f"Training on data set {SET} failed"
    assert reason in step.notice.text


@pytest.mark.parametrize(
    ("failures", "next_type", "delay", "words"),
    [
        ([CAPACITY], "ml.g5.xlarge", 60, "try 2 of 3"),
        ([CAPACITY] * 2, "ml.p3.2xlarge", 120, "try 3 of 3"),
        ([DIVERGED, CAPACITY], "ml.g5.xlarge", 60, "try 2 of 3"),
        ([CAPACITY] * 4, "ml.g5.xlarge", 60, "try 2 of 3"),
    ],
)
def test_want_of_capacity_asks_for_the_next_try(failures: list[str], next_type: str, delay: int, words: str) -> None:
    attempts = [job(number, failure_reason=reason) for number, reason in enumerate(failures, start=1)]
    last = attempts[-1]
    step = decide_end(ended(*attempts))
    assert isinstance(step, TryAgain)
    assert (step.job, step.data_set, step.reason, step.failure.cause) == (last, SET, CAPACITY, Cause.CAPACITY)
    assert (step.next_type, step.delay_in_seconds) == (next_type, delay)
    assert f"on {next_type} ({words})" in step.notice.text
    waiting = Waiting(cause=WaitCause.CAPACITY, since=NOON, hops=1, began=NOON)
    key = f"datasets/{SET}/{TRAIN_RECORDS}"
    assert step.message == RetryRequested(bucket=BUCKET, key=key, time=last.ended, job=last.name, waiting=waiting)


def test_whoever_waits_for_capacity_reads_what_the_next_try_may_cost() -> None:
    priced = Conditions(
        instance_types=("ml.g5.xlarge",),
        prices={"ml.g5.xlarge": Decimal(1)},
        instance_count=1,
        max_runtime_in_seconds=3600,
    )
    last_run = LastRun(job="sagescene--pets--before", cost=Decimal("0.31"))
    ((stored, found),) = report(conditions=priced, last_run=last_run).items()
    step = decide_end(ended(job(failure_reason=CAPACITY), documents={stored.key: found}))
    assert isinstance(step, TryAgain)
    assert step.notice.text.endswith("\nCost: at most $1.00 (time limit), about $0.31 by the last run of this set.")


def test_jitter_shortens_the_delay() -> None:
    step = decide_end(ended(job(failure_reason=CAPACITY), jitter=1))
    assert isinstance(step, TryAgain)
    assert step.delay_in_seconds == 30


NEVER_CAME: dict[str, Any] = {"status": "Stopped", "secondary_status": "MaxWaitTimeExceeded", "had_instances": False}


def test_spot_instances_that_never_came_are_a_lack_of_capacity() -> None:
    first, second = job(1, failure_reason=CAPACITY), job(2, **NEVER_CAME)
    step = decide_end(ended(first, second))
    assert isinstance(step, TryAgain)
    reason = "No Spot instances of ml.g4dn.xlarge came in the time that it may wait (MaxWaitTimeExceeded)."
    assert (step.job, step.reason, step.failure.cause, step.next_type) == (
        second,
        reason,
        Cause.CAPACITY,
        "ml.p3.2xlarge",
    )
    assert reason in step.notice.text
    assert step.message


def test_the_last_wait_for_spot_instances_in_vain_is_a_failure() -> None:
    step = decide_end(ended(*(job(number, **NEVER_CAME) for number in (1, 2, 3))))
    assert isinstance(step, RecordFailure)
    assert (step.failure.cause, step.reason.partition(" of ")[0]) == (Cause.CAPACITY, "No Spot instances")
    assert step.reason in step.notice.text
    assert "ManagedSpotTraining no" in step.notice.text


@pytest.mark.parametrize("left", [True, False])
def test_a_job_whose_wait_ended_in_the_midst_of_training_is_not_paid_for_again(*, left: bool) -> None:
    stopped = job(status="Stopped", secondary_status="MaxWaitTimeExceeded", had_instances=True)
    step = decide_end(ended(stopped, exists=[stopped.artifact] if left else []))
    assert isinstance(step, RecordStop)
    assert step.failure.cause is Cause.TIME_LIMIT
    assert step.partial_artifact == (stopped.artifact if left else None)
    assert "MaxSpotWaitInSeconds" in step.notice.text


@pytest.mark.parametrize("number", [3, 6])
def test_the_last_try_of_a_round_is_a_failure(number: int) -> None:
    attempts = [job(attempt, failure_reason=CAPACITY) for attempt in range(1, number + 1)]
    step = decide_end(ended(*attempts))
    assert isinstance(step, RecordFailure)
    assert step.failure.cause is Cause.CAPACITY


def test_an_attempt_that_cannot_be_described_ends_the_count() -> None:
    step = decide_end(ended(job(1, failure_reason=CAPACITY), job(3, failure_reason=CAPACITY)))
    assert isinstance(step, TryAgain)
    assert step.next_type == "ml.g5.xlarge"


@pytest.mark.parametrize("status", ["InProgress", "Completed", "Failed", "Stopped"])
def test_a_job_that_was_tried_again_already_is_not_once_more(status: str) -> None:
    this, following = job(2, failure_reason=CAPACITY), job(3, status)
    step = decide_end(ended(following, this))
    assert isinstance(step, TryAgain)
    assert (step.message, step.reason) == (None, f"{following.name} was started since")
    assert (step.job, step.data_set, step.failure.cause) == (this, SET, Cause.CAPACITY)
    assert step.notice.text.endswith(f"Training job {following.name} was started since.")


def test_the_last_name_that_sagemaker_takes_is_tried_again_by_message() -> None:
    last = job(name=f"{job_name()}--r999", failure_reason=CAPACITY)
    facts = ended(last)
    step = decide_end(facts)
    assert isinstance(step, TryAgain)
    assert step.message
    assert all(facts.jobs)  # a job without a name is never asked for


@pytest.mark.parametrize(("secondary", "cause"), [("MaxRuntimeExceeded", Cause.TIME_LIMIT), ("Stopped", Cause.STOPPED)])
@pytest.mark.parametrize("left", [True, False])
def test_a_stop_is_recorded_with_what_it_left(secondary: str, cause: Cause, *, left: bool) -> None:
    stopped = job(status="Stopped", secondary_status=secondary)
    step = decide_end(ended(stopped, exists=[stopped.artifact] if left else []))
    assert isinstance(step, RecordStop)
    assert (step.job, step.data_set, step.failure.cause) == (stopped, SET, cause)
    assert step.partial_artifact == (stopped.artifact if left else None)
    assert (stopped.artifact in step.notice.text) is left


def test_a_job_that_was_stopped_before_it_had_an_artifact_left_none() -> None:
    step = decide_end(ended(job(status="Stopped", artifact=""), exists=[""]))
    assert isinstance(step, RecordStop)
    assert step.partial_artifact is None
