"""Chats hear what mail says: whatever dies between the two, neither goes without."""

from collections import Counter

import pytest

from tests.proof.checks import check_settled
from tests.proof.faults import Crash
from tests.proof.scenarios import SCENARIOS, Scenario, end_state
from tests.proof.world import World

TOLD = {"a model", "refused", "failed", "never any capacity", "never complete", "a model that is refused"}


def play(scenario: Scenario, crash: Crash | None = None, *, evaluates: str = "no") -> World:
    world = World(seed=0, **scenario.parameters, ChatNotices="yes", EvaluateModel=evaluates)
    world.faults.crashes = {crash} if crash else set()
    scenario.play(world)
    check_settled(world)
    return world


def by_mail(world: World) -> Counter[str]:
    return Counter(subject for subject, _ in world.topic.notices)


def in_chats(world: World) -> Counter[str]:
    return Counter(message["content"]["title"] for message in world.topic.chats)


def lasting(subjects: Counter[str]) -> set[str]:
    """Give what is not overtaken: whoever is to say that a set waits may die, and come back when the wait is over."""
    return {subject for subject in subjects if "waits" not in subject}


@pytest.mark.parametrize("evaluates", ["no", "yes"])
@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.name in TOLD], ids=lambda each: each.name)
def test_a_crash_about_either_notice_loses_neither(scenario: Scenario, evaluates: str) -> None:
    undisturbed = play(scenario, evaluates=evaluates)
    assert by_mail(undisturbed) == in_chats(undisturbed) != Counter()
    assert len({message["metadata"]["threadId"] for message in undisturbed.topic.chats}) == 1
    end = end_state(undisturbed)
    calls = list(undisturbed.gate.calls)
    for call in [number for number, name in enumerate(calls) if name == "Publish"]:
        for after in (False, True):
            world = play(scenario, Crash(call=call, after=after), evaluates=evaluates)
            assert world.faults.injected["crash"] == 1
            assert end_state(world) == end
            assert lasting(in_chats(world)) == lasting(by_mail(world)) == lasting(by_mail(undisturbed)), (call, after)
            for told in (in_chats(world), by_mail(world)):
                assert (told - by_mail(undisturbed)).total() <= 1  # the one that nobody can tell was sent


def test_without_the_parameter_no_chat_hears_anything() -> None:
    world = World(seed=0)
    SCENARIOS[0].play(world)
    assert world.topic.notices
    assert not world.topic.chats
