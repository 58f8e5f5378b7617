"""Bodies in chunks, sound and broken: what is answered, and that a terminal stays as it is."""

import socket
from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from sagescene_standin.gateway import Server

CREDENTIAL = "AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/s3/aws4_request, Signature=none"


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return Response(Request(environ).get_data())(environ, start_response)


@pytest.fixture(params=[echo, DomainDispatcherApplication(create_backend_app)], ids=["reader", "moto"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(request.param)
    yield server
    server.close()


def put(server: Server, body: bytes) -> bytes:
    host = server.endpoint.removeprefix("http://")
    name, _, port = host.rpartition(":")
    head = (
        f"PUT /bucket/key HTTP/1.1\r\nHost: {host}\r\nAuthorization: {CREDENTIAL}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((name, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("body", [b"zz\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n", b""])
def test_a_body_that_is_not_in_chunks_is_refused_without_a_traceback(
    server: Server, body: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert put(server, body).startswith(b"HTTP/1.1 400 ")
    assert capfd.readouterr() == ("", "")


def test_a_body_in_chunks_is_read_whole() -> None:
    server = Server(echo)
    try:
        assert put(server, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n").endswith(b"\r\n\r\nhello world")
    finally:
        server.close()
