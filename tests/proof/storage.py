"""The local stack's S3 as people and SageMaker see it, and the client by which a function uses it."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends
from moto.utilities.utils import CaseInsensitiveDict

from tests.proof.access import Access
from tests.proof.deployment import ACCOUNT
from tests.proof.faults import Gate, refused

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One object; `modified` is when it was put, or when the upload of its parts began."""

    body: bytes
    etag: str
    modified: datetime


class Bucket:
    """One bucket, and what people do with it."""

    def __init__(self, name: str) -> None:
        """Take the name of a bucket that exists."""
        self.name = name
        self._uploads: list[str] = []
        self.deletions = 0

    @property
    def _s3(self) -> S3Backend:
        return s3_backends[ACCOUNT.id]["aws"]

    @property
    def _bucket(self) -> FakeBucket:
        return self._s3.get_bucket(self.name)

    def __getitem__(self, key: str) -> Stored:
        """Give the newest version of an object."""
        found = self._bucket.keys[key]
        return Stored(body=found.value, etag=_etag(found), modified=_modified(found))

    def put(self, key: str, body: bytes) -> Stored:
        """Upload an object in one call."""
        self._s3.put_object(self.name, key, body)
        return self[key]

    def begin(self, key: str) -> int:
        """Begin a multipart upload, and give its number."""
        upload = self._s3.create_multipart_upload(
            self.name,
            key,
            metadata=CaseInsensitiveDict(),
            storage_type="STANDARD",
            tags={},
            acl=None,
            sse_encryption="",
            kms_key_id="",
        )
        self._uploads.append(upload.id)
        return len(self._uploads) - 1

    @property
    def uploads(self) -> dict[int, str]:
        """The keys of the multipart uploads under way, by their numbers."""
        begun = self._bucket.multiparts
        return {number: begun[name].key_name for number, name in enumerate(self._uploads) if name in begun}

    def complete(self, upload: int, body: bytes) -> Stored:
        """Complete a multipart upload of one part."""
        name, key = self._uploads[upload], self.uploads[upload]
        part = self._s3.upload_part(self.name, name, 1, body)
        self._s3.complete_multipart_upload(self.name, name, iter([(1, part.etag)]))
        return self[key]

    def abort(self, upload: int) -> None:
        """Give a multipart upload up."""
        self._s3.abort_multipart_upload(self.name, self._uploads[upload])

    def delete(self, key: str) -> None:
        """Delete an object."""
        self._s3.delete_object(self.name, key)
        self.deletions += 1

    def forget(self, key: str) -> None:
        """Let an object never have been."""
        self._bucket.keys.pop(key)

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Give the keys under a prefix."""
        found = self._bucket.keys
        keys = found.starting_with(prefix) if bucket == self.name else []  # type: ignore[attr-defined]
        return (key for key in keys if isinstance(found[key], FakeKey))


class RoleObjects:
    """The bucket as SageMaker sees it as a role."""

    def __init__(self, bucket: Bucket, access: Access) -> None:
        self._bucket, self._access = bucket, access

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Give the keys under a prefix, in no order."""
        self._require("ListBucket", bucket=bucket, prefix=prefix)
        return self._bucket.list_keys(bucket, prefix)

    def is_there(self, bucket: str, key: str) -> bool:
        """Tell whether there is such an object, which can be read."""
        self._require("GetObject", bucket=bucket, key=key)
        return key in self._bucket.list_keys(bucket, key)

    def download(self, bucket: str, key: str, _path: Path) -> None:
        """Read an object, and keep nothing of it."""
        self._require("GetObject", bucket=bucket, key=key)

    def upload(self, _path: Path, bucket: str, key: str) -> None:
        """Store an artifact."""
        self._require("PutObject", bucket=bucket, key=key, parameters={"Multipart": True})
        self._bucket.put(key, b"weights")

    def delete(self, bucket: str, key: str) -> None:
        """Delete a checkpoint."""
        self._require("DeleteObject", bucket=bucket, key=key)
        self._bucket.delete(key)

    def _require(self, operation: str, **call: object) -> None:
        if self._access.lacking("s3", operation, **call):
            raise PermissionError("AccessDenied: Access Denied")


