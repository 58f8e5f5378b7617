"""A wait for AWS's first answer is told of while it lasts."""

import threading

import boto3
import pytest
from botocore.config import Config

from sagescene_command.following import account, stacks
from tests.unit.command.aws_clients import Clients


class DueAtOnce(threading.Timer):
    """A timer whose moment has passed when it starts."""

    def start(self) -> None:
        self.function()


class NeverDue(threading.Timer):
    """A timer that is ended before its moment."""

    did: list[str]

    def start(self) -> None:
        self.did.append("start")

    def cancel(self) -> None:
        self.did.append("cancel")


def unreachable(_service: str, _config: Config | None = None) -> None:
    raise ConnectionError


@pytest.mark.parametrize(
    ("endpoint", "told"), [("", "AWS has"), ("http://127.0.0.1:9", "AWS at http://127.0.0.1:9 has")]
)
def test_a_silent_endpoint_is_told_of_before_it_is_given_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], endpoint: str, told: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setattr(threading, "Timer", DueAtOnce)
    monkeypatch.setattr(boto3, "client", unreachable)
    for ask in (lambda: stacks.find("pets"), account.read_caller):
        with pytest.raises(ConnectionError):
            ask()
        shown = capsys.readouterr()
        assert shown.err.startswith(f"{told} not answered yet")
        assert not shown.out


def test_an_answer_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "Timer", NeverDue)
    monkeypatch.setattr(NeverDue, "did", did := list[str](), raising=False)
    stub = Clients(monkeypatch).stubs["cloudformation"]
    stub.activate()
    stub.add_client_error("describe_stacks", "AccessDenied")
    with pytest.raises(stub.client.exceptions.ClientError):
        stacks.find("pets")
    assert did == ["start", "cancel"]
