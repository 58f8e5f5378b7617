"""What CloudFormation keeps of a stack that did not come to be, or that is deleted."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from sagescene_standin.account import Account, connect
from sagescene_standin.cloudformation.deployment import DeploymentFailedError, create_stack
from sagescene_standin.cloudformation.template import StackTemplate
from tests.integration import empty_account

ACCOUNT = Account()
BUCKETS = {
    "Kept": "Retain",
    "KeptOnceCreated": "RetainExceptOnCreate",
    "Deleted": "Delete",
}
IMPOSSIBLE: dict[str, Any] = {
    "Type": "AWS::SQS::QueuePolicy",
    "Properties": {"Queues": ["https://sqs.us-east-1.amazonaws.com/123456789012/nothing"], "PolicyDocument": {}},
    "DependsOn": list(BUCKETS),
}


class Region:
    """A Region in which stacks are created and deleted."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session: boto3.Session = ACCOUNT.session()

    def client(self, service: str) -> Any:  # noqa: ANN401
        return connect(self._session, service, self._endpoint)

    def create(self, **resources: dict[str, Any]) -> None:
        body = {"Resources": {**{name: bucket(name, policy) for name, policy in BUCKETS.items()}, **resources}}
        template = StackTemplate(body=json.loads(json.dumps(body)), parameters={}, code={})
        create_stack(template, name="stack", account=ACCOUNT, session=self._session, endpoint=self._endpoint)

    def delete(self) -> None:
        self.client("cloudformation").delete_stack(StackName="stack")

    @property
    def buckets(self) -> set[str]:
        listed = {each["Name"] for each in self.client("s3").list_buckets()["Buckets"]}
        return {name for name in BUCKETS if name.lower() in listed}


def bucket(name: str, policy: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "DeletionPolicy": policy, "Properties": {"BucketName": name.lower()}}


@pytest.fixture
def region() -> Iterator[Region]:
    with empty_account.serve(ACCOUNT) as address:
        yield Region(address)


def test_a_create_that_fails_is_rolled_back_and_keeps_what_retain_keeps_and_retain_except_on_create_does_not(
    region: Region,
) -> None:
    with pytest.raises(DeploymentFailedError, match=r"^Stack stack is ROLLBACK_COMPLETE: Policy \(AWS::SQS::Queue"):
        region.create(Policy=IMPOSSIBLE)
    assert region.buckets == {"Kept"}


def test_the_next_create_meets_the_bucket_that_a_failed_one_has_kept(region: Region) -> None:
    with pytest.raises(DeploymentFailedError):
        region.create(Policy=IMPOSSIBLE)
    region.delete()
    with pytest.raises(DeploymentFailedError, match=r"Kept \(AWS::S3::Bucket\): kept already exists"):
        region.create()
    assert region.buckets == {"Kept"}


def test_a_stack_that_was_rolled_back_is_in_the_way_until_it_is_deleted(region: Region) -> None:
    with pytest.raises(DeploymentFailedError):
        region.create(Policy=IMPOSSIBLE)
    with pytest.raises(region.client("cloudformation").exceptions.AlreadyExistsException):
        region.create()


def test_a_delete_keeps_what_either_policy_keeps(region: Region) -> None:
    region.create()
    assert region.buckets == set(BUCKETS)
    region.delete()
    assert region.buckets == {"Kept", "KeptOnceCreated"}


def test_what_is_rolled_back_is_gone_with_all_that_belongs_to_it(region: Region) -> None:
    other = region.client("sns").create_topic(Name="other")["TopicArn"]
    with pytest.raises(DeploymentFailedError):
        region.create(
            Topic={"Type": "AWS::SNS::Topic"},
            Mail={
                "Type": "AWS::SNS::Subscription",
                "Properties": {"TopicArn": other, "Protocol": "email", "Endpoint": "ada@example.com"},
            },
            Alarm={
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "Namespace": "Tests",
                    "MetricName": "Failed",
                    "Statistic": "Sum",
                    "Period": 300,
                    "EvaluationPeriods": 1,
                    "Threshold": 1,
                    "ComparisonOperator": "GreaterThanThreshold",
                },
            },
            Policy={**IMPOSSIBLE, "DependsOn": ["Topic", "Mail", "Alarm"]},
        )
    assert region.client("sns").list_topics()["Topics"] == [{"TopicArn": other}]
    assert region.client("sns").list_subscriptions()["Subscriptions"] == []
    assert region.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
