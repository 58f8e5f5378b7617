"""How what a deployed stack could not do is brought back, and what is told of it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from sagescene.aws import Cloud
from sagescene.dataset import StoredObject
from sagescene.evaluation_messages import EvaluationRequested, write_trigger
from sagescene.events import revive
from sagescene.triggers import Uploaded, WaitCause, write_message
from sagescene_command.cli import commands
from sagescene_command.following import deployed_stack, redriving
from sagescene_command.operations import FunctionFailedError
from tests.unit.command.aws_clients import FOUND, STACK, Clients, answer_invoke

JOB = "sagescene--pets--0123456789ab"


def test_ended_jobs_are_finished_by_one_patient_call(clients: Clients) -> None:
    decisions = [{"decision": "model created", "subject": "job", "reason": "arn"}]
    answer_invoke(clients, decisions)
    assert redriving.finish_ended_jobs(STACK) == decisions
    config: Any = clients.configs["lambda"]
    assert config.read_timeout > 120  # the function's own timeout
    assert config.retries["total_max_attempts"] == 1


def test_an_error_of_the_function_is_told_in_its_own_words(clients: Clients) -> None:
    answer_invoke(clients, {"errorMessage": "Task timed out after 120.00 seconds"}, FunctionError="Unhandled")
    with pytest.raises(FunctionFailedError, match=r"sagescene-finish failed: Task timed out after 120\.00"):
        redriving.finish_ended_jobs(STACK)


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
    assert redriving.move_dead_letters(STACK) == 2


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
    assert redriving.move_dead_letters(stack) == 1


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
    assert redriving.remove_finished_letters(STACK) == 2


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
    assert redriving.forget_failed_models(STACK) == 3
    due = {"status": "Completed", "next_try": FOUND.isoformat()}  # what was asked for stays so
    assert written == {"outcomes/2026-11-03/taken.asked.json": due}


def test_a_clock_that_failed_leaves_the_dead_letters(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployed_stack, "find_stack", lambda _: STACK)
    monkeypatch.setattr(redriving, "move_dead_letters", lambda _: 0)
    monkeypatch.setattr(redriving, "forget_failed_models", lambda _: 0)
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
    monkeypatch.setattr(deployed_stack, "find_stack", lambda _: STACK)
    for name in ("move_dead_letters", "forget_failed_models", "remove_finished_letters"):
        monkeypatch.setattr(redriving, name, lambda _: number)
    decided = [{"subject": "job", "decision": "failed", "reason": "why"}] * number
    monkeypatch.setattr(redriving, "finish_ended_jobs", lambda _: decided)
    done = CliRunner().invoke(commands, ["redrive", "--stack-name", "sagescene"])
    assert done.output.splitlines() == told


def test_a_redrive_gives_its_counts_and_decisions_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    decided = [{"subject": "job", "decision": "failed", "reason": "why"}]
    monkeypatch.setattr(deployed_stack, "find_stack", lambda _: STACK)
    for name, value in (
        ("move_dead_letters", 2),
        ("forget_failed_models", 1),
        ("finish_ended_jobs", decided),
        ("remove_finished_letters", 3),
    ):
        monkeypatch.setattr(redriving, name, lambda _, value=value: value)
    done = CliRunner(mix_stderr=False).invoke(commands, ["redrive", "--stack-name", "sagescene", "--json"])
    assert json.loads(done.stdout) == {"moved": 2, "models": 1, "jobs": decided, "removed": 3}
    assert "3 dead letters about ended jobs are removed" in done.stderr
