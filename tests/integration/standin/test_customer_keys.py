"""What a customer's key encrypts asks for permissions on the key, of its caller and in the key's own policy."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_api._internal.models import moto_api_backend

from sagescene_standin.account import Account, connect
from sagescene_standin.cloudformation.deployment import CreatedStack, Resource
from sagescene_standin.cloudwatch.alarms import Alarms
from sagescene_standin.cloudwatch.logs import Measurement
from sagescene_standin.cloudwatch.metrics import Metrics
from sagescene_standin.events.targets import Targets, UndeliverableError
from sagescene_standin.gateway import Gateway, Server
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.identity import Identities
from sagescene_standin.kms.log_keys import LogKeyRefusedError, check_log_keys
from sagescene_standin.occurrence import Occurrence

ACCOUNT = Account()
RULE = ACCOUNT.arn("events", "rule/uploaded")
EVENTS = "events.amazonaws.com"
ALLOWED_ON_OBJECTS = ["s3:GetObject", "s3:PutObject", "sns:Publish", "sqs:SendMessage"]


class Keyed:
    """A bucket, a topic and a queue under one customer key, and a role that may use all three."""

    def __init__(self) -> None:
        self.authority = Authority(ACCOUNT)
        self.identities = Identities(ACCOUNT, self.authority)
        self.server = Server(Gateway(self.identities, self.authority, invoke=lambda _: None, operations={}))  # type: ignore[arg-type, return-value]
        self.key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.queue = self.client("sqs").create_queue(QueueName="q", Attributes={"KmsMasterKeyId": self.key})["QueueUrl"]
        self.topic = self.client("sns").create_topic(Name="t", Attributes={"KmsMasterKeyId": self.key})["TopicArn"]
        s3 = self.client("s3")
        s3.create_bucket(Bucket="keyed")
        by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
        rules = [{"ApplyServerSideEncryptionByDefault": by_default}]
        s3.put_bucket_encryption(Bucket="keyed", ServerSideEncryptionConfiguration={"Rules": rules})
        s3.put_object(Bucket="keyed", Key="k", Body=b"x")
        self.role = self.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    def client(self, service: str) -> Any:  # noqa: ANN401
        return connect(ACCOUNT.session(), service, self.server.endpoint)

    def as_role(self, service: str, *actions: str) -> Any:  # noqa: ANN401
        """Allow the role these actions on the key besides its others, and connect as the role."""
        statement = {"Effect": "Allow", "Action": [*ALLOWED_ON_OBJECTS, *actions], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy)
        return connect(
            ACCOUNT.session(), service, self.server.endpoint, self.identities.credentials_for(self.role, "s")
        )

    def let_in(self, service: str, *actions: str) -> None:
        """Let the key's policy admit a service of AWS beside the account."""
        account = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"}
        admitted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**account, "Resource": "*"}, admitted]})
        self.client("kms").put_key_policy(KeyId=self.key, PolicyName="default", Policy=policy)


@pytest.fixture
def keyed() -> Iterator[Keyed]:
    moto_api_backend.reset()
    keyed = Keyed()
    yield keyed
    keyed.server.close()
    moto_api_backend.reset()


