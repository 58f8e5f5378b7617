"""Which training job is stopped when a data set is named."""

from types import SimpleNamespace
from typing import Any

import pytest

from sagescene.errors import SagesceneError
from sagescene_command import operations
from sagescene_command.following.stop_command import find_job

JOB = "sagescene--pets--0123456789ab"


def sources(*running: str, jobs: tuple[str, ...] = (), files: tuple[str, ...] = ("train.rec",)) -> Any:  # noqa: ANN401
    return SimpleNamespace(
        stack=SimpleNamespace(bucket="bucket"),
        find_set_of_job=lambda name: "pets" if name in jobs else None,
        list_running_jobs=lambda _: list(running),
        list_set=lambda _: list(files),
    )


@pytest.mark.parametrize("target", ["pets", "pets/", "s3://bucket/datasets/pets/"])
def test_the_job_that_runs_on_a_data_set_is_found(target: str) -> None:
    assert find_job(sources(JOB), target) == JOB


def test_a_job_is_its_own_name() -> None:
    assert find_job(sources("another", jobs=(JOB,)), JOB) == JOB


@pytest.mark.parametrize(
    ("found", "fault", "words"),
    [
        (sources(JOB, "another"), operations.SeveralJobsRunError, f"give the name of one, {JOB}, another"),
        (sources(), operations.NoRunningJobError, "sagescene status pets says what it came to"),
        (sources(files=()), operations.NoSuchJobError, "no training job and no data set pets"),
    ],
    ids=["several run", "none runs", "there is no such set"],
)
def test_what_names_no_one_job_stops_none(found: Any, fault: type[SagesceneError], words: str) -> None:  # noqa: ANN401
    with pytest.raises(fault, match=words):
        find_job(found, "pets")
