"""Answer whether a role or a service of AWS may do something in the account, by the policies deployed there."""

from collections.abc import Callable

from sagescene_standin.account import Account
from sagescene_standin.aws_call import Permission
from sagescene_standin.iam.deployed import DeployedPolicies
from sagescene_standin.iam.evaluation import is_allowed
from sagescene_standin.iam.policies import Request

type OnAnswer = Callable[[Request, bool], None]
"""Take each request that was asked about, and whether it was allowed."""


class Authority:
    """Ask here before anything is done in the name of a role or a service."""

    def __init__(self, account: Account, on_answer: OnAnswer = lambda *_: None) -> None:
        self._account, self._on_answer = account, on_answer
        self._policies = DeployedPolicies(account)

    def role_may(self, role: str, permission: Permission) -> bool:
        """Say whether the role with an ARN may do this."""
        return self._ask(permission, role=role)

    def service_may(self, service: str, permission: Permission, *, source: str) -> bool:
        """Say whether the resource's policy lets a service in, acting for the account's resource `source` (an ARN)."""
        context = {
            "aws:SourceArn": source,
            "aws:SourceAccount": self._account.id,
            "aws:SourceOwner": self._account.id,  # what the policy of a new topic asks for
            **permission.context,
        }
        permission = Permission(action=permission.action, resource=permission.resource, context=context)
        return self._ask(permission, service=service)

    def can_assume(self, service: str, role: str, *, source: str) -> bool:
        """Say whether a role's trust policy lets a service assume it for the resource `source` (an ARN)."""
        return self.service_may(service, Permission(action="sts:AssumeRole", resource=role), source=source)

    def _ask(self, permission: Permission, *, role: str | None = None, service: str | None = None) -> bool:
        request = Request(
            action=permission.action,
            resource=permission.resource,
            role=role,
            service=service,
            context=permission.context,
        )
        answer = is_allowed(self._policies, request)
        self._on_answer(request, answer)
        return answer
