"""How uploads mislead: multipart objects dated at their start, files replaced in place, the same bytes again."""

import json

import pytest

from sagescene import keys
from sagescene.triggers import Uploaded, WaitCause, Waiting, write_message
from tests.proof import data_sets
from tests.proof.checks import assembled_now, check_settled
from tests.proof.data_sets import TRAIN_LIST, TRAIN_RECORDS, TRAINING_JSON, VALIDATION_LIST, VALIDATION_RECORDS
from tests.proof.faults import Crash
from tests.proof.scenarios import SET, decisions, drop, use_up_quota
from tests.proof.training import CAPACITY
from tests.proof.world import World

HOUR = 3600.0
CLOCK = {"detail-type": "Scheduled Event", "source": "aws.events"}
OLD, NEW = data_sets.essential(data_sets.sound(1)), data_sets.essential(data_sets.sound(2))


def die_before(world: World, operation: str) -> None:
    """Let the function die that calls an operation next."""

    def die() -> None:
        world.faults.crashes.add(Crash(call=len(world.gate.calls) - 1, after=False))

    world.faults.interventions[operation] = die


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


@pytest.mark.parametrize("is_same", [True, False], ids=["the same bytes", "the same fault in other bytes"])
def test_a_refusal_that_died_before_its_notice_holds_no_later_one_back(world: World, *, is_same: bool) -> None:
    die_before(world, "Publish")
    drop(world, data_sets.essential(data_sets.broken()))
    world.advance(600)
    assert world.faults.injected["crash"] == 1
    assert world.topic.notices == []
    drop(world, data_sets.essential(data_sets.broken(0 if is_same else 1)))
    world.settle()
    assert [subject for subject, _ in world.topic.notices] == [f"Data set {SET} is refused"]


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


@pytest.mark.parametrize("files", [NEW, data_sets.essential(data_sets.broken())], ids=["a model", "a refusal"])
def test_a_conditional_write_that_meets_another_is_made_again(files: dict[str, bytes]) -> None:
    world = World(EvaluateModel="yes", ModelRegistry="yes", MaxJobsAtOnce="1")
    world.faults.conflicts = True
    drop(world, files)
    world.settle()
    check_settled(world)
    assert world.faults.injected["conditional write"] > 1
    assert len(world.topic.notices) == 1
    unchanged = World(EvaluateModel="yes", ModelRegistry="yes", MaxJobsAtOnce="1")
    drop(unchanged, files)
    unchanged.settle()
    assert sorted(kept(world)) == sorted(kept(unchanged))


def kept(world: World) -> list[str]:
    """Give the keys of all that the functions wrote."""
    return [key for key in world.bucket.list_keys(world.bucket.name, "") if not key.startswith("datasets/")]


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


def test_a_set_whose_latest_file_is_deleted_before_its_turn_is_judged_without_it(world: World) -> None:
    drop(world, NEW)
    world.advance(40)
    drop(world, {"old_train.rec": OLD[TRAIN_RECORDS]})
    world.advance(40)
    assert decisions(world) == ["stood down"] * 3  # for the file that is deleted now
    world.bucket.delete(f"datasets/{SET}/old_train.rec")
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


def test_an_event_that_comes_again_after_a_file_was_deleted_changes_nothing(world: World) -> None:
    world.faults.copies = [6 * HOUR]
    drop(world, {TRAINING_JSON: b'{"epochs": 2}'})
    drop(world, {TRAIN_LIST: NEW[TRAIN_LIST], TRAIN_RECORDS: NEW[TRAIN_RECORDS]})
    world.faults.copies = [7 * HOUR]
    drop(world, {VALIDATION_RECORDS: NEW[VALIDATION_RECORDS]})
    world.advance(5 * HOUR)
    world.bucket.delete(f"datasets/{SET}/{TRAINING_JSON}")
    world.settle()
    world.advance(24 * HOUR)
    assert list(world.jobs.values()) == ["Completed"]
    world.bucket.put(f"datasets/{SET}/{TRAINING_JSON}", b'{"epochs": 2}')


def test_a_function_that_dies_with_its_verdict_has_not_judged_for_those_that_come_after(world: World) -> None:
    drop(world, {TRAINING_JSON: b'{"epochs": 2}', **NEW}, pause=5)

    die_before(world, "CreateTrainingJob")
    world.advance(300)
    assert world.reports
    assert not world.jobs
    world.bucket.delete(f"datasets/{SET}/{TRAINING_JSON}")
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]


