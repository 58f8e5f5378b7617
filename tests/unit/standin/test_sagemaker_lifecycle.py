"""Training jobs move through SageMaker's statuses by the clock, and tell EventBridge of each."""

from typing import Any

import pytest

from sagescene_standin.sagemaker import SageMakerOptions
from sagescene_standin.sagemaker.container import Phase
from tests.unit.standin.sagemaker_account import START, Account


def test_a_job_goes_through_every_stage_to_completed() -> None:
    account = Account()
    account.create()
    assert (account.describe()["TrainingJobStatus"], account.statuses()) == ("InProgress", ["Starting"])
    account.train()
    assert account.statuses() == ["Starting", "Downloading", "Training"]
    account.finish()
    job = account.describe()
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert account.statuses() == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert "FailureReason" not in job
    assert (job["TrainingStartTime"], job["TrainingEndTime"]) == (START + 1, START + 4)
    assert job["BillableTimeInSeconds"] == 3
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == (
        "s3://sagescene-123456789012-us-east-1/models/job/output/model.tar.gz"
    )


def test_each_status_is_published_once_in_the_shape_of_the_documentation() -> None:
    account = Account()
    account.create()
    account.train()
    account.finish()
    assert [event["detail"]["SecondaryStatus"] for event in account.events] == account.statuses()
    event = account.events[-1]
    assert event["detail-type"] == "SageMaker Training Job State Change"
    assert (event["source"], event["account"], event["region"]) == ("aws.sagemaker", "123456789012", "us-east-1")
    assert event["resources"] == [event["detail"]["TrainingJobArn"]]
    assert event["time"] == "2027-01-15T08:00:04Z"
    detail: dict[str, Any] = event["detail"]
    assert detail["CreationTime"] == 1_800_000_000_000
    assert detail["TrainingEndTime"] == 1_800_000_004_000
    assert detail["Tags"] == {"sagescene:dataset": "pets", "sagescene:report": "reports/pets/0f1e2d3c4b5a.json"}
    assert detail["VpcConfig"] == {}
    assert detail["FailureReason"] is None
    assert detail["InputDataConfig"][0]["RecordWrapperType"] == "None"
    assert account.events[0]["detail"]["TrainingEndTime"] is None
    assert account.occurrences[-1].subject == "job"
    assert account.occurrences[-1].detail["status"] == "Completed"


def test_the_last_accuracies_of_the_log_are_the_final_metrics() -> None:
    account = Account()
    account.create()
    account.train()
    for line in (
        "Epoch[0] Train-accuracy=0.500000",
        "Epoch[0] Validation-accuracy=0.900000",
        "Epoch[1] Train-accuracy=0.750000",
        "Epoch[1] Validation-accuracy=0.800000",
    ):
        account.run().emit(line)
    metrics = {one["MetricName"]: one["Value"] for one in account.describe()["FinalMetricDataList"]}
    assert metrics == {"train:accuracy": 0.75, "validation:accuracy": 0.8}
    group, stream, line, time = account.lines[-1]
    assert (group, stream) == ("/aws/sagemaker/TrainingJobs", f"job/algo-1-{int(START + 1)}")
    assert (line, time) == ("Epoch[1] Validation-accuracy=0.800000", account.now)


def test_a_failed_container_ends_the_job_with_its_reason_cut_to_1024_characters() -> None:
    account = Account()
    account.create()
    account.train()
    account.finish(failure="ClientError: " + "x" * 2000)
    job = account.describe()
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: xxx")
    assert len(job["FailureReason"]) == 1024
    assert account.events[-1]["detail"]["FailureReason"] == job["FailureReason"]
    assert account.statuses()[-2:] == ["Uploading", "Failed"]


