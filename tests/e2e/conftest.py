"""The real stack on this machine, built by SAM, for each test anew."""

import json
import queue
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sagescene_command.local_run import drop, find_uploads
from sagescene_command.local_stack import prepare
from sagescene_standin.occurrence import Occurrence
from sagescene_standin.sagemaker import SageMakerOptions, TrainingService
from sagescene_standin.stack import Stack

DATA = Path(__file__).parents[1] / "data"
PATIENCE_IN_SECONDS = 60.0
# A person who watches is to see each stage of a job; a test is not to wait for it.
AT_ONCE = SageMakerOptions(starting=0.0, downloading=0.0, uploading=0.0, interrupted=0.0)


class LocalStack:
    """A local stack, everything that happened in it, and the few things a test does with both."""

    def __init__(self, parameters: Mapping[str, str], **options: Any) -> None:  # noqa: ANN401
        """Stand the stack up."""
        self.occurrences: list[Occurrence] = []
        self._new: queue.SimpleQueue[Occurrence] = queue.SimpleQueue()
        self.stack: Stack = prepare(parameters, listen=self._new.put, **options)
        self.stack.stand_up()
        self.bucket = self.stack.outputs["Bucket"]
        self.s3 = self.stack.client("s3")
        self.sagemaker = self.stack.client("sagemaker")

    @property
    def service(self) -> TrainingService:
        """The stand-in for SageMaker itself."""
        return self.stack.training

    def drop(self, folder: Path, name: str) -> None:
        """Drop a folder as a data set."""
        drop(self.stack, find_uploads(folder, name))

    def put(self, key: str, content: bytes) -> None:
        """Upload one object."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def take_from(self, role: str, action: str) -> Callable[[], None]:
        """Leave the statements that allow an action out of a role's policy; what is returned puts them back."""
        iam, name = self.stack.client("iam"), self.stack.resources[role]
        (policy,) = self.stack.deployed.resources[role].properties["Policies"]
        document = policy["PolicyDocument"]
        statements = [one for one in document["Statement"] if action not in one["Action"]]
        assert len(statements) < len(document["Statement"])

        def put(content: Mapping[str, Any]) -> None:
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(content))

        put({**document, "Statement": statements})
        return lambda: put(document)

    def await_that(self, wanted: Callable[[Occurrence], bool], number: int = 1) -> Occurrence:
        """Wait until so many occurrences since the beginning are the wanted ones, and give the last of them."""
        deadline = time.monotonic() + PATIENCE_IN_SECONDS
        while True:
            found = [occurrence for occurrence in self.occurrences if wanted(occurrence)]
            if len(found) >= number:
                return found[number - 1]
            try:
                self.occurrences.append(self._new.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                story = "\n".join(str(occurrence) for occurrence in self.occurrences)
                pytest.fail(f"what was awaited did not happen; this did:\n{story}")

    def await_decision(self, decision: str, number: int = 1) -> dict[str, Any]:
        """Wait for the nth time that a function answers with this decision, and give its answer."""
        return answers(self.await_that(lambda occurrence: decision in _decided(occurrence), number))[0]

    def await_notice(self, subject: str) -> str:
        """Wait for a message on the topic, and give its text."""
        found = self.await_that(lambda it: it.kind == "message" and it.detail["subject"] == subject)
        return str(found.detail["text"])

    def of_kind(self, kind: str, subject: str | None = None) -> list[Occurrence]:
        """Give what happened so far of one kind."""
        while not self._new.empty():
            self.occurrences.append(self._new.get())
        return [it for it in self.occurrences if it.kind == kind and subject in (None, it.subject)]

    def keys(self, prefix: str) -> list[str]:
        """List the keys below a prefix."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def outcomes(self) -> dict[str, Any]:
        """Read all outcomes, by the name of the job; one that was given up before it was a job is named so."""
        return {key.rpartition("/")[2].removesuffix(".json"): self.read_json(key) for key in self.keys("outcomes/")}

    def reports(self, name: str) -> list[str]:
        """List the keys of a data set's reports; pages and what tells images lie beside them."""
        return [key for key in self.keys(f"reports/{name}/") if re.fullmatch(r".*/[0-9a-f]{12}\.json", key)]

    def await_report(self, name: str) -> str:
        """Wait for a data set's report, which is written once people were told of it."""
        until = time.monotonic() + 60
        while not (found := self.reports(name)):
            assert time.monotonic() < until, f"there is no report on {name}"
        (key,) = found
        return key

    def read_json(self, key: str) -> dict[str, Any]:
        """Read a JSON object."""
        content: dict[str, Any] = json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        return content

    def jobs(self) -> dict[str, str]:
        """Give the status of every training job by its name."""
        summaries = self.sagemaker.list_training_jobs()["TrainingJobSummaries"]
        return {summary["TrainingJobName"]: summary["TrainingJobStatus"] for summary in summaries}

    def models(self) -> list[str]:
        """Name every model."""
        return [model["ModelName"] for model in self.sagemaker.list_models()["Models"]]

    def messages(self) -> list[str]:
        """Give the subjects of all messages on the topic so far, but for alarms that say that all is well."""
        subjects = [str(occurrence.detail["subject"]) for occurrence in self.of_kind("message")]
        return [subject for subject in subjects if not subject.startswith("OK: ")]


def answers(occurrence: Occurrence) -> list[dict[str, Any]]:
    """Give the decisions that a function answered with."""
    answer = occurrence.detail.get("result")
    return answer if occurrence.kind == "invocation" and isinstance(answer, list) else []


def _decided(occurrence: Occurrence) -> list[str]:
    return [answer["decision"] for answer in answers(occurrence)]


@pytest.fixture
def stand() -> Iterator[Callable[..., LocalStack]]:
    """Stand a stack up with parameters and options of the test's own; it evaluates models where one says so."""
    stacks: list[LocalStack] = []

    def begin(parameters: Mapping[str, str] | None = None, **options: Any) -> LocalStack:  # noqa: ANN401
        stacks.append(LocalStack({"EvaluateModel": "no", **(parameters or {})}, **{"sagemaker": AT_ONCE, **options}))
        return stacks[-1]

    yield begin
    for each in stacks:
        each.stack.close()


@pytest.fixture
def local(stand: Callable[..., LocalStack]) -> LocalStack:
    """A stack with short training."""
    return stand({"Epochs": "1"})
