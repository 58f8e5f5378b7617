"""What training jobs cost, by the prices that whoever deploys gives: US dollars, never a price that is guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Self

type Prices = Mapping[str, Decimal]  # of an hour of one instance, by its type

_CENT, _KEPT = Decimal("0.01"), Decimal("0.0001")
_SECONDS_OF_AN_HOUR = 3600


def read_prices(text: str) -> dict[str, Decimal]:
    """Read HourlyPriceUSD: `ml.g4dn.xlarge=1.00,ml.g5.xlarge=2.00`; of a type that is named twice the dearer price."""
    pairs = (entry.strip().split("=") for entry in text.split(",") if entry.strip())
    return dict(sorted((name, Decimal(price)) for name, price in pairs))


def compute(price: Decimal, instance_count: int, seconds: int) -> Decimal:
    """Give what so many instances cost that are paid for so many seconds each.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html, BillableTimeInSeconds
    """
    return price * instance_count * seconds / _SECONDS_OF_AN_HOUR


def show(dollars: Decimal, rounding: str = ROUND_HALF_UP) -> str:
    """Give dollars for people: `$1,234.50`, and what is no cent in words."""
    return "less than $0.01" if 0 < dollars < _CENT else f"${dollars.quantize(_CENT, rounding):,}"


def as_number(dollars: Decimal) -> float:
    """Give dollars as they are kept in JSON: to a hundredth of a cent, so that sums of small jobs stay right."""
    return float(dollars.quantize(_KEPT, ROUND_HALF_UP))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What a job costs at most: each instance for as long as it may run, on the dearest of the types with a price.

    The limit of time holds for all attempts of a job together, and with Spot instances it costs no more:
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
    """

    instance_type: str
    price: Decimal
    instance_count: int
    seconds: int

    @classmethod
    def of(cls, prices: Prices, instance_types: Sequence[str], instance_count: int, seconds: int) -> Self | None:
        """Give the ceiling of a job on whichever of these types there is capacity of; None where none has a price."""
        priced = [name for name in instance_types if name in prices]
        if not priced:
            return None
        dearest = max(priced, key=lambda name: prices[name])
        return cls(instance_type=dearest, price=prices[dearest], instance_count=instance_count, seconds=seconds)

    @property
    def cost(self) -> Decimal:
        """Give the dollars."""
        return compute(self.price, self.instance_count, self.seconds)

    def seconds_within(self, most: Decimal) -> int:
        """Give the longest time for which a job costs no more than that."""
        return int(most * _SECONDS_OF_AN_HOUR / (self.price * self.instance_count))

    def __str__(self) -> str:
        """Give the dollars for people, rounded up: a job never costs more than is said."""
        return show(self.cost, ROUND_CEILING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What SageMaker bills for a job: seconds of each instance; `cost` is None where the type has no price."""

    instance_type: str
    instance_count: int
    billable_seconds: int
    training_seconds: int
    cost: Decimal | None = None

    @property
    def saving_in_percent(self) -> int:
        """Give what Spot instances saved, by SageMaker's own formula; 0 for a job on demand.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
        """
        if not 0 < self.billable_seconds < self.training_seconds:
            return 0
        return round(100 * (1 - self.billable_seconds / self.training_seconds))

    def priced(self, prices: Prices) -> Self:
        """Give the bill with its cost by these prices, unless it has one."""
        price = prices.get(self.instance_type)
        if self.cost is not None or price is None:
            return self
        return replace(self, cost=compute(price, self.instance_count, self.billable_seconds))

    def as_json(self) -> dict[str, Any]:
        """Give the bill as it is kept in an outcome."""
        return {
            "instance_type": self.instance_type,
            "instance_count": self.instance_count,
            "billable_seconds": self.billable_seconds,
            "training_seconds": self.training_seconds,
            "saving_percent": self.saving_in_percent,
            **({} if self.cost is None else {"cost_usd": as_number(self.cost)}),
        }

    @classmethod
    def from_json(cls, bill: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError for something else."""
        return cls(
            instance_type=bill["instance_type"],
            instance_count=bill["instance_count"],
            billable_seconds=bill["billable_seconds"],
            training_seconds=bill["training_seconds"],
            cost=Decimal(str(bill["cost_usd"])) if "cost_usd" in bill else None,
        )
