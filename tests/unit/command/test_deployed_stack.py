"""How a deployed stack is found, and what a person is told when there is none."""

from typing import Any

import pytest

from sagescene_command.following import deployed_stack
from tests.unit.command.aws_clients import FOUND, OUTPUT, STACK, Clients


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
    assert deployed_stack.find_stack("sagescene") == STACK


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
    with pytest.raises(deployed_stack.OtherStackError, match=f"The stack sagescene in us-east-1 has no {lacking}"):
        deployed_stack.find_stack("sagescene")


def test_an_unknown_stack_is_named(clients: Clients) -> None:
    message = "Stack with id sagescene does not exist"
    clients.stubs["cloudformation"].add_client_error("describe_stacks", "ValidationError", message)
    with pytest.raises(deployed_stack.NoSuchStackError, match="There is no stack sagescene in us-east-1"):
        deployed_stack.find_stack("sagescene")


@pytest.mark.parametrize("given", ["", "/", "s3://bucket/datasets/"])
def test_a_text_that_names_no_set_is_refused(given: str) -> None:
    with pytest.raises(deployed_stack.UnnamedSetError, match=f"'{given}' names no data set: sagescene status names"):
        deployed_stack.name_set(STACK, given)
