"""What the service needs from the rest of the account: the roles it assumes, and what it does as each of them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

PRINCIPAL = "sagemaker.amazonaws.com"

type Publish = Callable[[dict[str, Any]], None]
"""Take one EventBridge event, whole: version, id, source, detail-type, ..., detail."""


class ObjectStore(Protocol):
    """The part of S3 that a training job touches; what a role may not do raises PermissionError."""

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Yield the keys under the prefix; nothing for a bucket that does not exist."""
        ...

    def is_there(self, bucket: str, key: str) -> bool:
        """Say whether there is such an object, which can be read."""
        ...

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write the object to the path."""
        ...

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Store the file as the object."""
        ...

    def delete(self, bucket: str, key: str) -> None:
        """Delete the object."""
        ...


class RoleSession(Protocol):
    """A role that SageMaker has assumed: all that it does is held against the role's policies."""

    @property
    def objects(self) -> ObjectStore:
        """S3, as the role sees it."""
        ...

    def may(self, action: str, resource: str) -> bool:
        """Say whether the role may do what leaves no trace in this account."""
        ...

    def write_log(self, group: str, stream: str, line: str, time: float) -> None:
        """Put a line, printed at `time` (epoch seconds), into a log stream, if the role may."""
        ...

    def put_metric(self, namespace: str, name: str, value: float, dimensions: Mapping[str, str]) -> None:
        """Give CloudWatch one value of a metric, if the role may."""
        ...


type AssumeRole = Callable[[str, str], RoleSession | None]
"""Take the ARN of a role and that of the job or model it is for; None when SageMaker cannot assume the role.

The latter is aws:SourceArn in the role's trust policy:
https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
"""


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
            if error.response["Error"]["Code"] == "AccessDenied":
                raise PermissionError("AccessDenied: Access Denied") from error
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise

    def is_there(self, bucket: str, key: str) -> bool:
        """Say whether there is such an object, which can be read."""
        try:
            self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            match error.response["ResponseMetadata"]["HTTPStatusCode"]:
                case 403:  # what is not there as well, to whoever may not list the bucket
                    raise PermissionError("AccessDenied: Access Denied") from error
                case 404:
                    return False
            raise
        return True

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write the object to the path."""
        try:
            self._client.download_file(bucket, key, str(path))
        except ClientError as error:
            # The answer to HEAD has no body that could name the code.
            if error.response["Error"]["Code"] in ("403", "AccessDenied"):
                raise PermissionError("AccessDenied: Access Denied") from error
            raise

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Store the file as the object."""
        try:
            self._client.upload_file(str(path), bucket, key)
        except S3UploadFailedError as error:
            if "(AccessDenied)" in str(error):
                raise PermissionError("AccessDenied: Access Denied") from error
            raise

    def delete(self, bucket: str, key: str) -> None:
        """Delete the object."""
        try:
            self._client.delete_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                raise PermissionError("AccessDenied: Access Denied") from error
            raise


class UncheckedRole:
    """A RoleSession of an account whose IAM is not asked, or has its own way of being asked."""

    def __init__(
        self, objects: ObjectStore, write_log: Callable[[str, str, str, float], None] = lambda *_: None
    ) -> None:
        self.objects, self._write_log = objects, write_log

    def may(self, _action: str, _resource: str) -> bool:
        """Say yes."""
        return True

    def write_log(self, group: str, stream: str, line: str, time: float) -> None:
        """Pass a line on."""
        self._write_log(group, stream, line, time)

    def put_metric(self, namespace: str, name: str, value: float, dimensions: Mapping[str, str]) -> None:
        """Keep no metric."""


def split_s3_url(url: str) -> tuple[str, str]:
    """Split `s3://bucket/key` into bucket and key (or prefix)."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
