"""Whether a request is allowed by all policies that speak of it: the caller's, its boundary, and the resource's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, for one account; for keys
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sagescene_standin.iam.policies import Document, PolicyDecision, Request, decide


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePolicies:
    """The policies of a role, inline and attached, and its permissions boundary, if it has one."""

    documents: Sequence[Document]
    boundary: Document | None = None


class Policies(Protocol):
    """All policies of an account."""

    def of_role(self, role: str) -> RolePolicies | None:
        """Give those of the role with this ARN, or None when there is none."""
        ...

    def of_resource(self, arn: str) -> Sequence[Document]:
        """Give those that stand at a resource: of a queue, a topic, a function, a bucket, a key, or a role's trust."""
        ...


def is_allowed(policies: Policies, request: Request) -> bool:
    """Weigh all policies that speak of a request.

    Raises:
        UnsupportedConditionError: a statement that would apply uses an unknown condition operator.
    """
    at_resource = policies.of_resource(request.resource)
    by_resource = decide(at_resource, request)
    if request.role is None:
        return by_resource is PolicyDecision.ALLOWED
    role = policies.of_role(request.role)
    if role is None:
        return False
    by_role = decide(role.documents, request)
    is_bounded = role.boundary is None or decide([role.boundary], request) is PolicyDecision.ALLOWED
    if PolicyDecision.DENIED in (by_resource, by_role) or not is_bounded:
        return False
    if by_role is PolicyDecision.ALLOWED and not request.action.startswith("kms:"):
        return True
    # A key is used by nobody whom its own policy does not let in, by name or by leaving it to the account's policies.
    account = replace(request, role=f"arn:aws:iam::{request.role.split(':')[4]}:root")
    is_left_to_account = decide(at_resource, account) is PolicyDecision.ALLOWED
    return by_resource is PolicyDecision.ALLOWED or (by_role is PolicyDecision.ALLOWED and is_left_to_account)
