"""What a person asks of a deployed stack by hand, and what they are told when it cannot be done."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from sagescene.aws import Cloud
from sagescene.dataset import StoredObject
from sagescene.finding_codes import Code
from sagescene.triggers import StartRequested, write_message
from sagescene_command import operations
from sagescene_command.cli import commands
from sagescene_command.following import deployed_stack, start_command
from sagescene_command.following.sights import State
from tests.unit.command.aws_clients import FOUND, STACK, Clients, answer_invoke


@pytest.mark.parametrize("name", ["pets", "pets/", "s3://bucket/datasets/pets/"])
def test_a_start_is_asked_for_at_the_time_of_aws_and_gives_the_decision(
    name: str, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "datasets/pets/train.rec"
    listed = [StoredObject(key=key, etag="e", size=1, last_modified=FOUND - timedelta(days=1))]
    monkeypatch.setattr(Cloud, "list_objects", lambda *asked: listed if asked[2] == "datasets/pets/" else [])
    decision = {"decision": "started", "subject": "job", "reason": "data set pets is complete"}
    asked = StartRequested(bucket="bucket", key=key, time=FOUND + timedelta(seconds=1))
    answer_invoke(clients, [decision], asked={"FunctionName": "sagescene-start", "Payload": encode(asked)})
    assert operations.start(STACK, name) == decision
    config: Any = clients.configs["lambda"]
    assert config.read_timeout > 300  # the function's own timeout
    assert config.retries["total_max_attempts"] == 1


def encode(trigger: StartRequested) -> bytes:
    return json.dumps(write_message(trigger)).encode()


@pytest.mark.parametrize(("decision", "status"), [("started", 0), ("postponed", 0), ("refused", 1), ("given up", 1)])
def test_a_start_prints_the_decision_and_ends_by_it(
    decision: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployed_stack, "find_stack", lambda _: STACK)
    answer = {"decision": decision, "subject": "pets", "reason": "why"}
    monkeypatch.setattr(operations, "start", lambda *_: answer)
    unread = State(verdict="unknown", reason="", is_final=True)
    monkeypatch.setattr(start_command, "_look", lambda *_: unread)
    done = CliRunner().invoke(commands, ["start", "pets", "--stack-name", "sagescene"])
    assert (done.output, done.exit_code) == (f"pets: {decision}, why\n", status)
    as_json = CliRunner().invoke(commands, ["start", "pets", "--stack-name", "sagescene", "--json"])
    assert json.loads(as_json.output) == answer


def test_a_start_that_is_refused_prints_each_finding_with_its_remedy_below(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tuple(
        Code.FILE_COMPRESSED.found(file=file, where="line 1", message=f"{file} is torn.", remedy=f"Mend {file}.")
        for file in ("a.lst", "b.lst")
    )
    state = State(verdict="refused", reason="", is_final=True, findings=found)
    monkeypatch.setattr(deployed_stack, "find_stack", lambda _: STACK)
    monkeypatch.setattr(start_command, "_look", lambda *_: state)
    monkeypatch.setattr(operations, "start", lambda *_: {"decision": "refused", "subject": "pets", "reason": "all"})
    done = CliRunner().invoke(commands, ["start", "pets", "--stack-name", "sagescene"])
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "pets: refused, 2 errors",
        *(
            line
            for file in ("a.lst", "b.lst")
            for line in (
                "",
                file,
                "  error  line 1  file-compressed",
                f"    {file} is torn.",
                f"    Mend {file}.",
            )
        ),
    ]


def test_a_start_of_no_data_set_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "list_objects", lambda *_: [])
    with pytest.raises(deployed_stack.NoSuchDataSetError, match="There is no data set pets"):
        operations.start(STACK, "pets")


JOB = "sagescene--pets--0123456789ab"


def test_a_running_job_is_stopped(clients: Clients) -> None:
    clients.stubs["sagemaker"].add_response("stop_training_job", {}, {"TrainingJobName": JOB})
    operations.stop(JOB)
