"""An AWS account in virtual time: the deployed template on the local stack's services, the product's code in it."""

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends
from moto.sqs.models import Queue, sqs_backends

from sagescene.aws import RefusedError
from sagescene.events import revive
from sagescene.settings import StartSettings
from sagescene.workflow.context import Context
from sagescene_standin.agenda import Work
from sagescene_standin.aws_call import Permission
from sagescene_standin.cloudwatch.logs import LogDelivery, Measurement
from sagescene_standin.events.schedules import next_firing
from sagescene_standin.functions.asynchronous import AsynchronousInvocations
from sagescene_standin.functions.function import FunctionSettings, Invocable
from sagescene_standin.functions.trust import check_role
from sagescene_standin.iam.authority import Authority
from sagescene_standin.iam.policies import Request
from sagescene_standin.kms.log_keys import check_log_keys
from sagescene_standin.moto_changes import changed_moto
from sagescene_standin.occurrence import Occurrence
from sagescene_standin.queues.mapping import QueueMapping
from sagescene_standin.sagemaker.assumed_roles import AssumedRole
from sagescene_standin.sagemaker.collaborators import PRINCIPAL
from sagescene_standin.storage.object_events import ObjectEvents
from tests.proof.access import Access
from tests.proof.deployment import ACCOUNT, Deployment, deploy
from tests.proof.evaluating import CountingEvaluator
from tests.proof.events import ENDED, UnreliableBus, UnreliableTargets
from tests.proof.faults import Faults, Gate
from tests.proof.functions import VirtualFunction
from tests.proof.handlers import Handle, LambdaContext, handler_of, load
from tests.proof.measurements import taken
from tests.proof.queues import SqsClient, VirtualPoller, bodies, holds_expired, take_all
from tests.proof.simulation import Simulation
from tests.proof.storage import Bucket, RoleObjects, S3Client
from tests.proof.training import SageMakerClient, Training

type Event = dict[str, Any]


