"""A model is evaluated once for the same files, and its notice goes out once, whatever dies, repeats or takes long."""

import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from moto.sqs.models import sqs_backends

from sagescene.files.setimages import ImagesOfSet
from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.deployment import ACCOUNT
from tests.proof.faults import Crash, InternalError
from tests.proof.scenarios import SET, decisions, drop
from tests.proof.world import World

MODEL = f"Data set {SET} has a model"
APART = f"Data set {SET} has another evaluation"
FILES = data_sets.essential(data_sets.sound())
TEST_RECORDS = f"datasets/{SET}/animals_test.rec"


def evaluating(minutes: int = 30) -> World:
    return World(EvaluateModel="yes", MaxEvaluationMinutes=str(minutes))


def told(world: World) -> Counter[str]:
    return Counter(subject for subject, _ in world.topic.notices)


def text_of(world: World, subject: str) -> str:
    (text,) = [text for each, text in world.topic.notices if each == subject]
    return text


def evaluations(world: World) -> dict[str, dict[str, object]]:
    documents = world._documents("reports/")
    return {key: document for key, document in documents.items() if key.endswith(".evaluation.json")}


def send(world: World, message: dict[str, object]) -> None:
    assert world.evaluations
    sqs_backends[ACCOUNT.id][ACCOUNT.region].send_message(world.evaluations.name, json.dumps(message))


def finish(world: World) -> str:
    """Let the world come to its end, and give the name of its one job."""
    world.settle()
    check_settled(world)
    (job,) = world.jobs
    return job


def test_a_model_is_evaluated_on_its_test_files_and_told_with_the_figures() -> None:
    world = evaluating()
    world.bucket.put(TEST_RECORDS, b"records")
    drop(world, FILES)
    job = finish(world)
    assert told(world) == {MODEL: 1}
    text = text_of(world, MODEL)
    assert "On 10 test images its accuracy is 0.5.\n- both fits differ\nThe whole evaluation: https://" in text
    assert f"prefix=reports/{SET}/{job}.evaluation.html" in text
    assert [document["role"] for document in evaluations(world).values()] == ["test"]
    assert f"reports/{SET}/{job}.evaluation.html" in world.bucket.list_keys(world.bucket.name, "reports/")
    assert world.metrics["ModelEvaluated"] == 1


def test_without_test_files_the_validation_file_is_taken_and_said_to_be() -> None:
    world = evaluating()
    drop(world, FILES)
    finish(world)
    assert "On 10 validation images" in text_of(world, MODEL)


def test_with_evaluation_left_out_the_notice_comes_with_the_model() -> None:
    world = World()
    drop(world, FILES)
    job = finish(world)
    assert told(world) == {MODEL: 1}
    assert "evaluat" not in text_of(world, MODEL)
    assert evaluations(world) == {}
    (outcome,) = world.outcomes.values()
    assert (outcome["job"], outcome["notice"]["subject"]) == (job, MODEL)


def test_a_large_set_goes_on_in_the_next_message_and_no_image_is_measured_twice() -> None:
    world = evaluating(60)
    world.evaluator.images = 2000
    drop(world, FILES)
    finish(world)
    assert decisions(world).count("evaluating") == 2
    assert len(world.evaluator.read) == len(set(world.evaluator.read)) == 2000
    assert "On 2000 validation images" in text_of(world, MODEL)


def test_each_message_knows_what_the_model_was_trained_on() -> None:
    world = evaluating(60)
    world.evaluator.images = 2000
    drop(world, FILES)
    job = finish(world)
    key = f"reports/{SET}/{job.rpartition('--')[2]}.images.json"
    images = ImagesOfSet.from_json(world._documents("reports/")[key])
    assert images
    assert images.digests
    assert world.evaluator.trained_on == [images] * 3
    world.bucket.put(key, b"{}")
    world.bucket.put(TEST_RECORDS, b"records")
    finish(world)
    assert set(world.evaluator.trained_on[3:]) == {None}


