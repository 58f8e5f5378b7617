"""A job's end without a model is explained by its cause, with a remedy a person can follow."""

import json
from pathlib import Path

import pytest

from sagescene import failures, notices
from tests.stack_template import ROOT


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("CapacityError: Unable to provision requested ML compute capacity. Please retry.", "capacity"),
        ("InternalServerError: We encountered an internal error. Please try again.", "platform"),
        ("ClientError: Data download failed:AccessDenied (403)", "permission"),
        (
            "ClientError: The number of input images must be bigger or equal to the mini_batch_size.",
            "configuration",
        ),
        ("ClientError: Additional hyperparameters are not allowed ('x' was unexpected)", "configuration"),
        (
            "Algorithm Error: Unable to parse record: The Record IO header does not start with the magic number.",
            "data",
        ),
        ("AlgorithmError: ExitCode 137", "out of memory"),
        ("AlgorithmError: something never seen", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_failure_reason_is_explained(reason: str, cause: str) -> None:
    assert failures.explain_failure(reason).cause == cause


@pytest.mark.parametrize(
    ("secondary_status", "cause"),
    [("MaxRuntimeExceeded", "time limit"), ("MaxWaitTimeExceeded", "time limit"), ("Stopped", "stopped by a person")],
)
def test_a_stop_is_explained(secondary_status: str, cause: str) -> None:
    assert failures.explain_stop(secondary_status).cause == cause


@pytest.mark.parametrize("path", sorted((ROOT / "events/finish_training").glob("failed*.json")), ids=lambda p: p.stem)
def test_the_sample_failures_are_known(path: Path) -> None:
    detail = json.loads(path.read_text())["detail"]
    assert failures.explain_failure(detail["FailureReason"]).cause != "unknown"


def test_the_link_leads_to_the_logs_of_the_job() -> None:
    url = notices.job_logs_url("eu-west-1", "sagescene--pets--0f1e2d3c4b5a")
    assert url == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
        "$252Faws$252Fsagemaker$252FTrainingJobs$3FlogStreamNameFilter$3Dsagescene--pets--0f1e2d3c4b5a"
    )