class SnsClient:
    """The call that a function makes; keeps every notice."""

    def __init__(self, gate: Gate, access: Access, topic: "Topic", chat_topic_arn: str) -> None:
        """Take where to keep them, and the ARN of the topic whose notices are for chats."""
        self._gate, self._access, self._topic, self._chat_topic_arn = gate, access, topic, chat_topic_arn

    def publish(self, *, TopicArn: str, Message: str, Subject: str = "") -> dict[str, Any]:
        """Keep a notice."""

        def perform() -> None:
            self._access.require("sns", "Publish", parameters={"TopicArn": TopicArn})
            if TopicArn == self._chat_topic_arn:
                self._topic.chats.append(json.loads(Message))
            else:
                self._topic.notices.append((Subject, Message))

        self._gate.call("Publish", perform)
        return {"MessageId": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What was published: subjects and texts, and the messages for chats."""

    notices: list[tuple[str, str]] = field(default_factory=list)
    chats: list[dict[str, Any]] = field(default_factory=list)


class World:
    """The account; people put objects, stop jobs and let time pass, the stack does the rest.

    Its services keep their state in the process: a world ends when the next begins.
    """

    terminates_loops: ClassVar[bool] = False
    """Whether each function has Lambda's default, `RecursiveLoop: Terminate`, whatever the template says."""

    _current: ClassVar["World | None"] = None

    def __init__(self, seed: int = 0, **parameters: str) -> None:
        """Deploy the template; the seed decides the order of what happens at one time.

        Models are evaluated where a parameter says so: most proofs are not about that.
        """
        World.end()
        World._current = self
        self.random = Random(seed)
        self.simulation = Simulation()
        self.faults = Faults()
        self.gate = Gate(self.simulation, self.random, self.faults)
        self.written: Counter[str] = Counter()
        self.metrics: Counter[str] = Counter()
        self.measured: list[Measurement] = []
        self.answers: list[tuple[Request, bool]] = []
        self.topic = Topic()
        self.decisions: list[dict[str, Any]] = []
        self.invocations: dict[str, list[float]] = {}
        self.unexplained: list[str] = []
        self.unfinished = 0
        self._closing = ExitStack()
        self.evaluator = CountingEvaluator(pause=self.simulation.sleep)
        self._stand_up(deploy({"EvaluateModel": "no", **parameters}))

    # ------------------------------------------------------------------------------------------- what people see

    @property
    def jobs(self) -> dict[str, str]:
        """The status of every training job."""
        return {job["TrainingJobName"]: job["TrainingJobStatus"] for job in self.training.summaries()}

    @property
    def days(self) -> Counter[str]:
        """How many training jobs were started on each day (UTC)."""
        created = (job["CreationTime"] for job in self.training.summaries())
        return Counter(f"{datetime.fromtimestamp(moment, UTC):%F}" for moment in created)

    @property
    def models(self) -> list[str]:
        """The names of all models."""
        return sorted(model["ModelName"] for model in self.training.pages("ListModels", "Models"))

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """Every outcome object, by its key."""
        documents = self._documents("outcomes/")
        others = {"unfinished", "awaited", "told"}
        return {key: document for key, document in documents.items() if document["decision"] not in others}

    @property
    def unfinished_models(self) -> dict[str, dict[str, Any]]:
        """Every mark of a model that is still to be made, by its key."""
        documents = self._documents("outcomes/")
        return {key: document for key, document in documents.items() if document.get("next_try")}

    @property
    def reports(self) -> dict[str, dict[str, Any]]:
        """Every report on a data set, by its key."""
        return {key: report for key, report in self._documents("reports/").items() if "verdict" in report}

    @property
    def uploads(self) -> Queue:
        """The queue between the uploads and the function."""
        return self._queues["UploadsQueue"]

    @property
    def evaluations(self) -> Queue | None:
        """The queue between models and their evaluation, where the stack has one."""
        return self._queues.get("EvaluationsQueue")

    @property
    def dead_letters(self) -> list[str]:
        """What lies in any of the dead-letter queues."""
        return [body for name, queue in self._queues.items() if name.endswith("DeadLetters") for body in bodies(queue)]

    @property
    def has_expired_messages(self) -> bool:
        """Whether a queue holds something longer than it keeps it."""
        return any(holds_expired(queue, self.simulation.now) for queue in self._queues.values())

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way but the clock."""
        running = any(status not in ENDED for status in self.jobs.values())
        waiting = bodies(self.uploads) + (bodies(self.evaluations) if self.evaluations else [])
        return not (running or self.unfinished or waiting)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.simulation.advance(seconds)

    def settle(self, *, days: int = 4) -> None:
        """Let time pass until nothing is under way, and the clock has struck once more."""
        end = self.simulation.now + days * 86_400
        quiet = 0
        while quiet < 2:
            assert self.simulation.now < end, f"still under way: {self.jobs}, {bodies(self.uploads)}"
            self.advance(3700)
            quiet = quiet + 1 if self.is_quiet else 0

    def redrive(self) -> None:
        """Move dead uploads and evaluations back to their queues; the clock has made up for the dead ends of jobs."""
        for name in ("Uploads", "Evaluations"):
            if queue := self._queues.get(f"{name}Queue"):
                for body in take_all(self._queues[f"{name}DeadLetters"]):
                    revived = revive(body, self.simulation.time)
                    sqs_backends[ACCOUNT.id][ACCOUNT.region].send_message(queue.name, revived)
        take_all(self._queues["TrainingEndedDeadLetters"])

    def invoke(self, function: str, event: Event) -> None:
        """Begin one invocation of a function."""
        self.simulation.begin(lambda: self._functions[function].invoke(json.dumps(event).encode()))

    def begin(self) -> Context[StartSettings]:
        """Give what an invocation of the function that starts training works with at this time."""
        cloud, now = self._modules["StartTrainingFunction"].cloud, self.simulation.time
        return Context(settings=self.settings, cloud=cloud, now=now, jitter=self.random.random())

    @classmethod
    def end(cls) -> None:
        """Close the world that stands, if one does."""
        if cls._current:
            cls._current.close()

    def close(self) -> None:
        """End what sleeps, and leave the services to the next world."""
        World._current = None
        self.simulation.close()
        self._closing.close()

    # -------------------------------------------------------------------------------------------- how it stands

    def _stand_up(self, deployment: Deployment) -> None:
        self._authority = Authority(ACCOUNT, lambda *answer: self.answers.append(answer))
        self._logs = LogDelivery(ACCOUNT, self._authority, lambda _: None, lambda _: None)
        check_log_keys(deployment.stack, ACCOUNT, self._authority)
        self._queues = deployment.queues
        self.bucket = Bucket(deployment.bucket)
        self._functions = self._make_functions(deployment)
        by_arn: dict[str, Invocable] = {function.settings.arn: function for function in self._functions.values()}
        asynchronous = AsynchronousInvocations(
            ACCOUNT,
            by_arn,
            after=self._do_later,
            now=lambda: self.simulation.now,
            may=self._may,
        )
        targets = UnreliableTargets(self._authority, self.faults, asynchronous.invoke_later)
        self.bus = UnreliableBus(targets, self.simulation, self.random, self.faults)
        self.training = Training(self.simulation, self._assume, self.bus.take)
        self._connect()
        environment = self._functions["StartTrainingFunction"].settings.environment
        self._closing.enter_context(taken(environment, self._on_measurement))
        self._closing.enter_context(
            changed_moto(
                time_factor=1,
                on_object_event=ObjectEvents(ACCOUNT, self.bus, self._on_upload).publish,
                on_message=self._on_message,
                call_function=_never,
                now=lambda: self.simulation.now,
            )
        )
        self._pollers = self._map_queues(by_arn)
        for rule in self.bus.rules():
            if rule.scheduled_expression:
                self._plan(rule)

    def _make_functions(self, deployment: Deployment) -> dict[str, VirtualFunction]:
        known = {settings.logical_id: settings for settings in deployment.functions()}
        if self.terminates_loops:
            known = {name: replace(settings, allows_loops=False) for name, settings in known.items()}
        for settings in known.values():
            check_role(settings, self._authority)
        self._modules = {
            name: load(settings, ACCOUNT.region, time=lambda: self.simulation.time, jitter=self.random.random)
            for name, settings in known.items()
        }
        self.settings: StartSettings = self._modules["StartTrainingFunction"].settings
        return {
            name: VirtualFunction(
                settings,
                self._watch(handler_of(self._modules[name], settings), settings),
                self.simulation,
                explains=self._explains,
                unexplained=self.unexplained,
                on_drop=lambda: self.metrics.update(RecursiveInvocationsDropped=1),
            )
            for name, settings in known.items()
        }

    def _explains(self, error: BaseException | None) -> bool:
        if isinstance(error, RefusedError):  # the rate of calls, which passes by itself
            error = error.__cause__
        return isinstance(error, ClientError) and error.response["Error"]["Message"] == "injected"

    def _connect(self) -> None:
        if "EvaluateModelFunction" in self._modules:
            self._modules["EvaluateModelFunction"].evaluator = self.evaluator  # type: ignore[attr-defined]
        for name, module in self._modules.items():
            access = Access(self._authority, self._functions[name].settings.role)
            # The clients only: what sagescene.aws makes of their answers and errors is part of the proof.
            vars(module.cloud).update(
                _s3=S3Client(self.gate, access),
                _sagemaker=SageMakerClient(self.training, self.gate, self.random, access),
                _sns=SnsClient(self.gate, access, self.topic, self.settings.chat_topic_arn),
                _sqs=SqsClient(self.gate, access),
            )

    def _assume(self, role: str, source: str) -> AssumedRole | None:
        if not self._authority.can_assume(PRINCIPAL, role, source=source):
            return None
        objects = RoleObjects(self.bucket, Access(self._authority, role))
        return AssumedRole(
            role, authority=self._authority, logs=self._logs, measure=lambda _: None, connect=lambda: objects
        )

    def _map_queues(self, functions: Mapping[str, Invocable]) -> dict[str, VirtualPoller]:
        mappings = lambda_backends[ACCOUNT.id][ACCOUNT.region].list_event_source_mappings("", "")
        return {
            mapping.event_source_arn: VirtualPoller(
                QueueMapping(ACCOUNT, mapping, functions[mapping.function_arn], self._may), self.simulation
            )
            for mapping in mappings
        }

    def _plan(self, rule: Any) -> None:  # noqa: ANN401
        def fire() -> None:
            self.bus.fire(rule)
            self._plan(rule)

        now = self.simulation.now
        self.simulation.after(next_firing(rule.scheduled_expression, now) - now, fire)

    def _do_later(self, seconds: float, work: Work) -> None:
        self.unfinished += 1

        def do() -> None:
            try:
                work()
            finally:
                self.unfinished -= 1

        self.simulation.after(seconds, lambda: self.simulation.begin(do))

    def _on_upload(self, occurrence: Occurrence) -> None:
        self.written[occurrence.subject] += 1

    def _on_message(self, queue: str, _body: str) -> None:
        if queue in self._pollers:
            sent = sqs_backends[ACCOUNT.id][ACCOUNT.region].get_queue(queue.rpartition(":")[2])._messages[-1]
            self._pollers[queue].expect(sent)

    def _on_measurement(self, measurement: Measurement) -> None:
        self.measured.append(measurement)
        if measurement.dimensions == {"service": self.settings.job_prefix}:
            self.metrics[measurement.name] += int(measurement.value)

    def _watch(self, handle: Handle, settings: FunctionSettings) -> Handle:
        def watched(event: Event, context: LambdaContext) -> list[dict[str, Any]]:
            if not self._logs.store(settings.role, settings.log_group, "stream", "begun"):
                self.unexplained.append(f"{settings.logical_id} may not log")
            began = self.simulation.now
            try:
                decisions = handle(event, context)
            finally:
                self.invocations.setdefault(settings.logical_id, []).append(self.simulation.now - began)
            self.decisions += decisions
            return decisions

        return watched

    def _may(self, role: str, action: str, resource: str) -> bool:
        return self._authority.role_may(role, Permission(action=action, resource=resource))

    def _documents(self, prefix: str) -> dict[str, dict[str, Any]]:
        keys = [key for key in self.bucket.list_keys(self.bucket.name, prefix) if key.endswith(".json")]
        return {key: json.loads(self.bucket[key].body) for key in keys}


def _never(arn: str, _event: object) -> None:
    raise AssertionError(f"the bucket invokes {arn} directly")
