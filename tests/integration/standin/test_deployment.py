"""What stands after a deployment, and what is refused."""

from pathlib import Path

import pytest

from sagescene_standin.cloudformation.deployment import UnsupportedResourceError
from sagescene_standin.options import Options
from sagescene_standin.stack import Stack, StackAlreadyStandsError
from tests.integration.standin.conftest import RUNTIME


def test_every_resource_has_a_physical_id(stack: Stack) -> None:
    assert {"Bucket", "Queue", "QueuePolicy", "BucketPolicy", "Worker", "FailedAlarm", "Topic"} <= set(stack.resources)
    assert stack.outputs["Bucket"] == stack.resources["Bucket"]


def test_nothing_that_only_helps_is_listed(stack: Stack) -> None:
    declared = {physical_id.rpartition("/")[2] for physical_id in stack.resources.values()}
    buckets = {bucket["Name"] for bucket in stack.client("s3").list_buckets()["Buckets"]}
    queues = {url.rpartition("/")[2] for url in stack.client("sqs").list_queues()["QueueUrls"]}
    assert stack.outputs["Bucket"] in buckets
    assert queues
    assert buckets | queues <= declared


def test_what_a_condition_switches_off_is_not_there(stack: Stack) -> None:
    assert "MailSubscription" not in stack.resources


def test_properties_that_moto_drops_are_set(stack: Stack) -> None:
    s3, functions = stack.client("s3"), stack.client("lambda")
    bucket = stack.resources["Bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=bucket)
    configuration = functions.get_function_configuration(FunctionName=stack.resources["Worker"])
    assert [layer["Arn"].split(":")[5] for layer in configuration["Layers"]] == ["layer"]


def test_an_unknown_resource_type_is_named(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {Face: {Type: AWS::Rekognition::Collection}}")
    with pytest.raises(UnsupportedResourceError, match=r"Face \(AWS::Rekognition::Collection\)"):
        Stack.deploy(tmp_path, {}, Options(runtime_directory=RUNTIME))


def test_a_second_stack_is_refused_and_the_first_still_stands(stack: Stack, built: Path) -> None:
    with pytest.raises(StackAlreadyStandsError):
        Stack.deploy(built, {}, Options(runtime_directory=RUNTIME))
    assert stack.client("s3").list_buckets()["Buckets"]


def test_a_missing_runtime_is_named_with_its_remedy(built: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        Stack.deploy(built, {}, Options(runtime_directory=tmp_path))
