"""Recursive loops of functions that call AWS by boto3, whose trace header Lambda counts in."""

import json
import re

from sagescene_standin.occurrence import Occurrence
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import Witness


def worked(witness: Witness, function: str) -> list[Occurrence]:
    return witness.seen("invocation", function, has_no_error)


def await_worked(witness: Witness, function: str, count: int) -> None:
    """Wait until so many have worked; those that failed are another matter, and in no such number."""
    witness.await_seen("invocation", function, has_no_error, count=count)


def has_no_error(invocation: Occurrence) -> bool:
    return invocation.detail["error"] is None


def go_around(stack: Stack, queue: str, times: int) -> None:
    url = stack.resources[queue]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=f"around {times} {url}")


def test_lambda_stops_a_loop_over_a_queue_after_16_invocations_and_its_message_becomes_a_dead_letter(
    stack: Stack, witness: Witness
) -> None:
    go_around(stack, "Loop", 40)
    (letter,) = witness.await_seen("dead-letter", "DeadLetters", lambda one: "around" in str(one.detail["body"]))
    assert str(letter.detail["body"]).startswith("around 24 ")
    assert len(worked(witness, "Looping")) == 16
    dropped = witness.seen("dropped", "Looping")
    assert len(dropped) == 2, "each receipt is stopped, as often as the redrive policy allows"
    assert dropped[0].error.startswith("RecursiveInvocationException: Lambda has detected that arn:aws:lambda:")
    statistics = stack.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda", MetricName="RecursiveInvocationsDropped"
    )
    assert [metric["Dimensions"][0]["Value"] for metric in statistics["Metrics"]] == [stack.resources["Looping"]]


def test_a_loop_that_the_function_allows_goes_on(stack: Stack, witness: Witness) -> None:
    go_around(stack, "AllowedLoop", 30)
    await_worked(witness, "LoopingOnPurpose", count=31)
    assert not witness.seen("dropped", "LoopingOnPurpose")


def test_each_message_of_its_own_begins_a_chain(stack: Stack, witness: Witness) -> None:
    before, dropped = len(worked(witness, "Looping")), len(witness.seen("dropped", "Looping"))
    for _ in range(20):
        go_around(stack, "Loop", 0)
    await_worked(witness, "Looping", count=before + 20)
    assert len(witness.seen("dropped", "Looping")) == dropped


def test_sqs_hands_the_trace_header_of_the_request_on(stack: Stack, witness: Witness) -> None:
    before = len(worked(witness, "Looping"))
    go_around(stack, "Loop", 1)
    await_worked(witness, "Looping", count=before + 2)
    received = [str(one.detail["result"]) for one in worked(witness, "Looping")[before:]]
    # The first message comes from outside; whoever sent the second may end after whoever received it.
    assert sorted("AWSTraceHeader" in result for result in received) == [False, True]
    assert sum(bool(re.search("'AWSTraceHeader': 'Root=.*;Lineage=", result)) for result in received) == 1


def test_a_function_that_invokes_itself_asynchronously_is_stopped_and_its_event_reaches_the_destination(
    stack: Stack, witness: Witness
) -> None:
    before = len(worked(witness, "Looping"))
    stack.client("lambda").invoke(
        FunctionName=stack.resources["Looping"], Payload=b'{"again": "Event"}', InvocationType="Event"
    )
    (letter,) = witness.await_seen("dead-letter", "FailedInvocations", lambda one: "again" in str(one.detail["body"]))
    record = json.loads(str(letter.detail["body"]))
    assert record["requestPayload"] == {"again": "Event"}
    assert record["responsePayload"]["errorType"] == "RecursiveInvocationException"
    (received,) = stack.client("sqs").receive_message(
        QueueUrl=stack.resources["FailedInvocations"], MessageSystemAttributeNames=["AWSTraceHeader"]
    )["Messages"]
    assert re.search(r"Lineage=\w+:16", received["Attributes"]["AWSTraceHeader"])
    await_worked(witness, "Looping", count=before + 16)  # the last may be told of after its event is stopped
    assert len(worked(witness, "Looping")) == before + 16


def test_a_function_that_invokes_itself_and_waits_is_told_of_the_loop(stack: Stack, witness: Witness) -> None:
    before = len(worked(witness, "Looping"))
    stack.invoke("Looping", {"again": "RequestResponse"})
    results = [one.detail["result"] for one in worked(witness, "Looping")[before:]]
    assert results == ["RecursiveInvocationException", *["done"] * 15]


def test_a_chain_ends_at_eventbridge(stack: Stack, witness: Witness) -> None:
    before = len(worked(witness, "Background"))
    entry = {"Source": "jobs", "DetailType": "left", "Detail": json.dumps({"left": 20})}
    stack.client("events").put_events(Entries=[entry])
    await_worked(witness, "Background", count=before + 21)
    assert not witness.seen("dropped", "Background")
