"""Where a data set lies, a folder or a prefix in S3: its files under the keys that a stack would know them by."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.findings import Finding
from sagescene.foreign_text import printable
from sagescene.parts import DATASETS
from sagescene.preflight.reading import Examination, Reader
from sagescene_command.folder_files import explain_links, find_files
from sagescene_command.images_only import explain_images
from sagescene_command.parallel import read_ahead
from sagescene_command.progress import Progress

CHUNK = 4 << 20  # bytes; a thread is told to read them, and with 1 MB at a time that takes a third longer


class UncheckableError(SagesceneError):
    """A path that cannot be looked into; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a data set lies: its files under the keys that the stack would know them by, and how they are read.

    `prefix` stands for `datasets/<set>/` in what people are shown. `bucket` is empty for a folder.
    """

    name: str
    objects: tuple[StoredObject, ...]
    reader: Reader
    prefix: str
    bucket: str = ""

    @property
    def is_watched(self) -> bool:
        """Tell whether it lies where a stack would find it."""
        return bool(self.bucket) and self.prefix == f"{DATASETS}{self.name}/"


def find_folder(path: str, name: str = "") -> Place:
    """Find the files of a data set in a folder, after which the set is called unless it has a name.

    Raises:
        UncheckableError: it is no folder, or holds images that are not packed, or links that lead out of it.
    """
    folder = Path(path).resolve()
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UncheckableError(f"{path} {what}: give the folder that holds the .rec and .lst files of one data set.")
    name = name or folder.name or "data-set"
    files = find_files(folder, name)
    if answer := explain_links(folder, files.values()) or explain_images(path, files):
        raise UncheckableError(answer)

    def read_whole(stored: StoredObject) -> Iterable[bytes]:
        with files[stored.key].open("rb", buffering=0) as file:
            yield from read_ahead(file.read, CHUNK)

    def read_span(stored: StoredObject, offset: int, length: int) -> bytes:
        with files[stored.key].open("rb") as file:
            file.seek(offset)
            return file.read(length)

    return Place(
        name=name,
        objects=tuple(_describe(key, file) for key, file in files.items()),
        reader=Reader(whole=read_whole, span=read_span),
        prefix="",
    )


def _describe(key: str, file: Path) -> StoredObject:
    status = file.stat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    return StoredObject(key=key, etag="", size=status.st_size, last_modified=modified)


def find_in_s3(uri: str, region: str) -> Place:
    """Find the files of a data set under a prefix.

    Raises:
        UncheckableError: the address names no data set, or nothing is there.
    """
    bucket, _, path = uri.removeprefix("s3://").partition("/")
    path = path.strip("/")
    if not bucket or not path:
        raise UncheckableError(f"{uri} names no data set: give s3://BUCKET/{DATASETS}SET/.")
    from sagescene.aws import Cloud  # with boto3, half of the time that a folder's check takes to begin

    cloud, prefix, name = Cloud(region), f"{path}/", path.rpartition("/")[2]
    listed = {
        f"{DATASETS}{name}/{stored.key.removeprefix(prefix)}": stored for stored in cloud.list_objects(bucket, prefix)
    }
    if not listed:
        raise UncheckableError(f"s3://{bucket}/{prefix} holds nothing: upload the files of a data set, or correct it.")
    read, read_span = partial(cloud.read, bucket), partial(cloud.read_span, bucket)
    return Place(
        name=name,
        objects=tuple(replace(stored, key=key) for key, stored in listed.items()),
        reader=Reader(
            whole=lambda stored: read(listed[stored.key]),
            span=lambda stored, offset, length: read_span(listed[stored.key], offset, length),
        ),
        prefix=prefix,
        bucket=bucket,
    )


def watch(place: Place, progress: Progress) -> Reader:
    """Report how many bytes were read, of all files together; a second reading of one counts no further."""
    total = sum(stored.size for stored in place.objects)
    read: dict[str, int] = {}

    def watch(stored: StoredObject) -> Iterable[bytes]:
        position = 0
        for chunk in place.reader.whole(stored):
            yield chunk
            position += len(chunk)
            read[stored.key] = max(position, read.get(stored.key, 0))
            progress(sum(read.values()), total)

    return Reader(whole=watch, span=place.reader.span)


def rename(examined: Examination, place: Place) -> Examination:
    """Name the files as the person who asked knows them; only what lies in a bucket has a fingerprint."""
    keys = printable(f"{DATASETS}{place.name}/")  # as findings have it

    def rename_one(finding: Finding) -> Finding:
        texts = {name: getattr(finding, name).replace(keys, place.prefix) for name in ("file", "message", "remedy")}
        return replace(finding, **texts)

    report = examined.report
    return replace(
        examined,
        report=replace(
            report,
            fingerprint=report.fingerprint if place.is_watched else "",
            digest=report.digest if place.is_watched else "",
            findings=tuple(map(rename_one, report.findings)),
        ),
    )
