"""How a training job moves through its statuses as the clock and its container go on; no thread, no waiting."""

from collections.abc import Callable

from sagescene_standin.sagemaker.container import Phase, Run
from sagescene_standin.sagemaker.images import explain_refusal, is_image_classification
from sagescene_standin.sagemaker.jobs import ENDED, JobRecord
from sagescene_standin.sagemaker.options import SageMakerOptions

_STAGES = {"Downloading": Phase.DOWNLOADING, "Training": Phase.TRAINING, "Uploading": Phase.UPLOADING}


class Lifecycle:
    """The state machine of training jobs; `launch` starts a job's container, `changed` is told of every new status."""

    def __init__(
        self,
        region: str,
        options: SageMakerOptions,
        launch: Callable[[JobRecord], Run],
        changed: Callable[[JobRecord], None],
    ) -> None:
        self._region, self._options, self._launch, self._changed = region, options, launch, changed

    def begin(self, job: JobRecord, now: float) -> None:
        """Put a new job into its first status."""
        self._enter(job, "Starting", now)

    def stop(self, job: JobRecord, now: float, *, cause: str = "Stopped") -> None:
        """Begin to stop a job; it will end as Stopped with `cause` as its secondary status."""
        job.status, job.stop_cause = "Stopping", cause
        if job.run is not None:
            job.run.terminate()
            job.kill_at = now + self._options.stop_grace
        self._enter(job, "Stopping", now)

    def note_epoch(self, job: JobRecord) -> None:
        """Take a Spot job's instances away, as the options plan, at the end of the second epoch on them.

        By then the first one's checkpoint is stored.
        """
        job.epochs_of_run += 1
        is_planned = job.is_spot and job.interruptions < self._options.spot_interruptions and job.epochs_of_run == 2
        if is_planned and job.status == "InProgress" and job.run is not None:
            job.is_reclaimed = True
            job.run.reclaim()

    def advance(self, job: JobRecord, now: float) -> None:
        """Take every step that is due by now."""
        while job.status not in ENDED and self._take_step(job, now):
            pass

    def next_due(self, job: JobRecord) -> float | None:
        """Return the time of the next step that the clock alone brings about; None when only the container can."""
        if job.status in ENDED:
            return None
        if job.run is None:
            return self._next_without_instances(job)
        is_limited = job.status == "InProgress" and job.secondary_status != "Uploading"
        times = [min(limit for limit, _ in self._limits(job))] if is_limited else []
        if job.kill_at is not None and job.run.phase <= Phase.TRAINING:
            times.append(job.kill_at)
        if job.run.phase > self._shown_phase(job):
            times.append(self._earliest_move(job))
        return min(times, default=None)

    def _next_without_instances(self, job: JobRecord) -> float | None:
        since = job.transitions[-1].start
        if job.status == "Stopping":
            return since
        limits = [limit for limit, _ in self._limits(job)]
        if job.secondary_status == "Interrupted":
            return min([since + self._options.interrupted, *limits])
        return min([*limits, *([] if self._finds_no_instances(job) else [since + self._options.starting])])

    def _take_step(self, job: JobRecord, now: float) -> bool:
        if job.run is None:
            return self._reach_limit(job, now) or self._look_for_instances(job, now) or self._leave_starting(job, now)
        if job.kill_at is not None and now >= job.kill_at and job.run.phase <= Phase.TRAINING:
            job.kill_at = None
            job.run.kill()
            return True
        if job.is_reclaimed and job.run.phase is Phase.ENDED and job.secondary_status in ("Training", "Stopping"):
            self._lose_instances(job, now)
            return True
        if job.run.phase > self._shown_phase(job) and now >= self._earliest_move(job):
            self._show_next_stage(job, job.run, now)
            return True
        return job.run.phase <= Phase.TRAINING and self._reach_limit(job, now)

    def _reach_limit(self, job: JobRecord, now: float) -> bool:
        cause = next((cause for limit, cause in self._limits(job) if now >= limit), None)
        if job.status != "InProgress" or cause is None:
            return False
        self.stop(job, now, cause=cause)
        return True

    def _lose_instances(self, job: JobRecord, now: float) -> None:
        job.seconds_of_earlier_runs = job.seconds_on_instances(now)
        job.run = job.run_started = job.kill_at = None
        job.is_reclaimed = False
        job.interruptions += 1
        if job.status == "InProgress":
            self._enter(job, "Interrupted", now)

    def _look_for_instances(self, job: JobRecord, now: float) -> bool:
        if job.secondary_status != "Interrupted" or now < job.transitions[-1].start + self._options.interrupted:
            return False
        self._enter(job, "Starting", now)
        return True

    def _finds_no_instances(self, job: JobRecord) -> bool:
        return job.is_spot and job.instances[0] in self._options.no_spot_capacity

    def _leave_starting(self, job: JobRecord, now: float) -> bool:
        if job.status == "Stopping":
            self._end(job, "Stopped", job.stop_cause or "Stopped", now)
            return True
        is_due = job.secondary_status == "Starting" and now >= job.transitions[-1].start + self._options.starting
        if not is_due or self._finds_no_instances(job):
            return False
        image = job.request["AlgorithmSpecification"].get("TrainingImage", "")
        if job.forced_failure is not None:
            self._fail(job, job.forced_failure, now)
        elif not is_image_classification(image):
            self._fail(job, explain_refusal(image, self._region), now)
        else:
            job.started = now if job.started is None else job.started
            job.run_started, job.epochs_of_run = now, 0
            job.run = self._launch(job)
            self._enter(job, "Downloading", now)
        return True

    def _show_next_stage(self, job: JobRecord, run: Run, now: float) -> None:
        shown = job.secondary_status
        if shown == "Uploading":
            self._finish(job, run, now)
        elif shown == "Downloading":
            self._enter(job, "Training", now)
        else:
            self._enter(job, "Uploading", now)

    def _finish(self, job: JobRecord, run: Run, now: float) -> None:
        if job.stop_cause is not None:
            self._end(job, "Stopped", job.stop_cause, now)
        elif run.failure is not None:
            self._fail(job, run.failure, now)
        else:
            self._end(job, "Completed", "Completed", now)

    def _fail(self, job: JobRecord, reason: str, now: float) -> None:
        job.failure_reason = reason[:1024]
        self._end(job, "Failed", "Failed", now)

    def _end(self, job: JobRecord, status: str, secondary_status: str, now: float) -> None:
        job.status, job.ended = status, now
        self._enter(job, secondary_status, now)

    def _enter(self, job: JobRecord, secondary_status: str, now: float) -> None:
        job.enter(secondary_status, now)
        self._changed(job)

    def _shown_phase(self, job: JobRecord) -> Phase:
        # A job that is stopping shows no stage of its own until its artifact is uploaded.
        return _STAGES.get(job.secondary_status, Phase.TRAINING)

    def _earliest_move(self, job: JobRecord) -> float:
        least = {"Downloading": self._options.downloading, "Uploading": self._options.uploading}
        return job.transitions[-1].start + least.get(job.secondary_status, 0.0)

    def _limits(self, job: JobRecord) -> list[tuple[float, str]]:
        """Give the times at which a job is stopped, each with the secondary status in which it then ends."""
        stopping, limits = job.request["StoppingCondition"], []
        if job.run_started is not None:
            left = stopping["MaxRuntimeInSeconds"] - job.seconds_of_earlier_runs
            limits.append((float(job.run_started + left), "MaxRuntimeExceeded"))
        if job.is_spot:  # waiting and training
            limits.append((float(job.created + stopping["MaxWaitTimeInSeconds"]), "MaxWaitTimeExceeded"))
        return limits
