"""Which key a call uses, and what its caller must be allowed to do with it.

- S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html; every object counts as encrypted as
  the bucket says it is by default
- SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
- SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html

A key that AWS manages (`alias/aws/...`) asks for nothing here; a customer's is named by its ARN.
"""

from collections.abc import Iterator

from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.aws_call import AwsCall, Permission

_WRITE = ("kms:GenerateDataKey", "kms:Decrypt")


def key_permissions(call: AwsCall, account: Account) -> Iterator[Permission]:
    """Name what the caller of an operation needs to be allowed on the key of the bucket, topic or queue."""
    match call.service, call.operation:
        case "s3", "GetObject":
            yield from _on(bucket_key(call.bucket, account), ("kms:Decrypt",))
        case "s3", "PutObject":
            # The parts of a multipart upload are read again when it is completed.
            actions = _WRITE if call.parameters.get("Multipart") else _WRITE[:1]
            yield from _on(bucket_key(call.bucket, account), actions)
        case "sns", "Publish" | "PublishBatch":
            yield from topic_permissions(str(call.parameters.get("TopicArn", "")), account)
        case "sqs", "SendMessage" | "SendMessageBatch":
            yield from queue_permissions(_queue_name(call), account)
        case "sqs", "ReceiveMessage":
            yield from _on(queue_key(_queue_name(call), account), ("kms:Decrypt",))


def topic_permissions(arn: str, account: Account) -> Iterator[Permission]:
    """Name what whoever publishes on a topic needs to be allowed on its key."""
    topic = sns_backends[account.id][account.region].topics.get(arn)
    yield from _on(str(topic.kms_master_key_id or "") if topic else "", _WRITE)


def queue_permissions(name: str, account: Account) -> Iterator[Permission]:
    """Name what whoever sends to a queue needs to be allowed on its key."""
    yield from _on(queue_key(name, account), _WRITE)


def bucket_key(name: str, account: Account) -> str:
    """Give the ARN of the key with which a bucket encrypts by default; empty without one."""
    bucket = s3_backends[account.id]["aws"].buckets.get(name)
    if bucket is None or not bucket.encryption:
        return ""
    default = bucket.encryption["Rule"].get("ApplyServerSideEncryptionByDefault", {})
    return str(default.get("KMSMasterKeyID") or "")


def queue_key(name: str, account: Account) -> str:
    """Give the ARN of the customer key of a queue; empty without one."""
    queue = sqs_backends[account.id][account.region].queues.get(name)
    key = str(queue.kms_master_key_id or "") if queue else ""  # type: ignore[attr-defined]  # moto sets it by name
    return key if key.startswith("arn:") else ""


def _queue_name(call: AwsCall) -> str:
    return str(call.parameters.get("QueueUrl", "")).rsplit("/", 1)[-1]


def _on(key: str, actions: tuple[str, ...]) -> Iterator[Permission]:
    if key.startswith("arn:"):
        for action in actions:
            yield Permission(action=action, resource=key)
