"""What a job may cost, held against the most that its stack pays for one."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sagescene.costs import read_prices
from sagescene.finding_codes import Code
from sagescene.preflight.cost_limit import find_cost_above_limit
from sagescene.preflight.estimate import Estimate, LastRun
from sagescene.preflight.examination import conditions_of
from sagescene.preflight.report import Conditions
from sagescene.settings import StartSettings
from tests.stack_template import environment_of
from tests.unit.preflight.test_storage import DATA_SET

TYPES = ("ml.g4dn.xlarge", "ml.p3.2xlarge")
PRICES = "ml.g4dn.xlarge=0.736,ml.p3.2xlarge=3.825"


def estimate(prices: str = PRICES, count: int = 1, seconds: int = 36_000) -> Estimate:
    return Estimate.of(read_prices(prices), TYPES, count, seconds)


def test_a_job_that_may_cost_too_much_is_told_the_sum_and_what_fits() -> None:
    (finding,) = find_cost_above_limit(estimate(count=2), Decimal(20))
    assert finding.code is Code.COST_ABOVE_LIMIT
    assert finding.message == (
        "The job may cost up to $76.50, for 10 hours of 2 instances of ml.p3.2xlarge at $3.825 an hour, but this stack "
        "pays $20.00 at most."
    )
    assert finding.remedy == (
        "Deploy with a MaxRuntimeInSeconds of 9411 or less and as few epochs as fit in it, cheaper InstanceTypes, or a "
        "higher MaxJobCostUSD."
    )
    assert not list(find_cost_above_limit(estimate(count=2, seconds=9411), Decimal(20)))
    assert list(find_cost_above_limit(estimate(count=2, seconds=9412), Decimal(20)))


def test_a_time_that_no_stack_may_have_is_no_remedy() -> None:
    (finding,) = find_cost_above_limit(estimate(), Decimal("0.05"))
    assert finding.remedy == "Deploy with cheaper InstanceTypes, or a higher MaxJobCostUSD."


@pytest.mark.parametrize(("most", "found"), [("38.25", 0), ("38.24", 1), ("0", 0)])
def test_the_limit_itself_is_paid_and_none_holds_nobody(most: str, found: int) -> None:
    assert len(list(find_cost_above_limit(estimate(), Decimal(most)))) == found


def test_a_limit_that_cannot_be_held_does_not_pass_in_silence() -> None:
    (finding,) = find_cost_above_limit(estimate("ml.g4dn.xlarge=0.736"), Decimal(10))
    assert finding.code is Code.COST_UNKNOWN
    assert finding.message == (
        "This stack pays $10.00 for a job at most, but what an hour of ml.p3.2xlarge costs is not known."
    )
    assert finding.remedy == (
        "Deploy with the price of ml.p3.2xlarge in HourlyPriceUSD, without it in InstanceTypes, or with "
        "MaxJobCostUSD=0."
    )
    found = find_cost_above_limit(estimate(""), Decimal(10))
    assert [finding.code for finding in found] == [Code.COST_UNKNOWN]
    assert not list(find_cost_above_limit(estimate(""), Decimal(0)))


@pytest.mark.parametrize(
    ("prices", "last", "said"),
    [
        (PRICES, None, "at most $38.25 (time limit)"),
        (PRICES, "0.312", "at most $38.25 (time limit), about $0.31 by the last run of this set"),
        (PRICES, "0.001", "at most $38.25 (time limit), less than $0.01 by the last run of this set"),
        ("ml.g4dn.xlarge=0.736", None, "at most $7.36 (time limit); HourlyPriceUSD has no price of ml.p3.2xlarge"),
        ("ml.g5.xlarge=1", None, "HourlyPriceUSD has no price of ml.g4dn.xlarge, ml.p3.2xlarge"),
    ],
)
def test_an_estimate_is_one_line(prices: str, last: str | None, said: str) -> None:
    run = LastRun(job="j", cost=Decimal(last)) if last else None
    assert str(replace(estimate(prices), last_run=run)) == said


def test_the_stacks_parameters_decide() -> None:
    chosen = {"InstanceTypes": ",".join(TYPES), "HourlyPriceUSD": PRICES, "MaxJobCostUSD": "7.50", "InstanceCount": "2"}
    environment = environment_of("StartTrainingFunction", **chosen, MaxRuntimeInSeconds="36000")
    conditions = conditions_of(DATA_SET, StartSettings.from_env(environment))
    assert str(conditions.estimate) == "at most $76.50 (time limit)"
    assert conditions.max_job_cost_usd == Decimal("7.5")
    assert Conditions.from_json(conditions.as_json()) == conditions