@pytest.mark.parametrize("name", ["train.idx", VALIDATION_RECORDS])
def test_a_file_that_changes_while_the_set_is_read_loses_nothing(world: World, name: str) -> None:
    world.bucket.put(f"datasets/{SET}/train.idx", b"nothing")
    drop(world, NEW)
    world.faults.interventions["GetObject"] = lambda: world.bucket.delete(f"datasets/{SET}/{name}")
    world.settle()
    assert not world.faults.interventions
    told = [subject for subject, _ in world.topic.notices]
    assert told == [f"Data set {SET} {'has a model' if name == 'train.idx' else 'is incomplete'}"]


@pytest.mark.parametrize("other", [OLD[TRAIN_RECORDS], None], ids=["replaced", "being replaced"])
def test_no_job_is_started_on_a_file_that_was_replaced_while_the_set_was_read(
    world: World, other: bytes | None
) -> None:
    drop(world, NEW, pause=5)
    key = f"datasets/{SET}/{TRAIN_RECORDS}"
    begun: list[int] = []
    world.faults.interventions["GetObject"] = lambda: world.simulation.sleep(3)
    # All is read when the report is written.
    world.faults.interventions["PutObject"] = lambda: (
        world.bucket.put(key, other) if other else begun.append(world.bucket.begin(key))
    )
    world.advance(4 * HOUR)
    if other is None:
        assert world.jobs == {}
        world.bucket.complete(begun[0], OLD[TRAIN_RECORDS])
        world.settle()
    assert list(world.jobs.values()) == ["Completed"]


@pytest.mark.parametrize(("seconds", "jobs"), [(1.9, 2), (2.0, 1)], ids=["in a moment", "in more than that"])
def test_files_that_are_replaced_within_a_moment_are_trained_on_as_well(
    world: World, seconds: float, jobs: int
) -> None:
    world.gate.latency = lambda: 0.001
    drop(world, NEW, pause=5)
    world.faults.interventions["GetObject"] = lambda: world.simulation.sleep(seconds)
    key = f"datasets/{SET}/{TRAIN_RECORDS}"
    world.faults.interventions["PutObject"] = lambda: world.bucket.put(key, OLD[TRAIN_RECORDS])
    world.settle()
    assert not world.faults.interventions
    check_settled(world)
    assert list(world.jobs.values()) == ["Completed"] * jobs
    name = keys.job_name(world.settings.job_prefix, SET, assembled_now(world, SET).fingerprint)
    assert name in world.models


def test_a_correction_in_the_second_of_the_refusal_is_judged(world: World) -> None:
    world.gate.latency = lambda: 0.001
    drop(world, {**NEW, VALIDATION_LIST: b"no list at all"}, pause=5)

    def correct() -> None:
        world.bucket.put(f"datasets/{SET}/{VALIDATION_LIST}", data_sets.sound(2)[VALIDATION_LIST])

    world.faults.interventions["Publish"] = correct
    world.settle()
    assert "refused" in decisions(world)
    assert list(world.jobs.values()) == ["Completed"]


def test_a_correction_that_uploads_while_a_refused_set_is_told_of_again_is_judged(world: World) -> None:
    world.faults.copies = [HOUR]
    drop(world, {TRAIN_LIST: b"no list at all", **{name: NEW[name] for name in (VALIDATION_RECORDS, TRAIN_RECORDS)}})
    world.advance(HOUR / 2)
    upload = world.bucket.begin(f"datasets/{SET}/{TRAIN_LIST}")
    world.advance(HOUR)
    assert decisions(world)[-1] == "refused"
    assert "postponed" not in decisions(world)
    world.bucket.complete(upload, NEW[TRAIN_LIST])
    world.settle()
    check_settled(world)
    assert list(world.jobs.values()) == ["Completed"]


def test_the_same_part_of_a_set_is_reminded_of_again_when_it_is_dropped_again(world: World) -> None:
    part = {name: NEW[name] for name in (TRAIN_RECORDS, TRAIN_LIST)}
    for times in (1, 2):
        world.faults.copies = [100.0, 3 * HOUR]
        drop(world, part)
        world.settle()
        assert [subject for subject, _ in world.topic.notices] == [f"Data set {SET} is incomplete"] * times
        world.advance(20 * 24 * HOUR)


def test_people_are_told_once_of_an_upload_that_nobody_ends(world: World) -> None:
    world.bucket.begin(f"datasets/{SET}/{VALIDATION_LIST}")
    drop(world, NEW)
    world.advance(20 * HOUR)
    ((subject, text),) = world.topic.notices
    assert subject == f"Data set {SET} waits for an upload"
    assert f"--key datasets/{SET}/{VALIDATION_LIST} --upload-id" in text
    world.settle()


