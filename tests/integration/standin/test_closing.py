"""A stack that is closed: nothing of it lives on, not even after an interrupt in the middle."""

import os
import selectors
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagescene_standin.functions.function import Function
from sagescene_standin.functions.runtime_process import RuntimeProcess
from sagescene_standin.gateway import Server
from sagescene_standin.options import Options
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import RUNTIME

PATIENCE_IN_SECONDS = 20.0


def test_an_interrupt_breaks_off_no_more_than_one_step(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    stack = Stack.deploy(built, {}, Options(runtime_directory=RUNTIME))
    processes = {name: set(function._all) for name, function in stack.functions.items()}
    close = Function.close

    def close_interrupted(function: Function) -> None:
        close(function)
        monkeypatch.setattr(Function, "close", close)
        raise KeyboardInterrupt

    monkeypatch.setattr(Function, "close", close_interrupted)
    with pytest.raises(KeyboardInterrupt):
        stack.close()
    assert all(processes.values())
    assert {name for name, each in processes.items() for process in each if process.alive} == set()
    assert set(threading.enumerate()) <= before


def test_what_a_terminal_sends_reaches_no_function(built: Path) -> None:
    with Stack.deploy(built, {}, Options(runtime_directory=RUNTIME)) as stack:
        groups = {
            os.getpgid(process._process.pid) for function in stack.functions.values() for process in function._all
        }
    assert groups
    assert os.getpgid(0) not in groups


def test_what_never_stood_is_closed_as_well(built: Path) -> None:
    options = Options(runtime_directory=RUNTIME, start_processes=False)
    with Stack.prepare(built, {}, options), Stack.deploy(built, {}, options) as stack:
        assert stack.client("s3").list_buckets()["Buckets"]


def serve_nothing(_: Path) -> Callable[[], None]:
    return Server(lambda _environ, _start_response: []).close


def run_no_function(folder: Path) -> Callable[[], None]:
    waiting = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    return RuntimeProcess(command=waiting, directory=folder, environment={}, arn="", on_line=print).close


@pytest.mark.parametrize("begin", [serve_nothing, run_no_function])
def test_a_client_that_went_away_before_it_was_accepted_delays_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: Callable[[Path], Callable[[], None]]
) -> None:
    class Promising(selectors.PollSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            super().select(timeout)
            return [(key, selectors.EVENT_READ) for key in self.get_map().values()]

    def accept(server: socketserver.TCPServer) -> tuple[socket.socket, Any]:
        accepting.set()
        return server.socket.accept()

    accepting = threading.Event()
    monkeypatch.setattr(socketserver, "_ServerSelector", Promising)
    monkeypatch.setattr(socketserver.TCPServer, "get_request", accept)
    ending = threading.Thread(target=begin(tmp_path), daemon=True)
    assert accepting.wait(PATIENCE_IN_SECONDS)
    ending.start()
    ending.join(PATIENCE_IN_SECONDS)
    assert not ending.is_alive()
