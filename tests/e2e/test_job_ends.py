"""What becomes of ended training jobs: a model or a reason, one message, one outcome; also when events are lost."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

from sagescene.jobs import registry, requests
from sagescene.settings import StartSettings
from tests.e2e.conftest import AT_ONCE, DATA, LocalStack
from tests.stack_template import ROOT, environment_of

CAPACITY = "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different type."
KILLED = "AlgorithmError: ExitCode 137"


def test_a_failed_job_is_logged_rings_the_alarm_once_and_is_tried_again_when_asked(local: LocalStack) -> None:
    local.service.fail_next(KILLED)
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Training on data set multi failed")
    assert KILLED in text
    ((job, status),) = local.jobs().items()
    assert status == "Failed"
    line = local.await_that(lambda it: it.kind == "log" and it.detail.get("message") == "training job failed").detail
    assert (line["level"], line["job"], line["failure_reason"], line["cause"]) == (
        "ERROR",
        job,
        KILLED,
        "out of memory",
    )
    assert job in str(line["logs"])
    alarm = local.await_that(lambda occurrence: occurrence.kind == "alarm" and occurrence.detail["state"] == "ALARM")
    assert "TrainingFailedAlarm" in alarm.subject
    local.await_that(lambda occurrence: occurrence.kind == "message" and "ALARM" in str(occurrence.detail["subject"]))
    local.await_decision("failed")
    assert local.outcomes()[job]["reason"] == KILLED
    assert not local.models()

    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    assert local.models() == [f"{job}--r2"]
    assert sum("ALARM" in subject for subject in local.messages()) == 1


def test_a_job_without_capacity_is_tried_again_on_the_next_instance_type(stand: Callable[..., LocalStack]) -> None:
    local = stand({"Epochs": "1", "InstanceTypes": "ml.g4dn.xlarge,ml.g5.xlarge"}, time_factor=30)
    local.service.fail_next(CAPACITY)
    local.drop(DATA / "multi", "multi")
    assert "ml.g5.xlarge (try 2 of 3)" in local.await_notice("Training on data set multi waits for capacity")
    local.await_notice("Data set multi has a model")
    (second,) = local.models()
    assert second.endswith("--r2")
    types = {
        name: local.sagemaker.describe_training_job(TrainingJobName=name)["ResourceConfig"]["InstanceType"]
        for name in local.jobs()
    }
    assert types == {second: "ml.g5.xlarge", second.removesuffix("--r2"): "ml.g4dn.xlarge"}
    assert not [alarm for alarm in local.of_kind("alarm") if alarm.detail["state"] == "ALARM"]


def test_capacity_is_given_up_after_the_stacks_number_of_tries(stand: Callable[..., LocalStack]) -> None:
    local = stand({"Epochs": "1", "MaxCapacityTries": "2"}, time_factor=60)
    local.service.fail_next(CAPACITY, jobs=2)
    local.drop(DATA / "multi", "multi")
    local.await_notice("Training on data set multi failed")
    assert sorted(local.jobs().values()) == ["Failed", "Failed"]
    local.await_that(lambda occurrence: occurrence.kind == "alarm" and occurrence.detail["state"] == "ALARM")


def test_an_interrupted_job_becomes_a_model_by_its_own_role(stand: Callable[..., LocalStack]) -> None:
    options = replace(AT_ONCE, spot_interruptions=1)
    local = stand({"Epochs": "4", "ManagedSpotTraining": "yes"}, sagemaker=options)
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    (job,) = local.jobs()
    described = local.sagemaker.describe_training_job(TrainingJobName=job)
    statuses = [one["Status"] for one in described["SecondaryStatusTransitions"]]
    assert (statuses.count("Interrupted"), statuses[-1]) == (1, "Completed")
    assert described["BillableTimeInSeconds"] < described["TrainingTimeInSeconds"]
    assert local.keys("checkpoints/") == [f"checkpoints/{job}/epoch-0004.checkpoint"]
    assert any("Resuming from" in str(line.detail.get("message")) for line in local.of_kind("log", job))


def test_without_its_grant_on_checkpoints_a_job_fails_for_a_permission(stand: Callable[..., LocalStack]) -> None:
    local = stand({"Epochs": "2", "ManagedSpotTraining": "yes"})
    local.take_from("TrainingRole", "s3:DeleteObject")
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Training on data set multi failed")
    assert "(permission)" in text
    assert "Checkpoint upload failed" in text


def test_a_job_whose_spot_instances_never_come_is_tried_again_on_the_next_type(
    stand: Callable[..., LocalStack],
) -> None:
    ahead = [0.0]
    parameters = {"Epochs": "1", "ManagedSpotTraining": "yes", "InstanceTypes": "ml.g4dn.xlarge,ml.g5.xlarge"}
    local = stand(
        parameters,
        time_factor=60,
        now=lambda: time.time() + ahead[0],
        sagemaker=replace(AT_ONCE, no_spot_capacity=["ml.g4dn.xlarge"]),
    )
    local.drop(DATA / "multi", "multi")
    local.await_that(lambda occurrence: occurrence.kind == "job")
    ahead[0] = 86_400 + 3600 - 30.0
    assert local.stack.training.step() is not None
    assert set(local.jobs().values()) == {"InProgress"}
    ahead[0] += 60
    text = local.await_notice("Training on data set multi waits for capacity")
    assert "No Spot instances of ml.g4dn.xlarge came in the time that it may wait" in text
    assert "ml.g5.xlarge (try 2 of 3)" in text
    local.await_notice("Data set multi has a model")
    (second,) = local.models()
    assert local.jobs() == {second.removesuffix("--r2"): "Stopped", second: "Completed"}


def test_a_quota_is_named_once_and_waited_for(stand: Callable[..., LocalStack]) -> None:
    used = {"ml.g4dn.xlarge": 1}
    options = replace(AT_ONCE, quota={"ml.g4dn.xlarge": 1}, used_elsewhere=used)
    local = stand({"Epochs": "1"}, time_factor=60, sagemaker=options)
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Data set multi waits for an instance quota")
    assert "ml.g4dn.xlarge for training job usage" in text
    assert "servicequotas" in text
    local.await_decision("postponed", number=3)
    used.clear()
    local.await_notice("Data set multi has a model")
    assert local.messages().count("Data set multi waits for an instance quota") <= len(
        [upload for upload in local.of_kind("upload") if upload.subject.startswith("datasets/")]
    )


def test_a_type_that_the_region_lacks_gives_way_to_the_next(stand: Callable[..., LocalStack]) -> None:
    options = replace(AT_ONCE, not_offered=["ml.g4dn.xlarge"])
    local = stand({"Epochs": "1", "InstanceTypes": "ml.g4dn.xlarge,ml.g5.xlarge"}, sagemaker=options)
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    (job,) = local.jobs()
    described = local.sagemaker.describe_training_job(TrainingJobName=job)
    assert described["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"


def test_a_model_whose_artifact_cannot_be_read_is_told_and_made_once_its_mark_is_forgotten(
    stand: Callable[..., LocalStack],
) -> None:
    unreadable = ["s3://"]
    local = stand({"Epochs": "1"}, sagemaker=replace(AT_ONCE, unreadable=unreadable))
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Data set multi has no model")
    assert "Could not access model data at s3://" in text
    local.await_decision("failed")
    (key,) = local.keys("outcomes/")
    assert key.endswith(".unfinished.json")
    clock = json.loads((ROOT / "events/finish_training/clock.json").read_text())
    assert local.stack.invoke("FinishTrainingFunction", clock).result == []

    unreadable.clear()
    local.stack.client("s3").delete_object(Bucket=local.bucket, Key=key)
    (decision,) = local.stack.invoke("FinishTrainingFunction", clock).result
    assert decision["decision"] == "model created"
    assert local.models() == list(local.jobs())


def test_a_repeated_event_changes_nothing(local: LocalStack) -> None:
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    job = local.await_decision("model created")["subject"]
    event = json.loads((ROOT / "events/finish_training/completed.json").read_text())
    event["detail"]["TrainingJobName"] = job
    answer = local.stack.invoke("FinishTrainingFunction", event).result
    assert [decision["decision"] for decision in answer] == ["known"]
    assert local.messages() == ["Data set multi has a model"]


def test_the_clock_finishes_a_job_whose_event_was_lost(local: LocalStack) -> None:
    events = local.stack.client("events")
    rule = next(rule["Name"] for rule in events.list_rules()["Rules"] if "TrainingEnded" in rule["Name"])
    events.disable_rule(Name=rule)
    local.drop(DATA / "multi", "multi")
    local.await_that(lambda occurrence: occurrence.kind == "job" and occurrence.detail["status"] == "Completed")
    clock = json.loads((ROOT / "events/finish_training/clock.json").read_text())
    first, second = (local.stack.invoke("FinishTrainingFunction", clock).result for _ in range(2))
    assert [decision["decision"] for decision in first] == ["model created"]
    assert second == []
    assert local.models() == list(local.jobs())


def test_a_stopped_job_says_that_a_person_stopped_it(stand: Callable[..., LocalStack]) -> None:
    local = stand({"Epochs": "5000", "MaxEpochs": "0"})
    local.drop(DATA / "multi", "multi")
    local.await_that(
        lambda occurrence: occurrence.kind == "log" and "Epoch[1]" in str(occurrence.detail.get("message"))
    )
    (job,) = local.jobs()
    local.sagemaker.stop_training_job(TrainingJobName=job)
    text = local.await_notice("Training on data set multi was stopped")
    assert "(stopped by a person)" in text
    assert f"models/{job}/output/model.tar.gz" in text
    assert not local.models()


def test_a_job_past_its_time_limit_names_the_limit(local: LocalStack) -> None:
    for channel in ("train", "validation"):
        local.put(f"datasets/multi/{channel}.rec", (DATA / f"multi/{channel}/{channel}.rec").read_bytes())
    settings = StartSettings.from_env(environment_of("StartTrainingFunction", MaxRuntimeInSeconds="60"))
    request = requests.training_job(
        name="sagescene--multi--0f1e2d3c4b5a",
        image=registry.image_uri("us-east-1"),
        train_uri=f"s3://{local.bucket}/datasets/multi/train.rec",
        validation_uri=f"s3://{local.bucket}/datasets/multi/validation.rec",
        output_uri=f"s3://{local.bucket}/models",
        hyperparameters={
            "num_training_samples": "80",
            "num_classes": "3",
            "multi_label": "1",
            "image_shape": "3,160,160",
            "mini_batch_size": "16",
            "epochs": "100000",
        },
        tags={},
        instance_type="ml.g4dn.xlarge",
        settings=settings,
    )
    request["RoleArn"] = f"arn:aws:iam::123456789012:role/{local.stack.resources['TrainingRole']}"
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 1}
    local.sagemaker.create_training_job(**request)
    assert "(time limit)" in local.await_notice("Training on data set multi was stopped")
    local.await_decision("stopped")
    assert local.outcomes()["sagescene--multi--0f1e2d3c4b5a"]["decision"] == "stopped"
    assert not local.models()
