"""What becomes of dropped data sets: a model, a refusal, a wait, or nothing; and never twice."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from PIL import Image

from sagescene.triggers import Uploaded, WaitCause, write_message
from sagescene_command.cli import commands
from sagescene_standin.occurrence import Occurrence
from tests.e2e.conftest import AT_ONCE, DATA, LocalStack


def test_a_dropped_data_set_becomes_a_model(local: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local.drop(DATA / "multi", "multi")
    text = local.await_notice("Data set multi has a model")

    local.await_decision("model created")
    ((job, status),) = local.jobs().items()
    assert status == "Completed"
    assert local.models() == [job]
    assert f"model/{job}" in text
    described = local.sagemaker.describe_training_job(TrainingJobName=job)
    assert (
        described["HyperParameters"] | {"num_training_samples": "80", "num_classes": "3", "multi_label": "1"}
        == (described["HyperParameters"])
    )
    artifact = local.sagemaker.describe_model(ModelName=job)["PrimaryContainer"]["ModelDataUrl"]
    assert local.keys("models/") == [artifact.removeprefix(f"s3://{local.bucket}/")]

    local.await_that(lambda occurrence: occurrence.kind == "metric" and occurrence.subject == "ModelCreated")
    (outcome,) = local.outcomes().values()
    (report,) = map(local.read_json, local.reports("multi"))
    assert (outcome["job"], outcome["decision"]) == (job, "model created")
    assert (report["verdict"], report["train"]["images"]) == ("ready", 80)

    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    Image.new("RGB", (300, 300)).save(tmp_path / "black.png")
    asked = CliRunner(mix_stderr=False).invoke(commands, ["predict", "multi", str(tmp_path / "black.png"), "--json"])
    assert asked.exit_code == 0, asked.stderr
    assert len(json.loads(asked.stdout)["predictions"]) == 3
    unknown = CliRunner(mix_stderr=False).invoke(commands, ["predict", "cats", str(tmp_path / "black.png")])
    assert (unknown.exit_code, unknown.stdout) == (3, "")
    assert "There is no data set cats" in unknown.stderr


def test_files_whose_keys_cannot_be_printed_hold_no_data_set_back(local: LocalStack) -> None:
    with pytest.raises(ClientError):  # it is begun, but boto3 cannot read the answer, which repeats the key
        local.s3.create_multipart_upload(Bucket=local.bucket, Key="datasets/multi/\x01_train.rec")
    local.put("datasets/multi/tr\x02ain.lst", b"0\t0\tcat.jpg\n")
    local.put("datasets/mul\nti/train.lst", b"0\t0\tcat.jpg\n")
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    assert "datasets/multi/train.lst" in local.await_notice(r"datasets/multi/tr\x02ain.lst is not in a data set")
    local.await_that(lambda it: it.kind == "log" and it.detail.get("message") == "notice held back")  # of the same set
    assert len(local.jobs()) == 1
    assert not local.of_kind("dead-letter")


def test_the_same_files_are_not_trained_on_again(local: LocalStack) -> None:
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    local.drop(DATA / "multi", "multi")
    again = local.await_decision("trained")
    assert again["reason"].startswith("the same files were trained on: what came of it is in s3://")
    assert len(local.jobs()) == len(local.models()) == 1
    assert local.messages() == ["Data set multi has a model"]


def test_an_incomplete_set_waits_for_what_it_lacks(local: LocalStack, tmp_path: Path) -> None:
    copytree(DATA / "multi" / "train", tmp_path / "train")
    local.drop(tmp_path, "multi")
    assert local.await_decision("waiting")["reason"] == "it awaits its validation .rec"
    assert not local.jobs()
    local.drop(DATA / "multi" / "validation", "multi/validation")
    local.await_notice("Data set multi has a model")


def test_an_incomplete_set_is_reminded_of_after_an_hour(stand: Callable[..., LocalStack]) -> None:
    local = stand(time_factor=900)
    local.put("datasets/multi/train/train.lst", (DATA / "multi/train/train.lst").read_bytes())
    local.await_decision("waiting")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    late = Uploaded(bucket=local.bucket, key="datasets/multi/train/train.lst", time=datetime.now(UTC))
    message = write_message(late.put_off(WaitCause.FILES, hour_ago))
    for _ in range(2):
        assert local.stack.invoke("StartTrainingFunction", message).result[0]["decision"] == "waiting"
    assert "train .rec, validation .rec" in local.await_notice("Data set multi is incomplete")
    assert local.messages() == ["Data set multi is incomplete"]


def test_keys_with_blanks_and_plus_signs_are_one_data_set(local: LocalStack) -> None:
    local.drop(DATA / "multi", "space and+plus")
    local.await_notice("Data set space and+plus has a model")
    (job,) = local.jobs()
    assert job.startswith("sagescene--space-and-plus--")


def test_stray_files_start_nothing(local: LocalStack) -> None:
    local.put("datasets/pets/labels.txt", b"cat\n")
    local.put("notes.txt", b"hello")
    assert local.await_decision("ignored")["subject"] == "notes.txt"
    local.put("pets/train.rec", b"")
    text = local.await_notice("pets/train.rec is not in a data set")
    assert f"s3://{local.bucket}/datasets/pets/train.rec" in text
    assert not local.jobs()


def test_a_broken_set_is_refused_once_with_every_finding_and_trained_on_when_mended(
    local: LocalStack, tmp_path: Path
) -> None:
    broken = copytree(DATA / "multi", tmp_path / "multi")
    rows = (broken / "train/train.lst").read_text().splitlines()
    (broken / "train/train.lst").write_text("\n".join(["no row at all", *rows[1:]]))
    (broken / "training.json").write_text(json.dumps({"epoch": 1}))
    local.drop(broken, "multi")
    text = local.await_notice("Data set multi is refused")
    assert "datasets/multi/train/train.lst, line 1" in text
    assert "Did you mean epochs?" in text
    local.await_that(lambda occurrence: occurrence.kind == "metric" and occurrence.subject == "DatasetRefused")
    assert not local.jobs()
    errors = [line.detail for line in local.of_kind("log") if line.detail.get("level") == "ERROR"]
    assert {error["code"] for error in errors} >= {"hyperparameter-unknown"}

    (broken / "training.json").write_text(json.dumps({"epochs": 1}))
    (broken / "train/train.lst").write_text("\n".join(rows))
    local.drop(broken, "multi")
    local.await_notice("Data set multi has a model")
    assert local.messages().count("Data set multi is refused") == 1


def test_a_set_with_an_unfinished_upload_is_postponed(local: LocalStack) -> None:
    local.s3.create_multipart_upload(Bucket=local.bucket, Key="datasets/multi/train/train.rec")
    local.put("datasets/multi/validation/validation.rec", b"")
    postponed = local.await_decision("postponed")
    assert postponed["reason"] == "datasets/multi/train/train.rec is still being uploaded"
    queue = local.stack.client("sqs").get_queue_attributes(
        QueueUrl=local.stack.resources["UploadsQueue"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )
    assert queue["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "1"


def test_a_multipart_upload_completes_a_set(local: LocalStack) -> None:
    records = (DATA / "multi/train/train.rec").read_bytes()
    started = local.s3.create_multipart_upload(Bucket=local.bucket, Key="datasets/multi/train/train.rec")
    names = {name: started[name] for name in ("Bucket", "Key", "UploadId")}
    local.drop(DATA / "multi/validation", "multi/validation")
    local.put("datasets/multi/train/train.lst", (DATA / "multi/train/train.lst").read_bytes())
    local.await_decision("postponed")
    part = local.s3.upload_part(**names, PartNumber=1, Body=records)
    local.s3.complete_multipart_upload(**names, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    local.await_notice("Data set multi has a model")
    assert len(local.jobs()) == 1


@pytest.mark.parametrize("surplus", ["train/more.rec", "odd.rec"])
def test_a_surplus_is_refused_by_name(local: LocalStack, surplus: str) -> None:
    local.drop(DATA / "multi", "multi")
    local.put(f"datasets/multi/{surplus}", b"")
    assert f"datasets/multi/{surplus}" in local.await_notice("Data set multi is refused")


def test_uploads_that_aws_errors_stop_end_in_dead_letters_with_an_alarm_and_come_back_by_redrive(
    stand: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A job that ends while the command looks for ended jobs would be one that nothing has finished yet.
    local = stand({"Epochs": "1"}, time_factor=1800, sagemaker=replace(AT_ONCE, starting=4.0))
    give_back = local.take_from("StartTrainingRole", "s3:ListBucket")
    local.drop(DATA / "multi", "multi")
    local.await_that(lambda occurrence: occurrence.kind == "dead-letter", number=4)
    # A message may come back while it is handled: its 30 minutes are a second here. Unit and proof count exactly.
    assert len(local.of_kind("invocation", "StartTrainingFunction")) > 3 * 4

    def is_ringing(occurrence: Occurrence, alarm: str) -> bool:
        return (occurrence.kind, occurrence.detail.get("state")) == ("alarm", "ALARM") and alarm in occurrence.subject

    local.await_that(lambda occurrence: is_ringing(occurrence, "FunctionErrorsAlarm"))
    local.await_that(lambda occurrence: is_ringing(occurrence, "UploadsDeadLettersAlarm"))

    give_back()
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    done = CliRunner().invoke(commands, ["redrive"])
    assert done.output.splitlines() == [
        "4 uploads and evaluations go back to their queues",
        "0 models that could not be made are tried again",
        "0 ended jobs were unfinished",
        "0 dead letters about ended jobs are removed",
    ]
    local.await_notice("Data set multi has a model")


def test_a_set_can_be_started_by_hand(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    local.service.fail_next("AlgorithmError: ExitCode 137")
    local.drop(DATA / "multi", "multi")
    local.await_decision("failed")
    started = CliRunner().invoke(commands, ["start", "multi"])
    assert started.exit_code == 0
    assert "--r2: started, data set multi is complete" in started.output
    local.await_notice("Data set multi has a model")
    assert len(local.jobs()) == 2
    unknown = CliRunner().invoke(commands, ["start", "cats"])
    assert unknown.exit_code == 3
    assert "There is no data set cats" in unknown.output
    elsewhere = CliRunner().invoke(commands, ["start", "multi", "--stack-name", "other"])
    assert "There is no stack other" in elsewhere.output


def test_a_dead_letter_rings_the_alarm_while_another_still_lies_there(stand: Callable[..., LocalStack]) -> None:
    ahead = 0.0
    local = stand({"Epochs": "1"}, now=lambda: time.time() + ahead)
    sqs, letters = local.stack.client("sqs"), local.stack.resources["UploadsDeadLetters"]

    def is_ringing(occurrence: Occurrence, state: str) -> bool:
        is_told = occurrence.kind == "message" and "UploadsDeadLettersAlarm" in str(occurrence.detail["subject"])
        return is_told and str(occurrence.detail["subject"]).startswith(state)

    local.await_that(lambda occurrence: is_ringing(occurrence, "OK"))  # each alarm begins without data
    for number in (1, 2):
        sqs.send_message(QueueUrl=letters, MessageBody=f"letter {number}")
        local.await_that(lambda occurrence: is_ringing(occurrence, "ALARM"), number)
        ahead += 601
        local.await_that(lambda occurrence: is_ringing(occurrence, "OK"), number + 1)
