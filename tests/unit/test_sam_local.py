"""What `make sam-local` takes for an error, since sam's own exit status is none."""

import json
from typing import Any

import pytest

from scripts.sam_local import find_fault, read_answer


def test_the_answer_is_the_last_line_that_sam_prints() -> None:
    assert read_answer('START RequestId: 1\n{"level": "INFO"}\n[{"decision": "started"}]\n') == [
        {"decision": "started"}
    ]


@pytest.mark.parametrize("printed", ["", "\n", "Error: no image\n"])
def test_output_without_an_answer_is_a_fault(printed: str) -> None:
    assert find_fault(read_answer(printed)) == "no answer"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"errorType": "KeyError", "errorMessage": "'x'", "stackTrace": []}, "KeyError: 'x'"),
        ({"errorMessage": "Task timed out after 2.00 seconds"}, "error: Task timed out after 2.00 seconds"),
        ({"FunctionError": "Unhandled"}, "error: {'FunctionError': 'Unhandled'}"),
        ("done", "no list of decisions, but done"),
    ],
)
def test_an_error_in_the_answer_is_a_fault(answer: Any, fault: str) -> None:  # noqa: ANN401
    assert find_fault(read_answer(json.dumps(answer))) == fault


@pytest.mark.parametrize("answer", [[], [{"decision": "gone"}]])
def test_decisions_are_none(answer: Any) -> None:  # noqa: ANN401
    assert not find_fault(answer)
