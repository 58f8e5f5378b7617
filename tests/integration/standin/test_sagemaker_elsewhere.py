"""SageMaker as a program of its own, for an account that another process plays: here, the local stack."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sagescene_standin.account import Account, connect
from sagescene_standin.sagemaker.remote import RemoteBus, write_logs_with
from sagescene_standin.stack import Stack
from tests.integration.standin.conftest import Witness
from tests.integration.standin.test_sagemaker_container import has_ended, request

DATA = Path(__file__).parents[2] / "data/two_class"
ROLE = "arn:aws:iam::123456789012:role/SageMakerTraining"
EVENT = {
    "version": "0",
    "id": "1",
    "source": "jobs",
    "detail-type": "ended",
    "account": "123456789012",
    "time": "2026-11-26T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {"name": "first"},
}


def await_that[T](look: Callable[[], T | None]) -> T:
    """Look until there is something."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def make_queue(stack: Stack, name: str, pattern: dict[str, Any]) -> Callable[[], list[dict[str, Any]]]:
    """Make a queue and a rule whose target it is; return what takes the events out of it."""
    sqs, events = stack.client("sqs"), stack.client("events")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:123456789012:{name}"}])

    def take() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    return take


def test_the_bus_itself_judges_a_pattern(stack: Stack) -> None:
    events = stack.client("events")

    def judge(pattern: object, event: object = EVENT) -> bool:
        return bool(events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"])

    assert judge({"source": ["jobs"], "detail": {"name": [{"prefix": "fir"}]}})
    assert not judge({"source": ["jobs"], "detail": {"name": [{"prefix": "sec"}]}})
    with pytest.raises(ClientError, match="must be an object or an array") as refused:
        judge({"source": "jobs"})
    assert refused.value.response["Error"]["Code"] == "InvalidEventPatternException"
    with pytest.raises(ClientError, match="Reason: Rule is too complex - try using fewer wildcard characters"):
        judge({"source": [{"wildcard": f"jobs*{letter}"} for letter in "abcde"]})
    with pytest.raises(ClientError, match="it lacks id, account"):
        judge({"source": ["jobs"]}, {"source": "jobs"})
    with pytest.raises(ClientError, match="it is not an object"):
        judge({"source": ["jobs"]}, [])


def test_an_event_reaches_the_functions_and_queues_of_the_rules_it_matches_and_no_others(
    stack: Stack, witness: Witness
) -> None:
    wanted, other = make_queue(stack, "first", {"detail": {"name": ["first"]}}), make_queue(stack, "x", {"id": ["x"]})
    RemoteBus(stack.client).take(EVENT)
    assert wanted() == [EVENT]
    (invocation,) = witness.await_seen("invocation", "Background")
    assert invocation.detail["result"]["event"] == EVENT  # type: ignore[index]
    assert other() == []


def test_a_rule_that_is_off_gets_no_event(stack: Stack) -> None:
    take = make_queue(stack, "off", {"id": ["off"]})
    stack.client("events").disable_rule(Name="off")
    RemoteBus(stack.client).take({**EVENT, "source": "x", "id": "off"})
    assert take() == []


def test_a_target_that_is_gone_costs_the_others_nothing(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    take = make_queue(stack, "there", {"id": ["2"]})
    targets = [{"Id": name, "Arn": f"arn:aws:sqs:us-east-1:123456789012:{name}"} for name in ("gone", "there")]
    stack.client("events").remove_targets(Rule="there", Ids=["queue"])
    stack.client("events").put_targets(Rule="there", Targets=targets)
    RemoteBus(stack.client).take({**EVENT, "source": "x", "id": "2"})
    assert [event["id"] for event in take()] == ["2"]
    assert "did not reach arn:aws:sqs:us-east-1:123456789012:gone" in caplog.text


def test_a_log_that_is_refused_stops_nothing(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    write = write_logs_with(stack.client("logs"))
    write("/jobs", "one", "first", time.time())
    write("/jobs", "two", "second", time.time())
    write_logs_with(connect(Account().session(), "logs", "http://127.0.0.1:9"))("/jobs", "lost", "third", time.time())
    logged = stack.client("logs").filter_log_events(logGroupName="/jobs")["events"]
    assert [event["message"] for event in logged] == ["first", "second"]
    assert "a line of lost was lost" in caplog.text


@pytest.fixture
def program(stack: Stack, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "LOCALADMINISTRATOR00",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": stack.endpoint,
        "AWS_ENDPOINT_URL_EVENTS": stack.endpoint,
        "AWS_ENDPOINT_URL": stack.endpoint,
    }
    command = [sys.executable, "-m", "sagescene_standin.sagemaker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("SageMaker of account 123456789012 in us-east-1 stands at http://127.0.0.1:")
        try:
            yield process, line.split()[-1]
        finally:
            process.kill()


def test_the_program_trains_on_the_objects_of_another_process_and_tells_its_bus(
    stack: Stack, program: tuple[subprocess.Popen[str], str]
) -> None:
    process, endpoint = program
    s3, bucket = stack.client("s3"), stack.outputs["Bucket"]
    for path in DATA.rglob("*.rec"):
        s3.upload_file(str(path), bucket, f"datasets/pets/{path.name}")
    trust = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
    stack.client("iam").create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps(trust))
    take = make_queue(stack, "ended", {"source": ["aws.sagemaker"], "detail": {"TrainingJobStatus": ["Completed"]}})
    asked = json.loads(json.dumps(request("job")).replace("sagescene-123456789012-us-east-1", bucket))
    sagemaker: Any = boto3.client("sagemaker", endpoint_url=endpoint)
    sagemaker.create_training_job(**asked | {"RoleArn": ROLE})
    (event,) = await_that(take)
    job = sagemaker.describe_training_job(TrainingJobName="job")
    assert has_ended(job)
    assert event["detail"]["TrainingJobName"] == "job"
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{bucket}/")
    assert s3.head_object(Bucket=bucket, Key=artifact)["ContentLength"] > 0
    logged = stack.client("logs").filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs")["events"]
    assert any("Epoch[0]" in line["message"] for line in logged)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert process.stdout
    assert process.stdout.read().split("\n")[-2] == "job: Completed"


def test_the_program_asks_for_its_region() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagescene_standin.sagemaker"],
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "AWS_DEFAULT_REGION" in done.stderr
