"""What notices advise, done word by word: what each of them promises comes about."""

import json
from collections.abc import Callable

import pytest
from moto.sqs.models import sqs_backends

from sagescene.triggers import StartRequested, write_message
from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.deployment import ACCOUNT
from tests.proof.scenarios import SET, drop, take_models_name, use_up_quota
from tests.proof.training import CAPACITY
from tests.proof.world import World

HOUR = 3600.0
FILES = data_sets.essential(data_sets.sound())
HAS_A_MODEL = f"Data set {SET} has a model"

type Remedy = Callable[[World], None]


def drop_again(world: World) -> None:
    drop(world, FILES)


def start(world: World) -> None:
    """Do what `sagescene start` does."""
    key = f"datasets/{SET}/{data_sets.TRAIN_LIST}"
    message = write_message(StartRequested(bucket=world.bucket.name, key=key, time=world.simulation.time))
    sqs_backends[ACCOUNT.id][ACCOUNT.region].send_message(world.uploads.name, json.dumps(message))


def last_notice(world: World) -> tuple[str, str]:
    return world.topic.notices[-1]


def check_trained(world: World, jobs: int = 1) -> None:
    """Check that the last thing that people heard is that there is a model."""
    world.settle()
    check_settled(world)
    assert len(world.models) == 1
    assert len(world.jobs) == jobs
    assert last_notice(world)[0] == HAS_A_MODEL


def delete_model(world: World) -> None:
    (model,) = world.models
    world.training.ask("DeleteModel", ModelName=model)


both_ways = pytest.mark.parametrize("remedy", [drop_again, start], ids=lambda remedy: remedy.__name__)


def test_a_model_of_a_taken_name_is_deleted_and_the_model_is_made_at_the_next_full_hour() -> None:
    world = World()
    take_models_name(world)
    world.advance(600)
    subject, text = last_notice(world)
    assert subject == f"Data set {SET} has no model"
    assert "Delete the model of that name." in text
    assert "at the next full hour" in text
    delete_model(world)
    world.advance(HOUR)
    (model,) = world.models
    assert world.training.ask("DescribeModel", ModelName=model)["PrimaryContainer"]["ModelDataUrl"].endswith(
        f"models/{model}/output/model.tar.gz"
    )
    check_trained(world)


def test_a_model_that_people_delete_on_purpose_stays_deleted() -> None:
    world = World()
    drop(world, FILES)
    world.settle()
    delete_model(world)
    world.advance(60 * HOUR)
    assert world.models == []
    assert len(world.topic.notices) == 1


@pytest.mark.parametrize("days", [0, 60])  # the clock asks for jobs of 30 days
@both_ways
def test_a_deleted_model_returns_to_who_drops_its_files_again_or_starts_the_set(remedy: Remedy, days: int) -> None:
    world = World()
    drop(world, FILES)
    world.settle()
    delete_model(world)
    world.advance(days * 24 * HOUR)
    remedy(world)
    world.advance(HOUR + 600)
    check_trained(world)
    assert [subject for subject, _ in world.topic.notices] == [HAS_A_MODEL] * 2


@both_ways
def test_where_the_model_is_there_nothing_is_made_or_told_anew(remedy: Remedy) -> None:
    world = World()
    drop(world, FILES)
    world.settle()
    remedy(world)
    check_trained(world)
    assert world.gate.counted["CreateModel"] == len(world.topic.notices) == 1


@both_ways
def test_a_job_that_no_try_found_capacity_for_is_tried_anew(remedy: Remedy) -> None:
    world = World()
    world.training.service.fail_next(CAPACITY, jobs=3)
    drop(world, FILES)
    world.settle()
    subject, text = last_notice(world)
    assert subject == f"Training on data set {SET} failed"
    assert "Drop the data set again later" in text
    remedy(world)
    check_trained(world, jobs=4)


@both_ways
def test_a_job_that_failed_is_tried_anew(remedy: Remedy) -> None:
    world = World()
    world.training.containers.failures.append("ClientError: no file found in path /opt/ml/input/data/train")
    drop(world, FILES)
    world.settle()
    assert "drop the data set again" in last_notice(world)[1]
    remedy(world)
    check_trained(world, jobs=2)


@both_ways
def test_a_job_that_was_stopped_is_started_anew(remedy: Remedy) -> None:
    world = World()
    drop(world, FILES)
    while "InProgress" not in world.jobs.values():
        world.advance(10)
    (job,) = world.jobs
    world.training.ask("StopTrainingJob", TrainingJobName=job)
    world.settle()
    subject, text = last_notice(world)
    assert subject == f"Training on data set {SET} was stopped"
    assert "drop the data set again to train it after all" in text
    remedy(world)
    check_trained(world, jobs=2)


