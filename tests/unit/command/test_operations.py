"""What a person asks of a deployed stack by hand, and what they are told when it cannot be done."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from click.testing import CliRunner

from sagescene.aws import Cloud
from sagescene.dataset import StoredObject
from sagescene.evaluation_messages import EvaluationRequested, write_trigger
from sagescene.events import revive
from sagescene.findings import Code
from sagescene.triggers import StartRequested, Uploaded, WaitCause, write_message
from sagescene_command import operations
from sagescene_command.cli import commands
from sagescene_command.following import start_command
from sagescene_command.following.sights import State
from sagescene_command.operations import DeployedStack

FOUND = datetime(2026, 11, 12, 12, tzinfo=UTC)
STACK = DeployedStack(
    region="us-east-1",
    bucket="bucket",
    resources={
        "UploadsQueue": "url",
        "UploadsDeadLetters": "dead",
        "TrainingEndedDeadLetters": "ended",
        "StartTrainingFunction": "sagescene-start",
        "FinishTrainingFunction": "sagescene-finish",
    },
    found=FOUND,
)
OUTPUT = {"OutputKey": "Bucket", "OutputValue": "bucket"}


class Clients:
    """Stands in for boto3: one client of each service, its answers stubbed; `configs` shows how each was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.configs: dict[str, Config | None] = {}
        services = ("cloudformation", "lambda", "s3", "sagemaker", "sqs")
        make: Any = boto3.client
        self._clients = {
            service: make(service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            for service in services
        }
        self.stubs = {service: Stubber(client) for service, client in self._clients.items()}
        monkeypatch.setattr(boto3, "client", self.client)

    def client(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401
        self.configs[service] = config
        return self._clients[service]


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    clients = Clients(monkeypatch)
    for stub in clients.stubs.values():
        stub.activate()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


def deploy(clients: Clients, outputs: list[dict[str, str]] | None, resources: list[str]) -> None:
    stack: dict[str, Any] = {"StackName": "sagescene", "CreationTime": FOUND, "StackStatus": "CREATE_COMPLETE"}
    if outputs is not None:
        stack["Outputs"] = outputs
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": {"date": "Thu, 12 Nov 2026 12:00:00 GMT"}}
    stub = clients.stubs["cloudformation"]
    stub.add_response("describe_stacks", {"Stacks": [stack], "ResponseMetadata": metadata})
    listed = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": STACK.resources[name],
            "ResourceType": "x",
            "Timestamp": FOUND,
            "ResourceStatus": "x",
        }
        for name in resources
    ]
    stub.add_response("describe_stack_resources", {"StackResources": listed})


def test_a_stack_is_found_with_its_bucket_and_the_clock_of_aws(clients: Clients) -> None:
    deploy(clients, [OUTPUT], list(STACK.resources))
    assert operations.find_stack("sagescene") == STACK


@pytest.mark.parametrize(
    ("outputs", "resources", "lacking"),
    [
        (None, [], "output Bucket"),
        ([{"OutputKey": "Other", "OutputValue": "x"}], list(STACK.resources), "output Bucket"),
        ([OUTPUT], ["UploadsQueue", "UploadsDeadLetters"], "resource TrainingEndedDeadLetters"),
    ],
)
def test_another_stack_is_told_by_what_it_lacks(
    clients: Clients, outputs: list[dict[str, str]] | None, resources: list[str], lacking: str
) -> None:
    deploy(clients, outputs, resources)
    with pytest.raises(operations.OtherStackError, match=f"The stack sagescene in us-east-1 has no {lacking}"):
        operations.find_stack("sagescene")


def test_an_unknown_stack_is_named(clients: Clients) -> None:
    message = "Stack with id sagescene does not exist"
    clients.stubs["cloudformation"].add_client_error("describe_stacks", "ValidationError", message)
    with pytest.raises(operations.NoSuchStackError, match="There is no stack sagescene in us-east-1"):
        operations.find_stack("sagescene")


@pytest.mark.parametrize("given", ["", "/", "s3://bucket/datasets/"])
def test_a_text_that_names_no_set_is_refused(given: str) -> None:
    with pytest.raises(operations.UnnamedSetError, match=f"'{given}' names no data set: sagescene status names"):
        operations.name_set(STACK, given)


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
    monkeypatch.setattr(operations, "find_stack", lambda _: STACK)
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
    monkeypatch.setattr(operations, "find_stack", lambda _: STACK)
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
    with pytest.raises(operations.NoSuchDataSetError, match="There is no data set pets"):
        operations.start(STACK, "pets")


