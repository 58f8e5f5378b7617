"""What became of a job, as it is kept and counted."""

from typing import Any

from sagescene.jobs.failures import Failure
from sagescene.messages import notices
from sagescene.messages.notices import Notice
from sagescene.observability import count, count_by
from sagescene.workflow.context import Context
from sagescene.workflow.steps import Decision


def describe(
    job: str,
    status: str,
    data_set: str,
    decision: Decision,
    failure: Failure | None,
    notice: Notice | None,
    context: Context,
) -> dict[str, Any]:
    """Give what became of a job as it is kept: `status` is SageMaker's, or NotStarted."""
    return {
        "job": job,
        "status": status,
        "data_set": data_set,
        "written": context.now.isoformat(),
        **decision.as_json(),
        **({"failure": failure.as_json()} if failure else {}),
        **({"notice": notices.as_json(notice)} if notice else {}),
    }


def count_failure(failure: Failure) -> None:
    """Count a job that left no model, by its cause."""
    count("TrainingFailed")
    count_by("TrainingFailed", "cause", failure.cause)
