"""What a job may cost, as it is said before anything is paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Self

from sagescene.costs import Bill, Ceiling, Prices, as_number, show


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The job that last made a model of the set, and the dollars that it cost by the prices of today."""

    job: str
    cost: Decimal

    @classmethod
    def of(cls, job: str, bill: Bill | None) -> Self | None:
        """Give a job with what it was billed; None where that is not known in dollars."""
        return cls(job=job, cost=bill.cost) if bill and bill.cost is not None else None

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"job": self.job, "cost_usd": as_number(self.cost)}

    @classmethod
    def from_json(cls, run: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave; raises KeyError for something else."""
        return cls(job=run["job"], cost=Decimal(str(run["cost_usd"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a job costs at most, None where no type has a price, and about what by the last run of its set, if any.

    `without_price` are the types that the job may run on, too, and of which nobody gave a price.
    """

    ceiling: Ceiling | None
    without_price: tuple[str, ...] = ()
    last_run: LastRun | None = None

    @classmethod
    def of(cls, prices: Prices, instance_types: Sequence[str], instance_count: int, seconds: int) -> Self:
        """Give what so many instances of either of these types cost at most in this time."""
        return cls(
            ceiling=Ceiling.of(prices, instance_types, instance_count, seconds),
            without_price=tuple(name for name in instance_types if name not in prices),
        )

    def __str__(self) -> str:
        """Give it for people, such as `at most $17.67 (time limit), about $0.31 by the last run of this set`."""
        said = [f"at most {self.ceiling} (time limit)"] if self.ceiling else []
        if self.last_run:
            cost = show(self.last_run.cost)
            said.append(f"{cost if cost.startswith('less') else f'about {cost}'} by the last run of this set")
        names = ", ".join(self.without_price)
        unknown = f"HourlyPriceUSD has no price of {names}" if names else ""
        return "; ".join(filter(None, (", ".join(said), unknown)))

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        ceiling = self.ceiling
        at_most = (
            {
                "at_most_usd": float(ceiling.cost.quantize(Decimal("0.01"), ROUND_CEILING)),
                "instance_type": ceiling.instance_type,
                "hourly_price_usd": float(ceiling.price),
                "instance_count": ceiling.instance_count,
                "seconds": ceiling.seconds,
            }
            if ceiling
            else {}
        )
        last_run = {"last_run": self.last_run.as_json()} if self.last_run else {}
        return {**at_most, "without_price": list(self.without_price), **last_run}
