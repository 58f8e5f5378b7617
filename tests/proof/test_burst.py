"""Very many data sets at once, with CreateTrainingJob taking one call a second: none is lost, none trained on twice."""

import os
import random
from collections import Counter
from collections.abc import Mapping
from time import perf_counter

import pytest

from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.figures import Figure, note
from tests.proof.scenarios import use_up_quota
from tests.proof.world import World

SETS = 1000
ABOVE_QUOTA = int(os.environ.get("PROOF_ABOVE_QUOTA", "12"))
DUPLICATED = 0.3
WITHIN_SECONDS = 60.0
# What docs/decisions.md says of each, for six uploads a few seconds apart; the data and reports are read besides.
FOR_ONE_SET: Mapping[str, int] = {
    "ListObjectsV2": 8,
    "ListMultipartUploads": 1,
    "DescribeTrainingJob": 2,
    "PutObject": 4,
    "CreateTrainingJob": 1,
    "CreateModel": 1,
    "Publish": 1,
}
FOR_FILES_WITH_INDICES = 16  # records, list and index of both channels, of which the indices do not ring
FOR_A_DUPLICATE = 2
# How often each operation may be called for one data set, on average.
BUDGET: Mapping[str, float] = {
    "ListObjectsV2": 10.0,
    "ListMultipartUploads": 1.25,
    "GetObject": 9.75,  # one of them for a report that is not there yet
    "DescribeTrainingJob": 3.0,  # some of them by whoever was refused a job, for it may be there by then
    "PutObject": 4.25,  # one of them for the images, by which the next content of the set is told apart
    "CreateTrainingJob": 3.25,
    "SendMessage": 0.25,
    "CreateModel": 1.0,
    "Publish": 1.0,
    "ListTrainingJobs": 0.05,
}


def test_a_burst_of_data_sets_drains_without_loss() -> None:
    began = perf_counter()
    world, chance = World(MaxJobsAtOnce="0", MaxJobsPerDay="0"), random.Random(0)
    uploads = [
        (f"datasets/set-{number}/{name}", body)
        for number in range(SETS)
        for name, body in data_sets.sound(number).items()
    ]
    chance.shuffle(uploads)
    duplicates = 0
    for key, body in uploads:
        if chance.random() < DUPLICATED:
            world.faults.copies = [chance.uniform(0, 300)]
            duplicates += 1
        world.bucket.put(key, body)
        world.advance(WITHIN_SECONDS / len(uploads))
    started = world.simulation.now
    while not (world.is_quiet and len(world.jobs) == SETS):
        world.advance(60)
        assert world.simulation.now - started < 86_400, f"{len(world.jobs)} jobs after a day"
    took = world.simulation.now - started
    world.settle()
    check_settled(world)
    assert len(world.jobs) == len(world.models) == SETS
    assert world.metrics["TrainingStarted"] == world.metrics["ModelCreated"] == SETS
    assert not world.dead_letters
    spent = {operation: calls / SETS for operation, calls in sorted(world.gate.counted.items())}
    text = ", ".join(f"{operation} {calls:.2f}" for operation, calls in spent.items())
    print(text)
    remark = f"the last model after {took / 60:.0f} virtual minutes; AWS calls for one data set: {text}"
    note(
        Figure(
            proof=f"a burst of {SETS:,} data sets, {len(uploads):,} uploads",
            cases=SETS,
            faults=duplicates,
            seconds=perf_counter() - began,
            remark=remark,
        )
    )
    over = {operation: calls for operation, calls in spent.items() if calls > BUDGET[operation]}
    assert not over


def test_one_data_set_of_six_uploads_takes_these_calls() -> None:
    assert count_for_one_set(pause=3.0) == FOR_ONE_SET


def test_a_data_set_with_indices_takes_so_many_calls() -> None:
    names = (*data_sets.ESSENTIAL, data_sets.VALIDATION_LIST)
    (index,) = data_sets.index().values()
    files = {"train.idx": index, "validation.idx": index, **{name: data_sets.sound()[name] for name in names}}
    assert count_for_one_set(pause=3.0, files=files).total() == FOR_FILES_WITH_INDICES


