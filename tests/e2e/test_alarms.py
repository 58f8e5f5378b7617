"""Every alarm of the template rings when what it watches for happens, and people are told."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from moto.events.models import Rule

from sagescene_standin.occurrence import Occurrence
from sagescene_standin.stack import Stack
from tests.e2e.conftest import DATA, LocalStack


class Clock:
    """The real clock, which a test can set forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def enter_letter(queue: str) -> Callable[[LocalStack, Clock], None]:
    def ring(local: LocalStack, _: Clock) -> None:
        local.stack.client("sqs").send_message(QueueUrl=local.stack.resources[queue], MessageBody="{}")

    return ring


def fail_job(local: LocalStack, _: Clock) -> None:
    local.service.fail_next("AlgorithmError: ExitCode 137")
    local.drop(DATA / "multi", "multi")


def break_function(local: LocalStack, _: Clock) -> None:
    assert local.stack.invoke("FinishTrainingFunction", {"detail": 7}).error


def throttle(local: LocalStack, clock: Clock) -> None:
    function = local.stack.functions["FinishTrainingFunction"]
    function.settings = replace(function.settings, reserved_concurrency=0)
    function.close()
    rule = rule_of(local.stack, "FinishTrainingFunctionClock")
    for _ in range(3):
        clock.ahead += 300
        local.stack.bus.fire(rule)
        time.sleep(1)  # longer than the alarms are looked at


def drop_event(local: LocalStack, _: Clock) -> None:
    local.take_from("FinishTrainingRole", "sagemaker:ListTrainingJobs")
    local.stack.bus.fire(rule_of(local.stack, "FinishTrainingFunctionClock"))


def refuse_delivery(local: LocalStack, _: Clock) -> None:
    url = local.stack.resources["UploadsQueue"]
    local.stack.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    local.put("datasets/multi/train.rec", b"")


def lose_subscriber(local: LocalStack, _: Clock) -> None:
    sns, topic = local.stack.client("sns"), local.stack.resources["NoticesTopic"]
    nobody = local.stack.deployed.resources["UploadsQueue"].physical_id.replace("UploadsQueue", "Nobody")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:1:{nobody.rpartition('/')[2]}")
    sns.publish(TopicArn=topic, Message="anything")


def silence_clock(local: LocalStack, clock: Clock) -> None:
    rule = rule_of(local.stack, "FinishTrainingFunctionClock")
    local.stack.bus.fire(rule)
    told(local, "SilentClockAlarm", "OK")
    local.stack.client("events").disable_rule(Name=rule.name)
    clock.ahead += 2 * 3600


def leave_upload(local: LocalStack, clock: Clock) -> None:
    local.take_from("StartTrainingRole", "sqs:ReceiveMessage")
    local.put("datasets/multi/train.rec", b"")
    time.sleep(1)  # for a first look at the queue
    clock.ahead += 3700


def rule_of(stack: Stack, logical_id: str) -> Rule:
    return next(rule for rule in stack.bus.rules() if rule.name == stack.resources[logical_id])


def told(local: LocalStack, alarm: str, state: str) -> str:
    def is_it(occurrence: Occurrence) -> bool:
        subject = str(occurrence.detail.get("subject", ""))
        return occurrence.kind == "message" and subject.startswith(f"{state}: ") and alarm in subject

    return str(local.await_that(is_it).detail["text"])


RINGING: dict[str, Callable[[LocalStack, Clock], None]] = {
    "TrainingFailedAlarm": fail_job,
    "UploadsDeadLettersAlarm": enter_letter("UploadsDeadLetters"),
    "TrainingEndedDeadLettersAlarm": enter_letter("TrainingEndedDeadLetters"),
    "EvaluationsDeadLettersAlarm": enter_letter("EvaluationsDeadLetters"),
    "FunctionErrorsAlarm": break_function,
    "FunctionThrottlesAlarm": throttle,
    "DroppedEventsAlarm": drop_event,
    "FailedDeliveriesAlarm": refuse_delivery,
    "FailedNoticesAlarm": lose_subscriber,
    "SilentClockAlarm": silence_clock,
    "OldestUploadAlarm": leave_upload,
}


@pytest.mark.parametrize("alarm", RINGING)
def test_an_alarm_rings(alarm: str, stand: Callable[..., LocalStack]) -> None:
    clock = Clock()
    local = stand({"Epochs": "1", "EvaluateModel": "yes"}, now=clock, retry_delays=(0.1, 0.1))
    RINGING[alarm](local, clock)
    state = "INSUFFICIENT_DATA" if alarm == "SilentClockAlarm" else "ALARM"
    assert "sagescene " in told(local, alarm, state)


def test_every_alarm_is_made_to_ring_and_none_rings_by_itself(stand: Callable[..., LocalStack]) -> None:
    local = stand({"EvaluateModel": "yes"})
    alarms = local.stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(alarms) == len(RINGING)
    assert all(any(name in alarm["AlarmName"] for name in RINGING) for alarm in alarms)
    assert not [alarm for alarm in alarms if alarm["StateValue"] == "ALARM"]
