"""What SageMaker refuses: people hear of it at once where waiting cannot help, and a type that can be had is taken."""

from collections.abc import Callable
from unittest.mock import patch

import boto3
import pytest

from sagescene.aws import Cloud
from sagescene_command.following import redriving
from sagescene_command.following.deployed_stack import DeployedStack
from tests.proof import data_sets
from tests.proof.access import Access
from tests.proof.checks import check_settled
from tests.proof.scenarios import INSTANCE, SET, drop
from tests.proof.storage import S3Client
from tests.proof.world import World

HOUR = 3600.0
FILES = data_sets.essential(data_sets.sound())
TYPES = "ml.p2.xlarge,ml.g4dn.xlarge,ml.g5.xlarge"
META = boto3.client("s3", region_name="us-east-1").meta  # what a client says of itself
COULD_NOT = f"Training on data set {SET} could not be started"


def types_of(world: World) -> list[str]:
    return [
        world.training.ask("DescribeTrainingJob", TrainingJobName=job)["ResourceConfig"]["InstanceType"]
        for job in world.jobs
    ]


def subjects(world: World) -> list[str]:
    return [subject for subject, _ in world.topic.notices]


def distrust(world: World) -> None:
    world.training.is_trusted = False


def offer_nothing(world: World) -> None:
    world.training.not_offered.add(INSTANCE)


def support_nothing(world: World) -> None:
    world.training.unsupported.add(INSTANCE)


def deny(world: World) -> None:
    world.training.denied.add(INSTANCE)


def allow_none(world: World) -> None:
    world.training.quota[INSTANCE] = 0


