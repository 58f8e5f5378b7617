"""The built functions answer every sample event under AWS's own runtime client."""

import json
from collections.abc import Callable
from typing import Any

from sagescene_command import samples
from tests.e2e.conftest import LocalStack
from tests.stack_template import ROOT

EVENTS = ROOT / "events"


def test_every_sample_event_is_answered_and_says_that_there_is_no_such_thing(local: LocalStack) -> None:
    for function, folder, number, decision in (
        ("StartTrainingFunction", "start_training", 7, "gone"),
        ("FinishTrainingFunction", "finish_training", 5, "unknown"),
    ):
        paths = sorted((EVENTS / folder).glob("*.json"))
        assert len(paths) == number
        for path in paths:
            invocation = local.stack.invoke(function, json.loads(path.read_text()))
            assert invocation.error is None, (path, invocation.result)
            expected = [] if path.stem == "clock" else [decision]
            assert [answer["decision"] for answer in invocation.result] == expected, path
            assert all(answer["reason"] for answer in invocation.result), path


def test_the_function_that_evaluates_answers_its_own(stand: Callable[..., LocalStack]) -> None:
    local = stand({"EvaluateModel": "yes"})
    for name, decision in (("model-made", "unknown"), ("test-records", "gone")):
        event = json.loads((EVENTS / f"evaluate_model/{name}.json").read_text())
        invocation = local.stack.invoke("EvaluateModelFunction", event)
        assert invocation.error is None, invocation.result
        assert [answer["decision"] for answer in invocation.result] == [decision]


def test_an_event_of_another_kind_is_an_error_that_says_so(local: LocalStack) -> None:
    invocation = local.stack.invoke("StartTrainingFunction", {"hello": "world"})
    assert invocation.result["errorType"] == "UnreadableEventError"
    assert "hello" in invocation.result["errorMessage"]


def test_the_samples_leave_each_event_its_effect(stand: Callable[..., LocalStack]) -> None:
    clock = samples.SampleClock()
    local = stand(now=clock)
    samples.lay(local.stack, clock)
    assert local.of_kind("invocation") == []  # nothing came of what was laid in
    assert sorted(local.jobs().values()) == ["Completed", "Failed", "Failed", "Stopped"]

    started = answer(local, "start_training/put")
    assert started["decision"] == "started"
    local.await_that(lambda it: it.kind == "job" and it.subject == started["subject"])

    made = answer(local, "finish_training/completed")
    assert made["decision"] == "model created"
    assert made["subject"] in local.models()
    local.await_notice("Data set pets has a model")

    failed = answer(local, "finish_training/failed")
    assert (failed["decision"], failed["subject"]) == ("failed", "sagescene--pets--1a2b3c4d5e6f")
    local.await_that(
        lambda it: it.kind == "log" and it.detail.get("level") == "ERROR" and failed["reason"] in str(it.detail)
    )
    assert local.outcomes()[failed["subject"]]["reason"] == failed["reason"]

    assert answer(local, "finish_training/failed-capacity")["decision"] == "tried again"
    stopped = answer(local, "finish_training/stopped-time-limit")
    assert (stopped["decision"], stopped["reason"]) == ("stopped", "time limit")
    assert answer(local, "start_training/s3-notification")["subject"].startswith("sagescene--red-flowers--")


def test_every_sample_event_is_listed_with_its_function(local: LocalStack) -> None:
    listed = samples.list_events()
    assert sorted(listed) == sorted(EVENTS.rglob("*.json"))
    assert {samples.name_function(path) for path in listed} == {*local.stack.functions, "EvaluateModelFunction"}


def answer(local: LocalStack, name: str) -> dict[str, Any]:
    path = EVENTS / f"{name}.json"
    (decision,) = local.stack.invoke(samples.name_function(path), json.loads(path.read_text())).result
    assert isinstance(decision, dict)
    return decision
