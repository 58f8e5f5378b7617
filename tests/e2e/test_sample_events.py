"""The built functions answer every sample event under AWS's own runtime client."""

import json
from collections.abc import Callable

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
