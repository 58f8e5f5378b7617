"""Jobs on Spot instances: waited for, taken away, found again or not, in SageMaker's own statuses."""

from sagescene_standin.sagemaker import SageMakerOptions
from tests.unit.standin.sagemaker_account import SPOT, START, Account

TYPE = "ml.g4dn.xlarge"
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html has these courses of a job.
TRAINING = ["Starting", "Downloading", "Training"]


def go_through_epochs(account: Account, *epochs: int) -> None:
    for epoch in epochs:
        account.run().emit(f"Epoch[{epoch}] Validation-accuracy=0.500000")


def test_a_job_that_is_not_interrupted_is_billed_less_than_it_trains() -> None:
    account = Account()
    account.create(**SPOT)
    account.train()
    account.wait(47)
    account.finish()
    job = account.describe()
    assert account.statuses() == [*TRAINING, "Uploading", "Completed"]
    assert (job["EnableManagedSpotTraining"], job["CheckpointConfig"]) == (True, SPOT["CheckpointConfig"])
    assert (job["TrainingTimeInSeconds"], job["BillableTimeInSeconds"]) == (50, 15)


def test_an_interrupted_job_looks_for_instances_and_goes_on_with_the_same_checkpoints() -> None:
    account = Account(SageMakerOptions(spot_interruptions=1, interrupted=5, starting=1))
    account.create(**SPOT)
    account.train()
    first = account.run()
    go_through_epochs(account, 0)
    assert not first.signals
    account.wait(10)
    go_through_epochs(account, 1)
    assert first.signals == ["reclaimed"]
    account.wait(0)
    assert account.statuses() == [*TRAINING, "Interrupted"]
    assert account.describe()["TrainingJobStatus"] == "InProgress"
    assert account.service.step() == account.now + 5
    account.wait(5)
    assert account.statuses()[-1] == "Starting"
    account.train()
    assert account.run() is not first
    assert (
        account.run().plan.checkpoints_url
        == first.plan.checkpoints_url
        == "s3://" + ("sagescene-123456789012-us-east-1/checkpoints/job/")
    )
    go_through_epochs(account, 1, 2, 3)
    assert not account.run().signals
    account.finish()
    job = account.describe()
    assert account.statuses() == [*TRAINING, "Interrupted", *TRAINING, "Uploading", "Completed"]
    # 11 seconds on the first instances, 3 on the second; the 6 without any are nobody's.
    assert (job["TrainingStartTime"], job["TrainingEndTime"]) == (START + 1, account.now)
    assert (job["TrainingTimeInSeconds"], job["BillableTimeInSeconds"]) == (14, 5)
    streams = [stream for _, stream, _, _ in account.lines]
    assert (streams[0], streams[-1]) == (f"job/algo-1-{int(START + 1)}", f"job/algo-1-{int(START + 18)}")


def test_a_job_that_is_not_on_spot_instances_is_never_interrupted() -> None:
    account = Account(SageMakerOptions(spot_interruptions=1))
    account.create()
    account.train()
    go_through_epochs(account, 0, 1, 2)
    assert not account.run().signals


def test_instances_that_are_gone_before_training_is_shown_are_lost_in_the_order_of_the_statuses() -> None:
    account = Account(SageMakerOptions(spot_interruptions=1, downloading=30))
    account.create(**SPOT)
    account.wait(1)
    go_through_epochs(account, 0, 1)
    account.wait(1)
    assert account.statuses() == ["Starting", "Downloading"]
    account.wait(30)
    assert account.statuses() == [*TRAINING, "Interrupted"]


def test_instances_that_never_come_end_the_job_at_its_wait_limit() -> None:
    account = Account(SageMakerOptions(no_spot_capacity=[TYPE]))
    account.create(**SPOT)
    assert account.service.step() == START + 100
    account.wait(99)
    assert account.statuses() == ["Starting"]
    account.wait(1)
    job = account.describe()
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert account.statuses() == ["Starting", "Stopping", "MaxWaitTimeExceeded"]
    assert job["SecondaryStatusTransitions"][-1]["StatusMessage"] == (
        "Training job wait time exceeded MaxWaitTimeInSeconds provided"
    )
    assert not {"TrainingStartTime", "TrainingTimeInSeconds", "BillableTimeInSeconds", "FailureReason"} & job.keys()
    assert account.launcher.runs == {}
    assert account.events[-1]["detail"]["TrainingJobStatus"] == "Stopped"


def test_types_without_spot_instances_serve_a_job_that_asks_for_none() -> None:
    account = Account(SageMakerOptions(no_spot_capacity=[TYPE]))
    account.create()
    account.train()
    assert account.statuses() == TRAINING


def test_a_wait_that_was_used_up_ends_a_job_in_the_midst_of_its_training() -> None:
    account = Account(SageMakerOptions(spot_interruptions=1, interrupted=70))
    account.create(**SPOT)
    account.train()
    go_through_epochs(account, 0, 1)
    account.wait(0)
    account.wait(70)
    account.train()
    account.wait(25)
    assert account.describe()["SecondaryStatus"] == "Training"
    account.wait(1)
    assert account.run().signals == ["SIGTERM"]
    account.finish()
    assert account.statuses()[-4:] == ["Training", "Stopping", "Uploading", "MaxWaitTimeExceeded"]
    assert account.describe()["TrainingTimeInSeconds"] == 30


def test_the_run_time_counts_on_all_instances_together() -> None:
    account = Account(SageMakerOptions(spot_interruptions=1, interrupted=5))
    account.create(**SPOT | {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 600}})
    account.train()
    account.wait(39)
    go_through_epochs(account, 0, 1)
    account.wait(0)
    account.wait(200)
    account.train()
    account.wait(18)
    assert account.describe()["SecondaryStatus"] == "Training"
    account.wait(1)
    account.finish()
    assert account.describe()["SecondaryStatus"] == "MaxRuntimeExceeded"


def test_a_job_without_instances_can_be_stopped() -> None:
    account = Account(SageMakerOptions(spot_interruptions=1))
    account.create(**SPOT)
    account.train()
    go_through_epochs(account, 0, 1)
    account.wait(0)
    account.call("StopTrainingJob", TrainingJobName="job")
    account.wait(0)
    assert account.statuses()[-3:] == ["Interrupted", "Stopping", "Stopped"]
    assert account.describe()["TrainingTimeInSeconds"] == 1
