"""S3 in memory: one bucket with S3's rules for ETags, whole seconds and conditions, and the client a function uses."""

import hashlib
import io
import itertools
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.proof.faults import Gate, refused

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One object; `modified` in epoch seconds, of a multipart upload its beginning."""

    body: bytes
    etag: str
    modified: float


class Bucket:
    """The bucket as people and SageMaker see it."""

    def __init__(self, name: str, clock: Callable[[], float], created: Callable[[str, Stored, str], None]) -> None:
        """Tell `created` of every new object: its key, the object, and S3's word for the reason."""
        self.name, self._clock, self._created = name, clock, created
        self.objects: dict[str, Stored] = {}
        self.uploads: dict[str, tuple[str, float]] = {}
        self._keys: list[str] = []
        self._numbers = itertools.count(1)

    def put(self, key: str, body: bytes) -> Stored:
        """Upload an object in one call."""
        etag = hashlib.md5(body).hexdigest()
        return self._store(key, Stored(body=body, etag=etag, modified=self._clock()), "PutObject")

    def begin(self, key: str) -> str:
        """Begin a multipart upload."""
        upload = f"upload-{next(self._numbers)}"
        self.uploads[upload] = (key, self._clock())
        return upload

    def complete(self, upload: str, body: bytes) -> Stored:
        """Complete a multipart upload of two parts."""
        key, began = self.uploads.pop(upload)
        etag = f"{hashlib.md5(hashlib.md5(body).digest()).hexdigest()}-2"
        return self._store(key, Stored(body=body, etag=etag, modified=began), "CompleteMultipartUpload")

    def abort(self, upload: str) -> None:
        """Give a multipart upload up."""
        del self.uploads[upload]

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Yield the keys under a prefix, in S3's order."""
        position = bisect_left(self._keys, prefix)
        while bucket == self.name and position < len(self._keys) and self._keys[position].startswith(prefix):
            yield self._keys[position]
            position += 1

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Nobody trains here."""
        raise NotImplementedError

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Nobody trains here."""
        raise NotImplementedError

    def _store(self, key: str, stored: Stored, reason: str) -> Stored:
        if key not in self.objects:
            insort(self._keys, key)
        self.objects[key] = stored
        self._created(key, stored, reason)
        return stored


class S3Client:
    """The calls that the functions make, with boto3's names, answers and errors."""

    def __init__(self, bucket: Bucket, gate: Gate) -> None:
        self._bucket, self._gate = bucket, gate

    def get_paginator(self, operation: str) -> "Paginator":
        """Page through a listing."""
        return Paginator({"list_objects_v2": self._list, "list_multipart_uploads": self._list_uploads}[operation])

    def get_object(
        self,
        *,
        Bucket: str,
        Key: str,
        IfMatch: str | None = None,
        Range: str = "",
    ) -> dict[str, Any]:
        """Read an object, or `bytes=first-last` of it."""

        def perform() -> dict[str, Any]:
            self._check(Bucket)
            stored = self._bucket.objects.get(Key)
            if stored is None:
                raise refused("GetObject", "NoSuchKey", "The specified key does not exist.", status=404)
            if IfMatch not in (None, stored.etag):
                raise _condition_failed("GetObject")
            first, _, last = Range.removeprefix("bytes=").partition("-")
            body = stored.body[int(first) : int(last) + 1] if Range else stored.body
            return {"Body": io.BytesIO(body), "ETag": f'"{stored.etag}"'}

        return self._gate.call("GetObject", perform)

    def put_object(
        self,
        *,
        Bucket: str,
        Key: str,
        Body: bytes,
        ContentType: str,
        IfNoneMatch: str | None = None,
    ) -> dict[str, Any]:
        """Write an object."""
        assert ContentType.partition(";")[0] in {"application/json", "text/html"}

        def perform() -> dict[str, Any]:
            self._check(Bucket)
            if IfNoneMatch and Key in self._bucket.objects:
                raise _condition_failed("PutObject")
            return {"ETag": f'"{self._bucket.put(Key, Body).etag}"'}

        return self._gate.call("PutObject", perform)

    def _list(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        def page(after: str) -> list[str]:
            self._check(request["Bucket"])
            keys = (key for key in self._bucket.list_keys(self._bucket.name, request["Prefix"]) if key > after)
            return list(itertools.islice(keys, _PAGE + 1))

        after = ""
        while True:
            keys = self._gate.call("ListObjectsV2", lambda after=after: page(after))  # type: ignore[misc]
            yield {"Contents": [self._entry(key) for key in keys[:_PAGE]]} if keys else {"KeyCount": 0}
            if len(keys) <= _PAGE:
                return
            after = keys[_PAGE - 1]

    def _entry(self, key: str) -> dict[str, Any]:
        stored = self._bucket.objects[key]
        modified = datetime.fromtimestamp(int(stored.modified), UTC)
        return {"Key": key, "ETag": f'"{stored.etag}"', "Size": len(stored.body), "LastModified": modified}

    def _list_uploads(self, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        def perform() -> list[dict[str, Any]]:
            self._check(request["Bucket"])
            return [
                {"Key": key, "UploadId": upload, "Initiated": datetime.fromtimestamp(began, UTC)}
                for upload, (key, began) in self._bucket.uploads.items()
                if key.startswith(request["Prefix"])
            ]

        uploads = self._gate.call("ListMultipartUploads", perform)
        yield {"Uploads": uploads} if uploads else {}

    def _check(self, bucket: str) -> None:
        if bucket != self._bucket.name:
            raise refused("ListObjectsV2", "NoSuchBucket", "The specified bucket does not exist.", status=404)


class Paginator:
    """What boto3 calls a paginator: one request, many answers."""

    def __init__(self, pages: Callable[[Mapping[str, Any]], Iterator[dict[str, Any]]]) -> None:
        self._pages = pages

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Yield the answers."""
        return self._pages(request)


def _condition_failed(operation: str) -> Exception:
    message = "At least one of the pre-conditions you specified did not hold"
    return refused(operation, "PreconditionFailed", message, status=412)
