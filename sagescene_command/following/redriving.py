"""What a deployed stack could not do, brought back: its dead letters, jobs that ended unnoticed, models not made."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3

from sagescene import keys
from sagescene.aws import Cloud
from sagescene.events import revive
from sagescene.jobs.training_job import LONGEST_JOB
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.operations import call_function

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


def move_dead_letters(stack: DeployedStack) -> int:
    """Send dead uploads and evaluations to their queues again, as ones that have not waited yet, and count them.

    SQS's own move would keep what a message says of its waits. A letter is removed once the queue has it: whoever
    interrupts this may have one handled twice, and loses none.
    """
    sqs, moved = boto3.client("sqs"), 0
    for name in ("Uploads", "Evaluations"):
        dead_letters = stack.resources.get(f"{name}DeadLetters")
        if not dead_letters:  # the stack evaluates no models
            continue
        for letter in _receive(sqs, dead_letters):
            sqs.send_message(QueueUrl=stack.resources[f"{name}Queue"], MessageBody=revive(letter["Body"], stack.found))
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=letter["ReceiptHandle"])
            moved += 1
    return moved


def forget_failed_models(stack: DeployedStack) -> int:
    """Delete what says that the model of a completed job could not be made, and count it.

    The clock finishes jobs that have no outcome: it then makes the model, or tells people anew why it cannot. A model
    that was asked for stays so, and is due at once.
    """
    cloud, s3, forgotten = Cloud(stack.region), boto3.client("s3"), 0
    first = keys.first_outcome_key(stack.found - LONGEST_JOB)
    for stored in cloud.list_objects(stack.bucket, keys.OUTCOMES, after=first):
        outcome = cloud.read_json(stack.bucket, stored.key)
        if not outcome or outcome["status"] != "Completed" or "failure" not in outcome:
            continue
        if keys.is_asked_key(stored.key):
            asked = {name: value for name, value in outcome.items() if name != "failure"}
            cloud.write_json(stack.bucket, stored.key, asked | {"next_try": stack.found.isoformat()})
        else:
            s3.delete_object(Bucket=stack.bucket, Key=stored.key)
        forgotten += 1
    return forgotten


def finish_ended_jobs(stack: DeployedStack) -> list[dict[str, Any]]:
    """Let the clock strike now, and give what it decided about jobs that ended unnoticed.

    This is what replaces a redrive for them: AWS refuses to move dead letters that came from Lambda. Raises
    FunctionFailedError.
    """
    event = {"detail-type": "Scheduled Event", "source": "aws.events"}
    return call_function(stack.resources["FinishTrainingFunction"], event)


def remove_finished_letters(stack: DeployedStack) -> int:
    """Remove the dead letters about ended jobs that `finish_ended_jobs` has made up for, and count them.

    To be called after it. What came since the stack was found stays: the clock may have struck before it, and
    purging the queue would take it along with its alarm.
    """
    sqs, queue = boto3.client("sqs"), stack.resources["TrainingEndedDeadLetters"]
    found, removed = stack.found.timestamp() * 1000, 0
    for letter in _receive(sqs, queue):
        if int(letter["Attributes"]["SentTimestamp"]) <= found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
            removed += 1
    return removed


def _receive(sqs: "SQSClient", queue: str) -> Iterator["MessageTypeDef"]:
    while letters := sqs.receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,  # without a wait, SQS asks only some of its servers
        MessageSystemAttributeNames=["SentTimestamp"],
    ).get("Messages"):
        yield from letters
