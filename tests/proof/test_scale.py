"""Many data sets at once with the limits lifted: each ends in a job or is told of. `make scale` keeps the figures."""

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from tests.proof import data_sets
from tests.proof.checks import check_settled
from tests.proof.world import World

SETS = int(os.environ.get("SCALE_SETS", "60"))
WITHIN_SECONDS = 60.0


def test_every_set_of_many_ends_in_a_job_or_is_told_of() -> None:
    world = World(MaxJobsAtOnce="0", MaxJobsPerDay="0")
    uploaded = _drop_all(world)
    world.settle()
    check_settled(world)
    summaries = world.training.summaries()
    started = {job["TrainingJobName"].split("--")[1]: job["CreationTime"] for job in summaries}
    given_up = _given_up(world)
    assert len(started) == len(summaries)
    assert started.keys().isdisjoint(given_up)
    assert started.keys() | given_up == uploaded.keys()
    waited = sorted(moment - uploaded[name] for name, moment in started.items())
    _note(world, waited, given_up)


def _drop_all(world: World) -> Mapping[str, float]:
    """Upload all files of all sets in any order within a minute, and tell when the last one of each came."""
    uploads = [
        (f"set-{number}", name, body)
        for number in range(SETS)
        for name, body in data_sets.essential(data_sets.sound(number)).items()
    ]
    random.Random(0).shuffle(uploads)
    uploaded = {}
    for data_set, name, body in uploads:
        world.bucket.put(f"datasets/{data_set}/{name}", body)
        uploaded[data_set] = world.simulation.now
        world.advance(WITHIN_SECONDS / len(uploads))
    return uploaded


def _given_up(world: World) -> set[str]:
    begin, end = "Training on data set ", " was given up"
    subjects = [subject for subject, _ in world.topic.notices if subject.endswith(end)]
    return {subject.removeprefix(begin).removesuffix(end) for subject in subjects}


def _note(world: World, waited: list[float], given_up: set[str]) -> None:
    file = os.environ.get("SCALE_FIGURES")
    if not file:
        return
    figures: dict[str, Any] = {
        "sets": SETS,
        "uploads": len(data_sets.ESSENTIAL) * SETS,
        "jobs": len(waited),
        "given_up": len(given_up),
        "waited_seconds": {"first": round(waited[0]), "median": round(median(waited)), "last": round(waited[-1])},
        "invocations": {
            name.removesuffix("Function"): {"count": len(seconds), "seconds": round(sum(seconds))}
            for name, seconds in sorted(world.invocations.items())
        },
        "calls": dict(sorted(world.gate.counted.items())),
        "notices": len(world.topic.notices),
    }
    Path(file).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
