"""Two functions that handle the same thing at one time, interleaved at every boundary between their calls."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import pytest

from sagescene.triggers import Uploaded
from sagescene.workflow import claims
from sagescene.workflow.steps import Claim
from tests.proof import data_sets
from tests.proof.checks import check_always, check_settled
from tests.proof.events import ENDED
from tests.proof.figures import Figure, note
from tests.proof.scenarios import SET
from tests.proof.simulation import Activity
from tests.proof.training import CAPACITY
from tests.proof.world import World

CALLS_AROUND_SLOTS = 6
NEVER = -1
HOUR = 3600.0


class Interleaving:
    """Latencies by which the first function makes some calls, then the second some, then the first its others.

    Who is held up while it reads has read for more than a moment.
    """

    def __init__(self, world: World, first: int, second: int) -> None:
        self._world = world
        self._stops = (first, second)
        self._calls: dict[Activity, int] = {}

    @property
    def calls(self) -> list[int]:
        """How many calls each function made."""
        return list(self._calls.values())

    def __call__(self) -> float:
        activity = self._world.simulation.current
        assert activity
        number = self._calls.setdefault(activity, 0)
        self._calls[activity] += 1
        place = list(self._calls).index(activity)
        if place > 1:
            return 0.0
        return (1.0 if place and number == 0 else 0.0) + (3.0 if number == self._stops[place] else 0.0)


@pytest.mark.parametrize("failure", ["", CAPACITY], ids=["a model", "no capacity at first"])
@pytest.mark.parametrize("function", ["StartTrainingFunction", "FinishTrainingFunction"])
def test_two_functions_that_race_make_one_job_one_model_and_one_outcome(function: str, failure: str) -> None:
    began, cases = perf_counter(), 0
    calls = count_calls(function, failure)
    for first, second in itertools.product(range(calls + 1), repeat=2):
        world = World()
        if failure:
            world.training.service.fail_next(failure)
        race(world, function, Interleaving(world, first, second))
        check_settled(world)
        assert sorted(world.jobs.values()) == (["Completed", "Failed"] if failure else ["Completed"])
        assert len(world.models) == 1
        world.close()
        cases += 1
    note(
        Figure(
            proof="two functions interleaved at every call",
            cases=cases,
            faults=cases,
            seconds=perf_counter() - began,
        )
    )


LIMITS = {
    "at once": {"MaxJobsAtOnce": "1", "MaxJobsPerDay": "0"},
    "a day": {"MaxJobsAtOnce": "0", "MaxJobsPerDay": "1"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRace:
    """Two uploads that want the last slot, of these sets.

    The first to ask for a job may be refused it (`refusal`), and another set come `later`, while what the two have
    started runs.
    """

    names: tuple[str, str]
    later: str = ""
    refusal: str = ""


SLOT_RACES = {
    "two data sets take it one after the other": SlotRace(names=("pets", "cars")),
    "two uploads of one data set share it": SlotRace(names=("pets", "pets")),
    "one that is throttled leaves it to another of its data set": SlotRace(
        names=("pets", "pets"), later="cars", refusal="ThrottlingException"
    ),
}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("race", SLOT_RACES)
def test_two_uploads_race_for_the_last_slot(race: str, limit: str) -> None:
    began, cases = perf_counter(), 0
    calls = race_for_slot(replace(SLOT_RACES[race], later="", refusal=""), LIMITS[limit], NEVER, NEVER)
    # Before its last calls each works on its own set.
    for first, second in itertools.product(range(calls - CALLS_AROUND_SLOTS, calls + 1), repeat=2):
        race_for_slot(SLOT_RACES[race], LIMITS[limit], first, second)
        cases += 1
    note(
        Figure(
            proof="two functions interleaved at every call",
            cases=cases,
            faults=(2 if SLOT_RACES[race].refusal else 1) * cases,
            seconds=perf_counter() - began,
        )
    )


def race_for_slot(race: SlotRace, limits: Mapping[str, str], first: int, second: int) -> int:
    """Let two invocations interleave, then time pass; gives how many calls the longer of them makes.

    Of one set alone nobody is told that it waits.
    """
    world = World(0, **limits)
    # Half an hour before midnight: who finds no slot of the day left waits for no more than that.
    world.advance((23.5 * HOUR - world.simulation.now) % (24 * HOUR))
    world.faults.refusals = [("CreateTrainingJob", race.refusal)] if race.refusal else []
    answer = world.training.answer

    def watched(operation: str, request: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        answered = answer(operation, request)
        check_always(world)
        return answered

    world.training.answer = watched  # type: ignore[method-assign]
    events = take_events(world)
    sets = {*race.names, race.later} - {""}
    for name in sorted(sets):
        for file, body in data_sets.essential(data_sets.sound()).items():
            world.bucket.put(f"datasets/{name}/{file}", body)
        world.advance(5)

    def judge(name: str) -> None:
        last = next(event for event in reversed(events) if event["detail"]["object"]["key"].split("/")[1] == name)
        world.invoke("StartTrainingFunction", {"Records": [{"eventSource": "aws:s3", **_notification(last)}]})

    interleaving = Interleaving(world, first, second)
    world.gate.latency = interleaving
    for name in race.names:
        judge(name)
    world.advance(10)
    if race.later:
        judge(race.later)
    world.gate.latency = lambda: 0.05
    world.settle()
    check_settled(world)
    assert len(world.models) == len(sets)
    if len(set(race.names)) == 1:
        assert not [subject for subject, _ in world.topic.notices if f"{race.names[0]} waits" in subject]
    world.close()
    return max(interleaving.calls[:2])


def take_events(world: World) -> list[dict[str, Any]]:
    """Keep the events of uploads from the stack, and give the list of those that come."""
    events: list[dict[str, Any]] = []
    deliver = world.bus.deliver

    def keep(event: dict[str, Any]) -> None:
        if event["source"] == "aws.s3":
            events.append(event)
        else:
            deliver(event)

    world.bus.deliver = keep  # type: ignore[method-assign,assignment]
    return events


def test_a_notice_that_another_upload_claims_while_the_claim_is_read_is_left_to_it() -> None:
    world, key = World(), "notices/pets/upload.under-way.json"
    bucket, now = world.bucket.name, world.simulation.time

    def claim_of(name: str, time: datetime) -> Claim:
        return Claim.of(Uploaded(bucket=bucket, key=f"datasets/pets/{name}", time=time), key)

    def put(claim: Claim) -> None:
        world.bucket.put(key, json.dumps(claim.as_json()).encode())

    put(claim_of("train.lst", now - timedelta(hours=1)))
    world.faults.interventions["GetObject"] = lambda: put(claim_of("validation.rec", now))
    context = world.begin()
    assert not claims.acquire(claim_of("train.rec", now), bucket, context.cloud)


def count_calls(function: str, failure: str) -> int:
    """Count how many calls the longer of the two makes when nothing interleaves."""
    world = World()
    if failure:
        world.training.service.fail_next(failure)
    interleaving = Interleaving(world, 0, 0)
    race(world, function, interleaving)
    world.close()
    return max(interleaving.calls[:2])


def race(world: World, function: str, interleaving: Interleaving) -> None:
    events: list[dict[str, Any]] = []
    deliver = world.bus.deliver

    def keep(event: dict[str, Any]) -> None:
        events.append(event)
        # The end of a job is for the two that race, and for nobody before them.
        if not is_end(event):
            deliver(event)

    world.bus.deliver = keep  # type: ignore[method-assign,assignment]
    for name, body in data_sets.essential(data_sets.sound()).items():
        world.bucket.put(f"datasets/{SET}/{name}", body)
    world.advance(5)
    if function == "StartTrainingFunction":
        event = {"Records": [{"eventSource": "aws:s3", **_notification(events[-1])}]}
    else:
        while not is_end(events[-1]):
            world.advance(0.5)
        event = events[-1]
    world.bus.deliver = deliver  # type: ignore[method-assign]
    world.gate.latency = interleaving
    world.invoke(function, event)
    world.invoke(function, event)
    world.advance(10)
    world.gate.latency = lambda: 0.05
    world.settle()


def is_end(event: dict[str, Any]) -> bool:
    return event["detail"].get("TrainingJobStatus") in ENDED


def _notification(event: dict[str, Any]) -> dict[str, Any]:
    names = {"bucket": {"name": event["detail"]["bucket"]["name"]}, "object": {"key": event["detail"]["object"]["key"]}}
    return {"eventTime": event["time"], "s3": names}
