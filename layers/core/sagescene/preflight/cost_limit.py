"""Whether a job may cost more than the stack pays for one."""

from collections.abc import Iterator
from decimal import Decimal

from sagescene.costs import show
from sagescene.finding_codes import Code
from sagescene.findings import Finding
from sagescene.grammar import count
from sagescene.preflight.estimate import Estimate

_SHORTEST_IN_SECONDS = 60  # the least that template.yaml takes as MaxRuntimeInSeconds


def find_cost_above_limit(estimate: Estimate, max_job_cost: Decimal) -> Iterator[Finding]:
    """Find that a job may cost more than that, in dollars, or that nobody can say so; 0 is no limit."""
    if not max_job_cost:
        return
    if names := ", ".join(estimate.without_price):
        yield Code.COST_UNKNOWN.found(
            file="",
            message=f"This stack pays {show(max_job_cost)} for a job at most, but what an hour of {names} costs is not "
            "known.",
            remedy=f"Deploy with the price of {names} in HourlyPriceUSD, without it in InstanceTypes, or with "
            "MaxJobCostUSD=0.",
        )
    ceiling = estimate.ceiling
    if ceiling is None or ceiling.cost <= max_job_cost:
        return
    seconds = ceiling.seconds_within(max_job_cost)
    shorter = f"a MaxRuntimeInSeconds of {seconds} or less and as few epochs as fit in it, "
    yield Code.COST_ABOVE_LIMIT.found(
        file="",
        message=f"The job may cost up to {ceiling}, for {ceiling.seconds / 3600:,.4g} hours of "
        f"{count(ceiling.instance_count, 'instance')} of {ceiling.instance_type} at ${ceiling.price} an hour, but this "
        f"stack pays {show(max_job_cost)} at most.",
        remedy=f"Deploy with {shorter if seconds >= _SHORTEST_IN_SECONDS else ''}cheaper InstanceTypes, or a higher "
        "MaxJobCostUSD.",
    )
