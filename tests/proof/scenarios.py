"""The stories that the enumeration of crashes tells again and again, each with another crash in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.proof import data_sets
from tests.proof.training import CAPACITY
from tests.proof.world import World

type Story = Callable[[World], None]

SET = "pets"
INSTANCE = "ml.g4dn.xlarge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What people do, and the parameters of the stack they do it to."""

    name: str
    story: Story
    parameters: Mapping[str, str] = field(default_factory=dict)

    def play(self, world: World) -> None:
        """Tell the story, then let everything come to its end, with a redrive of what died five times."""
        self.story(world)
        world.settle()
        if world.dead_letters:
            world.faults.stop()
            world.redrive()
            world.settle()

    def begin(self) -> World:
        """Make a new world for the story."""
        return World(seed=0, **self.parameters)


def end_state(world: World) -> dict[str, Any]:
    """Tell all that lasts: jobs, models, outcomes, reports; not how often people were told."""
    return {
        "jobs": {job: (status, _instance_type(world, job)) for job, status in world.jobs.items()},
        "models": world.models,
        "outcomes": {outcome["job"]: outcome["decision"] for outcome in world.outcomes.values()},
        "reports": {key: report["verdict"] for key, report in sorted(world.reports.items())},
        # Whoever is to say that a set waits may die, and come back when the wait is over: then its end is word enough.
        "told": {subject for subject, _ in world.topic.notices if "waits" not in subject},
    }


def _instance_type(world: World, job: str) -> str:
    return str(world.training.ask("DescribeTrainingJob", TrainingJobName=job)["ResourceConfig"]["InstanceType"])


def drop(world: World, files: Mapping[str, bytes], name: str = SET, *, pause: float = 0.7) -> None:
    """Upload the files one after the other, as `aws s3 cp --recursive` does; more than a second apart, one judges."""
    for file, body in files.items():
        world.bucket.put(f"datasets/{name}/{file}", body)
        world.advance(pause)


def decisions(world: World) -> list[str]:
    """Tell what the functions decided, one after the other."""
    return [decision["decision"] for decision in world.decisions]


def _happy(world: World) -> None:
    drop(world, data_sets.sound())


def _read_slowly(world: World) -> None:
    world.gate.latency = lambda: 0.3
    drop(world, data_sets.essential(data_sets.sound()))


def _refused(world: World) -> None:
    drop(world, data_sets.broken())


def _failed(world: World) -> None:
    world.training.containers.failures.append("AlgorithmError: it diverged")
    drop(world, data_sets.essential(data_sets.sound()))


def _without_capacity(world: World) -> None:
    world.training.service.fail_next(CAPACITY, jobs=2)
    drop(world, data_sets.essential(data_sets.sound()))


def _never_any_capacity(world: World) -> None:
    world.training.service.fail_next(CAPACITY, jobs=99)
    drop(world, data_sets.essential(data_sets.sound()))


def _never_any_spot_instances_of_a_type(world: World) -> None:
    world.training.no_spot_capacity.add(INSTANCE)
    drop(world, data_sets.essential(data_sets.sound()))


def use_up_quota(world: World) -> None:
    """Let others in the account use every instance that it may have."""
    world.training.quota[INSTANCE] = world.training.used_elsewhere[INSTANCE] = 1


def _above_quota(world: World) -> None:
    use_up_quota(world)
    drop(world, data_sets.essential(data_sets.sound()))
    world.advance(240)
    world.training.used_elsewhere.clear()


def _next_type(world: World) -> None:
    world.training.not_offered.add(INSTANCE)
    world.training.quota["ml.g5.xlarge"] = 0
    drop(world, data_sets.essential(data_sets.sound()))


def _no_type(world: World) -> None:
    world.training.quota[INSTANCE] = 0
    drop(world, data_sets.essential(data_sets.sound()))


def _no_model(world: World) -> None:
    world.training.unreadable.append("s3://")
    drop(world, data_sets.essential(data_sets.sound()))


def _deleted_model(world: World) -> None:
    files = data_sets.essential(data_sets.sound())
    drop(world, files)
    while not world.models:
        world.advance(600)
    world.advance(60)
    for model in world.models:
        world.training.ask("DeleteModel", ModelName=model)
    drop(world, files)


def take_models_name(world: World) -> None:
    """Train on a set, whose model's name somebody takes meanwhile for another artifact."""
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


def _end_lost(world: World) -> None:
    world.faults.lost_job_events = 1
    drop(world, data_sets.essential(data_sets.sound()))


def _stopped(world: World) -> None:
    drop(world, data_sets.essential(data_sets.sound()))
    world.advance(120)
    for job, status in world.jobs.items():
        if status == "InProgress":
            world.training.ask("StopTrainingJob", TrainingJobName=job)


def _redelivered(world: World) -> None:
    for file, body in data_sets.essential(data_sets.sound()).items():
        world.faults.copies = [30.0, 400.0, 7200.0]
        world.bucket.put(f"datasets/{SET}/{file}", body)
        world.advance(1)


def _incomplete(world: World) -> None:
    files = data_sets.sound()
    drop(world, {name: files[name] for name in (data_sets.TRAIN_RECORDS, data_sets.TRAIN_LIST)})


def _misplaced(world: World) -> None:
    for _ in range(2):
        world.bucket.put("datasets/pets.rec", b"records of no data set")


def _multipart(world: World) -> None:
    files = data_sets.essential(data_sets.sound())
    upload = world.bucket.begin(f"datasets/{SET}/train.rec")
    records = files.pop(data_sets.TRAIN_RECORDS)
    drop(world, files)
    world.advance(1900)
    world.bucket.complete(upload, records)


SCENARIOS = (
    Scenario(name="a model", story=_happy),
    Scenario(name="a model, of files that are read for more than a moment", story=_read_slowly),
    Scenario(name="refused", story=_refused),
    Scenario(name="failed", story=_failed),
    Scenario(
        name="capacity at the third try",
        story=_without_capacity,
        parameters={"InstanceTypes": f"{INSTANCE},ml.g5.xlarge,ml.p3.2xlarge"},
    ),
    Scenario(name="never any capacity", story=_never_any_capacity),
    Scenario(name="interrupted on Spot instances", story=_happy, parameters={"ManagedSpotTraining": "yes"}),
    Scenario(
        name="Spot instances of the second type alone",
        story=_never_any_spot_instances_of_a_type,
        parameters={
            "ManagedSpotTraining": "yes",
            "InstanceTypes": f"{INSTANCE},ml.g5.xlarge",
            "MaxRuntimeInSeconds": "600",
            "MaxSpotWaitInSeconds": "0",
        },
    ),
    Scenario(name="quota free after four minutes", story=_above_quota),
    Scenario(
        name="the third type can be had",
        story=_next_type,
        parameters={"InstanceTypes": f"{INSTANCE},ml.g5.xlarge,ml.p3.2xlarge"},
    ),
    Scenario(name="no type can be had", story=_no_type),
    Scenario(name="a model that is refused", story=_no_model),
    Scenario(name="a model that is deleted and wanted back", story=_deleted_model),
    Scenario(name="the end's event lost", story=_end_lost),
    Scenario(name="stopped by a person", story=_stopped),
    Scenario(name="every event four times", story=_redelivered),
    Scenario(name="never complete", story=_incomplete),
    Scenario(name="a misplaced file", story=_misplaced),
    Scenario(name="a long multipart upload", story=_multipart),
)
