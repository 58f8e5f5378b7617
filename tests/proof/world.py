"""An AWS account in virtual time: the deployed rules, queues and functions, with the product's own code in them."""

import json
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, cast

from botocore.exceptions import ClientError
from moto.events.models import EventPattern

from local.service.schedules import next_firing
from sagescene import pipeline
from sagescene.aws import Cloud
from sagescene.config import Settings, StartSettings
from sagescene.events import JobEnded, read_bell, read_uploads
from sagescene.observability import metrics
from tests.proof.faults import Faults, Gate
from tests.proof.queues import Queue, SqsClient
from tests.proof.simulation import CrashError, Simulation
from tests.proof.storage import Bucket, S3Client, Stored
from tests.proof.training import SageMakerClient, Training
from tests.stack_template import environment_of, follow, transform

type Event = dict[str, Any]

_COLD_OR_WARM_START = 0.05
_RETRY_DELAYS = (60.0, 120.0)  # of asynchronous invocations
_ENDED = ("Completed", "Failed", "Stopped")


class SnsClient:
    """The call that the functions make; keeps every notice."""

    def __init__(self, gate: Gate) -> None:
        """Keep no notice yet."""
        self._gate = gate
        self.notices: list[tuple[str, str]] = []

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> dict[str, Any]:
        """Keep a notice."""
        assert TopicArn
        self._gate.call("Publish", lambda: self.notices.append((Subject, Message)))
        return {"MessageId": "1"}


