"""Which training job is stopped when a data set is named."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sagescene.errors import SagesceneError
from sagescene.jobs.training_job import TrainingJob
from sagescene_command import operations
from sagescene_command.following.logged import LogLine
from sagescene_command.following.stop_command import find_job
from tests.unit.command.test_following_sources import open_sources

JOB = "sagescene--pets--0123456789ab"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WAITS = LogLine(
    time=NOW - timedelta(seconds=30),
    speaker="start",
    content={
        "message": "waiting",
        "data_set": "pets",
        "cause": "quota",
        "reason": "the quota is used up",
        "delay_in_seconds": 60,
    },
)


def describe(status: str) -> TrainingJob:
    return TrainingJob(
        name=JOB,
        status=status,
        secondary_status=status,
        failure_reason="",
        instance_type="",
        image="",
        train_uri="",
        artifact="",
        created=NOW,
        ended=NOW,
        metrics={},
    )


def sources(
    *running: str,
    job: TrainingJob | None = None,
    files: tuple[str, ...] = ("train.rec",),
    lines: Iterable[LogLine] = (),
) -> Any:  # noqa: ANN401
    return SimpleNamespace(
        stack=SimpleNamespace(bucket="bucket"),
        find_job=lambda name: job if name == JOB else None,
        list_running_jobs=lambda _: list(running),
        list_set=lambda _: list(files),
        read_function_logs=lambda since: [line for line in lines if line.time >= since],
    )


def test_the_command_that_takes_a_set_back_is_typed_as_it_is_printed() -> None:
    assert str(operations.WaitingSetError("my pets", "b", "why")).endswith(" 's3://b/datasets/my pets/'")


@pytest.mark.parametrize("target", ["pets", "pets/", "s3://bucket/datasets/pets/"])
def test_the_job_that_runs_on_a_data_set_is_found(target: str) -> None:
    assert find_job(sources(JOB), target, NOW) == JOB


def test_a_job_is_its_own_name() -> None:
    assert find_job(sources("another", job=describe("InProgress")), JOB, NOW) == JOB


def test_a_job_that_has_ended_is_not_stopped() -> None:
    with pytest.raises(operations.JobEndedError, match="has ended already: Failed"):
        find_job(sources(job=describe("Failed")), JOB, NOW)


def test_a_job_of_another_stack_is_none_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = open_sources(monkeypatch)
    monkeypatch.setattr(found.cloud, "describe_training_job", lambda _: describe("InProgress"))
    assert (found.find_job(JOB), found.find_job(f"other-{JOB}")) == (describe("InProgress"), None)


@pytest.mark.parametrize(
    ("found", "fault", "words"),
    [
        (sources(JOB, "another"), operations.SeveralJobsRunError, f"give the name of one, {JOB}, another"),
        (sources(), operations.NoRunningJobError, "sagescene status pets says what it came to"),
        (
            sources(lines=[WAITS]),
            operations.WaitingSetError,
            r"it waits \(the quota is used up; next look at .*aws s3 rm --recursive s3://bucket/datasets/pets/$",
        ),
        (sources(files=()), operations.NoSuchJobError, "no training job and no data set pets"),
    ],
    ids=["several run", "none runs", "it waits", "there is no such set"],
)
def test_what_names_no_one_job_stops_none(found: Any, fault: type[SagesceneError], words: str) -> None:  # noqa: ANN401
    with pytest.raises(fault, match=words):
        find_job(found, "pets", NOW)
