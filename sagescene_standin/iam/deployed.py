"""The policies that are deployed in moto's services, as they are now."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.iam.models import Role, iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sagescene_standin.account import Account
from sagescene_standin.iam.evaluation import RolePolicies
from sagescene_standin.iam.policies import Document, ReadDocument


class DeployedPolicies:
    """Find policies by the ARN of what they belong to."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def of_role(self, role: str) -> RolePolicies | None:
        """Give those of the role with this ARN, or None when there is none."""
        found = self._role(role)
        if found is None:
            return None
        attached = [_default_version(policy) for policy in found.managed_policies.values()]
        boundary = found.permissions_boundary_arn
        return RolePolicies(
            documents=[_read(document) for document in (*found.policies.values(), *attached)],
            boundary=_read(_default_version(self._iam.managed_policies[boundary])) if boundary else None,
        )

    def of_resource(self, arn: str) -> Sequence[Document]:
        """Give those that stand at a resource: of a queue, a topic, a function, a bucket, a key, or a role's trust."""
        _, _, service, *_, name = arn.split(":", 5) if arn.count(":") >= 5 else ("", "", "", "")
        find = {
            "iam": self._trust,
            "kms": self._key_policy,
            "lambda": self._function_policy,
            "s3": self._bucket_policy,
            "sns": self._topic_policy,
            "sqs": self._queue_policy,
        }.get(service)
        policy = find(arn, name) if find else None
        return [_read(policy)] if policy else []

    def _trust(self, arn: str, _name: str) -> str | None:
        role = self._role(arn)
        return role.assume_role_policy_document if role else None

    def _key_policy(self, _arn: str, name: str) -> str | None:
        key = kms_backends[self._account.id][self._account.region].keys.get(name.removeprefix("key/"))
        return key.policy if key else None

    def _function_policy(self, arn: str, _name: str) -> Mapping[str, Any] | None:
        functions = lambda_backends[self._account.id][self._account.region].list_functions()
        found = next((function for function in functions if function.function_arn == arn), None)
        return {"Statement": found.policy.statements} if found else None

    def _bucket_policy(self, _arn: str, name: str) -> bytes | None:
        bucket = s3_backends[self._account.id]["aws"].buckets.get(name.partition("/")[0])
        return bucket.policy if bucket else None

    def _topic_policy(self, arn: str, _name: str) -> str | None:
        topic = sns_backends[self._account.id][self._account.region].topics.get(arn)
        return topic.policy if topic else None

    def _queue_policy(self, _arn: str, name: str) -> str | None:
        queue = sqs_backends[self._account.id][self._account.region].queues.get(name)
        return queue.policy if queue else None

    @property
    def _iam(self) -> Any:  # noqa: ANN401
        return iam_backends[self._account.id]["aws"]

    def _role(self, arn: str) -> Role | None:
        return next((role for role in list(self._iam.roles.values()) if role.arn == arn), None)


def _default_version(policy: Any) -> str | Mapping[str, Any]:  # noqa: ANN401
    document: str | Mapping[str, Any] = next(
        version.document for version in policy.versions if version.version_id == policy.default_version_id
    )
    return document


def _read(document: str | bytes | Mapping[str, Any]) -> Document:
    return document if isinstance(document, Mapping) else _parse(document)


@functools.lru_cache(maxsize=256)
def _parse(document: str | bytes) -> Document:
    return ReadDocument(json.loads(document))