def _single(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            yield from _single(inner)
    else:
        yield error


def _is_injected(error: Exception) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Message"] == "injected"


class World:
    """The account; people put objects, stop jobs and let time pass, the stack does the rest."""

    def __init__(self, seed: int = 0, **parameters: str) -> None:
        """Deploy the template; the seed decides the order of what happens at one time."""
        self.random = Random(seed)
        self.simulation = Simulation()
        self.faults = Faults()
        self.gate = Gate(self.simulation, self.random, self.faults)
        start = environment_of("StartTrainingFunction", **parameters)
        self.settings = StartSettings.from_env(start)
        self._finish_settings = Settings.from_env(environment_of("FinishTrainingFunction", **parameters))
        self.bucket = Bucket(self.settings.data_bucket, lambda: self.simulation.now, self._on_object)
        self.training = Training(self.bucket, self.simulation, self._on_job_event)
        self.written: Counter[str] = Counter()
        self.metrics: Counter[str] = Counter()
        self.decisions: list[dict[str, Any]] = []
        self.unexplained: list[str] = []
        self.unfinished = 0
        self._deploy(transform(**parameters).resources, transform(**parameters).parameters)
        self._connect()

    # ------------------------------------------------------------------------------------------- what people see

    @property
    def jobs(self) -> dict[str, str]:
        """The status of every training job."""
        summaries = self.training.pages("ListTrainingJobs", "TrainingJobSummaries")
        return {summary["TrainingJobName"]: summary["TrainingJobStatus"] for summary in summaries}

    @property
    def models(self) -> list[str]:
        """The names of all models."""
        return sorted(model["ModelName"] for model in self.training.pages("ListModels", "Models"))

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """Every outcome object, by its key."""
        return self._documents(".outcome.json")

    @property
    def reports(self) -> dict[str, dict[str, Any]]:
        """Every report on a data set, by its key."""
        return {key: report for key, report in self._documents(".json").items() if "verdict" in report}

    @property
    def uploads_queue(self) -> Queue:
        """The queue between the uploads and the function."""
        return self.queues["UploadsQueue"]

    @property
    def dead_letters(self) -> list[str]:
        """What lies in any of the dead-letter queues."""
        queues = [queue for name, queue in self.queues.items() if name.endswith("DeadLetters")]
        return [message.body for queue in queues for message in queue.messages]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way but the clock."""
        running = any(status not in _ENDED for status in self.jobs.values())
        return not (running or self.unfinished or self.uploads_queue.messages)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.simulation.advance(seconds)

    def settle(self, *, days: int = 4) -> None:
        """Let time pass until nothing is under way, and the clock has struck once more."""
        end = self.simulation.now + days * 86_400
        quiet = 0
        while quiet < 2:
            assert self.simulation.now < end, f"still under way: {self.jobs}, {self.uploads_queue.messages}"
            self.advance(3700)
            quiet = quiet + 1 if self.is_quiet else 0

    def redrive(self) -> None:
        """Move the dead uploads back to their queue."""
        for body in self.queues["UploadsDeadLetters"].take_all():
            self.uploads_queue.send(body)

    def close(self) -> None:
        """End what sleeps."""
        self.simulation.close()

    # -------------------------------------------------------------------------------------------- the deployment

    def _deploy(self, resources: Mapping[str, Mapping[str, Any]], parameters: Mapping[str, str]) -> None:
        known = {**parameters, "DataBucket": self.bucket.name}
        kinds: dict[str, dict[str, Any]] = {}
        for name, resource in resources.items():
            kind = kinds.setdefault(resource["Type"], {})
            kind[name] = follow(resource.get("Properties", {}), known)
        self.queues = {
            name: Queue(name, properties, self.simulation) for name, properties in kinds["AWS::SQS::Queue"].items()
        }
        for name, properties in kinds["AWS::SQS::Queue"].items():
            if "RedrivePolicy" in properties:
                self.queues[name].dead_letters = self._queue(properties["RedrivePolicy"]["deadLetterTargetArn"])
        self._timeouts = {name: float(each["Timeout"]) for name, each in kinds["AWS::Lambda::Function"].items()}
        self._retries = {each["FunctionName"]: each for each in kinds["AWS::Lambda::EventInvokeConfig"].values()}
        for mapping in kinds["AWS::Lambda::EventSourceMapping"].values():
            self._poll(mapping)
        self._rules = list(kinds["AWS::Events::Rule"].values())
        self._patterns = [
            (EventPattern.load(json.dumps(rule["EventPattern"])), rule)
            for rule in self._rules
            if "EventPattern" in rule
        ]
        for rule in self._rules:
            if "ScheduleExpression" in rule:
                self._plan(rule)

    def _connect(self) -> None:
        self.topic = SnsClient(self.gate)
        urls = {f"https://sqs.us-east-1.amazonaws.com/123456789012/sagescene-{name}": queue
                for name, queue in self.queues.items()}  # fmt: skip
        self._cloud = Cloud("us-east-1")
        # The clients only: what sagescene.aws makes of their answers and errors is part of the proof.
        vars(self._cloud).update(
            _s3=S3Client(self.bucket, self.gate),
            _sagemaker=SageMakerClient(self.training, self.gate, self.random),
            _sns=self.topic,
            _sqs=SqsClient(urls, self.gate),
        )

    def _queue(self, arn: str) -> Queue:
        return self.queues[arn.removesuffix(".Arn")]

    def _poll(self, mapping: Mapping[str, Any]) -> None:
        def handle(body: str, done: Callable[[bool], None]) -> None:
            self.invoke(mapping["FunctionName"], {"Records": [{"eventSource": "aws:sqs", "body": body}]}, done)

        assert mapping["BatchSize"] == 1
        concurrency = mapping["ScalingConfig"]["MaximumConcurrency"]
        self._queue(mapping["EventSourceArn"]).poll_for(handle, concurrency)

    def _plan(self, rule: Mapping[str, Any]) -> None:
        def fire() -> None:
            self._send(rule, {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}})
            self._plan(rule)

        self.simulation.after(next_firing(rule["ScheduleExpression"], self.simulation.now) - self.simulation.now, fire)

    # --------------------------------------------------------------------------------------------- events' ways

    def _on_object(self, key: str, stored: Stored, reason: str) -> None:
        self.written[key] += 1
        event = {
            "version": "0",
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": datetime.fromtimestamp(int(self.simulation.now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": "us-east-1",
            "detail": {
                "bucket": {"name": self.bucket.name},
                "object": {"key": key, "size": len(stored.body), "etag": stored.etag},
                "reason": reason,
            },
        }
        if key.startswith("datasets/"):
            copies, self.faults.copies = self.faults.copies, []
            self.faults.injected["duplicated event"] += len(copies)
            for delay in copies:
                self.simulation.after(delay, lambda: self.take(event))
        self.simulation.after(self.random.uniform(0.1, 3.0), lambda: self.take(event))

    def _on_job_event(self, event: Event) -> None:
        if event["detail"]["TrainingJobStatus"] in _ENDED and self.faults.lost_job_events:
            self.faults.lost_job_events -= 1
            self.faults.injected["lost event"] += 1
            return
        self.simulation.after(self.random.uniform(0.1, 3.0), lambda: self.take(event))

    def take(self, event: Event) -> None:
        """Bring an event to the rules, as EventBridge does."""
        for pattern, rule in self._patterns:
            if pattern.matches_event(cast("Any", event)):
                self._send(rule, event)

    def _send(self, rule: Mapping[str, Any], event: Event) -> None:
        for target in rule["Targets"]:
            name = target["Arn"].removesuffix(".Arn")
            if name in self.queues:
                self.queues[name].send(json.dumps(event))
            else:
                self._invoke_later(name, event, 0)

    def _invoke_later(self, function: str, event: Event, retries: int) -> None:
        self.unfinished += 1

        def done(well: bool) -> None:
            self.unfinished -= 1
            if well:
                return
            config = self._retries[function]
            if retries < config["MaximumRetryAttempts"]:
                self.unfinished += 1
                self.simulation.after(_RETRY_DELAYS[retries], lambda: again())
            else:
                self._queue(config["DestinationConfig"]["OnFailure"]["Destination"]).send(json.dumps(event))

        def again() -> None:
            self.unfinished -= 1
            self._invoke_later(function, event, retries + 1)

        self.invoke(function, event, done)

    # ---------------------------------------------------------------------------------------------- invocations

    def invoke(self, function: str, event: Event, done: Callable[[bool], None] = lambda _well: None) -> None:
        """Begin one invocation of a function; `done` is told whether it went well."""
        self.simulation.begin(lambda: done(self._run(function, event)))

    def _run(self, function: str, event: Event) -> bool:
        self.simulation.sleep(_COLD_OR_WARM_START)
        began = self.simulation.now
        try:
            self.decisions += self._handle(function, event)
        except CrashError:
            return False
        except Exception as error:
            if not all(_is_injected(fault) for fault in _single(error)):
                self.unexplained.append(traceback.format_exc())
            return False
        finally:
            self._take_metrics()
        if self.simulation.now - began > self._timeouts[function]:
            self.unexplained.append(f"{function} took longer than its timeout over {event}")
        return True

    def _handle(self, function: str, event: Event) -> list[dict[str, Any]]:
        """Do as functions/*/app.py do, with this world's time and chance."""
        now, chance = self.simulation.time, self.random.random()
        if function == "StartTrainingFunction":
            return pipeline.answer(
                pipeline.start(upload, self.settings, self._cloud, now, chance) for upload in read_uploads(event)
            )
        match read_bell(event):
            case JobEnded(job=job):
                return pipeline.answer([pipeline.finish(job, self._finish_settings, self._cloud, now, chance)])
            case _:
                return pipeline.answer(pipeline.reconcile(self._finish_settings, self._cloud, now, chance))

    def _take_metrics(self) -> None:
        for name, metric in metrics.metric_set.items():
            self.metrics[name] += int(sum(metric["Value"]))
        metrics.clear_metrics()

    def _documents(self, suffix: str) -> dict[str, dict[str, Any]]:
        keys = [key for key in self.bucket.list_keys(self.bucket.name, "reports/") if key.endswith(suffix)]
        return {key: json.loads(self.bucket.objects[key].body) for key in keys}
