"""A model is entered in the registry once, beside the approved one, and approved by itself only where it is better."""

from typing import Any

import pytest

from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.faults import Crash
from tests.proof.scenarios import SET, drop
from tests.proof.test_evaluation import MODEL, TEST_RECORDS, send, told
from tests.proof.world import World

GROUP = f"sagescene--{SET}"
VALIDATION_RECORDS = data_sets.VALIDATION_RECORDS
FILES = data_sets.essential(data_sets.sound())


def registering(approves: str = "no") -> World:
    """Give a world with a registry, and a set that has test files."""
    world = World(EvaluateModel="yes", ModelRegistry="yes", ApproveWhenBetter=approves)
    world.bucket.put(TEST_RECORDS, b"records")
    return world


def versions(world: World) -> list[dict[str, Any]]:
    """Describe every version, oldest first."""
    listed = world.training.pages("ListModelPackages", "ModelPackageSummaryList")
    described = (
        world.training.ask("DescribeModelPackage", ModelPackageName=each["ModelPackageArn"]) for each in listed
    )
    return sorted(described, key=lambda each: each["ModelPackageVersion"])


def approvals(world: World) -> list[str]:
    return [each["ModelApprovalStatus"] for each in versions(world)]


def verdicts(world: World) -> list[str]:
    return [each["CustomerMetadataProperties"]["verdict"] for each in versions(world)]


def approve(world: World, number: int) -> None:
    arn = versions(world)[number - 1]["ModelPackageArn"]
    world.training.ask("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")


def train(world: World, skill: int = 5, number: int = 0) -> None:
    """Drop the set with its nth training images and the same validation images, and wait for its evaluated model."""
    world.evaluator.skill = skill
    drop(world, {**data_sets.essential(data_sets.sound(number)), VALIDATION_RECORDS: FILES[VALIDATION_RECORDS]})
    world.settle()
    check_settled(world)


def test_without_a_registry_nothing_is_entered_and_nothing_is_said_of_it() -> None:
    world = World(EvaluateModel="yes")
    train(world)
    assert not {call for call in world.gate.calls if "ModelPackage" in call}
    (text,) = [text for _, text in world.topic.notices]
    assert "registry" not in text
    assert "version" not in text


