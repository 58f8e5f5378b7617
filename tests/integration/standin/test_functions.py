"""Functions run by AWS's runtime client: what they see, how they fail."""

import base64
import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from sagescene_standin.functions.function import Function
from sagescene_standin.occurrence import Occurrence
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import LIMIT, RUNTIME, Witness


def test_a_function_sees_its_code_its_layer_and_the_runtime_only(stack: Stack) -> None:
    result = stack.invoke("Worker", {"paths": True}).result
    assert result["directory"].endswith("/Worker")
    assert "shared_words" in result["modules"]
    assert not any("site-packages" in folder for folder in result["path"])


def test_lambdas_invoke_returns_the_result_and_the_log(stack: Stack) -> None:
    response = stack.client("lambda").invoke(
        FunctionName=stack.resources["Worker"], Payload=b'{"a": 1}', LogType="Tail"
    )
    result = json.loads(response["Payload"].read())
    assert result["event"] == {"a": 1}
    assert 0 < result["remaining"] <= 3000
    assert "hello" in base64.b64decode(response["LogResult"]).decode()
    assert "FunctionError" not in response


def test_an_unknown_function_is_not_found(stack: Stack) -> None:
    client = stack.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found: nothing"):
        client.invoke(FunctionName="nothing")


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        ({"fail": 1}, "RuntimeError", "as told"),
        ({"sleep": 1}, "Sandbox.Timedout", "Task timed out after 3.00 seconds"),
        ({"exit": 1}, "Runtime.ExitError", "exit status 7"),
    ],
)
def test_failures_are_reported_and_the_next_invocation_works(
    stack: Stack, event: dict[str, Any], kind: str, message: str
) -> None:
    response = stack.client("lambda").invoke(FunctionName=stack.resources["Worker"], Payload=json.dumps(event).encode())
    error = json.loads(response["Payload"].read())
    assert response["FunctionError"] == "Unhandled"
    assert error["errorType"] == kind
    assert message in error["errorMessage"]
    assert stack.invoke("Worker", {}).error is None


def test_closing_ends_an_invocation_in_hand(stack: Stack) -> None:
    witness = Witness()
    function = Function(
        replace(stack.functions["Worker"].settings, timeout=600),
        environment={"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": stack.endpoint},
        runtime_directory=RUNTIME,
        on_line=lambda _, line: witness(Occurrence("log", "Worker", {"line": line})),
        on_invocation=lambda _, invocation: witness(Occurrence("invocation", "Worker", invocation.result)),
    )
    caller = threading.Thread(target=function.invoke, args=(b'{"sleep": 1}',))
    caller.start()
    witness.await_seen("log", "Worker", lambda one: "hello" in str(one.detail))
    function.close()
    caller.join(LIMIT)
    (invocation,) = witness.seen("invocation")
    assert invocation.detail["errorType"] == "Runtime.ExitError"


def test_lines_go_to_the_log_group_of_the_function(stack: Stack, witness: Witness) -> None:
    request_id = stack.invoke("Worker", {}).request_id
    events = stack.client("logs").filter_log_events(logGroupName="worker-logs")["events"]
    assert any(request_id in event["message"] for event in events)
    assert witness.seen("log", "Worker", lambda line: line.detail.get("request") == request_id)


def test_an_invocation_is_told_with_its_answer_or_its_error(stack: Stack, witness: Witness) -> None:
    good, bad = stack.invoke("Worker", {"a": 1}), stack.invoke("Worker", {"fail": 1})
    (told,) = witness.seen("invocation", "Worker", lambda one: one.detail["request_id"] == good.request_id)
    assert (told.detail["result"], told.detail["error"]) == (good.result, None)
    (told,) = witness.seen("invocation", "Worker", lambda one: one.detail["request_id"] == bad.request_id)
    assert (told.detail["result"], told.detail["error"]) == (None, bad.result)


def test_lines_that_the_role_may_not_write_are_lost_and_told(stack: Stack, witness: Witness) -> None:
    stack.invoke("Background", {"measure": 1})
    (line, *_) = witness.await_seen("log", "Background", lambda one: "hello" in str(one.detail.get("line")))
    assert "may not write to /aws/lambda/" in str(line.detail["message"])
    groups = stack.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["worker-logs"]


def test_an_asynchronous_failure_is_retried_and_reaches_the_destination(stack: Stack, witness: Witness) -> None:
    stack.client("lambda").invoke(
        FunctionName=stack.resources["Background"], Payload=b'{"fail": "async"}', InvocationType="Event"
    )
    (letter,) = witness.await_seen("dead-letter", "FailedInvocations", lambda one: "async" in str(one.detail))
    record = json.loads(str(letter.detail["body"]))
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestPayload"] == {"fail": "async"}
    assert record["responsePayload"]["errorMessage"] == "as told"


@pytest.mark.parametrize(
    ("operation", "key", "code"),
    [
        ("get_object", "in/there", "done"),
        ("get_object", "in/missing", "AccessDenied"),  # no s3:ListBucket without a prefix: 403 instead of 404
        ("head_object", "in/missing", "403"),
        ("get_object", "out/there", "AccessDenied"),
        ("put_object", "in/there", "AccessDenied"),
        ("put_object", "out/there", "done"),
    ],
)
def test_a_function_may_do_what_its_role_allows(stack: Stack, operation: str, key: str, code: str) -> None:
    bucket = stack.outputs["Bucket"]
    stack.client("s3").put_object(Bucket=bucket, Key="in/there", Body=b"x")
    call = {"service": "s3", "operation": operation, "Bucket": bucket, "Key": key}
    assert stack.invoke("Worker", {"call": call}).result == code


def test_a_listing_is_held_against_its_prefix(stack: Stack) -> None:
    call = {"service": "s3", "operation": "list_objects_v2", "Bucket": stack.outputs["Bucket"]}
    assert stack.invoke("Worker", {"call": {**call, "Prefix": "in/"}}).result == "done"
    assert stack.invoke("Worker", {"call": {**call, "Prefix": "out/"}}).result == "AccessDenied"


def test_whoever_may_list_is_told_that_a_key_is_missing(stack: Stack) -> None:
    client = stack.client("s3")
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket=stack.outputs["Bucket"], Key="in/missing")
