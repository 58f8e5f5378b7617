"""`make smoke` as a person runs it, against a stack that stands: a model, its removal, and what ends it early."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from sagescene_standin.sagemaker.options import SageMakerOptions
from tests.e2e.conftest import LocalStack
from tests.stack_template import ROOT

PATIENCE_IN_SECONDS = 120.0
STACK = "sagescene"
# `python -m scripts.smoke`, which looks at an account every three seconds: a stack on this machine is quicker.
SMOKE = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a shell in the background ignores it
    "from scripts.smoke import __main__ as smoke; smoke._BETWEEN_LOOKS = 0.2; smoke.main()"
)

type Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def smoke(monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Begin the smoke test of a stack, without a terminal; it ends with the test."""
    begun: list[subprocess.Popen[str]] = []
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    def begin(local: LocalStack, *options: str) -> subprocess.Popen[str]:
        account = {
            "AWS_ENDPOINT_URL": local.stack.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", SMOKE, STACK, *options],
                cwd=ROOT,
                env={**os.environ, **account},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return begun[-1]

    yield begin
    for each in begun:
        each.kill()
        each.communicate()


def end(smoke: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for its end; give its exit status and what it printed."""
    stdout, stderr = smoke.communicate(timeout=PATIENCE_IN_SECONDS)
    return smoke.returncode, stdout, stderr


def what_lasts(local: LocalStack) -> set[str]:
    """Give what is left but for slots, and reports and notes: a function that is at work may write those afterwards."""
    return {key for key in list_versions(local) if not key.startswith(("slots/", "reports/", "notices/"))}


def list_versions(local: LocalStack) -> list[str]:
    """Name the key of every version of every object, and of every mark of a deletion."""
    page = local.s3.list_object_versions(Bucket=local.bucket)
    return sorted(one["Key"] for kind in ("Versions", "DeleteMarkers") for one in page.get(kind, []))


def test_a_stack_that_works_makes_a_model_and_nothing_of_the_test_stays_but_what_must(
    stand: Callable[..., LocalStack], smoke: Begin
) -> None:
    local = stand({"EvaluateModel": "yes", "ModelRegistry": "yes", "ManagedSpotTraining": "yes"})
    status, said, fault = end(smoke(local, "--yes"))
    assert status == 0, fault
    ((job, ended),) = local.jobs().items()
    assert ended == "Completed"
    told = [
        "sends EventBridge its events",
        "costs: at most 24 hours of ml.g4dn.xlarge",
        "dropped s3://",
        "report: ready",
        f"job {job}: Training",
        "outcome: model created",
        "evaluation: Right on ",
        f"{job}: billed ",
        "validation:accuracy ",
        f"deleted the model {job}",
        "of the model registry with all its versions",
        "/evaluations/",
        "the stack works",
    ]
    places = [said.find(text) for text in told]
    assert places == sorted(places)
    assert -1 not in places
    assert local.models() == []
    (outcome,) = local.keys("outcomes/")
    assert outcome in said
    assert what_lasts(local) == {outcome}
    assert local.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    (notice,) = (one.detail for one in local.of_kind("message") if not str(one.detail["subject"]).startswith("OK: "))
    assert str(notice["subject"]).endswith("has a model")
    assert "Right on " in str(notice["text"])  # its evaluation did not find the set removed
    # The outcome had to stay: without it the clock would make the model again.
    assert (
        local.stack.invoke("FinishTrainingFunction", {"detail-type": "Scheduled Event", "source": "aws.events"}).result
        == []
    )
    assert local.models() == []


def test_without_a_terminal_and_a_yes_nothing_is_dropped(local: LocalStack, smoke: Begin) -> None:
    status, said, fault = end(smoke(local))
    assert status == 1
    assert "costs: at most" in said
    assert fault == "Error: This costs money, and there is no terminal to ask at: give --yes (make: YES=1).\n"
    assert list_versions(local) == []


def test_a_failed_job_is_told_with_its_reason_and_remedy(local: LocalStack, smoke: Begin) -> None:
    local.service.fail_next("ClientError: Data download failed:AccessDenied (403) when calling ListObjectsV2")
    status, said, fault = end(smoke(local, "--yes"))
    assert status == 1
    assert "SageMaker could read the set" not in said
    assert "ListObjectsV2" in fault
    assert "Let the training role read the data set's objects" in fault
    assert local.keys("datasets/") == []


def test_a_job_that_cannot_be_started_is_told_with_its_remedy_and_leaves_nothing(
    stand: Callable[..., LocalStack], smoke: Begin
) -> None:
    local = stand(sagemaker=SageMakerOptions(quota={"ml.g4dn.xlarge": 0}))
    status, _, fault = end(smoke(local, "--yes"))
    assert status == 1
    assert "the account's quotas admit fewer: raise one in the Service Quotas console" in fault
    assert what_lasts(local) == set()


def test_ctrl_c_stops_the_job_and_says_how_the_rest_is_removed(stand: Callable[..., LocalStack], smoke: Begin) -> None:
    local = stand(sagemaker=SageMakerOptions(starting=600))
    begun = smoke(local, "--yes")
    (job,) = await_jobs(local)
    begun.send_signal(signal.SIGINT)
    status, said, _ = end(begun)
    assert status == 128 + signal.SIGINT
    assert f"stopping the training job {job}" in said
    assert local.jobs()[job] in {"Stopping", "Stopped"}
    assert local.keys("datasets/") == []
    local.await_decision("stopped")

    command = said.rpartition("removes it: ")[2]
    data_set = command.rpartition("CLEAN=")[2].strip()
    assert command.startswith(f"make smoke STACK={STACK} CLEAN=smoke-")
    local.s3.delete_object(Bucket=local.bucket, Key=local.keys("reports/")[0])  # the mark of it is removed as well
    assert end(smoke(local, "--clean", data_set))[0] == 0
    assert {key.partition("/")[0] for key in what_lasts(local)} == {"outcomes"}


def await_jobs(local: LocalStack) -> list[str]:
    """Wait until a job runs."""
    limit = time.monotonic() + PATIENCE_IN_SECONDS
    while not (jobs := list(local.jobs())):
        assert time.monotonic() < limit
        time.sleep(0.1)
    return jobs
