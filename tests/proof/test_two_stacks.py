"""Two stacks in one account, the name of one in the other's: neither touches the other's jobs."""

import json
from dataclasses import replace

import pytest

from sagescene_standin.iam.evaluation import is_allowed
from tests.proof import data_sets, deployment
from tests.proof.policies import distinct, policies_of
from tests.proof.scenarios import drop
from tests.proof.world import World
from tests.stack_template import ROOT

GOLDEN = json.loads((ROOT / "tests/golden/training-job.json").read_text())
CONTENT = "pets--0f1e2d3c4b5a"


@pytest.mark.parametrize(("prefix", "other"), [("dev", "dev-eu"), ("eu", "dev-eu"), ("dev-eu", "dev")])
def test_a_stack_leaves_the_jobs_of_another_alone(prefix: str, other: str) -> None:
    world = World(JobPrefix=prefix)
    drop(world, data_sets.essential(data_sets.sound()))
    start_for(world, f"{other}--{CONTENT}")
    start_for(world, f"{prefix}--{CONTENT}")  # what a person starts by hand under this stack's prefix is finished
    world.settle()
    ended = {job for job, status in world.jobs.items() if status == "Completed"}
    own = {job for job in ended if job.startswith(f"{prefix}--")}
    assert (len(ended), len(own)) == (3, 2)
    assert {outcome["job"] for outcome in world.outcomes.values()} == set(world.models) == own
    assert {decision["subject"] for decision in world.decisions if "--" in decision["subject"]} == own

    policies = policies_of(deployment.deploy({"JobPrefix": prefix}).stack)
    asked = [
        replace(request, resource=request.resource.replace(f"/{prefix}--", f"/{other}--"))
        for request, answer in distinct(world.answers)
        if answer and request.action.startswith("sagemaker:") and f"/{prefix}--" in request.resource
    ]
    assert {request.action.partition(":")[2] for request in asked} >= {"CreateTrainingJob", "CreateModel", "AddTags"}
    assert not [request for request in asked if is_allowed(policies, request)]


def start_for(world: World, job: str) -> None:
    """Start a job as a person or another stack does, on the files that lie here."""
    channels = json.loads(json.dumps(GOLDEN["InputDataConfig"]))
    for channel in channels:
        source = channel["DataSource"]["S3DataSource"]
        source["S3Uri"] = f"s3://{world.bucket.name}/datasets/pets/{channel['ChannelName']}.rec"
    request = {
        **GOLDEN,
        "TrainingJobName": job,
        "RoleArn": world.settings.training_role_arn,
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{world.bucket.name}/models"},
    }
    world.advance(2)
    world.training.ask("CreateTrainingJob", **request)