def answer_invoke(clients: Clients, payload: object, asked: dict[str, Any] | None = None, **more: str) -> None:
    body = io.BytesIO(json.dumps(payload).encode())
    clients.stubs["lambda"].add_response("invoke", {"StatusCode": 200, "Payload": body, **more}, asked)


def test_ended_jobs_are_finished_by_one_patient_call(clients: Clients) -> None:
    decisions = [{"decision": "model created", "subject": "job", "reason": "arn"}]
    answer_invoke(clients, decisions)
    assert operations.finish_ended_jobs(STACK) == decisions
    config: Any = clients.configs["lambda"]
    assert config.read_timeout > 120  # the function's own timeout
    assert config.retries["total_max_attempts"] == 1


def test_an_error_of_the_function_is_told_in_its_own_words(clients: Clients) -> None:
    answer_invoke(clients, {"errorMessage": "Task timed out after 120.00 seconds"}, FunctionError="Unhandled")
    with pytest.raises(operations.FunctionFailedError, match=r"sagescene-finish failed: Task timed out after 120\.00"):
        operations.finish_ended_jobs(STACK)


JOB = "sagescene--pets--0123456789ab"


def test_a_running_job_is_stopped(clients: Clients) -> None:
    clients.stubs["sagemaker"].add_response("stop_training_job", {}, {"TrainingJobName": JOB})
    operations.stop(JOB)


def letter(name: str, sent: datetime) -> dict[str, Any]:
    return {"ReceiptHandle": name, "Attributes": {"SentTimestamp": f"{sent.timestamp() * 1000:.0f}"}}


def test_dead_uploads_go_back_as_ones_that_have_not_waited_yet(clients: Clients) -> None:
    upload = Uploaded(bucket="bucket", key="datasets/pets/train.rec", time=FOUND)
    waiting = upload.put_off(WaitCause.UPLOAD, FOUND - timedelta(days=3))
    bodies = [json.dumps(write_message(waiting)), "no JSON"]
    letters = [{**letter(f"letter {number}", FOUND), "Body": body} for number, body in enumerate(bodies)]
    stub = clients.stubs["sqs"]
    stub.add_response("receive_message", {"Messages": letters})
    for number, body in enumerate(bodies):
        stub.add_response("send_message", {}, {"QueueUrl": "url", "MessageBody": revive(body, FOUND)})
        stub.add_response("delete_message", {}, {"QueueUrl": "dead", "ReceiptHandle": f"letter {number}"})
    stub.add_response("receive_message", {})
    assert operations.move_dead_letters(STACK) == 2


def test_dead_evaluations_go_back_where_a_stack_has_them(clients: Clients) -> None:
    evaluating = {"EvaluationsQueue": "models", "EvaluationsDeadLetters": "dead models"}
    stack = replace(STACK, resources={**STACK.resources, **evaluating})
    body = json.dumps(write_trigger(EvaluationRequested(job=JOB, hop=3)))
    stub = clients.stubs["sqs"]
    stub.add_response("receive_message", {})
    stub.add_response("receive_message", {"Messages": [{**letter("a", FOUND), "Body": body}]})
    stub.add_response("send_message", {}, {"QueueUrl": "models", "MessageBody": body})
    stub.add_response("delete_message", {}, {"QueueUrl": "dead models", "ReceiptHandle": "a"})
    stub.add_response("receive_message", {})
    assert operations.move_dead_letters(stack) == 1


def test_dead_letters_that_the_clock_made_up_for_are_removed_and_later_ones_stay(clients: Clients) -> None:
    batches = [
        [letter("a", FOUND - timedelta(days=3)), letter("later", FOUND + timedelta(seconds=2))],
        [letter("b", FOUND)],
        [],
    ]
    for batch in batches:
        clients.stubs["sqs"].add_response("receive_message", {"Messages": batch})
        for handle in [one["ReceiptHandle"] for one in batch if one["ReceiptHandle"] != "later"]:
            clients.stubs["sqs"].add_response("delete_message", {}, {"QueueUrl": "ended", "ReceiptHandle": handle})
    assert operations.remove_finished_letters(STACK) == 2


