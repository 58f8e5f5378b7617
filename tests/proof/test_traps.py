"""How uploads mislead: multipart objects dated at their start, files replaced in place, the same bytes again."""

import json
from collections.abc import Iterator

import pytest

from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.data_sets import TRAIN_LIST, TRAIN_RECORDS, VALIDATION_LIST, VALIDATION_RECORDS
from tests.proof.scenarios import SET, drop
from tests.proof.training import CAPACITY
from tests.proof.world import World

HOUR = 3600.0
OLD, NEW = data_sets.essential(data_sets.sound(1)), data_sets.essential(data_sets.sound(2))


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_settled(world)
    world.close()


def test_a_list_put_while_a_long_multipart_upload_is_under_way_waits_for_it(world: World) -> None:
    upload = world.bucket.begin(f"datasets/{SET}/{TRAIN_RECORDS}")
    world.advance(600)
    drop(world, {name: NEW[name] for name in (TRAIN_LIST, VALIDATION_RECORDS)})
    world.advance(2 * HOUR)
    assert world.jobs == {}
    # Listed, it is older than the list: what it is judged by is its event.
    stored = world.bucket.complete(upload, NEW[TRAIN_RECORDS])
    assert stored.modified < world.bucket[f"datasets/{SET}/{TRAIN_LIST}"].modified
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


def test_a_set_replaced_in_place_is_not_trained_on_while_its_validation_file_still_uploads(world: World) -> None:
    drop(world, OLD)
    world.settle()
    upload = world.bucket.begin(f"datasets/{SET}/{VALIDATION_RECORDS}")
    drop(world, {name: NEW[name] for name in (TRAIN_RECORDS, TRAIN_LIST)})
    world.advance(3 * HOUR)
    assert len(world.jobs) == 1, "the new training files were mixed with the old validation file"
    world.bucket.complete(upload, NEW[VALIDATION_RECORDS])
    world.settle()
    assert list(world.jobs.values()) == ["Completed", "Completed"]


def test_an_upload_that_was_given_up_holds_nothing_back(world: World) -> None:
    upload = world.bucket.begin(f"datasets/{SET}/{VALIDATION_LIST}")
    drop(world, NEW)
    world.advance(HOUR)
    assert world.jobs == {}
    world.bucket.abort(upload)
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


def test_an_upload_that_nobody_ends_is_forgotten_after_a_day(world: World) -> None:
    world.bucket.begin(f"datasets/{SET}/{VALIDATION_LIST}")
    drop(world, NEW)
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


def test_the_same_bytes_after_a_model_are_trained_on_already(world: World) -> None:
    for _ in range(2):
        drop(world, NEW)
        world.settle()
    assert list(world.jobs.values()) == ["Completed"]
    assert "trained" in decisions(world)


def test_the_same_bytes_after_a_failure_are_a_new_try(world: World) -> None:
    world.training.containers.failures.append("ClientError: Data download failed: AccessDenied")
    for _ in range(2):
        drop(world, NEW)
        world.settle()
    (first, failed), (second, completed) = sorted(world.jobs.items())
    assert (failed, completed) == ("Failed", "Completed")
    assert second == f"{first}--r2"


def test_the_same_bytes_after_a_refusal_are_judged_again(world: World) -> None:
    files = data_sets.essential(data_sets.broken())
    told = []
    for _ in range(2):
        drop(world, files)
        world.settle()
        told.append(len(world.topic.notices))
    assert world.jobs == {}
    assert 0 < told[0] < told[1]


def test_an_end_that_is_handled_twice_buys_no_try_more_than_the_stack_allows(world: World) -> None:
    world.training.service.fail_next(CAPACITY, jobs=99)
    drop(world, NEW)
    while "InProgress" not in world.jobs.values():
        world.advance(1)
    # The next try is asked for, but the outcome cannot be written: the clock handles the end again.
    world.faults.refusals = [("PutObject", "InternalError")] * 3
    world.settle()
    assert world.faults.injected["refused call"] == 3
    assert list(world.jobs.values()) == ["Failed"] * world.settings.max_capacity_tries


@pytest.mark.parametrize(
    ("failures", "files"),
    [([], NEW), (["AlgorithmError: it diverged"], NEW), ([], data_sets.essential(data_sets.broken()))],
    ids=["a model", "a failure", "a refusal"],
)
def test_an_old_event_that_comes_again_after_the_outcome_changes_nothing(
    world: World, failures: list[str], files: dict[str, bytes]
) -> None:
    world.training.containers.failures += failures
    for name, body in files.items():
        world.faults.copies = [6 * HOUR, 20 * HOUR]
        world.bucket.put(f"datasets/{SET}/{name}", body)
    world.advance(5 * HOUR)
    before = (world.jobs, world.models, json.dumps(world.reports), world.topic.notices.copy())
    judged = len(world.decisions)
    world.settle()
    world.advance(24 * HOUR)
    assert len(world.decisions) > judged
    assert (world.jobs, world.models, json.dumps(world.reports), world.topic.notices) == before


def decisions(world: World) -> list[str]:
    return [decision["decision"] for decision in world.decisions]
