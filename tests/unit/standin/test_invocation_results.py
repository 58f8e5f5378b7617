"""What becomes of an invocation's result: messages that stay, and the record of a failure."""

import json

import pytest

from sagescene_standin.functions.asynchronous import failure_record
from sagescene_standin.functions.function import Invocation
from sagescene_standin.queues.mapping import failed_messages

BATCH = ["one", "two"]


def invocation(result: object, error: str | None = None) -> Invocation:
    return Invocation(
        request_id="request", payload=json.dumps(result).encode(), error=error, duration_ms=1.0, log_tail=""
    )


def report(*identifiers: str) -> dict[str, object]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


@pytest.mark.parametrize(
    ("result", "error", "failed"),
    [
        ({"errorMessage": "no"}, "Unhandled", {"one", "two"}),
        (report("two"), None, {"two"}),
        (report(), None, set()),
        ({}, None, set()),
        (None, None, set()),
        (report("three"), None, {"one", "two"}),
        (["two"], None, {"one", "two"}),
        ({"batchItemFailures": [{"wrong": "two"}]}, None, {"one", "two"}),
    ],
)
def test_what_was_not_handled_stays_in_the_queue(result: object, error: str | None, failed: set[str]) -> None:
    assert failed_messages(invocation(result, error), BATCH, partial=True) == failed


def test_without_partial_responses_the_result_means_nothing() -> None:
    assert failed_messages(invocation(report("two")), BATCH, partial=False) == set()


def test_a_failure_is_recorded_in_lambdas_shape() -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:finish"
    error = {"errorMessage": "no", "errorType": "RuntimeError"}
    record = failure_record(arn, invocation(error, "Unhandled"), b'{"a": 1}', 3, 1_000.25)
    assert record == {
        "version": "1.0",
        "timestamp": "1970-01-01T00:16:40.250Z",
        "requestContext": {
            "requestId": "request",
            "functionArn": f"{arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": error,
    }
