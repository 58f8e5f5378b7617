"""What tests of the command share: clients of AWS that answer what a test has made ready, and nothing else."""

import os
from collections.abc import Iterator

import pytest

from tests.unit.command.aws_clients import Clients


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    clients = Clients(monkeypatch)
    for stub in clients.stubs.values():
        stub.activate()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Give other tests the environment back of which a command that stands the local stack up forgets some for good."""
    kept = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(kept)
