"""Uploads and events on their way to queues and functions."""

import io
import json
import time
from typing import Any

import pytest

from sagescene_standin.occurrence import Occurrence
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import LIMIT, Clock, Witness

PARTS = b"1" * (9 << 20)  # more than one part of boto3's


def receive(stack: Stack, queue: str) -> dict[str, Any]:
    """Take the next message of a queue off it."""
    url, sqs = stack.resources[queue], stack.client("sqs")
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=int(LIMIT), MessageAttributeNames=["All"]).get(
        "Messages"
    )
    assert messages, f"nothing came to {queue}"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    message: dict[str, Any] = messages[0]
    return message


def uploads(witness: Witness, key: str) -> list[Occurrence]:
    return witness.seen("upload", key)


def test_a_multipart_upload_is_one_event_and_dated_by_its_start(stack: Stack, witness: Witness) -> None:
    s3, bucket = stack.client("s3"), stack.outputs["Bucket"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="in/multi.rec")["UploadId"]
    (listed,) = s3.list_multipart_uploads(Bucket=bucket, Prefix="in/")["Uploads"]
    part = s3.upload_part(Bucket=bucket, Key="in/multi.rec", UploadId=upload, PartNumber=1, Body=PARTS)
    deadline = time.monotonic() + LIMIT
    while time.time() < listed["Initiated"].timestamp() + 1 and time.monotonic() < deadline:
        s3.head_bucket(Bucket=bucket)  # LastModified is in whole seconds: let one pass
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="in/multi.rec",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    modified = s3.head_object(Bucket=bucket, Key="in/multi.rec")["LastModified"]
    assert modified == listed["Initiated"].replace(microsecond=0)
    (event,) = uploads(witness, "in/multi.rec")
    assert event.detail == {"bucket": bucket, "size": len(PARTS), "reason": "CompleteMultipartUpload"}


def test_each_way_of_writing_is_one_event_with_its_reason(stack: Stack, witness: Witness) -> None:
    s3, bucket = stack.client("s3"), stack.outputs["Bucket"]
    s3.put_object(Bucket=bucket, Key="ways/put", Body=b"x")
    s3.upload_fileobj(io.BytesIO(PARTS), bucket, "ways/parts")
    s3.copy_object(Bucket=bucket, Key="ways/copy", CopySource={"Bucket": bucket, "Key": "ways/parts"})
    assert [(event.subject, event.detail["reason"]) for event in uploads(witness, "ways/")] == [
        ("ways/put", "PutObject"),
        ("ways/parts", "CompleteMultipartUpload"),
        ("ways/copy", "CopyObject"),
    ]


def test_a_bucket_without_eventbridge_sends_nothing(stack: Stack, witness: Witness) -> None:
    stack.client("s3").put_object(Bucket=stack.resources["QuietBucket"], Key="in/quiet.rec", Body=b"x")
    assert uploads(witness, "in/quiet.rec") == []


def test_a_second_conditional_write_fails(stack: Stack) -> None:
    s3 = stack.client("s3")
    s3.put_object(Bucket=stack.outputs["Bucket"], Key="once", Body=b"x", IfNoneMatch="*")
    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=stack.outputs["Bucket"], Key="once", Body=b"x", IfNoneMatch="*")


def test_an_upload_reaches_the_function_in_s3s_shape(stack: Stack, witness: Witness) -> None:
    key = "in/space and+plus/é.rec"
    stack.client("s3").put_object(Bucket=stack.outputs["Bucket"], Key=key, Body=b"four")
    event = json.loads(receive(stack, "Undelivered")["Body"])
    while event["detail"]["object"]["key"] != key:
        event = json.loads(receive(stack, "Undelivered")["Body"])
    assert event["detail-type"] == "Object Created"
    assert event["resources"] == [f"arn:aws:s3:::{stack.outputs['Bucket']}"]
    described = event["detail"]["object"]
    assert described["size"] == 4
    assert described["etag"] == "8cbad96aced40b3838dd9f07f6ef5772"
    assert set(described) == {"key", "size", "etag", "version-id", "sequencer"}
    assert event["detail"]["reason"] == "PutObject"
    witness.await_seen("invocation", "Worker")


