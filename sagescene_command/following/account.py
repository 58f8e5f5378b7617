"""What an account shows of itself before anything is dropped; nothing is changed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

from sagescene_command.following.silence import telling_of_silence

_ONCE_MORE = Config(retries={"total_max_attempts": 2})  # what cannot be asked here shall not be waited for

KEY_OF_S3 = "alias/aws/s3"  # AWS's own, which admits whoever may use the bucket


@telling_of_silence()
def read_caller() -> str:
    """Give the ARN of whom the credentials belong to."""
    return boto3.client("sts").get_caller_identity()["Arn"]


def read_quotas(names: Collection[str]) -> Mapping[str, float]:
    """Read SageMaker's quotas of the account by their names; those named that it has not are read as AWS's defaults.

    AWS lists what was applied to an account alone, and of some quotas there is but the default value:
    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
    """
    applied = _list_quotas("list_service_quotas")
    if applied.keys() >= set(names):
        return applied
    return _list_quotas("list_aws_default_service_quotas") | applied


def _list_quotas(operation: str) -> dict[str, float]:
    client: Any = boto3.client("service-quotas", config=_ONCE_MORE)
    pages = client.get_paginator(operation).paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}


def read_trust(role: str) -> Mapping[str, Any]:
    """Read who may assume a role: its trust policy."""
    document: Any = boto3.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    policy: Mapping[str, Any] = document
    return policy


def sends_events(bucket: str) -> bool:
    """Tell whether a bucket sends EventBridge its events."""
    found = boto3.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return "EventBridgeConfiguration" in found


def read_bucket_key(bucket: str) -> str:
    """Give the KMS key by which S3 encrypts a bucket's objects by default, empty for one that S3 itself keeps.

    S3 gives back what was set, which may be an alias: only KMS knows of which key.
    """
    found: Any = boto3.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    defaults = (rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in found["Rules"])
    key = next((str(default["KMSMasterKeyID"]) for default in defaults if "KMSMasterKeyID" in default), "")
    if "alias/" not in key or key.endswith(KEY_OF_S3):
        return key
    client: Any = boto3.client("kms")
    return str(client.describe_key(KeyId=key)["KeyMetadata"]["Arn"])


def read_subscriptions(topic: str) -> list[str]:
    """List the ARNs of a topic's subscriptions; SNS shows words in the place of one that nobody has confirmed."""
    pages = boto3.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]


def read_key_state(key: str) -> str:
    """Give the state of a KMS key, `Enabled` for one that can be used."""
    client: Any = boto3.client("kms")
    return str(client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def read_budgets() -> Sequence[Mapping[str, Any]]:
    """Read the account's budgets, as DescribeBudgets gives them; AWS keeps them for all Regions in one place."""
    number = boto3.client("sts").get_caller_identity()["Account"]
    client: Any = boto3.client("budgets", config=_ONCE_MORE)
    pages = client.get_paginator("describe_budgets").paginate(AccountId=number)
    return [budget for page in pages for budget in page.get("Budgets", [])]
