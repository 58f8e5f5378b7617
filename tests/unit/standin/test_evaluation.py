"""Which policies must agree before a role or a service may do something."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sagescene_standin.iam.evaluation import RolePolicies, is_allowed
from sagescene_standin.iam.policies import Document, Request

ROLE = "arn:aws:iam::123456789012:role/training"
ROOT = "arn:aws:iam::123456789012:root"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"
OBJECT = "arn:aws:s3:::data/models/job/output/model.tar.gz"
JOB = "arn:aws:sagemaker:us-east-1:123456789012:training-job/sagescene--pets--0123456789ab"
READ = Request(action="s3:GetObject", resource=OBJECT, role=ROLE)
DECRYPT = Request(action="kms:Decrypt", resource=KEY, role=ROLE)


class Given:
    """The policies of one role and one resource."""

    def __init__(
        self,
        *of_role: Mapping[str, Any],
        boundary: Mapping[str, Any] | None = None,
        at_resource: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._role = RolePolicies(
            documents=[{"Statement": [one]} for one in of_role], boundary={"Statement": boundary} if boundary else None
        )
        self._at_resource = [{"Statement": one} for one in at_resource]

    def of_role(self, role: str) -> RolePolicies | None:
        return self._role if role == ROLE else None

    def of_resource(self, _arn: str) -> Sequence[Document]:
        return self._at_resource


def allow(action: str, resource: str = "*", **elements: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def test_any_policy_of_the_role_allows() -> None:
    assert is_allowed(Given(allow("s3:PutObject"), allow("s3:GetObject")), READ)
    assert not is_allowed(Given(allow("s3:PutObject")), READ)


def test_a_role_that_is_not_there_may_nothing() -> None:
    assert not is_allowed(Given(allow("s3:*")), Request(action="s3:GetObject", resource=OBJECT, role=f"{ROLE}-gone"))


def test_a_boundary_allows_nothing_and_takes_away_what_it_does_not_name() -> None:
    assert is_allowed(Given(allow("s3:GetObject"), boundary=allow("s3:*")), READ)
    assert not is_allowed(Given(allow("s3:GetObject"), boundary=allow("s3:PutObject")), READ)
    assert not is_allowed(Given(boundary=allow("s3:*")), READ)


@pytest.mark.parametrize(("principal", "allowed"), [(ROLE, True), (ROOT, False), (f"{ROLE}-other", False)])
def test_a_policy_at_the_resource_allows_the_role_that_it_names(principal: str, allowed: bool) -> None:
    at_resource = [allow("s3:GetObject", Principal={"AWS": principal})]
    assert is_allowed(Given(at_resource=at_resource), READ) is allowed


def test_a_deny_at_the_resource_beats_the_roles_own_policy() -> None:
    deny = {**allow("s3:*", Principal="*"), "Effect": "Deny"}
    assert not is_allowed(Given(allow("s3:GetObject"), at_resource=[deny]), READ)


def test_a_key_is_used_by_roles_that_its_policy_names_or_leaves_to_the_account() -> None:
    to_account, to_role = allow("kms:*", Principal={"AWS": ROOT}), allow("kms:Decrypt", Principal={"AWS": ROLE})
    own = allow("kms:Decrypt", KEY)
    assert is_allowed(Given(own, at_resource=[to_account]), DECRYPT)
    assert is_allowed(Given(at_resource=[to_role]), DECRYPT)
    assert not is_allowed(Given(own), DECRYPT)
    assert not is_allowed(Given(at_resource=[to_account]), DECRYPT)


@pytest.mark.parametrize(
    ("service", "effect", "trusted"),
    [
        ("sagemaker.amazonaws.com", "Allow", True),
        (["lambda.amazonaws.com", "sagemaker.amazonaws.com"], "Allow", True),
        ("lambda.amazonaws.com", "Allow", False),
        ("sagemaker.amazonaws.com", "Deny", False),
    ],
)
def test_a_trust_policy_names_the_service_and_no_resource(service: object, effect: str, trusted: bool) -> None:
    trust = {"Effect": effect, "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    assert is_allowed(Given(at_resource=[trust]), assumed()) is trusted


@pytest.mark.parametrize(
    ("condition", "trusted"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:123456789012:training-job/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:123456789012:model/*"}}, False),
    ],
)
def test_a_trust_policy_may_ask_for_whom_the_service_works(condition: object, trusted: bool) -> None:
    principal = {"Service": "sagemaker.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    assert is_allowed(Given(at_resource=[trust]), assumed()) is trusted


def assumed() -> Request:
    context = {"aws:SourceAccount": "123456789012", "aws:SourceArn": JOB}
    return Request(action="sts:AssumeRole", resource=ROLE, service="sagemaker.amazonaws.com", context=context)
