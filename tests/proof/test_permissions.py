"""Every statement of every policy is needed, and nothing is granted that nobody asks for."""

import json
from collections.abc import Sequence
from functools import cache

from sagescene_standin.iam.evaluation import is_allowed
from sagescene_standin.iam.policies import Request
from tests.proof import data_sets, deployment
from tests.proof.faults import Crash
from tests.proof.policies import Granted, GrantedPolicies, distinct, policies_of
from tests.proof.scenarios import INSTANCE, SCENARIOS, SET, drop
from tests.proof.world import World
from tests.stack_template import ROOT

# What AWS lets nobody scope to a resource, and what holds it within bounds instead.
UNSCOPED = {
    "sagemaker:ListTrainingJobs": "the action knows no resources; the clock reads names, states and times of jobs",
    "cloudwatch:PutMetricData": "the action knows no resources; a condition names the namespaces",
}


# What SageMaker asks of the hosting role once a person makes an endpoint, which nothing here does:
# https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
OF_ENDPOINTS = ("HostingRole", ("logs:", "cloudwatch:"))


def _misplaced(world: World) -> None:
    world.bucket.put("pets/train.rec", b"")


def _given_up(world: World) -> None:
    world.training.quota[INSTANCE] = 0
    drop(world, data_sets.essential(data_sets.sound()))
    world.advance(86_400 + 7200)
    world.training.quota.clear()


def _undelivered(world: World) -> None:
    """No event reaches its target: an upload, a misplaced one, a job's end, the clock."""
    world.faults.undeliverable = 2
    world.bucket.put("datasets/pets/train.rec", b"")
    world.bucket.put("pets/train.rec", b"")
    world.advance(60)
    world.faults.undeliverable = 1
    world.bus.take(json.loads((ROOT / "events/finish_training/completed.json").read_text()))
    world.advance(60)
    world.faults.undeliverable = 1
    world.advance(3600)
    assert world.faults.injected["undeliverable event"] == 4


def _end_that_fails_three_times(world: World) -> None:
    drop(world, data_sets.essential(data_sets.sound()))
    while "InProgress" not in world.jobs.values():
        world.advance(10)
    calls = len(world.gate.calls)
    world.faults.crashes = {Crash(call=calls + call, after=True) for call in range(20)}
    world.advance(900)
    assert world.dead_letters
    world.faults.stop()


def _model_taken(world: World) -> None:
    drop(world, data_sets.essential(data_sets.sound()))
    while not world.jobs:
        world.advance(10)
    (job,) = world.jobs
    described = world.training.ask("DescribeTrainingJob", TrainingJobName=job)
    world.bucket.put("models/other/output/model.tar.gz", b"weights")
    image = described["AlgorithmSpecification"]["TrainingImage"]
    container = {"Image": image, "ModelDataUrl": f"s3://{world.bucket.name}/models/other/output/model.tar.gz"}
    role = world._modules["FinishTrainingFunction"].settings.hosting_role_arn
    world.training.ask("CreateModel", ModelName=job, PrimaryContainer=container, ExecutionRoleArn=role)


STORIES = (
    *(scenario.story for scenario in SCENARIOS),
    _misplaced,
    _given_up,
    _undelivered,
    _end_that_fails_three_times,
    _model_taken,
)


@cache
def recorded() -> tuple[GrantedPolicies, Sequence[tuple[Request, bool]]]:
    """Play all there is to play, and give the policies with every distinct question asked of them, and its answer."""
    answers: list[tuple[Request, bool]] = []
    for story in STORIES:
        world = World()
        story(world)
        world.settle()
        assert not world.unexplained
        answers += world.answers
    policies = policies_of(deployment.deploy({}).stack)
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


def test_the_templates_policies_answer_as_the_deployed_ones_did() -> None:
    policies, asked = recorded()
    assert len(asked) > 100
    wrong = [request for request, answer in asked if is_allowed(policies, request) != answer]
    assert wrong == []


def test_nothing_is_asked_for_in_vain() -> None:
    refused = {(request.action, request.resource) for request, answer in recorded()[1] if not answer}
    assert [action for action, _ in refused] == ["s3:GetObject"]


def test_with_any_one_statement_left_out_something_fails() -> None:
    policies, asked = recorded()
    needless = [
        statement.place
        for statement in policies.statements
        if not _is_of_endpoints(statement)
        and all(is_allowed(policies.without(statement), request) == answer for request, answer in asked)
    ]
    assert not needless, "\n".join(needless)


def test_nothing_is_granted_that_nobody_asks_for() -> None:
    policies, asked = recorded()
    unused = [
        narrow.place
        for statement in policies.statements
        if statement.statement["Effect"] == "Allow" and not _is_of_endpoints(statement)
        for narrow in statement.narrowed()
        if not any(narrow.decides(request) for request, answer in asked if answer)
    ]
    assert not unused, "\n".join(unused)


def test_a_resource_is_left_open_only_where_aws_knows_none() -> None:
    policies, _ = recorded()
    opened = {
        action
        for statement in policies.statements
        if statement.statement.get("Resource") == "*"
        for action in _actions(statement)
    }
    assert opened == UNSCOPED.keys()


def _is_of_endpoints(granted: Granted) -> bool:
    role, services = OF_ENDPOINTS
    return granted.place.startswith(role) and all(action.startswith(services) for action in _actions(granted))


def _actions(granted: Granted) -> list[str]:
    action = granted.statement["Action"]
    return action if isinstance(action, list) else [action]