@pytest.mark.parametrize(
    ("forbid", "says"),
    [
        (distrust, "Could not assume role"),
        (offer_nothing, "The requested resource training-job/ml.g4dn.xlarge is not available in this region"),
        (support_nothing, "Unsupported instance type ml.g4dn.xlarge"),
        (deny, "with an explicit deny in a service control policy"),
        (allow_none, "service limit 'ml.g4dn.xlarge for training job usage' is 0 Instances"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_sagemaker_refuses_for_good_is_told_at_once_and_a_later_drop_tries_again(
    forbid: Callable[[World], None], says: str
) -> None:
    world = World()
    forbid(world)
    drop(world, FILES)
    world.advance(300)
    ((subject, text),) = world.topic.notices
    assert (subject, says in text) == (COULD_NOT, True)
    (outcome,) = world.outcomes.values()
    assert (outcome["status"], outcome["decision"], says in outcome["reason"]) == ("NotStarted", "given up", True)
    assert outcome["failure"]["remedy"] in text
    assert world.metrics["TrainingFailed"] == 1
    world.settle()
    check_settled(world)
    assert len(world.topic.notices) == 1

    drop(world, FILES)
    world.advance(300)
    assert subjects(world) == [COULD_NOT] * 2
    for forbidden in (world.training.not_offered, world.training.unsupported, world.training.denied):
        forbidden.clear()
    world.training.quota.clear()
    world.training.is_trusted = True
    drop(world, FILES)
    world.settle()
    check_settled(world)
    assert list(world.jobs.values()) == ["Completed"]


def test_a_type_that_cannot_be_had_gives_way_to_the_next() -> None:
    world = World(InstanceTypes=TYPES)
    world.training.not_offered.add("ml.p2.xlarge")
    world.training.quota["ml.g4dn.xlarge"] = 0
    drop(world, FILES)
    world.settle()
    check_settled(world)
    assert types_of(world) == ["ml.g5.xlarge"]
    assert list(world.jobs) == world.models
    assert subjects(world) == [f"Data set {SET} has a model"]


def test_when_no_type_can_be_had_the_notice_names_them_all() -> None:
    world = World(InstanceTypes=TYPES)
    world.training.not_offered.add("ml.p2.xlarge")
    world.training.unsupported.add("ml.g4dn.xlarge")
    world.training.quota["ml.g5.xlarge"] = 0
    drop(world, FILES)
    world.settle()
    check_settled(world)
    ((subject, text),) = world.topic.notices
    assert subject == COULD_NOT
    for name in ("training-job/ml.p2.xlarge", "instance type ml.g4dn.xlarge", "'ml.g5.xlarge for training job usage'"):
        assert name in text


def test_a_quota_that_others_use_is_waited_for_after_types_that_cannot_be_had() -> None:
    world = World(InstanceTypes=TYPES)
    world.training.not_offered.add("ml.p2.xlarge")
    world.training.quota["ml.g4dn.xlarge"] = world.training.used_elsewhere["ml.g4dn.xlarge"] = 1
    drop(world, FILES)
    world.advance(HOUR)
    assert subjects(world) == [f"Data set {SET} waits for an instance quota"]
    world.training.used_elsewhere.clear()
    world.settle()
    check_settled(world)
    assert types_of(world) == ["ml.g4dn.xlarge"]


def test_two_that_race_over_types_make_one_job() -> None:
    world = World(InstanceTypes=TYPES)
    world.training.not_offered.add("ml.p2.xlarge")
    for name, body in FILES.items():
        world.bucket.put(f"datasets/{SET}/{name}", body)  # within one second: all of them judge
    world.faults.interventions["CreateTrainingJob"] = lambda: world.training.not_offered.add("ml.g4dn.xlarge")
    world.settle()
    check_settled(world)
    assert len(world.jobs) == len(world.models) == 1


@pytest.mark.parametrize(
    ("length", "letter", "verdict"),
    [(1_024, "d", "ready"), (1_025, "d", "refused"), (100, "\u2028", "refused")],
    ids=["as long as can be", "too long", "several lines"],
)
def test_a_set_whose_keys_no_request_can_carry_is_refused_before_it_is_read(
    world: World, length: int, letter: str, verdict: str
) -> None:
    folder = letter * (length - len(f"s3://{world.bucket.name}/datasets/{SET}//validation.rec"))
    drop(world, {f"{folder}/{name}": body for name, body in FILES.items()})
    world.settle()
    assert [report["verdict"] for report in world.reports.values()] == [verdict]
    assert list(world.jobs.values()) == (["Completed"] if verdict == "ready" else [])
    assert (f"Data set {SET} is refused" in subjects(world)) is (verdict == "refused")


@pytest.mark.parametrize("way", ["redrive", "waiting"])
def test_a_model_that_sagemaker_refuses_is_told_once_and_made_anew_as_the_notice_says(way: str) -> None:
    world = World()
    world.training.unreadable.append(f"s3://{world.bucket.name}/models/")
    drop(world, FILES)
    world.advance(40 * HOUR)
    ((subject, text),) = world.topic.notices
    assert subject == f"Data set {SET} has no model"
    assert "Could not access model data at s3://" in text
    assert not world.outcomes
    (mark,) = world.unfinished_models.values()
    assert (mark["status"], mark["failure"]["cause"]) == ("Completed", "permission")
    assert "sagescene redrive" in text
    assert world.gate.counted["CreateModel"] == 6  # at once, after an hour, 2, 4, 8, 16
    assert not world.dead_letters

    world.training.unreadable.clear()
    if way == "redrive":
        redrive(world)
    else:
        world.advance(24 * HOUR)
    assert world.models == list(world.jobs)
    world.settle()
    check_settled(world)
    assert subjects(world)[-1] == f"Data set {SET} has a model"


def redrive(world: World) -> None:
    """Do what the command does: forget failed models, then let the clock strike."""
    stack = DeployedStack(region="us-east-1", bucket=world.bucket.name, resources={}, found=world.simulation.time)
    bucket = PersonsS3(world)
    with patch.object(boto3, "client", lambda *_, **__: bucket), patch.object(Cloud, "_s3", bucket):
        assert redriving.forget_failed_models(stack) == 1
    world.invoke("FinishTrainingFunction", {"detail-type": "Scheduled Event", "source": "aws.events"})
    world.advance(60)


class Administrator(Access):
    """A person at the gate, who may do all."""

    def __init__(self) -> None:
        """Have no role."""

    def require(self, service: str, operation: str, **call: object) -> None:
        """Refuse nothing."""


class PersonsS3(S3Client):
    """The bucket as a person's client sees it."""

    def __init__(self, world: World) -> None:
        super().__init__(world.gate, Administrator())
        self._bucket = world.bucket
        self.meta = META

    def delete_object(self, *, Bucket: str, Key: str) -> None:
        assert Bucket == self._bucket.name
        self._bucket.delete(Key)