def test_outcomes_of_completed_jobs_without_a_model_are_forgotten(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = {"cause": "permission"}
    outcomes = {
        "outcomes/2026-11-01/model.json": {"status": "Completed"},
        "outcomes/2026-11-01/none.json": {"status": "Completed", "failure": failure},
        "outcomes/2026-11-01/failed.json": {"status": "Failed", "failure": failure},
        "outcomes/2026-11-01/waited.not-started.json": {"status": "NotStarted", "failure": failure},
        "outcomes/2026-11-02/none.json": {"status": "Completed", "failure": failure},
        "outcomes/2026-11-02/gone.json": None,
        "outcomes/2026-11-03/taken.asked.json": {"status": "Completed", "failure": failure, "next_try": "later"},
        "outcomes/2026-11-03/back.asked.json": {"status": "Completed", "next_try": None},
    }
    written: dict[str, object] = {}

    def list_objects(_cloud: Cloud, bucket: str, prefix: str, after: str = "") -> list[StoredObject]:
        assert (bucket, prefix, after) == ("bucket", "outcomes/", "outcomes/2026-10-13/")
        return [StoredObject(key=key, etag="e", size=1, last_modified=FOUND) for key in outcomes]

    monkeypatch.setattr(Cloud, "list_objects", list_objects)
    monkeypatch.setattr(Cloud, "read_json", lambda _cloud, _bucket, key: outcomes[key])
    monkeypatch.setattr(Cloud, "write_json", lambda _cloud, _bucket, key, document: written.update({key: document}))
    for day in ("01", "02"):
        clients.stubs["s3"].add_response(
            "delete_object", {}, {"Bucket": "bucket", "Key": f"outcomes/2026-11-{day}/none.json"}
        )
    assert operations.forget_failed_models(STACK) == 3
    due = {"status": "Completed", "next_try": FOUND.isoformat()}  # what was asked for stays so
    assert written == {"outcomes/2026-11-03/taken.asked.json": due}


def test_a_clock_that_failed_leaves_the_dead_letters(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "find_stack", lambda _: STACK)
    monkeypatch.setattr(operations, "move_dead_letters", lambda _: 0)
    monkeypatch.setattr(operations, "forget_failed_models", lambda _: 0)
    answer_invoke(clients, {"errorMessage": "jobs could not be finished"}, FunctionError="Unhandled")
    # A call to SQS, which has no answer ready, would show.
    done = CliRunner().invoke(commands, ["redrive", "--stack-name", "sagescene"])
    assert done.exit_code == 3
    assert "sagescene-finish failed: jobs could not be finished" in done.output


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            1,
            [
                "1 upload or evaluation goes back to its queue",
                "1 model that could not be made is tried again",
                "job: failed, why",
                "1 ended job was unfinished",
                "1 dead letter about an ended job is removed",
            ],
        ),
        (
            2,
            [
                "2 uploads and evaluations go back to their queues",
                "2 models that could not be made are tried again",
                *["job: failed, why"] * 2,
                "2 ended jobs were unfinished",
                "2 dead letters about ended jobs are removed",
            ],
        ),
    ],
)
def test_a_redrive_tells_its_counts_in_words_that_agree(
    number: int, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "find_stack", lambda _: STACK)
    for name in ("move_dead_letters", "forget_failed_models", "remove_finished_letters"):
        monkeypatch.setattr(operations, name, lambda _: number)
    decided = [{"subject": "job", "decision": "failed", "reason": "why"}] * number
    monkeypatch.setattr(operations, "finish_ended_jobs", lambda _: decided)
    done = CliRunner().invoke(commands, ["redrive", "--stack-name", "sagescene"])
    assert done.output.splitlines() == told


def test_a_redrive_gives_its_counts_and_decisions_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    decided = [{"subject": "job", "decision": "failed", "reason": "why"}]
    monkeypatch.setattr(operations, "find_stack", lambda _: STACK)
    for name, value in (
        ("move_dead_letters", 2),
        ("forget_failed_models", 1),
        ("finish_ended_jobs", decided),
        ("remove_finished_letters", 3),
    ):
        monkeypatch.setattr(operations, name, lambda _, value=value: value)
    done = CliRunner(mix_stderr=False).invoke(commands, ["redrive", "--stack-name", "sagescene", "--json"])
    assert json.loads(done.stdout) == {"moved": 2, "models": 1, "jobs": decided, "removed": 3}
    assert "3 dead letters about ended jobs are removed" in done.stderr