def test_when_its_minutes_are_over_the_sample_is_stated() -> None:
    world = evaluating(20)
    world.evaluator.images = 2000
    drop(world, FILES)
    finish(world)
    images = len(world.evaluator.read)
    assert 1190 < images <= 1200
    assert f"On a sample of {images} of 2000 validation images" in text_of(world, MODEL)
    assert told(world) == {MODEL: 1}


@pytest.mark.parametrize("delays", [(0,), (0, 0, 0), (300,), (3000,), (86_400,)])
def test_a_message_that_comes_again_changes_nothing(delays: tuple[float, ...]) -> None:
    world = evaluating()
    world.evaluator.images = 100
    drop(world, FILES)
    while not world.models:
        world.advance(1)
    (job,) = world.jobs
    for delay in delays:
        world.advance(delay)
        send(world, {"version": 1, "evaluate": {"job": job, "hop": 0}})
    finish(world)
    assert told(world) == {MODEL: 1}
    assert len(evaluations(world)) == 1
    assert world.metrics["ModelEvaluated"] == 1


def test_a_crash_before_or_after_any_call_of_an_evaluation_loses_nothing() -> None:
    def play(*crashes: Crash) -> World:
        world = evaluating(60)
        world.evaluator.images = 1000
        world.bucket.put(TEST_RECORDS, b"records")
        drop(world, FILES)
        world.faults.crashes = set(crashes)
        world.settle()
        if world.dead_letters:
            world.redrive()
            world.settle()
        check_settled(world)
        return world

    undisturbed = play()
    calls, expected = list(undisturbed.gate.calls), evaluations(undisturbed).keys()
    first = calls.index("CreateModel") - 1
    assert len(calls) - first > 30
    for call in range(first, len(calls)):
        for after in (False, True):
            world = play(Crash(call=call, after=after))
            where = f"{calls[call]} ({call}), after: {after}"
            assert world.faults.injected["crash"] == 1, where
            assert evaluations(world).keys() == expected, where
            # Between the notice and the note of it nobody can tell whether it was sent.
            most = 2 if (after and calls[call] == "Publish") or calls[call - 1] == "Publish" else 1
            assert 1 <= told(world)[MODEL] <= most, where
            assert told(world).keys() == {MODEL}, where


def disturb_each_call(first: int, calls: list[str], play: Callable[..., World]) -> Iterator[tuple[str, World, int]]:
    """Give for an internal error in answer to each call where it was, the world, and how many notices there may be."""
    for call in range(first, len(calls)):
        for after in (False, True):
            world = play(InternalError(call=call, after=after))
            where = f"{calls[call]} ({call}), after: {after}"
            is_refused_anyway = after  # where the call's own condition does not hold
            assert world.faults.injected["internal error"] == 1 or is_refused_anyway, where
            yield where, world, 2 if (after and calls[call] == "Publish") or calls[call - 1] == "Publish" else 1


def test_internal_errors_of_aws_are_waited_out_before_the_clock_tells_of_the_model() -> None:
    def play(*errors: InternalError) -> World:
        world = evaluating()
        world.evaluator.images = 100
        world.bucket.put(TEST_RECORDS, b"records")
        drop(world, FILES)
        world.faults.internal_errors = set(errors)
        finish(world)
        return world

    calls = list(play().gate.calls)
    for where, world, most in disturb_each_call(calls.index("CreateModel") + 1, calls, play):
        assert told(world).keys() == {MODEL}, where
        assert 1 <= told(world)[MODEL] <= most, where
        assert any("On 100 test images" in text for subject, text in world.topic.notices if subject == MODEL), where


