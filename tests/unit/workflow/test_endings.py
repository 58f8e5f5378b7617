"""What a job that found no capacity asks for: one more try, unless there was one already."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sagescene.aws import Cloud, TrainingJob
from sagescene.messages.notices import Notice
from sagescene.settings import Settings
from sagescene.workflow import endings
from sagescene.workflow.decisions import Decision
from sagescene.workflow.invocation import Invocation

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
JOB = "s--pets--0123456789ab"
CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."


def describe(name: str, status: str = "Failed") -> TrainingJob:
    return TrainingJob(
        name=name,
        status=status,
        secondary_status=status,
        failure_reason=CAPACITY if status == "Failed" else "",
        image="image",
        role_arn="role",
        train_uri="s3://bucket/datasets/pets/train.rec",
        artifact="",
        ended=NOON,
        metrics={},
    )


class Account(Cloud):
    """Knows these jobs, and keeps what is sent."""

    def __init__(self, *jobs: TrainingJob) -> None:
        super().__init__("us-east-1")
        self.jobs = {job.name: job for job in jobs}
        self.sent: list[Mapping[str, Any]] = []

    def describe_training_job(self, name: str) -> TrainingJob | None:
        return self.jobs.get(name)

    def send_later(self, queue_url: str, message: Mapping[str, Any], delay_in_seconds: int) -> None:
        del queue_url, delay_in_seconds
        self.sent.append(message)


def try_again(job: TrainingJob, account: Account) -> tuple[Decision, Notice]:
    settings = Settings(
        aws_region="us-east-1",
        data_bucket="bucket",
        job_prefix="s",
        training_role_arn="role",
        topic_arn="topic",
        uploads_queue_url="queue",
        instance_types=("ml.g4dn.xlarge", "ml.g5.xlarge"),
        max_capacity_tries=3,
    )
    return endings.try_again(job, 1, "pets", Invocation(settings=settings, cloud=account, now=NOON, chance=0))


def test_a_job_without_capacity_is_tried_again_on_the_next_type() -> None:
    job = describe(JOB)
    account = Account(job)
    decision, notice = try_again(job, account)
    assert decision.decision == "tried again"
    assert "tried again by itself on ml.g5.xlarge (try 2 of 3)" in notice.text
    (message,) = account.sent
    assert message["detail"]["retry_of"] == JOB


@pytest.mark.parametrize("status", ["InProgress", "Completed", "Failed", "Stopped"])
def test_a_job_that_was_tried_again_already_is_not_once_more(status: str) -> None:
    job, following = describe(f"{JOB}--r2"), describe(f"{JOB}--r3", status)
    account = Account(job, following)
    decision, notice = try_again(job, account)
    assert (decision.decision, decision.reason) == ("tried again", f"{following.name} was started since")
    assert notice.text.endswith(f"Training job {following.name} was started since.")
    assert "by itself" not in notice.text
    assert not account.sent
