"""What people drop, replace and delete while a set is trained on, waits, or is to be tried again."""

from tests.proof import data_sets
from tests.proof.checks import check_always
from tests.proof.data_sets import TRAIN_LIST, TRAIN_RECORDS
from tests.proof.scenarios import SET, decisions, drop
from tests.proof.training import CAPACITY
from tests.proof.world import World

HOUR = 3600.0
OLD, NEW = data_sets.essential(data_sets.sound(1)), data_sets.essential(data_sets.sound(2))


def test_the_same_bytes_dropped_while_their_job_runs_for_hours_start_no_second_job(world: World) -> None:
    world.training.containers.duration = 20 * HOUR
    drop(world, NEW)
    for _ in range(3):
        world.advance(5 * HOUR)
        drop(world, NEW)
    world.advance(HOUR)
    check_always(world)
    assert list(world.jobs.values()) == ["InProgress"]
    assert decisions(world).count("running") >= 3
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


def test_the_same_bytes_dropped_while_a_try_for_capacity_waits_and_while_it_runs_start_no_other(world: World) -> None:
    world.training.service.fail_next(CAPACITY)
    world.training.containers.duration = 20 * HOUR
    drop(world, NEW)
    wait_for_want_of_capacity(world)
    drop(world, NEW)
    world.advance(HOUR)
    drop(world, NEW)
    world.advance(HOUR)
    check_always(world)
    assert sorted(world.jobs.values()) == ["Failed", "InProgress"]
    world.settle()
    assert sorted(world.jobs.values()) == ["Completed", "Failed"]


def test_a_try_for_capacity_that_comes_late_starts_nothing_when_people_have_tried_since(world: World) -> None:
    world.training.service.fail_next(CAPACITY)
    world.training.containers.failures = ["AlgorithmError: it diverged"]
    drop(world, NEW)
    wait_for_want_of_capacity(world)
    world.faults.refusals = [("ListObjectsV2", "AccessDenied")]  # the try comes back after half an hour
    drop(world, {TRAIN_RECORDS: NEW[TRAIN_RECORDS]})
    world.settle()
    assert world.faults.injected["refused call"] == 1
    assert list(world.jobs.values()) == ["Failed", "Failed"]
    assert "ended" in decisions(world)


def test_a_try_for_capacity_leaves_files_that_are_being_replaced_to_those_who_replace_them(world: World) -> None:
    world.training.service.fail_next(CAPACITY)
    drop(world, OLD)
    wait_for_want_of_capacity(world)
    # The try is due within a minute; the new list comes just before the new records are judged.
    drop(world, {TRAIN_RECORDS: NEW[TRAIN_RECORDS]})
    world.advance(58)
    drop(world, {TRAIN_LIST: NEW[TRAIN_LIST]})
    assert "stood down" in decisions(world)
    world.settle()
    # Not a third one, of new records and the old list.
    assert sorted(world.jobs.values()) == ["Completed", "Failed"]


def test_a_set_that_waits_for_a_surplus_file_is_trained_on_once_that_file_was_refused_and_deleted(world: World) -> None:
    surplus = f"datasets/{SET}/old_train.rec"
    upload = world.bucket.begin(surplus)
    drop(world, NEW)
    world.advance(70)
    assert "postponed" in decisions(world)
    world.bucket.complete(upload, OLD[TRAIN_RECORDS])
    world.advance(70)
    assert subjects(world) == [f"Data set {SET} is refused"]
    world.bucket.delete(surplus)  # as the notice says; no event tells of it, but the upload that waits comes back
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


def test_a_set_that_awaits_a_file_is_reminded_of_though_a_surplus_one_was_refused_and_deleted(world: World) -> None:
    drop(world, {name: NEW[name] for name in (TRAIN_RECORDS, TRAIN_LIST)})
    world.advance(70)
    drop(world, {"old_train.rec": OLD[TRAIN_RECORDS]})
    world.advance(70)
    assert subjects(world) == [f"Data set {SET} is refused"]
    world.bucket.delete(f"datasets/{SET}/old_train.rec")
    world.settle()
    assert subjects(world) == [f"Data set {SET} is refused", f"Data set {SET} is incomplete"]


def wait_for_want_of_capacity(world: World) -> None:
    for _ in range(600):
        world.advance(1)
        if "tried again" in decisions(world):
            return
    raise AssertionError(f"no job lacked capacity: {world.jobs}")


def subjects(world: World) -> list[str]:
    return [subject for subject, _ in world.topic.notices]
