"""A stack followed by the commands that people type, against the local one."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sagescene_command.cli import commands
from tests.e2e.conftest import DATA, LocalStack


@pytest.fixture
def ask(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Type a command against the local stack."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    return lambda *arguments: CliRunner().invoke(commands, list(map(str, arguments)))


def read(done: Result) -> Any:  # noqa: ANN401
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_status_shows_what_has_a_model_what_waits_and_until_when(
    local: LocalStack, ask: Callable[..., Result]
) -> None:
    assert "holds no data set yet" in ask("status").stdout
    local.drop(DATA / "multi", "multi")
    local.put("datasets/part/train.lst", b"0\t0\ta.jpg\n")
    local.await_notice("Data set multi has a model")
    local.await_decision("waiting")
    multi, part = read(ask("status", "--json"))["data_sets"]
    assert (multi["data_set"], multi["verdict"]) == ("multi", "model")
    assert multi["model"].endswith(f":model/{multi['job']}")
    assert (part["data_set"], part["verdict"]) == ("part", "waiting")
    assert part["uploaded"] < part["until"] < part["ends"]
    assert "part   waiting  it awaits its train .rec, validation .rec; next look at " in ask("status").stdout
    assert ask("status", "cats").exit_code == 3
