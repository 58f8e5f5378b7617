"""Every statement of every policy is needed, and nothing is granted that nobody asks for."""

import json
from collections.abc import Mapping, Sequence
from functools import cache

import pytest

from sagescene_standin.iam.evaluation import is_allowed
from sagescene_standin.iam.policies import Request
from tests.proof import data_sets, deployment
from tests.proof.faults import Crash
from tests.proof.policies import Granted, GrantedPolicies, distinct, policies_of
from tests.proof.scenarios import SCENARIOS, SET, drop, take_models_name, use_up_quota
from tests.proof.world import World
from tests.stack_template import ROOT

# What AWS lets nobody scope to a resource, and what holds it within bounds instead.
UNSCOPED = {
    "ec2": "SageMaker names no resources for the interfaces of a job in a VPC; granted only with SubnetIds",
    "sagemaker:ListTrainingJobs": "the action knows no resources; the clock reads names, states and times of jobs",
    "sagemaker:ListModelPackages": "a listing names no resource; granted only with a ModelRegistry",
    "xray:PutTraceSegments": "the action knows no resources; Lambda sends its own segments of each invocation",
    "xray:PutTelemetryRecords": "the action knows no resources; it tells how many segments were sent",
    "cloudwatch:PutMetricData": "the action knows no resources; a condition names the namespaces",
}


# What SageMaker asks of the hosting role once a person makes an endpoint, which nothing here does:
# https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
OF_ENDPOINTS = ("HostingRole", ("logs:", "cloudwatch:", "ec2:"))
# There is no log to search in virtual time: tests/e2e/test_evaluations.py takes the grant away, and sees it missed.
OF_TRAINING_LOGS = ("EvaluateModelRole", ("logs:FilterLogEvents",))

STACKS: Mapping[str, Mapping[str, str]] = {
    "default": {"EvaluateModel": "yes"},
    "on Spot instances": {"EvaluateModel": "yes", "ManagedSpotTraining": "yes"},
    "kept close": {
        "EvaluateModel": "yes",
        "ModelRegistry": "yes",
        "ChatNotices": "yes",
        "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "SubnetIds": "subnet-0a1b2c",
        "SecurityGroupIds": "sg-0a1b2c",
        "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
        # The last retry for want of capacity is on a type without disks of its own: its volume has a key.
        "InstanceTypes": "ml.g4dn.xlarge,ml.g5.xlarge,ml.p3.2xlarge",
    },
}


def _misplaced(world: World) -> None:
    for name in ("train", "val"):  # the second notice of one topic looks at when the first was sent
        world.bucket.put(f"pets/{name}.rec", b"")
        world.advance(60)


def _misnamed(world: World) -> None:
    world.bucket.put("datasets/pets/train.rec.gz", b"")
    world.advance(60)


def _given_up(world: World) -> None:
    use_up_quota(world)
    drop(world, data_sets.essential(data_sets.sound()))
    world.advance(86_400 + 7200)
    world.training.used_elsewhere.clear()


def _undelivered(world: World) -> None:
    """No event reaches its target: an upload, one of another name, a misplaced one, a job's end, the clock."""
    world.faults.undeliverable = 3
    world.bucket.put("datasets/pets/train.rec", b"")
    world.bucket.put("datasets/pets/train.rec.gz", b"")
    world.bucket.put("pets/train.rec", b"")
    world.advance(60)
    world.faults.undeliverable = 1
    world.bus.take(json.loads((ROOT / "events/finish_training/completed.json").read_text()))
    world.advance(60)
    world.faults.undeliverable = 1
    world.advance(3600)
    assert world.faults.injected["undeliverable event"] == 5


def _evaluated_again(world: World) -> None:
    """A model's evaluation goes on in a second message; then test files come, of which one reaches no target."""
    world.evaluator.images = 1000
    drop(world, data_sets.essential(data_sets.sound()))
    world.settle()
    world.bucket.put(f"datasets/{SET}/animals_test.rec", b"records")
    world.settle()
    copies = world.faults.injected["undeliverable event"]
    world.faults.undeliverable = 2  # by the rule of uploads, too
    world.bucket.put(f"datasets/{SET}/test/more.rec", b"records")
    world.advance(60)
    assert world.faults.injected["undeliverable event"] == copies + 2


