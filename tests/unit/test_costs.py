"""Dollars: prices as they are given, costs as they are computed and said."""

from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene.costs import Bill, Ceiling, compute, read_prices, show

BILL = Bill(instance_type="ml.g4dn.xlarge", instance_count=2, billable_seconds=900, training_seconds=3000)


def test_prices_are_read_by_type() -> None:
    prices = read_prices("ml.g4dn.xlarge=0.736,ml.p3.2xlarge=3.825")
    assert prices == {"ml.g4dn.xlarge": Decimal("0.736"), "ml.p3.2xlarge": Decimal("3.825")}
    assert read_prices("") == {}


@pytest.mark.parametrize("text", ["ml.g4dn.xlarge=2,ml.g4dn.xlarge=10", "ml.g4dn.xlarge=10,ml.g4dn.xlarge=2"])
def test_of_two_prices_of_a_type_the_dearer_counts(text: str) -> None:
    assert read_prices(text) == {"ml.g4dn.xlarge": 10}


def test_every_instance_is_paid_for_by_the_second() -> None:
    assert compute(Decimal("0.72"), 1, 3600) == Decimal("0.72")
    assert compute(Decimal("0.72"), 3, 50) == Decimal("0.03")


@pytest.mark.parametrize(
    ("dollars", "said"),
    [
        ("0", "$0.00"),
        ("0.0001", "less than $0.01"),
        ("0.0099", "less than $0.01"),
        ("0.01", "$0.01"),
        ("1.234", "$1.23"),
        ("1.235", "$1.24"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_dollars_are_said_in_cents(dollars: str, said: str) -> None:
    assert show(Decimal(dollars)) == said


def test_the_ceiling_is_that_of_the_dearest_type_and_is_rounded_up() -> None:
    prices = read_prices("ml.g4dn.xlarge=0.7361,ml.g5.xlarge=0.5,ml.p3.2xlarge=9")
    ceiling = Ceiling.of(prices, ("ml.g5.xlarge", "ml.g4dn.xlarge", "ml.g5.2xlarge"), 2, 3600)
    assert ceiling
    assert (ceiling.instance_type, ceiling.cost, str(ceiling)) == ("ml.g4dn.xlarge", Decimal("1.4722"), "$1.48")
    assert Ceiling.of(prices, ("ml.g5.2xlarge",), 2, 3600) is None


@given(
    price=st.decimals("0.01", "50", places=4),
    count=st.integers(1, 20),
    most=st.decimals("0.01", "9999", places=2),
)
def test_what_fits_within_a_limit_does_and_a_second_more_does_not(price: Decimal, count: int, most: Decimal) -> None:
    ceiling = Ceiling(instance_type="t", price=price, instance_count=count, seconds=0)
    seconds = ceiling.seconds_within(most)
    assert compute(price, count, seconds) <= most < compute(price, count, seconds + 1)


@given(st.lists(st.decimals("0", "99999", places=4), min_size=2, max_size=9))
def test_a_larger_sum_is_never_said_to_be_less(sums: list[Decimal]) -> None:
    said = [show(dollars, ROUND_CEILING) for dollars in sorted(sums) if dollars >= Decimal("0.01")]
    assert all(
        Decimal(a.strip("$").replace(",", "")) <= Decimal(b.strip("$").replace(",", "")) for a, b in pairwise(said)
    )


def test_a_bill_has_a_cost_where_its_type_has_a_price() -> None:
    assert BILL.priced({"ml.g5.xlarge": Decimal(1)}).cost is None
    priced = BILL.priced({"ml.g4dn.xlarge": Decimal("0.736")})
    assert priced.cost == Decimal("0.368")
    assert priced.priced({"ml.g4dn.xlarge": Decimal(9)}).cost == Decimal("0.368")


@pytest.mark.parametrize(
    ("billable", "training", "percent"), [(900, 3000, 70), (3000, 3000, 0), (90, 0, 0), (0, 90, 0)]
)
def test_spot_saves_what_sagemakers_formula_says(billable: int, training: int, percent: int) -> None:
    bill = Bill(instance_type="t", instance_count=1, billable_seconds=billable, training_seconds=training)
    assert bill.saving_in_percent == percent


@pytest.mark.parametrize("prices", [{}, {"ml.g4dn.xlarge": Decimal("0.736")}])
def test_a_bill_is_kept_and_read(prices: dict[str, Decimal]) -> None:
    bill = BILL.priced(prices)
    assert Bill.from_json(bill.as_json()) == bill
