"""Which stack a command is about, and what is said when there is no telling or no asking."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from sagescene_command.following.faults import explain
from sagescene_command.following.stacks import NoStackError, SeveralStacksError, choose_name

OTHER = {"StackName": "network", "Description": "Subnets."}
BARE = {"StackName": "bare"}


def sagescene(name: str) -> dict[str, str]:
    return {"StackName": name, "Description": "Sagescene: drop an image data set in S3."}


def test_the_only_stack_is_found_by_its_description() -> None:
    assert choose_name([OTHER, sagescene("pets-dev"), BARE], "us-east-1") == "pets-dev"


def test_no_stack_is_told_with_the_region() -> None:
    with pytest.raises(NoStackError, match="no stack of Sagescene in eu-west-1: deploy one"):
        choose_name([OTHER, BARE], "eu-west-1")


def test_several_stacks_are_named() -> None:
    with pytest.raises(SeveralStacksError, match=r"\(dev, prod\): give one with --stack-name"):
        choose_name([sagescene("dev"), OTHER, sagescene("prod")], "us-east-1")


def refusal(code: str, status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": metadata}, "ListThings")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (NoCredentialsError(), "log in"),
        (NoRegionError(), "set AWS_REGION"),
        (ProfileNotFound(profile="home"), "home"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"), "correct AWS_ENDPOINT_URL"),
        (refusal("ExpiredToken"), "have expired: log in again"),
        (refusal("InvalidClientTokenId"), "does not accept these credentials"),
        (refusal("AccessDeniedException"), "may not call ListThings"),
        (refusal("500", status=500), "AWS itself failed at ListThings: try again"),
        (refusal("Throttling"), "AWS refuses ListThings: No. (Throttling)"),
    ],
)
def test_what_hinders_a_call_is_said_in_one_sentence_with_what_to_do(
    fault: BotoCoreError | ClientError, says: str
) -> None:
    said = explain(fault)
    assert says in said
    assert "\n" not in said