def _end_that_fails_three_times(world: World) -> None:
    drop(world, data_sets.essential(data_sets.sound()))
    while "InProgress" not in world.jobs.values():
        world.advance(10)
    calls = len(world.gate.calls)
    world.faults.crashes = {Crash(call=calls + call, after=True) for call in range(20)}
    world.advance(900)
    assert world.dead_letters
    world.faults.stop()


STORIES = (
    *(scenario.story for scenario in SCENARIOS),
    _misplaced,
    _misnamed,
    _given_up,
    _undelivered,
    _evaluated_again,
    _end_that_fails_three_times,
    take_models_name,
)


@cache
def recorded(kind: str) -> tuple[GrantedPolicies, Sequence[tuple[Request, bool]]]:
    """Play all there is to play, and give the policies with every distinct question asked of them, and its answer."""
    answers: list[tuple[Request, bool]] = []
    for story in STORIES:
        world = World(seed=0, **STACKS[kind])
        story(world)
        world.settle()
        assert not world.unexplained
        answers += world.answers
    policies = policies_of(deployment.deploy(STACKS[kind]).stack)
    World.end()
    # No client of the suite comes without TLS: the one request that has to be refused for it.
    bucket = next(one.statement for one in policies.statements if one.statement["Effect"] == "Deny")["Resource"][0]
    reader = next(request.role for request, _ in answers if request.action == "s3:GetObject")
    open_text = {"aws:SecureTransport": "false"}
    insecure = Request(action="s3:GetObject", resource=f"{bucket}/datasets/{SET}/train.rec", role=reader)
    asked = [*answers, (Request(**_fields(insecure), context=open_text), False)]
    return policies, distinct(asked)


def _fields(request: Request) -> dict[str, str]:
    return {"action": request.action, "resource": request.resource, "role": request.role or ""}


@pytest.mark.parametrize("kind", STACKS)
def test_the_templates_policies_answer_as_the_deployed_ones_did(kind: str) -> None:
    policies, asked = recorded(kind)
    assert len(asked) > 100
    wrong = [request for request, answer in asked if is_allowed(policies, request) != answer]
    assert wrong == []


@pytest.mark.parametrize("kind", STACKS)
def test_nothing_is_asked_for_in_vain(kind: str) -> None:
    refused = {(request.action, request.resource) for request, answer in recorded(kind)[1] if not answer}
    # S3 itself asks whether the bucket may be listed where an object is missing.
    assert sorted(action for action, _ in refused) == ["s3:GetObject", "s3:ListBucket"]


@pytest.mark.parametrize("kind", STACKS)
def test_with_any_one_statement_left_out_something_fails(kind: str) -> None:
    policies, asked = recorded(kind)
    needless = [
        statement.place
        for statement in policies.statements
        if not _is_shown_elsewhere(statement)
        and all(is_allowed(policies.without(statement), request) == answer for request, answer in asked)
    ]
    assert not needless, "\n".join(needless)


@pytest.mark.parametrize("kind", STACKS)
def test_nothing_is_granted_that_nobody_asks_for(kind: str) -> None:
    policies, asked = recorded(kind)
    unused = [
        narrow.place
        for statement in policies.statements
        if statement.statement["Effect"] == "Allow" and not _is_shown_elsewhere(statement)
        for narrow in statement.narrowed()
        if not any(narrow.decides(request) for request, answer in asked if answer)
    ]
    assert not unused, "\n".join(unused)


@pytest.mark.parametrize("kind", STACKS)
def test_a_resource_is_left_open_only_where_aws_knows_none(kind: str) -> None:
    policies, _ = recorded(kind)
    opened = {
        action
        for statement in policies.statements
        if statement.statement.get("Resource") == "*"
        for action in _actions(statement)
    }
    absent = {"ec2"} | ({"sagemaker:ListModelPackages"} if "ModelRegistry" not in STACKS[kind] else set())
    assert {action for action in opened if not action.startswith("ec2:")} == UNSCOPED.keys() - absent
    assert any(action.startswith("ec2:") for action in opened) is ("SubnetIds" in STACKS[kind])


def _is_shown_elsewhere(granted: Granted) -> bool:
    return any(
        granted.place.startswith(role) and all(action.startswith(actions) for action in _actions(granted))
        for role, actions in (OF_ENDPOINTS, OF_TRAINING_LOGS)
    )


def _actions(granted: Granted) -> list[str]:
    action = granted.statement["Action"]
    return action if isinstance(action, list) else [action]
