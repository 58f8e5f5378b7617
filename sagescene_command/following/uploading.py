"""A folder uploaded as a data set: what is there already stays, and the records come last.

Files go up in parts as the AWS CLI cuts them, so that the same files have the same ETags, which decide whether a set
is a new one.
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from s3transfer.manager import TransferConfig, TransferManager
from s3transfer.subscribers import BaseSubscriber

from sagescene import parts
from sagescene.aws import Cloud
from sagescene.dataset import StoredObject, UnfinishedUpload
from sagescene.errors import SagesceneError
from sagescene.parts import Part
from sagescene_command.following.deployed_stack import DeployedStack

if TYPE_CHECKING:
    from sagescene_command.progress import Progress

PART_IN_BYTES = 8 * 1024**2
_MOST_PARTS = 10_000  # of one object in S3
_PARTS_AT_ONCE = 10


class UnnameableSetError(SagesceneError):
    """No data set can have this name."""

    def __init__(self, name: str) -> None:
        """Say what a name is."""
        super().__init__(
            f"{name!r} names no data set: give as SET a name without a slash, of at most "
            f"{parts.LONGEST_NAME_IN_BYTES} bytes and without control characters."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPlan:
    """What of a folder is to be uploaded, one group after the other, by key; what is there already, and its remains.

    `broken_off` are multipart uploads of these files that were begun and have not ended.
    """

    groups: tuple[Mapping[str, Path], ...]
    present: tuple[str, ...]
    broken_off: tuple[UnfinishedUpload, ...]

    @property
    def rings(self) -> bool:
        """Tell whether the upload has the set judged, as that of an .idx alone does not."""
        return any(parts.part_of(key) for group in self.groups for key in group)

    @property
    def size_in_bytes(self) -> int:
        """Give the size of all that is to be uploaded."""
        return sum(path.stat().st_size for group in self.groups for path in group.values())


def require_name(name: str) -> None:
    """Raise UnnameableSetError unless a data set can have this name."""
    if parts.set_of(f"{parts.DATASETS}{name}/train.rec") != name:
        raise UnnameableSetError(name)


def is_uploaded(key: str) -> bool:
    """Tell whether a file is part of a data set or may be an index; of a folder nothing else is uploaded."""
    return parts.part_of(key) not in (None, Part.FOREIGN) or key.endswith(".idx")


def plan(
    uploads: Mapping[str, Path], objects: Iterable[StoredObject], unfinished: Iterable[UnfinishedUpload]
) -> UploadPlan:
    """Plan the upload of files by their keys, beside the objects that are there."""
    stored = {each.key: each for each in objects}
    present = {key for key, path in uploads.items() if key in stored and _is_same(path, stored[key])}
    missing = {key: path for key, path in uploads.items() if key not in present}
    records = {key: path for key, path in missing.items() if key.lower().endswith(".rec")}
    others = {key: path for key, path in missing.items() if key not in records}
    return UploadPlan(
        groups=tuple(group for group in (others, records) if group),
        present=tuple(sorted(present)),
        broken_off=tuple(upload for upload in unfinished if upload.key in uploads),
    )


def _is_same(path: Path, stored: StoredObject) -> bool:
    return path.stat().st_size == stored.size and compute_etag(path) == stored.etag


def compute_etag(path: Path) -> str:
    """Give the ETag that S3 makes for a file, unless it encrypts it with a KMS key: from its parts, if it has several.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    size, part_in_bytes = path.stat().st_size, PART_IN_BYTES
    while size > part_in_bytes * _MOST_PARTS:  # as s3transfer does
        part_in_bytes *= 2
    with path.open("rb") as file:
        digests = [
            hashlib.md5(part, usedforsecurity=False).digest() for part in iter(lambda: file.read(part_in_bytes), b"")
        ]
    if size < PART_IN_BYTES:
        return (digests[0] if digests else hashlib.md5(b"", usedforsecurity=False).digest()).hex()
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def upload(stack: DeployedStack, planned: UploadPlan, progress: "Progress") -> None:
    """End what was broken off, and upload what is missing; `progress` is called with the bytes done and those of all.

    Whatever ends this early leaves no part behind, but for what nobody can hear.
    """
    s3, bucket = boto3.client("s3"), stack.bucket
    for each in planned.broken_off:
        s3.abort_multipart_upload(Bucket=bucket, Key=each.key, UploadId=each.id)
    config = TransferConfig(
        multipart_threshold=PART_IN_BYTES, multipart_chunksize=PART_IN_BYTES, max_request_concurrency=_PARTS_AT_ONCE
    )
    told = [_Counter(planned.size_in_bytes, progress)]
    with TransferManager(s3, config) as manager:
        for group in planned.groups:
            for future in [manager.upload(str(path), bucket, key, subscribers=told) for key, path in group.items()]:
                future.result()


class _Counter(BaseSubscriber):
    def __init__(self, total: int, progress: "Progress") -> None:
        self._total, self._progress = total, progress
        self._lock, self._done = threading.Lock(), 0

    def on_progress(self, future: Any, bytes_transferred: int, **_: Any) -> None:  # noqa: ANN401, ARG002
        with self._lock:  # several threads upload; a part that is sent again is taken back first
            self._done += bytes_transferred
            self._progress(self._done, self._total)


def look_before_upload(stack: DeployedStack, name: str, uploads: Mapping[str, Path]) -> UploadPlan:
    """Plan the upload of files by their keys, by what lies in the bucket."""
    cloud, prefix = Cloud(stack.region), f"{parts.DATASETS}{name}/"
    objects: Sequence[StoredObject] = cloud.list_objects(stack.bucket, prefix)
    return plan(uploads, objects, cloud.list_unfinished_uploads(stack.bucket, prefix))
