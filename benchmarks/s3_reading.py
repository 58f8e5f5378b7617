"""Ways to read an S3 body, from a server on this machine that answers every GET with TLS; arguments: port, authority.

The answer is the processor time in seconds that the client took for the body alone, from the answer's head on.
"""

from __future__ import annotations

import http.server
import mmap
import multiprocessing
import os
import socket
import ssl
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from botocore.response import StreamingBody

BODY = 64 << 20
BLOCK = 1 << 20
CHUNK = 1 << 18
HOST = "127.0.0.1"
SECRET_KEY = "benchmark"  # nosec B105 # noqa: S105 - the server checks no signature


class Stub(http.server.BaseHTTPRequestHandler):
    """Gives files of a folder, by the path's last part; where that is a number, so many bytes in lines of 64."""

    protocol_version = "HTTP/1.1"
    folder = Path()

    def do_HEAD(self) -> None:
        """Say how long the body is."""
        self._begin(len(self._find()))

    def do_GET(self) -> None:
        """Send the body, or the range that is asked for."""
        content = self._find()
        first, last = 0, len(content) - 1
        if asked := self.headers.get("Range"):
            begin, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end or last), last)
            self._begin(last + 1 - first, f"bytes {first}-{last}/{len(content)}")
        else:
            self._begin(len(content))
        for offset in range(first, last + 1, BLOCK):
            self.wfile.write(content[offset : min(offset + BLOCK, last + 1)])

    def _find(self) -> memoryview:
        name = self.path.partition("?")[0].rpartition("/")[2]
        return _make(int(name)) if name.isdigit() else _map(self.folder / name)

    def _begin(self, length: int, content_range: str = "") -> None:
        self.send_response(206 if content_range else 200)
        self.send_header("Content-Length", str(length))
        self.send_header("ETag", '"etag"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@cache
def _make(size: int) -> memoryview:
    return memoryview((b"x" * 63 + b"\n") * (size // 64 + 1))[:size]


@cache
def _map(path: Path) -> memoryview:
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _serve(certificate: str, core: int | None, port: Connection, folder: Path) -> None:
    Stub.folder = folder
    if core is not None:
        os.sched_setaffinity(0, {core})
    server = http.server.ThreadingHTTPServer((HOST, 0), Stub)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    port.send(server.server_port)
    server.serve_forever()


@contextmanager
def run_stub(core: int | None, folder: Path = Path()) -> Iterator[tuple[int, str]]:
    """Serve a folder in a process on the given core; the value is the port and the file of the authority to trust."""
    import trustme

    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as name:
        certificate, trusted = Path(name, "server.pem"), Path(name, "authority.pem")
        authority.issue_cert(HOST, "localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
        authority.cert_pem.write_to_path(str(trusted))
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        server = context.Process(target=_serve, args=(str(certificate), core, sender, folder), daemon=True)
        server.start()
        try:
            yield receiver.recv(), str(trusted)
        finally:
            server.terminate()
            server.join()


def prepare_raw() -> Callable[[str, str], str]:
    """Receive into one buffer: the floor that TLS sets in Python."""

    def work(port: str, authority: str) -> str:
        context = ssl.create_default_context(cafile=authority)
        with context.wrap_socket(socket.create_connection((HOST, int(port))), server_hostname=HOST) as connection:
            connection.sendall(f"GET /bucket/{BODY} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            buffer, received = bytearray(CHUNK), b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(1024)
            start, size = time.process_time(), len(received.partition(b"\r\n\r\n")[2])
            while size < BODY:
                size += connection.recv_into(buffer)
            return str(time.process_time() - start)

    return work


def prepare_sagescene() -> Callable[[str, str], str]:
    """Use the product's reading of an object; its client and connection come from the first byte it reads."""
    from sagescene.aws import Cloud
    from sagescene.dataset import StoredObject

    def work(port: str, authority: str) -> str:
        point_at(port, authority)
        stored = StoredObject(key=str(BODY), etag="etag", size=BODY, last_modified=datetime.now(UTC))
        chunks = Cloud("us-east-1").read("bucket", stored)
        size = len(next(chunks))
        start = time.process_time()
        size += sum(map(len, chunks))
        return _time_since(start, size)

    return work


def _prepare_boto3(read: Callable[[StreamingBody], int]) -> Callable[[str, str], str]:
    import boto3

    def work(port: str, authority: str) -> str:
        point_at(port, authority)
        body = boto3.client("s3", region_name="us-east-1").get_object(Bucket="bucket", Key=str(BODY))["Body"]
        start = time.process_time()
        return _time_since(start, read(body))

    return work


def point_at(port: str, authority: str) -> None:
    """Have every client of S3 in this process ask the server."""
    os.environ |= {
        "AWS_ENDPOINT_URL_S3": f"https://{HOST}:{port}",
        "AWS_CA_BUNDLE": authority,
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }


def _time_since(start: float, size: int) -> str:
    seconds = time.process_time() - start
    if size != BODY:
        raise EOFError(f"The body had {size} bytes instead of {BODY}.")
    return str(seconds)


def prepare_chunks() -> Callable[[str, str], str]:
    """Use iter_chunks as it comes: 1 KiB each."""
    return _prepare_boto3(lambda body: sum(map(len, body.iter_chunks())))


def prepare_lines() -> Callable[[str, str], str]:
    """Use iter_lines as it comes: 1 KiB each, split; the body holds lines of 64 bytes."""
    return _prepare_boto3(lambda body: sum(len(line) + 1 for line in body.iter_lines()))


def prepare_whole() -> Callable[[str, str], str]:
    """Read the body into memory at once."""
    return _prepare_boto3(lambda body: len(body.read()))


CANDIDATES: dict[str, Callable[[], Callable[[str, str], str]]] = {
    "ssl recv_into": prepare_raw,
    "sagescene": prepare_sagescene,
    "read() at once": prepare_whole,
    "iter_chunks()": prepare_chunks,
    "iter_lines()": prepare_lines,
}
