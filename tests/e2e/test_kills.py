"""Function processes are killed at random moments: no data set is lost, none trained on twice."""

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from sagescene_standin.functions.runtime_process import RuntimeProcess
from tests.e2e.conftest import LocalStack
from tests.proof import data_sets
from tests.proof.figures import Figure, note
from tests.stack_template import ROOT

KILLS = int(os.environ.get("PROOF_KILLS", "10"))
SEED = int(os.environ.get("PROOF_SEED", "1"))
# A message whose function died comes back after 1800 seconds on AWS, after three here; the clock strikes accordingly.
TIME_FACTOR = 600.0
HOUR_IN_SECONDS = 3600 / TIME_FACTOR
SETS_AT_ONCE = 4
PATIENCE_IN_SECONDS = 60.0 + 6 * KILLS
FUNCTIONS = ("StartTrainingFunction", "FinishTrainingFunction")
CLOCK = json.loads((ROOT / "events/finish_training/clock.json").read_text())


WITHOUT_LIMITS = {"MaxJobsAtOnce": "0", "MaxJobsPerDay": "0"}


class Killer:
    """Kills processes of functions, each at a random moment of an invocation, until it has killed enough."""

    def __init__(self, local: LocalStack, kills: int, seed: int) -> None:
        """Begin at once."""
        self._functions = local.stack.functions
        self._random = random.Random(seed)
        self._left = kills
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._kill, name="killer")
        self.killed: Counter[str] = Counter()
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether it has killed enough."""
        return self._left == 0

    def close(self) -> None:
        """Kill no more."""
        self._closing.set()
        self._thread.join()

    def _kill(self) -> None:
        while self._left and not self._closing.wait(self._random.uniform(0.005, 0.3)):
            name = self._random.choice(FUNCTIONS)
            busy = self._find_busy(name)
            # Some way into what it does, and not always at its beginning.
            if busy and not self._closing.wait(self._random.uniform(0, 0.1)) and busy.alive:
                os.kill(busy._process.pid, signal.SIGKILL)
                self.killed[name] += 1
                self._left -= 1

    def _find_busy(self, name: str) -> RuntimeProcess | None:
        function = self._functions[name]
        with function._lock:
            busy = [process for process in function._all if process not in function._idle and process.alive]
        return self._random.choice(busy) if busy else None


def test_killed_functions_lose_nothing_and_do_nothing_twice(stand: Callable[..., LocalStack]) -> None:
    began = time.perf_counter()
    local = stand({"Epochs": "1", "QuietPeriodInSeconds": "300", **WITHOUT_LIMITS}, time_factor=TIME_FACTOR)
    print(f"seed {SEED}, {KILLS} kills, queues' times shortened by {TIME_FACTOR:.0f}")
    killer = Killer(local, KILLS, SEED)
    dropped = hours = 0
    try:
        while not killer.is_done or len(local.outcomes()) < dropped:
            took = time.perf_counter() - began
            assert took < PATIENCE_IN_SECONDS, f"{killer.killed} killed, {dropped} sets: {list_jobs(local)}"
            if not killer.is_done and dropped - len(local.outcomes()) < SETS_AT_ONCE:
                drop(local, dropped)
                dropped += 1
            if took > hours * HOUR_IN_SECONDS:
                hours += 1
                redrive(local)
                local.stack.invoke("FinishTrainingFunction", CLOCK)
            threading.Event().wait(0.2)
    finally:
        killer.close()

    jobs = list_jobs(local)
    assert len(jobs) == dropped
    assert set(jobs.values()) == {"Completed"}
    assert sorted(list_models(local)) == sorted(jobs)
    assert sorted(local.outcomes()) == sorted(jobs)
    print(f"{dropped} sets, killed: {dict(killer.killed)}")
    note(
        Figure(
            proof="kill -9 of function processes of a standing local stack",
            cases=dropped,
            faults=killer.killed.total(),
            seconds=time.perf_counter() - began,
            remark=f"seed {SEED}, visibility of 1800 s shortened by {TIME_FACTOR:.0f}; killed: "
            + ", ".join(f"{number} x {function}" for function, number in sorted(killer.killed.items())),
        )
    )


def drop(local: LocalStack, number: int) -> None:
    for file, body in data_sets.essential(data_sets.sound(number)).items():
        local.put(f"datasets/set-{number}/{file}", body)


def list_jobs(local: LocalStack) -> dict[str, str]:
    pages = local.sagemaker.get_paginator("list_training_jobs").paginate()
    return {job["TrainingJobName"]: job["TrainingJobStatus"] for page in pages for job in page["TrainingJobSummaries"]}


def list_models(local: LocalStack) -> list[str]:
    pages = local.sagemaker.get_paginator("list_models").paginate()
    return [model["ModelName"] for page in pages for model in page["Models"]]


def redrive(local: LocalStack) -> None:
    """Move uploads whose functions were killed five times back to their queue."""
    sqs, resources = local.stack.client("sqs"), local.stack.resources
    letters = sqs.receive_message(QueueUrl=resources["UploadsDeadLetters"], MaxNumberOfMessages=10)
    for letter in letters.get("Messages", []):
        sqs.send_message(QueueUrl=resources["UploadsQueue"], MessageBody=letter["Body"])
        sqs.delete_message(QueueUrl=resources["UploadsDeadLetters"], ReceiptHandle=letter["ReceiptHandle"])
