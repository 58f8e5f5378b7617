"""Deliver to queues and functions for an AWS service, if the resource's own policy lets that service in."""

from collections.abc import Callable, Mapping

from moto.awslambda.models import lambda_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import Queue, sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.aws_call import Permission
from sagescene_standin.iam.authority import Authority
from sagescene_standin.kms.key_use import queue_permissions


class UndeliverableError(Exception):
    """A target cannot be reached; `code` is EventBridge's, and trying again would not help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Targets:
    """Find queues and functions by ARN and hand them what a service sends."""

    def __init__(self, account: Account, authority: Authority, invoke_later: Callable[[str, bytes], None]) -> None:
        """Take what starts an asynchronous invocation of the function with an ARN."""
        self._account, self._authority = account, authority
        self._invoke_later = invoke_later

    def deliver(self, arn: str, payload: str, *, service: str, source_arn: str) -> None:
        """Send one payload to a queue or function.

        Raises:
            UndeliverableError: there is no such target, or its policy does not name the service and source.
        """
        match arn.split(":")[2]:
            case "sqs":
                self.send(arn, payload, service=service, source_arn=source_arn)
            case "lambda":
                self._require_function(arn)
                self._check(Permission(action="lambda:InvokeFunction", resource=arn), service, source_arn)
                self._invoke_later(arn, payload.encode())
            case other:
                raise UndeliverableError("UNSUPPORTED_TARGET", f"The local stack delivers to no {other} target: {arn}")

    def send(
        self,
        arn: str,
        body: str,
        *,
        service: str,
        source_arn: str,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Send a message to a queue for a service, with text attributes.

        Raises:
            UndeliverableError: there is no such queue, or its policy does not name the service and source.
        """
        queue = find_queue(self._account, arn)
        self._check(Permission(action="sqs:SendMessage", resource=arn), service, source_arn)
        for permission in queue_permissions(queue.name, self._account):
            self._check(permission, service, source_arn)
        send_message(self._account, arn, body, attributes)

    def _require_function(self, arn: str) -> None:
        backend = lambda_backends[self._account.id][self._account.region]
        if all(known.function_arn != arn for known in backend.list_functions()):
            raise UndeliverableError("NO_RESOURCE", f"The function {arn} does not exist.")

    def _check(self, permission: Permission, service: str, source_arn: str) -> None:
        if not self._authority.service_may(service, permission, source=source_arn):
            action = permission.action
            raise UndeliverableError(
                "NO_PERMISSIONS",
                f"{service} is not authorized to perform: {action} on resource: {permission.resource} "
                f"because no resource-based policy allows the {action} action for {source_arn}.",
            )


def send_message(account: Account, arn: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
    """Send a message with text attributes to a queue, whoever may do so.

    Raises:
        UndeliverableError: there is no such queue.
    """
    texts = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    queue = find_queue(account, arn)
    sqs_backends[account.id][account.region].send_message(queue.name, body, message_attributes=texts)


def find_queue(account: Account, arn: str) -> Queue:
    """Find a queue by its ARN.

    Raises:
        UndeliverableError: there is no such queue.
    """
    try:
        return sqs_backends[account.id][account.region].get_queue(arn.rsplit(":", 1)[-1])
    except QueueDoesNotExist:
        raise UndeliverableError("NO_RESOURCE", f"The queue {arn} does not exist.") from None
