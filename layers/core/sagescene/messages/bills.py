"""What people read of a training job's cost, before it and after."""

from sagescene.costs import Bill, show
from sagescene.grammar import count
from sagescene.preflight.estimate import Estimate


def tell_estimate(estimate: Estimate | None) -> str:
    """Say in one line what a job may cost that is still to be started; nothing where no prices were given."""
    return f"Cost: {estimate}.\n" if estimate else ""


def tell_bill(bill: Bill | None) -> str:
    """Say in one line what a job is paid for, and in dollars where there is a price; nothing where nothing is paid."""
    if bill is None or not bill.instance_type:
        return ""
    instances = f"{count(bill.instance_count, 'instance')} of {bill.instance_type}"
    cost = "" if bill.cost is None else f": {show(bill.cost)}"
    saved = f" Spot instances saved {bill.saving_in_percent} %." if bill.saving_in_percent else ""
    return f"SageMaker bills {count(bill.billable_seconds, 'second')} of {instances}{cost}.{saved}\n"
