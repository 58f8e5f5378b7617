"""A function may die before or after any call that it makes to AWS: the end is the same."""

import itertools
import os
from collections.abc import Iterable
from random import Random
from time import perf_counter

import pytest

from tests.proof.checks import check_settled
from tests.proof.faults import Crash
from tests.proof.figures import Figure, note
from tests.proof.scenarios import SCENARIOS, Scenario, end_state

# Every pair of crashes is too many to try: so many are drawn for each scenario.
PAIRS = int(os.environ.get("PROOF_PAIRS", "20"))


def play(scenario: Scenario, *crashes: Crash) -> tuple[dict[str, object], list[str], int]:
    """Tell a story with crashes in it; give its end, the calls made, and how many of the crashes came about."""
    world = scenario.begin()
    world.faults.crashes = set(crashes)
    try:
        scenario.play(world)
        check_settled(world)
        return end_state(world), world.gate.calls, world.faults.injected["crash"]
    finally:
        world.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_crash_before_or_after_any_call_changes_no_end(scenario: Scenario) -> None:
    _, calls, _ = play(scenario)
    every = [(crash,) for crash in crashes_at(range(len(calls)))]
    check_that_nothing_changes(scenario, every, "a crash before and after every call")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_two_crashes_change_no_end(scenario: Scenario) -> None:
    _, calls, _ = play(scenario)
    pairs = list(itertools.combinations(crashes_at(range(len(calls))), 2))
    drawn = Random(scenario.name).sample(pairs, min(PAIRS, len(pairs)))
    check_that_nothing_changes(scenario, drawn, "two crashes, drawn by lot")


def crashes_at(calls: Iterable[int]) -> list[Crash]:
    return [Crash(call=call, after=after) for call in calls for after in (False, True)]


def check_that_nothing_changes(scenario: Scenario, plans: Iterable[tuple[Crash, ...]], what: str) -> None:
    began = perf_counter()
    undisturbed, calls, _ = play(scenario)
    cases = faults = 0
    for crashes in plans:
        try:
            end, _, crashed = play(scenario, *crashes)
        except AssertionError as error:
            error.add_note(f"with {crashes}, of the calls {[calls[crash.call] for crash in crashes]}")
            raise
        assert crashed >= 1
        assert end == undisturbed, f"with {crashes}, of the calls {[calls[crash.call] for crash in crashes]}"
        cases += 1
        faults += crashed
    note(Figure(proof=what, cases=cases, faults=faults, seconds=perf_counter() - began))
