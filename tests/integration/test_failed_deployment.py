"""The template, deployed anew after a deployment that failed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from sagescene_standin.account import Account
from sagescene_standin.cloudformation.deployment import CreatedStack, DeploymentFailedError, create_stack
from sagescene_standin.cloudformation.template import StackTemplate
from tests.integration import empty_account
from tests.stack_template import PSEUDO_PARAMETERS, transform

ACCOUNT = Account(id=PSEUDO_PARAMETERS["AWS::AccountId"], region=PSEUDO_PARAMETERS["AWS::Region"])


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Give the address of an empty account."""
    with empty_account.serve(ACCOUNT) as address:
        yield address


def deploy(template: StackTemplate, endpoint: str) -> CreatedStack:
    return create_stack(template, name="sagescene", account=ACCOUNT, session=ACCOUNT.session(), endpoint=endpoint)


def failing(template: StackTemplate) -> StackTemplate:
    """Give the template with one more resource, which cannot be created once all others are."""
    impossible: Mapping[str, object] = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": ["https://sqs.us-east-1.amazonaws.com/123456789012/nothing"], "PolicyDocument": {}},
        "DependsOn": list(template.resources),
    }
    return replace(template, body={**template.body, "Resources": {**template.resources, "Impossible": impossible}})


def test_a_deployment_that_failed_leaves_nothing_in_the_way_of_the_next(endpoint: str) -> None:
    cloudformation = ACCOUNT.session().client("cloudformation", endpoint_url=endpoint)
    with pytest.raises(DeploymentFailedError, match="ROLLBACK_COMPLETE: Impossible"):
        deploy(failing(transform()), endpoint)
    cloudformation.delete_stack(StackName="sagescene")
    assert deploy(transform(), endpoint).resources["DataBucket"]


def test_a_deployment_after_a_delete_meets_the_bucket_that_was_kept(endpoint: str) -> None:
    deploy(transform(), endpoint)
    ACCOUNT.session().client("cloudformation", endpoint_url=endpoint).delete_stack(StackName="sagescene")
    with pytest.raises(DeploymentFailedError, match=r"DataBucket \(AWS::S3::Bucket\): sagescene-\S+ already exists"):
        deploy(transform(), endpoint)
