"""What the jobs of a stack cost, by month and data set, as their outcomes keep it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from sagescene import keys
from sagescene.aws import Cloud
from sagescene.costs import Bill, Prices, as_number, show
from sagescene.dataset import StoredObject
from sagescene.foreign_text import printable
from sagescene.grammar import count
from sagescene_command.following.documents import reading
from sagescene_command.parallel import map_in_order

_AT_ONCE = 8  # outcomes that are read at one time
_SECONDS_OF_AN_HOUR = 3600
_HEADINGS = ("month", "data set", "jobs", "hours", "cost", "saved by Spot")
_ALL = "(all)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledJob:
    """A job that has ended and is paid for; `month` (UTC, as `2026-11`) is that in which it was created."""

    name: str
    data_set: str
    month: str
    bill: Bill


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfSet:
    """What the jobs of a data set, or of all where that is empty, cost in a month.

    `billable_seconds` and `training_seconds` are those of all instances together. `cost`, in dollars, leaves out
    `without_price`: jobs of whose type no price was known, neither when they ended nor now.
    """

    month: str
    data_set: str
    jobs: int
    billable_seconds: int
    training_seconds: int
    cost: Decimal
    without_price: int

    @classmethod
    def of(cls, month: str, data_set: str, jobs: Sequence[BilledJob]) -> Self:
        """Add up some jobs."""
        bills = [job.bill for job in jobs]
        return cls(
            month=month,
            data_set=data_set,
            jobs=len(bills),
            billable_seconds=sum(bill.billable_seconds * bill.instance_count for bill in bills),
            training_seconds=sum(
                max(bill.training_seconds, bill.billable_seconds) * bill.instance_count for bill in bills
            ),
            cost=sum((bill.cost for bill in bills if bill.cost is not None), Decimal(0)),
            without_price=sum(bill.cost is None for bill in bills),
        )

    @property
    def saving_in_percent(self) -> int:
        """Give what Spot instances saved of all the time trained."""
        return round(100 * (1 - self.billable_seconds / self.training_seconds))

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values; without a cost where no job has one."""
        return {
            "month": self.month,
            **({"data_set": self.data_set} if self.data_set else {}),
            "jobs": self.jobs,
            "billable_seconds": self.billable_seconds,
            "saving_percent": self.saving_in_percent,
            "jobs_without_price": self.without_price,
            **({} if self.without_price == self.jobs else {"cost_usd": as_number(self.cost)}),
        }


def read_billed(cloud: Cloud, bucket: str, prices: Prices) -> list[BilledJob]:
    """Read every job that has ended, as long as its outcome is kept; a job without a cost gets it by these prices.

    A job whose outcome an earlier version wrote, or whose model is still to be made, is asked for.
    """
    found: dict[str, StoredObject] = {}
    for stored in cloud.list_objects(bucket, keys.OUTCOMES):  # in order: an outcome before the mark beside it
        if job := keys.job_of_outcome(stored.key):
            found.setdefault(job, stored)

    def read(item: tuple[str, StoredObject]) -> BilledJob | None:
        name, stored = item
        content = b"".join(cloud.read(bucket, stored))
        with reading(f"s3://{bucket}/{stored.key}"):
            outcome = json.loads(content)
            data_set, kept = outcome["data_set"], Bill.from_json(outcome["bill"]) if "bill" in outcome else None
        bill = kept or _ask(cloud, name)
        month = keys.day_of_outcome(stored.key).rpartition("-")[0]
        if bill is None:
            return None
        return BilledJob(name=name, data_set=data_set, month=month, bill=bill.priced(prices))

    return [billed for _, billed in map_in_order(read, found.items(), _AT_ONCE) if billed]


def _ask(cloud: Cloud, name: str) -> Bill | None:
    job = cloud.describe_training_job(name)
    return job.bill({}) if job else None


def add_up(jobs: Iterable[BilledJob]) -> list[MonthOfSet]:
    """Give the costs of each data set, month by month."""
    by_set: defaultdict[tuple[str, str], list[BilledJob]] = defaultdict(list)
    for job in jobs:
        by_set[job.month, job.data_set].append(job)
    return [MonthOfSet.of(*key, of_set) for key, of_set in sorted(by_set.items())]


def add_up_months(jobs: Iterable[BilledJob]) -> list[MonthOfSet]:
    """Give the costs of all data sets together, month by month."""
    by_month: defaultdict[str, list[BilledJob]] = defaultdict(list)
    for job in jobs:
        by_month[job.month].append(job)
    return [MonthOfSet.of(month, "", of_month) for month, of_month in sorted(by_month.items())]


def tell_costs(sets: Sequence[MonthOfSet], months: Iterable[MonthOfSet]) -> Iterator[str]:
    """Give a line a data set and month, one for all of a month that has several, and what is not in the sums."""
    lines: list[tuple[str, ...]] = [_HEADINGS]
    for total in months:
        of_month = [each for each in sets if each.month == total.month]
        lines += [_tell(each) for each in [*of_month, *([total] if len(of_month) > 1 else [])]]
    widths = [max(len(row[column]) for row in lines) for column in range(len(_HEADINGS))]
    for row in lines:
        yield printable("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    if without := sum(each.without_price for each in sets):
        yield (
            f"Not in these costs: {count(without, 'job')} on instance types without a price. Deploy with their prices "
            "in HourlyPriceUSD."
        )


def _tell(of: MonthOfSet) -> tuple[str, ...]:
    return (
        of.month,
        of.data_set or _ALL,
        f"{of.jobs:,}",
        f"{of.billable_seconds / _SECONDS_OF_AN_HOUR:,.2f}",
        "not known" if of.without_price == of.jobs else show(of.cost),
        f"{of.saving_in_percent} %" if of.saving_in_percent else "",
    )