def test_the_first_version_waits_for_somebody_to_approve_it() -> None:
    world = registering(approves="yes")
    train(world)
    (version,) = versions(world)
    (job,) = world.jobs
    assert (version["ModelPackageGroupName"], version["ModelApprovalStatus"]) == (GROUP, "PendingManualApproval")
    evaluation = f"s3://{world.bucket.name}/reports/{SET}/{job}.evaluation.json"
    assert version["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] == evaluation
    assert version["CustomerMetadataProperties"]["accuracy"] == "0.5"
    (text,) = [text for _, text in world.topic.notices]
    assert "not comparable beside version 0." in text
    assert f"It is version 1 of {GROUP} in the model registry, and waits for somebody to approve it, because" in text
    assert world.metrics["ModelRegistered"] == 1


@pytest.mark.parametrize("approves", ["no", "yes"])
@pytest.mark.parametrize(("skill", "verdict"), [(6, "better"), (5, "within noise"), (4, "worse")])
def test_a_further_version_is_held_against_the_approved_one(skill: int, verdict: str, approves: str) -> None:
    world = registering(approves=approves)
    train(world)
    approve(world, 1)
    train(world, skill, number=1)
    assert verdicts(world) == ["not comparable", verdict]
    is_approved = verdict == "better" and approves == "yes"
    assert approvals(world) == ["Approved", "Approved" if is_approved else "PendingManualApproval"]
    assert f"{verdict} beside version 1." in world.topic.notices[-1][1]


def test_dropping_again_and_again_approves_nothing_that_is_not_better_than_an_approved_one() -> None:
    world = registering(approves="yes")
    for number in range(3):
        train(world, 5 + number, number=number)
    assert verdicts(world) == ["not comparable"] * 3
    assert approvals(world) == ["PendingManualApproval"] * 3


def test_on_validation_files_nothing_is_approved() -> None:
    world = World(EvaluateModel="yes", ModelRegistry="yes", ApproveWhenBetter="yes")
    train(world)
    approve(world, 1)
    # The same validation file, by which each best epoch is chosen.
    train(world, 9, number=1)
    assert approvals(world) == ["Approved", "PendingManualApproval"]


def test_the_newest_approved_version_is_the_one_to_beat_whatever_came_between() -> None:
    world = registering()
    train(world, 5)
    approve(world, 1)
    train(world, 8, number=1)
    train(world, 6, number=2)
    approve(world, 2)
    train(world, 7, number=3)
    assert verdicts(world) == ["not comparable", "better", "better", "worse"]
    compared = [each["CustomerMetadataProperties"]["compared-with"] for each in versions(world)]
    assert compared == ["none", "1", "1", "2"]


def test_an_approved_version_that_was_evaluated_on_these_test_files_later_is_compared() -> None:
    world = World(EvaluateModel="yes", ModelRegistry="yes")
    train(world)
    approve(world, 1)
    world.bucket.put(TEST_RECORDS, b"records")
    world.settle()
    assert len(versions(world)) == 1
    train(world, 6, number=1)
    assert verdicts(world) == ["not comparable", "better"]


def test_the_same_model_is_one_version_whatever_comes_again() -> None:
    world = registering(approves="yes")
    train(world)
    approve(world, 1)
    train(world, 6, number=1)
    for job in world.jobs:
        send(world, {"version": 1, "evaluate": {"job": job, "hop": 0}})
    world.settle()
    drop(world, FILES)
    world.settle()
    world.bucket.put(TEST_RECORDS, b"other records")
    world.settle()
    assert approvals(world) == ["Approved", "Approved"]
    assert "It stands in the model registry as version" in world.topic.notices[-1][1]


def test_a_refusal_by_the_registry_is_told_with_the_figures() -> None:
    for operation in ("CreateModelPackage", "CreateModelPackageGroup", "ListModelPackages"):
        world = registering()
        world.faults.refusals = [(operation, "AccessDeniedException")]
        train(world)
        (text,) = [text for subject, text in world.topic.notices if subject == MODEL]
        assert "On 10 test images its accuracy is 0.5." in text
        assert "It could not be entered in the model registry:" in text
        assert versions(world) == []


@pytest.mark.parametrize("operation", ["CreateModelPackage", "CreateModelPackageGroup", "ListModelPackages"])
def test_a_registry_that_is_asked_too_fast_is_asked_again_before_the_clock_tells(operation: str) -> None:
    world = registering()
    world.faults.refusals = [(operation, "ThrottlingException")] * 6
    train(world)
    assert world.faults.refusals == []
    (text,) = [text for subject, text in world.topic.notices if subject == MODEL]
    assert "On 10 test images its accuracy is 0.5." in text
    assert approvals(world) == ["PendingManualApproval"]
    assert len(world.topic.notices) == 1


def test_what_was_refused_is_entered_by_the_next_evaluation_of_the_model() -> None:
    world = registering()
    world.faults.refusals = [("CreateModelPackage", "AccessDeniedException")]
    train(world)
    world.bucket.put(TEST_RECORDS, b"other records")
    world.settle()
    assert approvals(world) == ["PendingManualApproval"]


def test_a_crash_before_or_after_any_call_enters_one_version_and_approves_what_was_decided() -> None:
    def play(*crashes: Crash) -> World:
        world = registering(approves="yes")
        train(world)
        approve(world, 1)
        world.evaluator.skill = 6
        calls.append(len(world.gate.calls))
        world.faults.crashes = {Crash(call=len(world.gate.calls) + each.call, after=each.after) for each in crashes}
        train(world, 6, number=1)
        if world.dead_letters:
            world.redrive()
            world.settle()
        return world

    calls: list[int] = []
    undisturbed = play()
    later = undisturbed.gate.calls[calls[0] :]
    first = later.index("CreateModelPackageGroup") - 2
    last = len(later) - 1 - later[::-1].index("Publish") + 3
    assert {"CreateModelPackageGroup", "ListModelPackages", "CreateModelPackage"} <= {*later[first:last]}
    for call in range(first, min(last, len(later))):
        for after in (False, True):
            world = play(Crash(call=call, after=after))
            where = f"{later[call]} ({call}), after: {after}"
            assert world.faults.injected["crash"] == 1, where
            assert approvals(world) == ["Approved", "Approved"], where
            assert verdicts(world) == ["not comparable", "better"], where
            assert 2 <= told(world)[MODEL] <= 3, where
        assert "better beside version 1.\nIt is version 2 of" in world.topic.notices[-1][1], where