def test_a_target_without_a_policy_gets_nothing_and_its_dead_letters_say_why(stack: Stack) -> None:
    stack.client("s3").put_object(Bucket=stack.outputs["Bucket"], Key="in/forbidden.rec", Body=b"x")
    letter = receive(stack, "Undelivered")
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["TARGET_ARN"].endswith(stack.resources["ForbiddenQueue"].rsplit("/", 1)[1])
    depth = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.resources["ForbiddenQueue"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert depth["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_a_message_that_fails_three_times_becomes_a_dead_letter(stack: Stack, witness: Witness) -> None:
    stack.client("sqs").send_message(QueueUrl=stack.resources["Queue"], MessageBody="fail thrice")
    (letter,) = witness.await_seen("dead-letter", "DeadLetters", lambda one: one.detail["body"] == "fail thrice")
    assert letter.subject == stack.resources["DeadLetters"].rsplit("/", 1)[1]
    assert receive(stack, "DeadLetters")["Body"] == "fail thrice"


def test_a_rule_invokes_a_function_that_permits_it(stack: Stack, witness: Witness) -> None:
    before = len(witness.seen("invocation", "Background"))
    response = stack.client("events").put_events(Entries=[{"Source": "jobs", "DetailType": "ended", "Detail": "{}"}])
    assert response["FailedEntryCount"] == 0
    witness.await_seen("invocation", "Background", count=before + 1)


def test_a_rule_without_permission_invokes_nothing(stack: Stack, witness: Witness) -> None:
    stack.client("events").put_events(Entries=[{"Source": "unpermitted", "DetailType": "x", "Detail": "{}"}])
    (event,) = witness.await_seen("event", "Unpermitted")
    assert "not authorized to perform: lambda:InvokeFunction" in str(event.detail["error"])


def test_only_aws_may_send_as_aws(stack: Stack) -> None:
    entry = {"Source": "aws.sagemaker", "DetailType": "x", "Detail": "{}"}
    (response,) = stack.client("events").put_events(Entries=[entry])["Entries"]
    assert response["ErrorCode"] == "NotAuthorizedForSourceException"


@pytest.mark.usefixtures("stack")
def test_the_clock_invokes_the_scheduled_function(witness: Witness, clock: Clock) -> None:
    before = len(witness.seen("event", "Clock"))
    clock.ahead += 3600
    witness.await_seen("event", "Clock", count=before + 1)


def test_a_rule_that_is_disabled_does_not_fire(stack: Stack, witness: Witness) -> None:
    (rule,) = (rule for rule in stack.bus.rules() if rule.scheduled_expression)
    before = len(witness.seen("event", "Clock"))
    stack.client("events").disable_rule(Name=rule.name)
    stack.bus.fire(rule)
    stack.client("events").enable_rule(Name=rule.name)
    stack.bus.fire(rule)
    assert len(witness.await_seen("event", "Clock", count=before + 1)) == before + 1


def test_an_alarm_rings_once_and_recovers_after_its_period(stack: Stack, witness: Witness, clock: Clock) -> None:
    alarm = stack.resources["FailedAlarm"]

    def states() -> list[object]:
        return [change.detail["state"] for change in witness.seen("alarm", alarm)]

    assert states() == ["OK"]
    for _ in range(2):
        stack.invoke("Worker", {"measure": 1})
    witness.await_seen("alarm", alarm, lambda change: change.detail["state"] == "ALARM")
    (message,) = witness.await_seen("message", "Topic", lambda one: alarm in str(one.detail["text"]))
    content = json.loads(str(message.detail["text"]))
    assert (content["NewStateValue"], content["OldStateValue"]) == ("ALARM", "OK")
    assert content["Trigger"]["MetricName"] == "Failed"
    assert str(message.detail["subject"]).startswith(f'ALARM: "{alarm}" in ')
    clock.ahead += 301
    witness.await_seen("alarm", alarm, lambda change: change.detail["state"] == "OK", count=2)
    assert states() == ["OK", "ALARM", "OK"]
    assert len(witness.seen("message", "Topic", lambda one: alarm in str(one.detail["text"]))) == 1
