"""Anything may happen in any order, and anything may go wrong: Hypothesis looks for the order that breaks."""

import os
from collections import Counter
from time import perf_counter
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sagescene import parts
from tests.proof import data_sets
from tests.proof.checks import check_always, check_settled
from tests.proof.faults import Crash
from tests.proof.figures import Figure, note
from tests.proof.scenarios import INSTANCE
from tests.proof.training import CAPACITY
from tests.proof.world import World

EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "200"))
STEPS = int(os.environ.get("PROOF_STEPS", "30"))
HOUR = 3600.0

SETS = st.sampled_from(["pets", "cars"])
FILES = st.sampled_from(data_sets.ESSENTIAL * 2 + (data_sets.VALIDATION_LIST, data_sets.TRAINING_JSON))
CONTENTS = {"sound": data_sets.sound(1), "also sound": data_sets.sound(2), "broken": data_sets.broken(3)}
CONTENT = st.sampled_from(["sound", *CONTENTS])
# How long a job trains, in seconds; the stack's time limit is a day.
DURATIONS = st.sampled_from([5.0, 120.0, 1200.0, 3 * HOUR, 20 * HOUR, 48 * HOUR])
OPERATIONS = st.sampled_from([
    "ListObjectsV2", "ListMultipartUploads", "GetObject", "PutObject", "DescribeTrainingJob", "CreateTrainingJob",
    "CreateModel", "Publish", "SendMessage", "ListTrainingJobs",
])  # fmt: skip


