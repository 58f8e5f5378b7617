"""What a content is called: as the version before called it, and otherwise only where the name is another's."""

import json
from collections.abc import Iterable

import pytest

from sagescene import dataset
from sagescene.dataset import LONGER_FORM, SHORT_FORM, StoredObject
from tests.checkout import ROOT
from tests.proof import data_sets
from tests.proof.data_sets import TRAIN_LIST
from tests.proof.scenarios import SET, decisions, drop
from tests.proof.world import World

FOLDER = ROOT / "tests/data/two_class"
FILES = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.*"))}
BROKEN = {**FILES, "train/train.lst": b"no list"}
# What the version before wrote of the first as the set pets and of the second as dogs, and how it asked for the job.
BEFORE = json.loads((ROOT / "tests/golden/version-before.json").read_text())
NAME = BEFORE["request"]["TrainingJobName"]


def test_what_was_judged_before_an_upgrade_keeps_its_name_and_starts_no_job(world: World) -> None:
    kept = BEFORE["objects"]
    outcomes = {key for key in kept if key.startswith("outcomes/")}
    for key in kept.keys() - outcomes:
        world.bucket.put(key, json.dumps(kept[key]).encode())
    for file, body in FILES.items():
        world.bucket.put(f"datasets/pets/{file}", body)
    world.training.ask("CreateTrainingJob", **BEFORE["request"] | {"RoleArn": world.settings.training_role_arn})
    world.settle()
    assert world.jobs == {NAME: "Completed"}
    assert world.outcomes.keys() == outcomes
    assert "running" in decisions(world)
    for key in outcomes:
        world.bucket.put(key, json.dumps(kept[key]).encode())
        world.written[key] -= 1
    world.advance(86_400)
    drop(world, FILES, "pets")
    drop(world, BROKEN, "dogs")
    world.settle()
    assert {"trained", "refused"} <= set(decisions(world))
    assert world.jobs == {NAME: "Completed"}
    assert world.reports.keys() == {key for key in kept if key.startswith("reports/")}


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the digests of all contents begin alike, as those do that somebody has sought out."""
    digest = dataset.digest

    def begin_alike(objects: Iterable[StoredObject]) -> str:
        return "0" * SHORT_FORM + digest(objects)[SHORT_FORM:]

    monkeypatch.setattr(dataset, "digest", begin_alike)


@pytest.mark.usefixtures("alike")
def test_of_two_contents_of_one_short_form_each_is_trained_on_once(world: World) -> None:
    one, other = data_sets.essential(data_sets.sound(1)), data_sets.essential(data_sets.sound(2))
    for files in (one, other, one, other):
        drop(world, files)
        world.settle()
    assert list(world.jobs.values()) == ["Completed"] * 2
    assert sorted(len(job.rpartition("--")[2]) for job in world.jobs) == [SHORT_FORM, LONGER_FORM]
    assert len({report["digest"] for report in world.reports.values()}) == len(world.reports) == 2
    assert world.models == sorted(world.jobs)


@pytest.mark.usefixtures("alike")
def test_of_two_contents_of_one_short_form_a_faulty_one_is_refused(world: World) -> None:
    drop(world, data_sets.essential(data_sets.sound(1)))
    world.settle()
    drop(world, {TRAIN_LIST: b"no list"})
    world.settle()
    assert list(world.jobs.values()) == ["Completed"]
    assert [report["verdict"] for _, report in sorted(world.reports.items())] == ["ready", "refused"]
    assert f"Data set {SET} is refused" in {subject for subject, _ in world.topic.notices}


@pytest.mark.usefixtures("alike")
def test_a_content_of_another_ones_short_form_is_tried_again_under_its_own_name(world: World) -> None:
    drop(world, data_sets.essential(data_sets.sound(1)))
    world.settle()
    other = data_sets.essential(data_sets.sound(2))
    world.training.containers.failures.append("AlgorithmError: it diverged")
    for _ in range(2):
        drop(world, other)
        world.settle()
    names = sorted(world.jobs, key=len)
    assert [world.jobs[name] for name in names] == ["Completed", "Failed", "Completed"]
    assert names[2] == f"{names[1]}--r2"