@pytest.mark.parametrize(
    ("service", "operation", "request_", "needed"),
    [
        ("s3", "get_object", {"Bucket": "keyed", "Key": "k"}, ["kms:Decrypt"]),
        ("s3", "put_object", {"Bucket": "keyed", "Key": "k", "Body": b""}, ["kms:GenerateDataKey"]),
        ("s3", "create_multipart_upload", {"Bucket": "keyed", "Key": "k"}, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("sns", "publish", {"Message": "m"}, ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("sqs", "send_message", {"MessageBody": "m"}, ["kms:GenerateDataKey", "kms:Decrypt"]),
    ],
)
def test_a_role_needs_each_permission_on_the_key(
    keyed: Keyed, service: str, operation: str, request_: dict[str, Any], needed: list[str]
) -> None:
    request = {**request_, **{"sns": {"TopicArn": keyed.topic}, "sqs": {"QueueUrl": keyed.queue}}.get(service, {})}
    for lacking in needed:
        client = keyed.as_role(service, *(action for action in needed if action != lacking))
        with pytest.raises(ClientError, match=f"not authorized to perform: {lacking} on resource: {keyed.key}"):
            getattr(client, operation)(**request)
    getattr(keyed.as_role(service, *needed), operation)(**request)


def test_eventbridge_reaches_a_queue_under_a_key_whose_policy_lets_it_in(keyed: Keyed) -> None:
    arn = ACCOUNT.arn("sqs", "q")
    statement = {"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    keyed.client("sqs").set_queue_attributes(QueueUrl=keyed.queue, Attributes={"Policy": policy})
    targets = Targets(ACCOUNT, keyed.authority, lambda *_: None)
    with pytest.raises(UndeliverableError, match="kms:GenerateDataKey"):
        targets.deliver(arn, "{}", service=EVENTS, source_arn=RULE)
    keyed.let_in(EVENTS, "kms:GenerateDataKey", "kms:Decrypt")
    targets.deliver(arn, "{}", service=EVENTS, source_arn=RULE)


def test_an_alarm_is_mute_until_the_topics_key_lets_cloudwatch_in(keyed: Keyed) -> None:
    told: list[Occurrence] = []
    metrics = Metrics(ACCOUNT, lambda _: None, lambda: 1000.0)
    alarms = Alarms(ACCOUNT, metrics, keyed.authority, told.append, lambda: 1000.0)
    ring(keyed, "first")
    metrics.store(Measurement(namespace="Tests", name="Failed", dimensions={}, value=1.0))
    alarms.check()
    assert "does not have authorization to access the SNS topic encryption key" in refusals(told)[0]
    keyed.let_in("cloudwatch.amazonaws.com", "kms:GenerateDataKey*", "kms:Decrypt")
    ring(keyed, "second")
    alarms.check()
    assert len(refusals(told)) == 1


def test_an_alarm_is_mute_where_the_topics_policy_lets_cloudwatch_not_in(keyed: Keyed) -> None:
    keyed.let_in("cloudwatch.amazonaws.com", "kms:*")
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    keyed.client("sns").set_topic_attributes(TopicArn=keyed.topic, AttributeName="Policy", AttributeValue=policy)
    told: list[Occurrence] = []
    metrics = Metrics(ACCOUNT, lambda _: None, lambda: 1000.0)
    ring(keyed, "first")
    metrics.store(Measurement(namespace="Tests", name="Failed", dimensions={}, value=1.0))
    Alarms(ACCOUNT, metrics, keyed.authority, told.append, lambda: 1000.0).check()
    assert "is not authorized to perform: SNS:Publish" in refusals(told)[0]


@pytest.mark.parametrize(
    ("region", "principal", "others"),
    [
        ("us-east-1", "logs.us-east-1.amazonaws.com", "logs.us-west-2.amazonaws.com"),
        ("cn-north-1", "logs.cn-north-1.amazonaws.com.cn", "logs.cn-north-1.amazonaws.com"),
    ],
)
def test_a_log_group_is_refused_under_a_key_that_does_not_let_its_service_in(
    keyed: Keyed, region: str, principal: str, others: str
) -> None:
    group = Resource(
        logical_id="Logs", physical_id="functions", type="AWS::Logs::LogGroup", properties={"KmsKeyId": keyed.key}
    )
    stack, account = CreatedStack(resources={"Logs": group}, outputs={}), Account(region=region)
    needed = [f"kms:{action}" for action in ("Encrypt*", "Decrypt*", "ReEncrypt*", "GenerateDataKey*", "Describe*")]
    keyed.let_in(others, *needed)
    with pytest.raises(LogKeyRefusedError, match=r"is not allowed to be used with Arn '.*:log-group:functions'"):
        check_log_keys(stack, account, keyed.authority)
    keyed.let_in(principal, *needed)
    check_log_keys(stack, account, keyed.authority)


def ring(keyed: Keyed, name: str) -> None:
    keyed.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Tests",
        MetricName="Failed",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[keyed.topic],
    )


def refusals(told: list[Occurrence]) -> list[str]:
    return [occurrence.error for occurrence in told if occurrence.kind == "event"]


def test_a_role_may_call_nothing_whose_permission_nobody_has_named(keyed: Keyed) -> None:
    client = keyed.as_role("dynamodb", "dynamodb:*")
    with pytest.raises(ClientError, match="does not know which permission dynamodb"):
        client.list_tables()