class AnyOrder(RuleBasedStateMachine):
    """People, AWS and bad luck; at the end the faults stop, time passes, and everything must have its end."""

    cases: ClassVar[int] = 0
    faults: ClassVar[Counter[str]] = Counter()

    @initialize(
        seed=st.integers(0, 999),
        duration=DURATIONS,
        at_once=st.integers(0, 2),
        a_day=st.integers(0, 3),
        is_slow=st.booleans(),
    )
    def deploy(self, seed: int, duration: float, at_once: int, a_day: int, *, is_slow: bool) -> None:
        """Begin with an empty account, a stack that is more or less thrifty, and an AWS that answers sooner or later.

        Where it is slow, reading takes more than a moment.
        """
        self.world = World(seed, MaxJobsAtOnce=str(at_once), MaxJobsPerDay=str(a_day))
        self.world.training.containers.duration = duration
        if is_slow:
            self.world.gate.latency = lambda: 0.3
        self.diminished: set[str] = set()

    def keys(self, prefix: str = "datasets/") -> list[str]:
        """Give the keys of all files that people have uploaded."""
        return sorted(self.world.bucket.list_keys(self.world.bucket.name, prefix))

    # ---------------------------------------------------------------------------------------------------- people

    @rule(name=SETS, file=FILES, content=CONTENT)
    def upload(self, name: str, file: str, content: str) -> None:
        """Upload one file."""
        self.diminished.discard(name)
        self.world.bucket.put(f"datasets/{name}/{file}", CONTENTS[content][file])

    @rule(name=SETS, content=CONTENT, pause=st.sampled_from([0.0, 0.4, 5.0, 70.0]))
    def drop(self, name: str, content: str, pause: float) -> None:
        """Upload what a set needs, one file after the other."""
        self.diminished.discard(name)
        for file, body in data_sets.essential(CONTENTS[content]).items():
            self.world.bucket.put(f"datasets/{name}/{file}", body)
            self.world.advance(pause)

    @precondition(lambda self: self.world.jobs)
    @rule(pause=st.sampled_from([0.0, 5.0, 70.0]), data=st.data())
    def drop_again(self, pause: float, data: st.DataObject) -> None:
        """Upload the same bytes once more, while a job runs on them, waits for capacity or has ended."""
        name = data.draw(st.sampled_from(sorted({job.split("--")[1] for job in self.world.jobs})))
        for key in filter(parts.part_of, self.keys(f"datasets/{name}/")):
            self.diminished.discard(name)
            self.world.bucket.put(key, self.world.bucket[key].body)
            self.world.advance(pause)

    @rule(name=SETS, number=st.integers(1, 2))
    def upload_index(self, name: str, number: int) -> None:
        """Upload a file that does not ring, right or wrong."""
        for file, body in data_sets.index(number).items():
            self.world.bucket.put(f"datasets/{name}/{file}", body)

    @rule()
    def misplace(self) -> None:
        """Upload a file that is in no data set."""
        self.world.bucket.put("datasets/pets.rec", b"records of no data set")

    @precondition(lambda self: self.keys())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete a file; until the next upload nothing is promised of what is left of its set."""
        key = data.draw(st.sampled_from(self.keys()))
        self.world.bucket.delete(key)
        self.diminished.add(key.split("/")[1])

    @rule(name=SETS, file=FILES)
    def begin_multipart(self, name: str, file: str) -> None:
        """Begin a multipart upload."""
        self.world.bucket.begin(f"datasets/{name}/{file}")

    @precondition(lambda self: self.world.bucket.uploads)
    @rule(content=CONTENT, data=st.data())
    def complete_multipart(self, content: str, data: st.DataObject) -> None:
        """Complete one that was begun."""
        upload = data.draw(st.sampled_from(sorted(self.world.bucket.uploads)))
        key = self.world.bucket.uploads[upload]
        self.diminished.discard(key.split("/")[1])
        self.world.bucket.complete(upload, CONTENTS[content][key.rpartition("/")[2]])

    @precondition(lambda self: self.world.bucket.uploads)
    @rule(data=st.data())
    def abort_multipart(self, data: st.DataObject) -> None:
        """Give one up that was begun."""
        self.world.bucket.abort(data.draw(st.sampled_from(sorted(self.world.bucket.uploads))))

    @precondition(lambda self: "InProgress" in self.world.jobs.values())
    @rule(data=st.data())
    def stop_job(self, data: st.DataObject) -> None:
        """Stop a training job."""
        running = [job for job, status in self.world.jobs.items() if status == "InProgress"]
        self.world.training.ask("StopTrainingJob", TrainingJobName=data.draw(st.sampled_from(sorted(running))))

    @rule(seconds=DURATIONS)
    def change_duration(self, seconds: float) -> None:
        """Let the jobs that begin from now on train for so long, or until they reach their time limit."""
        self.world.training.containers.duration = seconds

    @rule(seconds=st.sampled_from([1.0, 20.0, 65.0, 200.0, 1000.0, HOUR, 9 * HOUR]))
    def wait(self, seconds: float) -> None:
        """Let time pass; the hourly clock strikes in it."""
        self.world.advance(seconds)

    # -------------------------------------------------------------------------------------------------- bad luck

    @rule(delays=st.lists(st.sampled_from([0.0, 1.0, 60.0, 1000.0, 5 * HOUR]), min_size=1, max_size=3))
    def copy_next_event(self, delays: list[float]) -> None:
        """Let the next upload's event come several times, some of them late."""
        self.world.faults.copies = delays

    @rule(number=st.integers(1, 3))
    def lose_job_events(self, number: int) -> None:
        """Lose the next ends of jobs."""
        self.world.faults.lost_job_events = number

    @rule(ahead=st.integers(0, 40), after=st.booleans())
    def crash(self, ahead: int, after: bool) -> None:
        """Let a function die at one of its next calls."""
        call = len(self.world.gate.calls) + ahead
        self.world.faults.crashes.add(Crash(call=call, after=after))

    @rule(operation=OPERATIONS, code=st.sampled_from(["InternalError", "SlowDown", "ServiceUnavailable"]))
    def refuse(self, operation: str, code: str) -> None:
        """Let a call fail after all of boto3's retries."""
        self.world.faults.refusals.append((operation, code))

    @rule(times=st.integers(1, 3))
    def throttle(self, times: int) -> None:
        """Let other people's calls use up CreateTrainingJob's rate."""
        self.world.faults.refusals += [("CreateTrainingJob", "ThrottlingException")] * times

    @rule(quota=st.integers(0, 1), used=st.integers(0, 1))
    def set_quota(self, quota: int, used: int) -> None:
        """Change the number of instances that the account may have, and of those that others use."""
        self.world.training.quota[INSTANCE] = quota
        self.world.training.used_elsewhere[INSTANCE] = used

    @rule(is_trusted=st.booleans())
    def change_role(self, *, is_trusted: bool) -> None:
        """Let SageMaker assume the role no longer, or again."""
        self.world.training.is_trusted = is_trusted

    @rule(jobs=st.integers(1, 4))
    def run_out_of_capacity(self, jobs: int) -> None:
        """Let the next jobs find no instance."""
        self.world.training.service.fail_next(CAPACITY, jobs=jobs)
        self.faults["lack of capacity"] += jobs

    @rule()
    def fail_training(self) -> None:
        """Let the next container fail."""
        self.world.training.containers.failures.append("AlgorithmError: it diverged")
        self.faults["failed training"] += 1

    # ------------------------------------------------------------------------------------------------ what holds

    @invariant()
    def nothing_is_done_twice(self) -> None:
        """Check after every step."""
        if hasattr(self, "world"):
            check_always(self.world)

    def teardown(self) -> None:
        """Let the faults stop and time pass; then everything must have its end."""
        if not hasattr(self, "world"):
            return
        world = self.world
        try:
            world.faults.stop()
            world.training.quota.clear()
            world.training.used_elsewhere.clear()
            world.training.is_trusted = True
            world.settle()
            if world.dead_letters:
                # Each died of injected faults, five times, or three where the clock struck: check_always has looked at
                # every other error.
                assert sum(world.faults.injected.values()) >= 3
                world.redrive()
                world.settle()
            check_settled(world, diminished=self.diminished)
            AnyOrder.cases += 1
            AnyOrder.faults.update(world.faults.injected)
        finally:
            world.close()


def test_in_any_order_and_with_any_fault_nothing_is_done_twice_or_lost() -> None:
    began = perf_counter()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
        ),
    )
    note(
        Figure(
            proof="any order of uploads, deletions, faults and time (Hypothesis)",
            cases=AnyOrder.cases,
            faults=AnyOrder.faults.total(),
            seconds=perf_counter() - began,
            remark=", ".join(f"{number:,} x {fault}" for fault, number in sorted(AnyOrder.faults.items())),
        )
    )
