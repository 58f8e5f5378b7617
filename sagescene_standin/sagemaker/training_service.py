"""The control plane itself: operations come in, statuses move on, events go out. Steppable; it starts no thread."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from sagescene_standin.account import Account
from sagescene_standin.occurrence import Listener, Occurrence
from sagescene_standin.sagemaker import admission
from sagescene_standin.sagemaker.collaborators import AssumeRole, Publish
from sagescene_standin.sagemaker.container import Launcher, Plan, Run
from sagescene_standin.sagemaker.descriptions import describe_change, describe_job, summarize_job
from sagescene_standin.sagemaker.faults import ServiceFault, invalid, name_in_use, throttled, unknown_operation
from sagescene_standin.sagemaker.jobs import ENDED, JobRecord
from sagescene_standin.sagemaker.lifecycle import Lifecycle
from sagescene_standin.sagemaker.listing import cut_page, is_within
from sagescene_standin.sagemaker.models import ModelCatalogue
from sagescene_standin.sagemaker.options import SageMakerOptions
from sagescene_standin.sagemaker.packages import ModelRegistry
from sagescene_standin.sagemaker.role_needs import explain_lack
from sagescene_standin.sagemaker.validation import check_request

LOG_GROUP = "/aws/sagemaker/TrainingJobs"  # also the namespace of the jobs' metrics
_logger = logging.getLogger(__name__)


class TrainingService:
    """SageMaker's training jobs, models and model packages for one account and Region.

    `clock` gives epoch seconds. `publish` and `listen` are called without any lock held, after the call or step that
    caused them; an event may therefore be overtaken by the next one, as on AWS.
    """

    def __init__(
        self,
        *,
        account: Account,
        options: SageMakerOptions,
        clock: Callable[[], float],
        assume: AssumeRole,
        publish: Publish,
        launcher: Launcher,
        listen: Listener = lambda _occurrence: None,
    ) -> None:
        self._account, self._options, self._clock = account, options, clock
        self._assume, self._publish, self._launcher, self._listen = assume, publish, launcher, listen
        self._lock = threading.RLock()
        self._jobs: dict[str, JobRecord] = {}
        self._active: dict[str, JobRecord] = {}
        self._forced_failures: deque[str] = deque()
        self._outbox: deque[tuple[dict[str, Any], Occurrence | None]] = deque()
        self._last_creation = float("-inf")
        self._lifecycle = Lifecycle(account.region, options, self._launch, self._note_change)
        self._models = ModelCatalogue(account, assume, options)
        self._registry = ModelRegistry(account, clock, lambda event: self._outbox.append((event, None)))
        self._operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "CreateTrainingJob": self._create_training_job,
            "DescribeTrainingJob": lambda request: describe_job(self._find(request)),
            "ListTrainingJobs": self._list_training_jobs,
            "StopTrainingJob": self._stop_training_job,
            "CreateModel": lambda request: self._models.create(request, self._clock()),
            "DescribeModel": self._models.describe,
            "ListModels": self._models.list,
            "DeleteModel": self._models.delete,
            "CreateModelPackageGroup": self._registry.create_group,
            "DescribeModelPackageGroup": self._registry.describe_group,
            "ListModelPackageGroups": self._registry.list_groups,
            "DeleteModelPackageGroup": self._registry.delete_group,
            "CreateModelPackage": self._registry.create,
            "DescribeModelPackage": self._registry.describe,
            "ListModelPackages": self._registry.list,
            "UpdateModelPackage": self._registry.update,
            "DeleteModelPackage": self._registry.delete,
            "AddTags": self._add_tags,
            "ListTags": lambda request: {"Tags": _list_tags(self._tags_of(request["ResourceArn"]))},
        }

    def handle(self, operation: str, request: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one call of the API: the HTTP status, and the response or `{"__type": code, "message": text}`.

        Times in requests and responses are epoch seconds.
        """
        try:
            if operation not in self._operations:
                raise unknown_operation(operation, sorted(self._operations))
            check_request(operation, request)
            with self._lock:
                response = self._operations[operation](request)
        except ServiceFault as fault:
            return fault.status, {"__type": fault.code, "message": fault.message}
        finally:
            self._deliver()
        return 200, response

    def step(self) -> float | None:
        """Take every step that is due; return the time of the next that the clock alone brings, else None.

        A running container may bring the next step earlier: a real runner steps every few hundredths of a second.
        """
        with self._lock:
            now = self._clock()
            for job in list(self._active.values()):
                self._lifecycle.advance(job, now)
                if job.status in ENDED:
                    del self._active[job.name]
            due = [time for job in self._active.values() if (time := self._lifecycle.next_due(job)) is not None]
        self._deliver()
        return min(due, default=None)

    def fail_next(self, reason: str, *, jobs: int = 1) -> None:
        """Let the next job or jobs end as Failed with this FailureReason before training, as for want of capacity."""
        with self._lock:
            self._forced_failures.extend([reason] * jobs)

    def close(self) -> None:
        """End every container at once."""
        self._launcher.close()

    def _create_training_job(self, request: Mapping[str, Any]) -> dict[str, Any]:
        now = self._clock()
        if self._options.throttle and now - self._last_creation < 1:
            raise throttled()
        self._last_creation = now
        name = request["TrainingJobName"]
        arn = self._account.arn("sagemaker", f"training-job/{name}")
        if name in self._jobs:
            raise name_in_use(arn)
        admission.check_consistency(request)
        admission.check_type(request, self._account, arn, self._options)
        admission.check_volume(request, self._options)
        role = admission.assume_role(request["RoleArn"], arn, self._assume)
        admission.check_inputs(request, role.objects, self._account.region)
        filled = admission.fill_defaults(request)
        admission.check_quota(filled, self._jobs.values(), self._options)
        job = JobRecord(
            request=filled,
            arn=arn,
            role=role,
            created=now,
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
            forced_failure=self._forced_failures.popleft() if self._forced_failures else explain_lack(filled, role),
        )
        self._jobs[name] = self._active[name] = job
        self._lifecycle.begin(job, now)
        return {"TrainingJobArn": arn}

    def _stop_training_job(self, request: Mapping[str, Any]) -> dict[str, Any]:
        job = self._find(request)
        if job.status != "InProgress":
            raise invalid(f"The request was rejected because the training job is in status {job.status}.")
        self._lifecycle.stop(job, self._clock())
        return {}

    def _list_training_jobs(self, request: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            job
            for job in self._jobs.values()
            if request.get("NameContains", "").lower() in job.name.lower()
            and request.get("StatusEquals", job.status) == job.status
            and is_within(job.created, request, "CreationTime")
            and is_within(job.modified, request, "LastModifiedTime")
        ]
        sort_by = request.get("SortBy", "CreationTime")
        page, token = cut_page(found, request, key=lambda job: (_sort_value(job, sort_by), job.name), order="Ascending")
        return {"TrainingJobSummaries": [summarize_job(job) for job in page], **token}

    def _add_tags(self, request: Mapping[str, Any]) -> dict[str, Any]:
        tags = self._tags_of(request["ResourceArn"])
        added = tags | {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        if len(added) > 50:
            raise invalid("A resource can have at most 50 tags.")
        tags.update(added)
        return {"Tags": _list_tags(tags)}

    def _tags_of(self, arn: str) -> dict[str, str]:
        for tags in (self._models.tags, self._registry.tags):
            if arn in tags:
                return tags[arn]
        job = self._jobs.get(arn.rsplit("/", 1)[-1])
        if job is None or job.arn != arn:
            raise invalid("Requested resource not found.")
        return job.tags

    def _find(self, request: Mapping[str, Any]) -> JobRecord:
        job = self._jobs.get(request["TrainingJobName"])
        if job is None:
            # The documentation says ResourceNotFound; AWS answers this.
            raise invalid("Requested resource not found.")
        return job

    def _launch(self, job: JobRecord) -> Run:
        plan = Plan(
            job_name=job.name,
            job_arn=job.arn,
            region=self._account.region,
            hyperparameters=job.request.get("HyperParameters", {}),
            channels=job.request["InputDataConfig"],
            resources=job.request["ResourceConfig"],
            artifact_url=job.artifact_url,
            checkpoints_url=job.request.get("CheckpointConfig", {}).get("S3Uri", ""),
            objects=job.role.objects,
        )

        def emit(line: str) -> None:
            now = self._clock()
            with self._lock:
                metric = job.note_line(line, now)
                if metric is not None and metric[0] == "validation:accuracy":
                    self._lifecycle.note_epoch(job)
            job.role.write_log(LOG_GROUP, job.log_stream, line, now)
            if metric is not None:
                job.role.put_metric(LOG_GROUP, *metric, {"TrainingJobName": job.name})
            self._listen(Occurrence("log", job.name, {"message": line}))

        return self._launcher.start(plan, emit)

    def _note_change(self, job: JobRecord) -> None:
        detail = {
            "status": job.status,
            "secondary_status": job.secondary_status,
            "failure_reason": job.failure_reason,
        }
        self._outbox.append((describe_change(job, self._account), Occurrence("job", job.name, detail)))

    def _deliver(self) -> None:
        while self._outbox:
            try:
                event, occurrence = self._outbox.popleft()
            except IndexError:  # another thread was quicker
                return
            try:
                if occurrence:
                    self._listen(occurrence)
                self._publish(event)
            except Exception:
                # SageMaker's events are best effort: the job must go on when the bus does not.
                _logger.exception("the event %s of %s was lost", event["detail-type"], ", ".join(event["resources"]))


def _sort_value(job: JobRecord, sort_by: str) -> float | str:
    return {"Name": job.name, "Status": job.status}.get(sort_by, job.created)


def _list_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
