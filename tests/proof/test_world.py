"""That the world of the proofs keeps AWS's rules, as far as the proofs lean on them."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from moto.moto_api._internal.models import moto_api_backend

from tests.proof import data_sets
from tests.proof.deployment import deploy
from tests.proof.faults import Crash
from tests.proof.queues import bodies
from tests.proof.scenarios import SET, drop, use_up_quota
from tests.proof.world import World

HOUR = 3600.0


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_a_multipart_object_is_dated_at_its_beginning_and_rings_at_its_end() -> None:
    world = World()
    rung: list[str] = []
    world.bus.deliver = lambda event: rung.append(event["time"])  # type: ignore[method-assign]
    upload = world.bucket.begin("datasets/pets/train.rec")
    world.advance(600)
    stored = world.bucket.complete(upload, b"")
    world.advance(10)
    assert stored.modified == world.simulation.time - timedelta(seconds=610)
    assert rung == ["2027-01-15T08:10:00Z"]


def test_what_other_tests_empty_is_deployed_anew() -> None:
    one, other, new = ({"JobPrefix": prefix, "EvaluateModel": "no"} for prefix in ("one", "other", "new"))
    for parameters in (one, other, one):
        deploy(parameters)
    moto_api_backend.reset()  # what came back from aside, too
    for parameters in (new, one, other):
        assert deploy(parameters).is_whole


def test_an_object_is_read_and_written_on_condition() -> None:
    world = World()
    s3 = world.begin().cloud._s3
    etag = world.bucket.put("reports/pets/page", b"old").etag
    world.bucket.put("reports/pets/page", b"new")
    with pytest.raises(ClientError) as replaced:
        s3.get_object(Bucket=world.bucket.name, Key="reports/pets/page", IfMatch=etag)
    with pytest.raises(ClientError) as taken:
        s3.put_object(
            Bucket=world.bucket.name,
            Key="reports/pets/page",
            Body=b"",
            ContentType="application/json",
            IfNoneMatch="*",
        )
    assert code(replaced) == code(taken) == "PreconditionFailed"


def test_a_message_comes_back_after_its_visibility_and_dies_after_five_errors() -> None:
    world = World()
    world.faults.refusals = [("ListMultipartUploads", "AccessDenied")] * 5
    world.bucket.put(f"datasets/{SET}/train.rec", b"")
    for died in (0, 0, 0, 0, 0, 1):
        assert len(world.dead_letters) == died
        world.advance(1900)
    assert world.faults.injected["refused call"] == 5
    assert not bodies(world.uploads)


def test_an_asynchronous_invocation_is_tried_three_times_and_then_kept() -> None:
    world = World()
    drop(world, data_sets.essential(data_sets.sound()))
    while "InProgress" not in world.jobs.values():
        world.advance(10)
    calls = len(world.gate.calls)
    world.faults.crashes = {Crash(call=calls + call, after=True) for call in range(20)}
    world.advance(900)
    assert len(world.dead_letters) == 1
    world.faults.stop()
    world.settle()
    assert world.models == list(world.jobs)


def test_a_call_of_create_training_job_within_a_second_of_another_is_refused() -> None:
    world = World()
    for number in range(12):  # two batches of messages
        drop(world, data_sets.essential(data_sets.sound(number)), f"set-{number}")
    world.settle()
    assert world.gate.counted["CreateTrainingJob"] > len(world.jobs) == 12


def test_a_set_without_quota_starts_no_job_until_there_is_room() -> None:
    world = World()
    use_up_quota(world)
    drop(world, data_sets.essential(data_sets.sound()))
    world.advance(7200)
    assert world.jobs == {}
    world.training.used_elsewhere.clear()
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]
    assert world.metrics["TrainingWaiting"] > 3


@pytest.mark.parametrize(
    ("duration", "status", "took"),
    [(5.0, "Completed", 5.0), (20 * HOUR, "Completed", 20 * HOUR), (48 * HOUR, "Stopped", 24 * HOUR)],
    ids=["seconds", "hours", "two days"],
)
def test_a_job_trains_until_it_is_done_or_reaches_its_time_limit(duration: float, status: str, took: float) -> None:
    world = World()
    world.training.containers.duration = duration
    drop(world, data_sets.essential(data_sets.sound()))
    world.settle()
    world.advance(duration)
    ((name, ended_as),) = world.jobs.items()
    job = world.training.ask("DescribeTrainingJob", TrainingJobName=name)
    assert (ended_as, job["TrainingEndTime"] - job["TrainingStartTime"]) == (status, took)
    artifacts = list(world.bucket.list_keys(world.bucket.name, "models/"))
    assert len(artifacts) == (status == "Completed")


def test_a_process_that_dies_counts_nothing_and_one_beside_it_counts_its_own() -> None:
    world = World()
    for number in range(2):
        drop(world, data_sets.essential(data_sets.sound(number)), f"set-{number}")
    while len(world.jobs) < 2:
        world.advance(1)
    world.gate.latency = lambda: 3.0  # the ends of both jobs are handled at one time

    def die() -> None:
        world.faults.crashes.add(Crash(call=len(world.gate.calls) + 2, after=True))

    world.faults.interventions["CreateModel"] = die
    world.settle()
    assert world.faults.injected["crash"] == 1
    assert len(world.models) == 2
    billed = 2 * world.training.containers.duration
    assert world.metrics.pop("DatasetExamined") >= 2  # by each upload that finds no job yet
    assert world.metrics == {
        "TrainingStarted": 2,
        "BillableSeconds": billed,
        "ModelCreated": 2,
    }