def test_internal_errors_of_aws_are_waited_out_before_people_are_told_of_new_test_files() -> None:
    begun: list[int] = []

    def play(*errors: InternalError) -> World:
        world = evaluating()
        world.evaluator.images = 100
        drop(world, FILES)
        finish(world)
        begun.append(len(world.gate.calls))
        world.bucket.put(TEST_RECORDS, b"records")
        world.faults.internal_errors = set(errors)
        world.advance(1800)
        assert told(world)[APART], errors
        finish(world)
        return world

    calls = list(play().gate.calls)
    for where, world, most in disturb_each_call(begun[0], calls, play):
        assert told(world).keys() == {MODEL, APART}, where
        assert 1 <= told(world)[APART] <= most, where
        assert any("On 100 test images" in text for subject, text in world.topic.notices if subject == APART), where


def test_after_an_hour_the_clock_tells_without_figures_and_those_are_told_when_they_come() -> None:
    world = evaluating(600)
    world.evaluator.images = 12_000
    drop(world, FILES)
    while not world.models:
        world.advance(10)
    world.advance(3500)
    assert told(world) == {}
    job = finish(world)
    assert told(world) == {MODEL: 1, APART: 1}
    text = text_of(world, MODEL)
    assert "Its evaluation has not ended within an hour." in text
    assert f"prefix=reports/{SET}/{job}.evaluation.html" in text
    assert "On 12000 validation images its accuracy is 0.5." in text_of(world, APART)
    assert len(evaluations(world)) == 1


@pytest.mark.parametrize("reason", ["no number", "replaced since"])
def test_what_fails_after_the_clock_has_told_is_told_of_once(reason: str) -> None:
    world = evaluating(600)
    world.evaluator.images = 12_000
    drop(world, FILES)
    while not world.models:
        world.advance(10)
    (job,) = world.jobs
    while not told(world):
        world.advance(60)
    if reason == "replaced since":
        for key in list(world.bucket.list_keys(world.bucket.name, f"datasets/{SET}/")):
            world.bucket.delete(key)
    world.evaluator.fails = True
    world.settle()
    for _ in range(3):
        send(world, {"version": 1, "evaluate": {"job": job, "hop": 0}})
    finish(world)
    assert told(world) == {MODEL: 1, APART: 1}
    assert reason in text_of(world, APART)


def test_test_files_for_a_model_whose_artifact_is_gone_are_told_of_once() -> None:
    world = evaluating()
    drop(world, FILES)
    job = finish(world)
    artifact = next(iter(world.bucket.list_keys(world.bucket.name, "models/")))
    world.bucket.delete(artifact)
    world.bucket.put(TEST_RECORDS, b"records")
    world.settle()
    for _ in range(3):
        send(world, {"version": 1, "evaluate": {"job": job, "hop": 0}})
    finish(world)
    assert told(world) == {MODEL: 1, APART: 1}
    assert f"There is no s3://{world.bucket.name}/{artifact} any more" in text_of(world, APART)
    assert "Put it back" in text_of(world, APART)


def test_an_evaluation_that_dies_each_time_is_told_of_by_the_clock_and_ends_in_the_dead_letters() -> None:
    world = evaluating()
    drop(world, FILES)
    while not world.models:
        world.advance(10)
    world.faults.refusals = [("GetObject", "AccessDenied")] * 200
    world.advance(5 * 5400 + 900)
    assert world.dead_letters
    world.faults.stop()
    world.settle(days=1)
    assert told(world) == {MODEL: 1}
    world.redrive()
    finish(world)
    assert told(world) == {MODEL: 1, APART: 1}
    assert len(evaluations(world)) == 1


def test_a_model_that_cannot_be_measured_is_told_with_the_reason_at_once() -> None:
    world = evaluating()
    world.evaluator.fails = True
    drop(world, FILES)
    while not world.models:
        world.advance(10)
    world.advance(300)
    assert "It could not be evaluated:\nthe model answers with what is no number." in text_of(world, MODEL)
    finish(world)
    assert told(world) == {MODEL: 1}
    assert evaluations(world) == {}


