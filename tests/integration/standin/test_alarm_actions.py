"""Alarms act when they change their state, and only then."""

import json
from datetime import UTC, datetime
from typing import Any

from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import Clock, Witness


def told(witness: Witness, alarm: str) -> list[dict[str, Any]]:
    messages = [str(message.detail["text"]) for message in witness.seen("message", "Topic")]
    return [content for content in map(json.loads, messages) if content["AlarmName"] == alarm]


def states(witness: Witness, alarm: str) -> list[str]:
    return [content["NewStateValue"] for content in told(witness, alarm)]


def await_told(witness: Witness, alarm: str, *expected: str) -> None:
    witness.await_seen("message", "Topic", lambda one: alarm in str(one.detail["text"]), len(expected))
    assert states(witness, alarm) == list(expected)


def test_an_alarm_on_the_increase_of_letters_rings_for_each_that_comes_while_others_lie_there(
    stack: Stack, witness: Witness, clock: Clock
) -> None:
    alarm, letters = stack.resources["LettersAlarm"], stack.resources["Letters"]
    await_told(witness, alarm, "OK")  # from INSUFFICIENT_DATA, as each alarm begins
    clock.ahead += 7 * 3600  # SQS tells nothing any more of a queue that nobody uses
    stack.client("sqs").send_message(QueueUrl=letters, MessageBody="first")
    await_told(witness, alarm, "OK", "ALARM")
    clock.ahead += 301
    await_told(witness, alarm, "OK", "ALARM", "OK")
    stack.client("sqs").send_message(QueueUrl=letters, MessageBody="second")
    await_told(witness, alarm, "OK", "ALARM", "OK", "ALARM")
    assert told(witness, alarm)[-1]["Trigger"]["Metrics"][0]["Expression"] == "DIFF(FILL(letters, 0))"
    clock.ahead += 301
    await_told(witness, alarm, "OK", "ALARM", "OK", "ALARM", "OK")


def test_actions_of_every_state_happen_once_when_it_begins(stack: Stack, witness: Witness, clock: Clock) -> None:
    alarm, cloudwatch = stack.resources["SilenceAlarm"], stack.client("cloudwatch")

    def measure(value: float) -> None:
        datum = {"MetricName": "Silent", "Value": value, "Timestamp": datetime.fromtimestamp(clock(), UTC)}
        cloudwatch.put_metric_data(Namespace="Tests", MetricData=[datum])

    measure(0)
    await_told(witness, alarm, "OK")
    measure(1)
    await_told(witness, alarm, "OK", "ALARM")
    measure(1)
    clock.ahead += 301
    await_told(witness, alarm, "OK", "ALARM", "INSUFFICIENT_DATA")
