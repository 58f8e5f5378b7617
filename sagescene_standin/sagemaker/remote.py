"""The rest of the account where another process plays it: its event bus, roles and logs, reached with boto3."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sagescene_standin.events.bus import target_input
from sagescene_standin.events.targets import UndeliverableError
from sagescene_standin.iam.policies import PolicyDecision, Request, decide
from sagescene_standin.sagemaker.collaborators import PRINCIPAL, AssumeRole, ObjectStore, UncheckedRole

type WriteLog = Callable[[str, str, str, float], None]
"""Take log group, log stream, message and epoch seconds."""

_logger = logging.getLogger(__name__)


class RemoteBus:
    """Bring an AWS service's events to the targets of the rules that another process's EventBridge holds.

    EventBridge takes events whose source begins with `aws.` from AWS itself alone
    (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html), and a good emulator
    does the same: PutEvents cannot bring them. So the bus is asked for its rules and judges each pattern itself
    (TestEventPattern), and the event is handed to queues and functions as EventBridge would: by SendMessage and by an
    asynchronous Invoke, once, with the caller's permissions instead of EventBridge's.
    """

    def __init__(self, connect: Callable[[str], Any]) -> None:
        """Take what makes the client of a service."""
        self._events, self._functions, self._queues = connect("events"), connect("lambda"), connect("sqs")

    def take(self, event: Mapping[str, Any]) -> None:
        """Send a whole event to every target of every enabled rule that matches it; what fails is logged and lost.

        Raises:
            ClientError: the bus refuses to tell its rules.
        """
        for rule in self._matching_rules(json.dumps(event)):
            for page in self._events.get_paginator("list_targets_by_rule").paginate(Rule=rule):
                for target in page["Targets"]:
                    try:
                        self._deliver(target["Arn"], target_input(target, event))
                    except (UndeliverableError, ClientError, BotoCoreError):
                        _logger.exception("the event for rule %s did not reach %s", rule, target["Arn"])

    def _matching_rules(self, event: str) -> Iterator[str]:
        for page in self._events.get_paginator("list_rules").paginate():
            for rule in page["Rules"]:
                pattern = rule.get("EventPattern")
                if rule["State"] != "ENABLED" or not pattern:
                    continue
                if self._events.test_event_pattern(EventPattern=pattern, Event=event)["Result"]:
                    yield rule["Name"]

    def _deliver(self, arn: str, payload: str) -> None:
        _, _, service, _, account, name = arn.split(":", 5)
        match service:
            case "lambda":
                self._functions.invoke(FunctionName=arn, InvocationType="Event", Payload=payload)
            case "sqs":
                url = self._queues.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
                self._queues.send_message(QueueUrl=url, MessageBody=payload)
            case _:
                raise UndeliverableError("UNSUPPORTED_TARGET", f"{arn} is neither a queue nor a function.")


def assume_with(client: Any, account_id: str, objects: ObjectStore, write_log: WriteLog) -> AssumeRole:  # noqa: ANN401
    """Build an AssumeRole on a boto3 client of IAM: the trust policy is asked, what the role may do is not."""

    def assume(role: str, source: str) -> UncheckedRole | None:
        try:
            found = client.get_role(RoleName=role.rsplit("/", 1)[-1])["Role"]
        except client.exceptions.NoSuchEntityException:
            return None
        context = {"aws:SourceArn": source, "aws:SourceAccount": account_id}
        request = Request(action="sts:AssumeRole", resource=role, service=PRINCIPAL, context=context)
        is_trusted = decide([found["AssumeRolePolicyDocument"]], request) is PolicyDecision.ALLOWED
        return UncheckedRole(objects, write_log) if is_trusted and found["Arn"] == role else None

    return assume


def write_logs_with(client: Any) -> WriteLog:  # noqa: ANN401  # boto3 clients have no class at run time
    """Build a WriteLog on a boto3 client of CloudWatch Logs; as on AWS, a line that is refused stops no training."""

    def write(group: str, stream: str, message: str, time: float) -> None:
        event = {"timestamp": int(time * 1000), "message": message}
        try:
            try:
                client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
            except client.exceptions.ResourceNotFoundException:
                _make(client.create_log_group, logGroupName=group)
                _make(client.create_log_stream, logGroupName=group, logStreamName=stream)
                client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
        except (ClientError, BotoCoreError):
            _logger.exception("a line of %s was lost", stream)

    return write


def _make(create: Callable[..., Any], **names: str) -> None:
    try:
        create(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