class S3Client:
    """The calls that a function makes, with boto3's names, answers and errors."""

    def __init__(self, gate: Gate, access: Access) -> None:
        self._gate, self._access = gate, access

    @property
    def _s3(self) -> S3Backend:
        return s3_backends[ACCOUNT.id]["aws"]

    def get_paginator(self, operation: str) -> "Paginator":
        """Page through a listing."""
        return Paginator({"list_objects_v2": self._list, "list_multipart_uploads": self._list_uploads}[operation])

    def get_object(self, *, Bucket: str, Key: str, IfMatch: str = "", Range: str = "") -> dict[str, Any]:
        """Read an object, or `bytes=first-last` of it."""

        def perform() -> dict[str, Any]:
            self._access.require("s3", "GetObject", bucket=Bucket, key=Key)
            found = self._s3.get_object(Bucket, Key)
            if found is None and self._access.hides_missing_keys(Bucket):
                raise refused("GetObject", "AccessDenied", "Access Denied", status=403)
            if found is None:
                raise refused("GetObject", "NoSuchKey", "The specified key does not exist.", status=404)
            if IfMatch and IfMatch != _etag(found):
                raise _condition_failed("GetObject")
            first, _, last = Range.removeprefix("bytes=").partition("-")
            body = found.value[int(first) : int(last) + 1] if Range else found.value
            return {"Body": io.BytesIO(body), "ETag": found.etag}

        return self._gate.call("GetObject", perform)

    def put_object(
        self,
        *,
        Bucket: str,
        Key: str,
        Body: bytes,
        ContentType: str,
        IfNoneMatch: str | None = None,
        IfMatch: str | None = None,
    ) -> dict[str, Any]:
        """Write an object."""
        assert ContentType.partition(";")[0] in {"application/json", "text/html"}

        def perform() -> dict[str, Any]:
            self._access.require("s3", "PutObject", bucket=Bucket, key=Key)
            if (IfNoneMatch or IfMatch) and self._gate.conflicts():
                message = "The conditional request cannot succeed due to a conflicting operation against this resource."
                raise refused("PutObject", "ConditionalRequestConflict", message, status=409)
            present = self._s3.get_object(Bucket, Key)
            if IfMatch:  # as S3 asks of whoever writes over a version that he names
                self._access.require("s3", "GetObject", bucket=Bucket, key=Key)
            if (IfNoneMatch and present) or (IfMatch and present and IfMatch != _etag(present)):
                raise _condition_failed("PutObject")
            if IfMatch and present is None:
                raise refused("PutObject", "NoSuchKey", "The specified key does not exist.", status=404)
            return {"ETag": self._s3.put_object(Bucket, Key, Body).etag}

        return self._gate.call("PutObject", perform)

    def _list(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        def page(token: str | None) -> tuple[Any, bool, str | None]:
            self._access.require("s3", "ListBucket", bucket=request["Bucket"], prefix=request["Prefix"])
            bucket = self._s3.get_bucket(request["Bucket"])
            return self._s3.list_objects_v2(bucket, request["Prefix"], None, token, request.get("StartAfter"), _PAGE)

        token: str | None = None
        while True:
            found, is_truncated, token = self._gate.call("ListObjectsV2", lambda token=token: page(token))  # type: ignore[misc]
            yield {"Contents": [_entry(key) for key in found]} if found else {"KeyCount": 0}
            if not is_truncated:
                return

    def _list_uploads(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        def perform() -> list[dict[str, Any]]:
            asked = {"bucket": request["Bucket"], "prefix": request["Prefix"]}
            self._access.require("s3", "ListBucketMultipartUploads", **asked)
            begun = self._s3.list_multipart_uploads(request["Bucket"])
            return [
                {"Key": upload.key_name, "UploadId": name, "Initiated": upload.initiated.replace(tzinfo=UTC)}  # type: ignore[attr-defined]
                for name, upload in begun.items()
                if upload.key_name.startswith(request["Prefix"])
            ]

        uploads = self._gate.call("ListMultipartUploads", perform)
        yield {"Uploads": uploads} if uploads else {}


class Paginator:
    """What boto3 calls a paginator: one request, many answers."""

    def __init__(self, pages: Callable[[Mapping[str, Any]], Iterator[dict[str, Any]]]) -> None:
        self._pages = pages

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Yield the answers."""
        return self._pages(request)


def _entry(key: FakeKey) -> dict[str, Any]:
    return {"Key": key.name, "ETag": key.etag, "Size": key.size, "LastModified": _modified(key).replace(microsecond=0)}


def _etag(key: FakeKey) -> str:
    return str(key.etag).strip('"')


def _modified(key: FakeKey) -> datetime:
    return key.last_modified.replace(tzinfo=UTC)


def _condition_failed(operation: str) -> Exception:
    message = "At least one of the pre-conditions you specified did not hold"
    return refused(operation, "PreconditionFailed", message, status=412)
