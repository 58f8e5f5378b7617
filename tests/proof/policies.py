"""The policies of the template, statement by statement, so that a test can leave one out and ask again."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sagescene_standin.cloudformation.deployment import CreatedStack
from sagescene_standin.iam.evaluation import RolePolicies
from sagescene_standin.iam.policies import Document, PolicyDecision, Request, decide
from tests.proof.deployment import ACCOUNT, KEY_POLICY


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """One statement: in which resource of the template it stands, and whose policy it is part of, by ARN.

    A role's statement speaks of what the role does, unless it is of its trust.
    """

    place: str
    owners: tuple[str, ...]
    is_of_role: bool
    statement: Document

    def decides(self, request: Request) -> bool:
        """Tell whether the statement speaks of a request."""
        if self.is_of_role and request.role not in self.owners:
            return False
        if not self.is_of_role and not any(_belongs(request.resource, owner) for owner in self.owners):
            return False
        return decide([{"Statement": [self.statement]}], request) is not PolicyDecision.NOT_MENTIONED

    def narrowed(self) -> Iterator["Granted"]:
        """Give a statement for every action, resource and value of a condition that this one names."""
        conditions = [
            (operator, key, _listed(values))
            for operator, keys in self.statement.get("Condition", {}).items()
            for key, values in keys.items()
        ]
        for action, resource, *chosen in itertools.product(
            _listed(self.statement["Action"]),
            _listed(self.statement.get("Resource", "")),
            *(values for _, _, values in conditions),
        ):
            condition = {op: {key: value} for (op, key, _), value in zip(conditions, chosen, strict=True)}
            narrow = {**self.statement, "Action": action, "Condition": condition}
            yield Granted(
                place=f"{self.place}: {action} on {resource or 'itself'}{f' if {condition}' if condition else ''}",
                owners=self.owners,
                is_of_role=self.is_of_role,
                statement={**narrow, "Resource": resource} if resource else narrow,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedPolicies:
    """All policies of a stack, as `is_allowed` asks for them."""

    statements: Sequence[Granted]
    of_key: Document

    def without(self, left_out: Granted) -> "GrantedPolicies":
        """Leave one statement out."""
        return replace(self, statements=[one for one in self.statements if one is not left_out])

    def of_role(self, role: str) -> RolePolicies | None:
        """Give those of the role with this ARN."""
        own = [one.statement for one in self.statements if one.is_of_role and role in one.owners]
        return RolePolicies(documents=[{"Statement": own}])

    def of_resource(self, arn: str) -> Sequence[Document]:
        """Give those that stand at a resource; the key's is the person's who has it."""
        if arn.startswith("arn:aws:kms:"):
            return [self.of_key]
        standing = [
            one.statement
            for one in self.statements
            if not one.is_of_role and any(_belongs(arn, owner) for owner in one.owners)
        ]
        return [{"Statement": standing}]


def policies_of(stack: CreatedStack) -> GrantedPolicies:
    """Collect every statement of a stack."""
    return GrantedPolicies(statements=list(_statements(stack)), of_key=KEY_POLICY)


def _statements(stack: CreatedStack) -> Iterator[Granted]:
    for logical_id, resource in stack.resources.items():
        properties = resource.properties
        match resource.type:
            case "AWS::IAM::Role":
                arn = f"arn:aws:iam::{ACCOUNT.id}:role/{resource.physical_id}"
                trust = properties["AssumeRolePolicyDocument"]
                yield from _number(f"{logical_id}'s trust", [arn], trust, is_of_role=False)
                for policy in properties["Policies"]:
                    yield from _number(logical_id, [arn], policy["PolicyDocument"], is_of_role=True)
            case "AWS::SQS::QueuePolicy":
                queues = [ACCOUNT.arn("sqs", url.rpartition("/")[2]) for url in properties["Queues"]]
                yield from _number(logical_id, queues, properties["PolicyDocument"], is_of_role=False)
            case "AWS::S3::BucketPolicy":
                bucket = f"arn:aws:s3:::{properties['Bucket']}"
                yield from _number(logical_id, [bucket], properties["PolicyDocument"], is_of_role=False)
            case "AWS::Lambda::Permission":
                function = ACCOUNT.arn("lambda", f"function:{properties['FunctionName']}")
                statement = {
                    "Effect": "Allow",
                    "Principal": {"Service": properties["Principal"]},
                    "Action": properties["Action"],
                    "Resource": function,
                    "Condition": {"ArnLike": {"AWS:SourceArn": properties["SourceArn"]}},
                }
                yield from _number(logical_id, [function], {"Statement": [statement]}, is_of_role=False)


def _number(place: str, owners: list[str], document: Document, *, is_of_role: bool) -> Iterator[Granted]:
    for number, statement in enumerate(document["Statement"], start=1):
        yield Granted(
            place=f"{place}, statement {number} ({statement['Action']})",
            owners=tuple(owners),
            is_of_role=is_of_role,
            statement=statement,
        )


def _belongs(resource: str, owner: str) -> bool:
    return resource == owner or (owner.startswith("arn:aws:s3:::") and resource.startswith(f"{owner}/"))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


type Key = tuple[str, str, str | None, str | None, tuple[tuple[str, str], ...]]


def distinct(requests: Sequence[tuple[Request, bool]]) -> list[tuple[Request, bool]]:
    """Give each request once, with its answer."""
    return list({_key(request): (request, answer) for request, answer in requests}.values())


def _key(request: Request) -> Key:
    context: Mapping[str, str] = request.context
    return request.action, request.resource, request.role, request.service, tuple(sorted(context.items()))
