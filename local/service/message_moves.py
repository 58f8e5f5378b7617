"""StartMessageMoveTask, which moto lacks: dead letters go back to a queue.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
"""

import uuid
from collections.abc import Mapping
from typing import Any


def move_messages(sqs: Any, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """Moves every visible message at once, where SQS would work through them in the background."""
    source, target = (
        sqs.get_queue_url(QueueName=request[name].rsplit(":", 1)[-1])["QueueUrl"]
        for name in ("SourceArn", "DestinationArn")
    )
    while messages := sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
    return {"TaskHandle": str(uuid.uuid4())}