def test_a_forced_failure_ends_the_next_job_before_training() -> None:
    account = Account()
    reason = "CapacityError: Unable to provision requested ML compute capacity."
    account.service.fail_next(reason)
    account.create("first")
    account.create("second")
    account.wait(1)
    assert account.statuses("first") == ["Starting", "Failed"]
    assert account.describe("first")["FailureReason"] == reason
    assert "TrainingStartTime" not in account.describe("first")
    assert account.describe("second")["TrainingJobStatus"] == "InProgress"


def test_only_the_built_in_algorithm_runs() -> None:
    account = Account()
    account.create(
        AlgorithmSpecification={
            "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
            "TrainingInputMode": "File",
        }
    )
    account.wait(1)
    reason = account.describe()["FailureReason"]
    assert reason.startswith("ClientError: The local stack trains only the built-in Image Classification algorithm")
    assert "811284229777.dkr.ecr.us-east-1" in reason


def test_a_stopped_job_lets_its_container_finish_and_keeps_the_artifact() -> None:
    account = Account()
    account.create()
    account.train()
    account.call("StopTrainingJob", TrainingJobName="job")
    assert account.run().signals == ["SIGTERM"]
    assert account.describe()["TrainingJobStatus"] == "Stopping"
    account.wait(119)
    account.run().phase = Phase.UPLOADING
    account.wait(0)
    assert account.describe()["SecondaryStatus"] == "Uploading"
    account.finish()
    assert account.run().signals == ["SIGTERM"]
    job = account.describe()
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert account.statuses()[-4:] == ["Training", "Stopping", "Uploading", "Stopped"]


def test_a_container_that_does_not_stop_is_killed_after_120_seconds() -> None:
    account = Account()
    account.create()
    account.train()
    account.call("StopTrainingJob", TrainingJobName="job")
    account.wait(119.9)
    assert account.run().signals == ["SIGTERM"]
    account.wait(0.1)
    assert account.run().signals == ["SIGTERM", "SIGKILL"]
    account.wait(1)
    account.wait(1)
    assert account.describe()["TrainingJobStatus"] == "Stopped"


def test_a_job_stopped_before_its_container_starts_never_starts_one() -> None:
    account = Account()
    account.create()
    account.call("StopTrainingJob", TrainingJobName="job")
    account.wait(0)
    assert account.statuses() == ["Starting", "Stopping", "Stopped"]
    assert account.launcher.runs == {}


def test_a_stop_of_a_job_that_is_not_in_progress_is_refused() -> None:
    account = Account()
    account.create()
    account.train()
    account.finish()
    assert account.refusal("StopTrainingJob", TrainingJobName="job") == (
        "ValidationException",
        "The request was rejected because the training job is in status Completed.",
    )


def test_the_time_limit_stops_the_job_as_max_runtime_exceeded() -> None:
    account = Account()
    account.create(StoppingCondition={"MaxRuntimeInSeconds": 60})
    account.train()
    account.wait(58)
    assert account.describe()["SecondaryStatus"] == "Training"
    account.wait(1)
    assert account.describe()["SecondaryStatus"] == "Stopping"
    account.finish()
    job = account.describe()
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_step_tells_when_the_clock_brings_the_next_change() -> None:
    account = Account(SageMakerOptions(starting=5, stop_grace=120))
    assert account.service.step() is None
    account.create(StoppingCondition={"MaxRuntimeInSeconds": 60})
    assert account.service.step() == START + 5
    account.wait(5)
    assert account.service.step() == START + 65
    account.run().phase = Phase.TRAINING
    account.wait(60)
    assert account.service.step() == START + 185
    account.wait(120)
    account.finish()
    assert account.service.step() is None


def test_a_job_goes_on_when_the_bus_breaks(caplog: pytest.LogCaptureFixture) -> None:
    account = Account()
    account.service._publish = lambda _event: 1 / 0  # type: ignore[assignment]
    account.create()
    account.train()
    account.finish()
    assert account.describe()["TrainingJobStatus"] == "Completed"
    assert "was lost" in caplog.text
