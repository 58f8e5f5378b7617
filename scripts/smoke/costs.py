"""What a smoke test costs at most, and what SageMaker bills for it, both in hours: prices are AWS's to tell."""

from collections.abc import Mapping
from typing import Any

from sagescene.costs import Ceiling
from sagescene.settings import StartSettings

PRICES = "https://aws.amazon.com/sagemaker/ai/pricing/"
_SECONDS_OF_AN_HOUR = 3600


def describe_most(settings: StartSettings) -> str:
    """Say what a job of the stack costs at most.

    SageMaker's limit holds for all attempts of a job together, and an attempt that finds no capacity is not billed:
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
    """
    types, count = settings.instance_types, settings.instance_count
    which = types[0] if len(types) == 1 else f"one of {', '.join(types)}"
    instances = "" if count == 1 else f" on each of {count} instances"
    hours = _count_hours(settings.max_runtime_in_seconds)
    most = Ceiling.of(settings.prices, types, count, settings.max_runtime_in_seconds)
    dollars = f", {most} on {most.instance_type} by its HourlyPriceUSD" if most else ""
    return f"at most {hours} of {which}{instances}, the stack's MaxRuntimeInSeconds{dollars}; prices: {PRICES}"


def describe_bill(job: Mapping[str, Any]) -> str:
    """Say what SageMaker bills for a job as DescribeTrainingJob shows it: its billable time, for each instance."""
    resources = job.get("ResourceConfig", {})
    count, kind = resources.get("InstanceCount", 1), resources.get("InstanceType", "several types")
    if "BillableTimeInSeconds" not in job:
        return f"{job['TrainingJobName']}: SageMaker names no billable time"
    seconds = job["BillableTimeInSeconds"]
    total = seconds * count
    return f"{job['TrainingJobName']}: billed {seconds} s x {count} of {kind} = {total} s, {_count_hours(total)}"


def _count_hours(seconds: int) -> str:
    hours = round(seconds / _SECONDS_OF_AN_HOUR, 3)
    return "1 hour" if hours == 1 else f"{hours:g} hours"
