"""Which stack a command is about, and what is said when there is no telling or no asking."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from sagescene_command.following import stacks
from sagescene_command.following.deployed_stack import NoSuchStackError
from sagescene_command.following.faults import explain
from sagescene_command.following.stacks import NoStackError, SeveralStacksError, choose_name
from sagescene_command.stack_settings import read_settings
from tests.unit.command.aws_clients import FOUND, STACK, Clients

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


@pytest.mark.parametrize("may_list", [True, False])
def test_an_unknown_stack_is_told_with_those_there_are(monkeypatch: pytest.MonkeyPatch, may_list: bool) -> None:
    stub = Clients(monkeypatch).stubs["cloudformation"]
    stub.activate()
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id wrong does not exist")
    if may_list:
        more = {"CreationTime": FOUND, "StackStatus": "CREATE_COMPLETE"}
        stub.add_response("describe_stacks", {"Stacks": [{**each, **more} for each in (OTHER, sagescene("dev"))]})
    else:
        stub.add_client_error("describe_stacks", "AccessDenied")
    with pytest.raises(NoSuchStackError) as caught:
        stacks.find("wrong")
    known = ", where Sagescene's are dev" if may_list else ""
    assert str(caught.value) == f"There is no stack wrong in us-east-1{known}: give its name with --stack-name."


def refusal(code: str, status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": metadata}, "ListThings")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (NoCredentialsError(), "log in"),
        (NoRegionError(), "set AWS_REGION to that of the stack; for the local one, sagescene up prints what to set."),
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


@pytest.mark.parametrize(
    ("variables", "prefix"), [({"JOB_PREFIX": "pets", "UNKNOWN": 1}, "pets"), ({}, None)], ids=["other", "foreign"]
)
def test_a_stack_of_another_version_is_followed_and_only_what_needs_all_of_it_refused(
    variables: dict[str, object], prefix: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lambda:
        def get_function_configuration(self, **asked: str) -> Any:  # noqa: ANN401
            assert asked == {"FunctionName": "sagescene-start"}
            return {"Environment": {"Variables": variables}}

    monkeypatch.setattr(boto3, "client", lambda _: Lambda())
    if prefix:
        assert stacks.read_job_prefix(STACK) == prefix
    else:
        with pytest.raises(stacks.OtherVersionError):
            stacks.read_job_prefix(STACK)
    with pytest.raises(stacks.OtherVersionError, match="another version than this command"):
        stacks.read_settings(STACK)


def test_what_decides_whether_a_set_suits_a_stack_is_named_as_its_parameters() -> None:
    chosen = {"HourlyPriceUSD": "ml.g4dn.xlarge=0.736", "MaxJobCostUSD": "7.50", "MaxEpochs": "9", "NumLayers": "50"}
    settings = read_settings(chosen)
    assert stacks.name_parameters(settings).items() >= chosen.items()
    assert read_settings(stacks.name_parameters(settings)) == settings
