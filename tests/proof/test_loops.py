"""Waiting is a chain of function and queue: Lambda ends it after 16 invocations, unless the function allows loops."""

from collections.abc import Callable

import pytest

from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.data_sets import VALIDATION_LIST
from tests.proof.scenarios import SET, drop, use_up_quota
from tests.proof.world import World

DAY = 86_400.0
FILES = data_sets.essential(data_sets.sound())


class TerminatingWorld(World):
    """Has today's template with Lambda's default in it."""

    terminates_loops = True


def wait_for_a_quota(world: World) -> None:
    use_up_quota(world)
    drop(world, FILES, pause=5)  # the last of them judges the set


def wait_for_an_upload(world: World) -> None:
    world.bucket.begin(f"datasets/{SET}/{VALIDATION_LIST}")
    drop(world, FILES, pause=5)  # the last of them judges the set


def wait_for_the_rate(world: World) -> None:
    world.faults.refusals = [("CreateTrainingJob", "ThrottlingException")] * 2000
    drop(world, FILES, pause=5)  # the last of them judges the set


WAITS = [
    (wait_for_a_quota, f"Training on data set {SET} was given up"),
    (wait_for_an_upload, f"Data set {SET} has a model"),
    (wait_for_the_rate, f"Training on data set {SET} was given up"),
]


@pytest.mark.parametrize(("begin", "end"), WAITS, ids=["quota", "upload", "rate"])
def test_a_day_of_waiting_in_a_loop_that_is_allowed_ends_in_its_notice(
    begin: Callable[[World], None], end: str
) -> None:
    world = World()
    begin(world)
    world.advance(DAY + 3 * 3600)
    world.faults.stop()
    world.settle()
    assert world.metrics["TrainingWaiting"] > 16, "the wait was no loop that Lambda would have ended"
    assert world.topic.notices[-1][0] == end
    check_settled(world)


@pytest.mark.parametrize(("begin", "end"), WAITS, ids=["quota", "upload", "rate"])
def test_a_day_of_waiting_in_a_loop_that_is_terminated_ends_in_dead_letters(
    begin: Callable[[World], None], end: str
) -> None:
    world = TerminatingWorld()
    begin(world)
    world.advance(DAY + 3 * 3600)
    assert len(world.dead_letters) == 1
    # The message is received as often as the queue's redrive policy allows, and stopped each time.
    assert world.metrics["RecursiveInvocationsDropped"] == world.uploads.redrive_policy["maxReceiveCount"]  # type: ignore[index]
    assert world.metrics["TrainingWaiting"] == 16
    assert end not in [subject for subject, _ in world.topic.notices]
    assert not world.jobs


def test_a_dead_letter_that_is_sent_again_begins_a_chain_of_its_own() -> None:
    world = TerminatingWorld()
    wait_for_a_quota(world)
    world.advance(DAY)
    world.redrive()
    world.training.used_elsewhere.clear()
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]
