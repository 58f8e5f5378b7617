"""What became of a job, as it is kept and counted."""

from typing import Any

from sagescene.costs import Bill, as_number
from sagescene.jobs.failures import Failure
from sagescene.messages.notices import Notice
from sagescene.observability import count, count_by, measure
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
        **({"notice": notice.as_json()} if notice else {}),
    }


def count_failure(failure: Failure) -> None:
    """Count a job that left no model, by its cause."""
    count("TrainingFailed")
    count_by("TrainingFailed", "cause", failure.cause)


def count_bill(bill: Bill) -> None:
    """Count what SageMaker bills for a job: the seconds of all its instances, and its cost where that is known."""
    measure("BillableSeconds", bill.billable_seconds * bill.instance_count, "Seconds")
    if bill.cost is not None:
        measure("JobCostUSD", as_number(bill.cost), "None")