def test_a_data_set_that_is_read_for_more_than_a_moment_is_looked_at_once_more() -> None:
    again = count_for_one_set(pause=3.0, reading_in_seconds=2.5) - count_for_one_set(pause=3.0)
    assert again == {"ListObjectsV2": 1, "ListMultipartUploads": 1}


@pytest.mark.parametrize("pause", [0.01, 1.0, 3.0], ids="a file every {} s".format)
def test_uploads_that_are_told_of_again_take_two_calls_at_most(pause: float) -> None:
    once, again = (count_for_one_set(pause, copies).total() for copies in ([], [20.0]))
    assert again - once <= FOR_A_DUPLICATE * len(data_sets.sound())


def test_files_that_were_refused_take_two_calls_when_they_are_told_of_again() -> None:
    world, files = World(), data_sets.broken()
    for name, body in files.items():
        world.faults.copies = [600.0]
        world.bucket.put(f"datasets/set/{name}", body)
    world.advance(300)
    assert world.metrics["DatasetRefused"] == 1
    before = Counter(world.gate.counted)
    world.advance(600)
    again = world.gate.counted - before
    del again["GetObject"]
    assert again.total() == FOR_A_DUPLICATE * len(files)


def test_data_sets_whose_files_come_within_one_second_take_one_job_of_the_day_each() -> None:
    names = [f"set-{number}" for number in range(5)]
    world = World(MaxJobsAtOnce="0", MaxJobsPerDay=str(len(names)))
    for name in names:
        for file, body in data_sets.sound().items():
            world.bucket.put(f"datasets/{name}/{file}", body)
    world.settle()
    assert list(world.days.values()) == [len(names)]
    check_settled(world)


def test_sets_that_are_read_over_midnight_take_jobs_of_the_new_day() -> None:
    world = World(MaxJobsAtOnce="0", MaxJobsPerDay="1")
    world.advance(-world.simulation.now % 86_400 - 120)  # it is read for as long, a quiet period later
    for number, pause in enumerate((0, 600)):
        world.advance(pause)
        *others, (last, body) = data_sets.essential(data_sets.sound(number)).items()
        for file, content in others:
            world.bucket.put(f"datasets/set-{number}/{file}", content)
        world.advance(10)
        world.faults.interventions["GetObject"] = lambda: world.simulation.sleep(120)
        world.bucket.put(f"datasets/set-{number}/{last}", body)
    world.settle()
    assert sorted(world.days.values()) == [1, 1]
    check_settled(world)


def count_for_one_set(
    pause: float,
    copies: list[float] | None = None,
    files: Mapping[str, bytes] | None = None,
    reading_in_seconds: float = 0.0,
) -> Counter[str]:
    """Count the calls of a set until its model, all but GetObject; each event comes again after these delays."""
    world = World(MaxJobsAtOnce="0", MaxJobsPerDay="0")
    world.faults.interventions["GetObject"] = lambda: world.simulation.sleep(reading_in_seconds)
    for name, body in (files or data_sets.sound()).items():
        world.faults.copies = list(copies or [])
        world.bucket.put(f"datasets/set/{name}", body)
        world.advance(pause)
    world.advance(600)
    assert len(world.models) == 1
    return Counter({operation: calls for operation, calls in world.gate.counted.items() if operation != "GetObject"})


def test_a_burst_above_the_quota_tells_once_of_every_set_and_gives_each_up_after_a_day() -> None:
    began = perf_counter()
    world, number = World(MaxJobsAtOnce="0", MaxJobsPerDay="0"), ABOVE_QUOTA
    use_up_quota(world)
    for each in range(number):
        for name, body in data_sets.essential(data_sets.sound(each)).items():
            world.bucket.put(f"datasets/set-{each}/{name}", body)
        world.advance(0.05)
    world.advance(23 * 3600.0)
    subjects = Counter(subject for subject, _ in world.topic.notices)
    assert subjects == {f"Data set set-{each} waits for an instance quota": 1 for each in range(number)}
    world.advance(3 * 3600.0)
    subjects = Counter(subject for subject, _ in world.topic.notices) - subjects
    assert subjects == {f"Training on data set set-{each} was given up": 1 for each in range(number)}
    check_settled(world)
    note(
        Figure(
            proof=f"a burst of {number} data sets with a quota that others use",
            cases=number,
            faults=number,
            seconds=perf_counter() - began,
        )
    )
