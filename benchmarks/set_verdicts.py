"""A whole set from S3 to its verdict, and its bytes to nowhere; arguments: port, authority, folder.

The answer is the processor time in seconds from the first request to the end, with all threads.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.s3_reading import point_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from sagescene.dataset import StoredObject

FLOOR, OURS = "CRT transfer to nowhere", "sagescene, to the verdict"
NAMES = ("train.rec", "train.lst", "validation.rec", "validation.lst")
PREFIX = "datasets/pets/"
REGION, BUCKET = "us-east-1", "bucket"


class Nowhere:
    """A file that keeps nothing but the number of its bytes."""

    def __init__(self) -> None:
        """Start empty."""
        self.size = 0

    def write(self, content: bytes) -> int:
        """Count what is written."""
        self.size += len(content)
        return len(content)


def prepare_crt() -> Callable[[str, str, str], str]:
    """Transfer each file by the client that AWS CLI 2 has for this, with its own sizes of parts."""
    import botocore.session
    from s3transfer import crt

    def work(port: str, authority: str, folder: str) -> str:
        point_at(port, authority)
        session = botocore.session.get_session()
        # The client takes names only.
        client = {"region_name": REGION, "endpoint_url": f"https://localhost:{port}"}
        serializer = crt.BotocoreCRTRequestSerializer(session, client)
        credentials = crt.BotocoreCRTCredentialsWrapper(session.get_credentials()).to_crt_credentials_provider()
        transfers = crt.CRTTransferManager(crt.create_s3_crt_client(REGION, credentials, verify=authority), serializer)
        start = time.process_time()
        with transfers as all_:
            for name in NAMES:
                nowhere: Any = Nowhere()
                all_.download(BUCKET, PREFIX + name, nowhere).result()
                _check(nowhere.size, Path(folder, name))
        return str(time.process_time() - start)

    return work


def prepare_boto3() -> Callable[[str, str, str], str]:
    """Transfer each file by boto3 alone, which is what AWS CLI 1 does."""
    import boto3
    from boto3.s3.transfer import TransferConfig

    def work(port: str, authority: str, folder: str) -> str:
        point_at(port, authority)
        client = boto3.client("s3", region_name=REGION)
        start = time.process_time()
        for name in NAMES:
            nowhere: Any = Nowhere()
            client.download_fileobj(
                BUCKET, PREFIX + name, nowhere, Config=TransferConfig(preferred_transfer_client="classic")
            )
            _check(nowhere.size, Path(folder, name))
        return str(time.process_time() - start)

    return work


def prepare_reading() -> Callable[[str, str, str], str]:
    """Read each file as the product does, and look at nothing."""
    from sagescene.aws import Cloud

    def work(port: str, authority: str, folder: str) -> str:
        point_at(port, authority)
        cloud = Cloud(REGION)
        cloud.connect()
        start = time.process_time()
        for stored in _list(folder):
            _check(sum(map(len, cloud.read(BUCKET, stored))), Path(folder, stored.key.removeprefix(PREFIX)))
        return str(time.process_time() - start)

    return work


def prepare_verdict() -> Callable[[str, str, str], str]:
    """Judge the set as StartTraining does."""
    from functools import partial

    from sagescene import dataset
    from sagescene.aws import Cloud
    from sagescene.preflight.examination import examine
    from sagescene.preflight.reading import Reader
    from sagescene.preflight.report import Conditions, Verdict

    def work(port: str, authority: str, folder: str) -> str:
        point_at(port, authority)
        cloud = Cloud(REGION)
        cloud.connect()
        reader = Reader(whole=partial(cloud.read, BUCKET), span=partial(cloud.read_span, BUCKET))
        assembled, written = dataset.assemble("pets", _list(folder)), datetime.now(UTC)
        start = time.process_time()
        report = examine(assembled, reader, Conditions(), written=written, largest_whole_in_bytes=10**12).report
        seconds = time.process_time() - start
        if report.verdict is not Verdict.READY or report.train.looked_at is not None:
            raise ValueError(f"The set was not read whole, or not found sound: {report.findings}")
        return str(seconds)

    return work


def _list(folder: str) -> list[StoredObject]:
    from sagescene.dataset import StoredObject

    now = datetime.now(UTC)
    sizes = {name: Path(folder, name).stat().st_size for name in NAMES}
    return [StoredObject(key=PREFIX + name, etag="etag", size=size, last_modified=now) for name, size in sizes.items()]


def _check(size: int, path: Path) -> None:
    if size != path.stat().st_size:
        raise EOFError(f"{path.name} came with {size:,} bytes instead of {path.stat().st_size:,}.")


CANDIDATES: dict[str, Callable[[], Callable[[str, str, str], str]]] = {
    FLOOR: prepare_crt,
    "boto3 transfer to nowhere": prepare_boto3,
    "sagescene, read only": prepare_reading,
    OURS: prepare_verdict,
}