def test_waits_for_rate_and_quota_are_one_wait(world: World) -> None:
    use_up_quota(world)
    drop(world, NEW)
    for _ in range(60):
        world.advance(HOUR / 2)
        world.faults.refusals += [("CreateTrainingJob", "ThrottlingException")]
    subjects = [subject for subject, _ in world.topic.notices]
    assert subjects == [f"Data set {SET} waits for an instance quota", f"Training on data set {SET} was given up"]


@pytest.mark.parametrize("failure", ["", "ClientError: Data download failed: AccessDenied"])
def test_an_end_that_the_version_before_has_finished_is_told_once(world: World, failure: str) -> None:
    world.training.containers.failures.append(failure)
    drop(world, NEW)
    while not world.outcomes:
        world.advance(60)
    notices, (key,), (job,) = world.topic.notices.copy(), world.outcomes, world.jobs
    former = world.bucket.put(f"reports/{SET}/{job}.outcome.json", world.bucket[key].body)
    world.bucket.forget(key)
    world.advance(60)
    world.invoke("FinishTrainingFunction", CLOCK)
    world.advance(60)
    assert world.topic.notices == notices
    world.bucket.forget(key)
    world.written.clear()
    world.bucket.put(key, former.body)


def test_waits_that_follow_each_other_are_given_up_after_four_days(world: World) -> None:
    use_up_quota(world)
    drop(world, NEW)
    for _ in range(6):
        world.advance(6 * HOUR)  # for the quota
        upload = world.bucket.begin(f"datasets/{SET}/{VALIDATION_LIST}")
        world.advance(12 * HOUR)
        world.bucket.abort(upload)
    assert [outcome["status"] for outcome in world.outcomes.values()] == ["NotStarted"]
    assert world.metrics["TrainingFailed"] == 1
    subject, text = world.topic.notices[-1]
    assert subject == f"Training on data set {SET} was given up"
    assert "has been put off" in text


@pytest.mark.parametrize(("hops", "decision"), [(999, "postponed"), (1000, "given up")])
def test_the_thousandth_wait_is_the_last(world: World, hops: int, decision: str) -> None:
    use_up_quota(world)
    for name, body in NEW.items():
        world.bucket.put(f"datasets/{SET}/{name}", body)
    now = world.simulation.time
    waiting = Waiting(cause=WaitCause.QUOTA, since=now, hops=hops, began=now)
    upload = Uploaded(bucket=world.bucket.name, key=f"datasets/{SET}/{TRAIN_LIST}", time=now, waiting=waiting)
    world.invoke("StartTrainingFunction", write_message(upload))
    world.advance(10)
    assert decisions(world) == [decision]
    world.training.used_elsewhere.clear()
    world.settle()


@pytest.mark.parametrize("puts", [1, 25])
@pytest.mark.parametrize("fault", ["a crash", "a refused call"])
def test_a_misplaced_file_is_told_of_once_though_its_notice_fails_at_first(fault: str, puts: int) -> None:
    world = World()
    if fault == "a crash":
        die_before(world, "Publish")
    else:
        world.faults.refusals = [("Publish", "InternalError")]
    for number in range(puts):
        world.bucket.put("datasets/x.rec", str(number).encode())
    world.settle()
    assert world.faults.injected.total() == 1
    assert [subject for subject, _ in world.topic.notices] == ["datasets/x.rec is not in a data set"]
    check_settled(world)


@pytest.mark.parametrize("seed", range(5))
def test_25_puts_of_one_misplaced_file_that_are_handled_at_once_send_one_notice(seed: int) -> None:
    world = World(seed)
    put = Uploaded(bucket=world.bucket.name, key="datasets/x.rec", time=world.simulation.time)
    for _ in range(25):
        world.invoke("StartTrainingFunction", write_message(put))
    world.settle()
    assert len(world.topic.notices) == 1


def test_25_puts_of_one_misplaced_file_send_one_notice_in_an_hour_and_the_next_counts_the_others() -> None:
    world = World()
    for number in range(25):
        world.bucket.put("datasets/x.rec", str(number).encode())
    world.settle()
    assert len(world.topic.notices) == 1
    world.bucket.put("datasets/x.rec", b"again")
    world.settle()
    assert len(world.topic.notices) == 2
    assert "24 more of these notices were held back" in world.topic.notices[-1][1]
    world.close()
