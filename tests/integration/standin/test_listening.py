"""Where a stack listens, and what it says of an address that it cannot have."""

import errno
import socket
from pathlib import Path
from urllib.request import urlopen
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from sagescene_standin.gateway import Server
from sagescene_standin.options import Options
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import RUNTIME


def test_a_port_that_is_taken_ends_no_process(built: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = Options(runtime_directory=RUNTIME, start_processes=False, port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use") as raised:
            Stack.deploy(built, {}, options)
    assert raised.value.errno == errno.EADDRINUSE


def test_no_address_is_not_every_address() -> None:
    with pytest.raises(OSError, match="No address is given"):
        Server(lambda _environ, _start_response: [], host="")


def test_an_ipv6_endpoint_is_an_url_that_can_be_asked() -> None:
    def answer(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [b"answered"]

    server = Server(answer, host="::1")
    try:
        assert server.endpoint.startswith("http://[::1]:")
        with urlopen(server.endpoint) as response:
            assert response.read() == b"answered"
    finally:
        server.close()
