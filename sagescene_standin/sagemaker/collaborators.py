"""What the service needs from the rest of the account: objects, roles, logs; with the versions that speak boto3."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

type Publish = Callable[[dict[str, Any]], None]
"""Take one EventBridge event, whole: version, id, source, detail-type, ..., detail."""

type TrustCheck = Callable[[str], bool]
"""Say whether the role of this ARN exists and lets sagemaker.amazonaws.com assume it."""

type WriteLog = Callable[[str, str, str, float], None]
"""Take log group, log stream, message and epoch seconds."""


class ObjectStore(Protocol):
    """The part of S3 that a training job touches."""

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Yield the keys under the prefix; nothing for a bucket that does not exist."""
        ...

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write the object to the path."""
        ...

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Store the file as the object."""
        ...


class BotoObjectStore:
    """An ObjectStore on a boto3 S3 client."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  # boto3 clients have no class at run time
        self._client = client

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Yield the keys under the prefix; nothing for a bucket that does not exist."""
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    yield item["Key"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write the object to the path."""
        self._client.download_file(bucket, key, str(path))

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Store the file as the object."""
        self._client.upload_file(str(path), bucket, key)


def check_trust_with(client: Any) -> TrustCheck:  # noqa: ANN401
    """Build a TrustCheck on a boto3 IAM client."""

    def trusts(role_arn: str) -> bool:
        try:
            role = client.get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchEntity":
                raise
            return False
        return bool(role["Arn"] == role_arn) and trusts_sagemaker(role["AssumeRolePolicyDocument"])

    return trusts


def trusts_sagemaker(policy: str | Mapping[str, Any]) -> bool:
    """Say whether a trust policy lets SageMaker assume the role; conditions are not looked at."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    for statement in _as_list(document.get("Statement")):
        principal = statement.get("Principal", {})
        services = _as_list(principal.get("Service") if isinstance(principal, dict) else None)
        allowed = statement.get("Effect") == "Allow" and "sts:AssumeRole" in _as_list(statement.get("Action"))
        if allowed and "sagemaker.amazonaws.com" in services:
            return True
    return False


def split_s3_url(url: str) -> tuple[str, str]:
    """Split `s3://bucket/key` into bucket and key (or prefix)."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401  # policies write one item with or without brackets
    return value if isinstance(value, list) else [] if value is None else [value]