def test_a_refused_set_is_judged_again_when_its_corrected_files_are_uploaded() -> None:
    world = World()
    drop(world, data_sets.broken())
    world.settle()
    subject, text = last_notice(world)
    assert subject == f"Data set {SET} is refused"
    assert "Upload the corrected files; the data set is then judged again." in text
    drop(world, {data_sets.TRAIN_LIST: data_sets.sound()[data_sets.TRAIN_LIST]})
    check_trained(world)


def test_a_set_that_was_refused_for_a_file_too_many_is_started_once_it_is_deleted() -> None:
    world = World()
    drop(world, {**FILES, "more_train.rec": FILES[data_sets.TRAIN_RECORDS]})
    world.settle()
    assert "after it, upload one of the others again, or run: sagescene start" in last_notice(world)[1]
    world.bucket.delete(f"datasets/{SET}/more_train.rec")
    world.advance(2 * HOUR)
    assert not world.jobs
    start(world)
    check_trained(world)


@both_ways
def test_a_wait_that_was_given_up_is_begun_anew(remedy: Remedy) -> None:
    world = World()
    use_up_quota(world)
    drop(world, FILES)
    world.advance(30 * HOUR)
    subject, text = last_notice(world)
    assert subject == f"Training on data set {SET} was given up"
    assert "Mend this, then drop the data set again, or run: sagescene start" in text
    world.training.used_elsewhere.clear()
    remedy(world)
    check_trained(world)


@both_ways
def test_a_job_that_could_not_be_started_is_once_the_role_is_mended(remedy: Remedy) -> None:
    world = World()
    world.training.is_trusted = False
    drop(world, FILES)
    world.advance(HOUR)
    subject, text = last_notice(world)
    assert subject == f"Training on data set {SET} could not be started"
    assert "Then drop the data set again, or run: sagescene start" in text
    world.training.is_trusted = True
    remedy(world)
    check_trained(world)


def test_a_misplaced_file_is_trained_on_once_it_lies_where_the_notice_says() -> None:
    world = World()
    for name, body in FILES.items():
        world.bucket.put(f"{SET}/{name}", body)
    world.advance(600)
    texts = [text for _, text in world.topic.notices]
    assert any(f"Upload it as s3://{world.bucket.name}/datasets/{SET}/" in text for text in texts)
    drop(world, FILES)
    check_trained(world)


def test_an_incomplete_set_is_trained_on_once_what_is_missing_is_uploaded() -> None:
    world = World()
    drop(world, {data_sets.TRAIN_LIST: FILES[data_sets.TRAIN_LIST]})
    world.advance(2 * HOUR)
    subject, text = last_notice(world)
    assert subject == f"Data set {SET} is incomplete"
    assert "Upload what is missing; training starts by itself." in text
    drop(world, {name: body for name, body in FILES.items() if name != data_sets.TRAIN_LIST})
    check_trained(world)


def test_an_upload_that_nobody_completes_is_ended_and_training_starts_by_itself() -> None:
    world = World()
    drop(world, FILES)
    upload = world.bucket.begin(f"datasets/{SET}/{data_sets.VALIDATION_LIST}")
    world.advance(2 * HOUR)
    subject, text = last_notice(world)
    assert subject == f"Data set {SET} waits for an upload"
    assert "end it: aws s3api abort-multipart-upload" in text
    world.bucket.abort(upload)
    check_trained(world)


def test_a_quota_that_is_raised_lets_the_job_start_by_itself() -> None:
    world = World()
    use_up_quota(world)
    drop(world, FILES)
    world.advance(HOUR)
    subject, text = last_notice(world)
    assert subject == f"Data set {SET} waits for an instance quota"
    assert "it can be raised at https://" in text
    world.training.quota.clear()
    check_trained(world)


def test_a_limit_of_the_stack_is_kept_to_until_the_other_job_has_ended() -> None:
    world = World(MaxJobsAtOnce="1")
    world.training.containers.duration = 2 * HOUR
    drop(world, data_sets.essential(data_sets.sound(1)), "others")
    world.advance(600)
    drop(world, FILES)
    world.advance(HOUR / 2)
    subject, text = last_notice(world)
    assert subject == f"Data set {SET} waits for other jobs to end"
    assert "Training starts by itself when one of them has ended." in text
    world.settle()
    check_settled(world)
    assert len(world.models) == 2