@pytest.mark.parametrize("fails_from_the_start", [False, True])
def test_new_test_files_that_cannot_be_measured_are_told_of_once(*, fails_from_the_start: bool) -> None:
    world = evaluating()
    world.evaluator.fails = fails_from_the_start
    drop(world, FILES)
    job = finish(world)
    world.evaluator.fails = True
    world.bucket.put(TEST_RECORDS, b"damaged records")
    world.settle()
    for _ in range(3):
        send(world, {"version": 1, "evaluate": {"job": job, "hop": 0}})
    finish(world)
    assert told(world) == {MODEL: 1, APART: 1}
    assert "It could not be evaluated:\nthe model answers with what is no number." in text_of(world, APART)


def test_of_test_files_that_are_replaced_again_and_again_people_are_told_once_an_hour_and_of_figures_at_once() -> None:
    world = evaluating()
    drop(world, FILES)
    finish(world)

    def replace_for_minutes(minutes: int) -> None:
        for minute in range(minutes):
            world.bucket.put(TEST_RECORDS, b"records of minute %d, %d" % (minute, world.evaluator.fails))
            world.advance(60)

    world.evaluator.fails = True
    replace_for_minutes(20)
    world.advance(300)
    assert told(world) == {MODEL: 1, APART: 1}
    world.evaluator.fails = False
    replace_for_minutes(20)
    world.advance(300)
    assert told(world) == {MODEL: 1, APART: 2}
    assert any("its accuracy is" in text for subject, text in world.topic.notices if subject == APART)
    world.advance(3600)
    world.evaluator.fails = True
    world.bucket.put(TEST_RECORDS, b"more")
    finish(world)
    assert told(world) == {MODEL: 1, APART: 3}
    assert " more of these notices were held back: one an hour is sent." in world.topic.notices[-1][1]


def test_new_test_files_are_evaluated_on_under_a_name_of_their_own_and_without_a_job() -> None:
    world = evaluating()
    drop(world, FILES)
    job = finish(world)
    world.bucket.put(TEST_RECORDS, b"records")
    world.settle()
    world.bucket.put(TEST_RECORDS, b"other records")
    assert finish(world) == job
    assert told(world) == {MODEL: 1, APART: 2}
    first, *others = sorted(evaluations(world), key=len)
    assert first == f"reports/{SET}/{job}.evaluation.json"
    assert len(others) == 2
    assert all(key.startswith(f"reports/{SET}/{job}.") for key in others)
    # The same files once more are known.
    world.bucket.put(TEST_RECORDS, b"records")
    finish(world)
    assert told(world) == {MODEL: 1, APART: 2}


def test_several_test_files_that_are_dropped_together_are_one_evaluation() -> None:
    world = evaluating()
    drop(world, FILES)
    finish(world)
    for number in range(3):
        world.bucket.put(f"datasets/{SET}/test/{number}.rec", b"records")
        world.advance(5)
    finish(world)
    assert told(world) == {MODEL: 1, APART: 1}
    assert len(evaluations(world)) == 2


def test_test_files_that_change_while_they_are_read_are_read_anew() -> None:
    world = evaluating()
    world.bucket.put(TEST_RECORDS, b"records")
    drop(world, FILES)
    while not world.models:
        world.advance(1)

    def put_others() -> None:
        world.faults.interventions["GetObject"] = lambda: world.bucket.put(TEST_RECORDS, b"other records")

    world.faults.interventions["PutObject"] = put_others
    finish(world)
    assert told(world) == {MODEL: 1}
    (document,) = evaluations(world).values()
    assert document["files"] == [{"key": TEST_RECORDS, "etag": world.bucket[TEST_RECORDS].etag}]


def test_a_deleted_model_that_is_wanted_back_is_told_of_and_not_evaluated_again() -> None:
    world = evaluating()
    drop(world, FILES)
    finish(world)
    for model in world.models:
        world.training.ask("DeleteModel", ModelName=model)
    drop(world, FILES)
    finish(world)
    assert told(world) == {MODEL: 2}
    assert world.metrics["ModelEvaluated"] == 1
