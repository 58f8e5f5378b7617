"""What training has cost is added up from what is kept of jobs, whichever version kept it."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError
from click.testing import CliRunner, Result

from sagescene import keys
from sagescene.costs import Bill
from sagescene_command.cli import commands
from sagescene_command.following import stacks
from tests.unit.command.aws_clients import STACK
from tests.unit.workflow.account import Account
from tests.unit.workflow.known import BUCKET, DAY, NOON, SETTINGS, job

PRICES = "ml.g4dn.xlarge=0.72"
BILL = Bill(instance_type="ml.g4dn.xlarge", instance_count=1, billable_seconds=3600, training_seconds=3600)


def outcome(name: str, data_set: str, bill: Bill | None, created: Any = NOON) -> dict[str, bytes]:  # noqa: ANN401
    kept = {"job": name, "data_set": data_set, "status": "Completed", **({"bill": bill.as_json()} if bill else {})}
    return {keys.outcome_key(name, created): json.dumps(kept).encode()}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    cloud = Account()
    monkeypatch.setattr(stacks, "find", lambda _name: replace(STACK, bucket=BUCKET))
    monkeypatch.setattr(stacks, "read_settings", lambda _stack: replace(SETTINGS, hourly_price_usd=PRICES))
    monkeypatch.setattr("sagescene.aws.Cloud", lambda _region: cloud)
    return cloud


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["costs", *arguments])


def read() -> Any:  # noqa: ANN401
    done = ask("--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_costs_are_added_up_by_month_and_data_set(account: Account) -> None:
    dear = replace(BILL, cost=Decimal("2.5"))  # by the price of its time, which stands
    spot = replace(BILL, instance_count=2, billable_seconds=900).priced({"ml.g4dn.xlarge": Decimal("0.72")})
    account.objects = {
        **outcome("a", "pets", dear),
        **outcome("b", "pets", spot, NOON + DAY),
        **outcome("c", "cars", BILL),
        **outcome("d", "pets", BILL, NOON + 30 * DAY),
    }
    pets = {"month": "2026-11", "data_set": "pets", "jobs": 2, "billable_seconds": 5400, "jobs_without_price": 0}
    assert read() == {
        "bucket": BUCKET,
        "data_sets": [
            {**pets, "data_set": "cars", "jobs": 1, "billable_seconds": 3600, "saving_percent": 0, "cost_usd": 0.72},
            {**pets, "saving_percent": 50, "cost_usd": 2.86},
            {**pets, "month": "2026-12", "jobs": 1, "billable_seconds": 3600, "saving_percent": 0, "cost_usd": 0.72},
        ],
        "months": [
            {
                "month": "2026-11",
                "jobs": 3,
                "billable_seconds": 9000,
                "saving_percent": 38,
                "jobs_without_price": 0,
                "cost_usd": 3.58,
            },
            {
                "month": "2026-12",
                "jobs": 1,
                "billable_seconds": 3600,
                "saving_percent": 0,
                "jobs_without_price": 0,
                "cost_usd": 0.72,
            },
        ],
    }
    assert ask().output.splitlines() == [
        "month    data set  jobs  hours  cost   saved by Spot",
        "2026-11  cars      1     1.00   $0.72",
        "2026-11  pets      2     1.50   $2.86  50 %",
        "2026-11  (all)     3     2.50   $3.58  38 %",
        "2026-12  pets      1     1.00   $0.72",
    ]
    assert set(account.operations) == {"list", "read"}
    assert account.operations.count("list") == 2  # of two commands


def test_a_job_is_asked_for_where_its_outcome_has_no_bill_or_is_still_to_come(account: Account) -> None:
    names = ("former", "unfinished", "told", "unbilled")
    account.jobs = {name: job(name=name, billed_seconds=3600, training_seconds=3600) for name in names}
    account.jobs["unbilled"] = job(name="unbilled")
    mark = json.dumps({"job": "unfinished", "data_set": "pets"}).encode()
    account.objects = {
        **outcome("former", "pets", None),
        **outcome("gone", "pets", None),
        **outcome("unbilled", "pets", None),
        keys.unfinished_key("unfinished", NOON): mark,
        **outcome("told", "pets", BILL),
        keys.unfinished_key("told", NOON): mark,
        keys.awaited_key("told", NOON): b"{}",
        keys.told_key("told", NOON): b"{}",
        keys.asked_key("told", NOON): b"{}",
        keys.not_started_key("never", NOON): b"{}",
    }
    (pets,) = read()["data_sets"]
    assert (pets["jobs"], pets["cost_usd"]) == (3, 2.16)
    assert sorted(account.about("describe")) == ["former", "gone", "unbilled", "unfinished"]


def test_what_has_no_price_is_in_no_sum_and_said_so(account: Account) -> None:
    other = replace(BILL, instance_type="ml.p3.2xlarge")
    account.objects = {**outcome("a", "pets", other), **outcome("b", "cars", other), **outcome("c", "cars", BILL)}
    assert ask().output.splitlines() == [
        "month    data set  jobs  hours  cost       saved by Spot",
        "2026-11  cars      2     2.00   $0.72",
        "2026-11  pets      1     1.00   not known",
        "2026-11  (all)     3     3.00   $0.72",
        "Not in these costs: 2 jobs on instance types without a price. Deploy with their prices in HourlyPriceUSD.",
    ]
    cars, pets = read()["data_sets"]
    assert (cars["cost_usd"], cars["jobs_without_price"]) == (0.72, 1)
    assert "cost_usd" not in pets


@pytest.mark.usefixtures("account")
def test_without_a_job_there_is_no_table() -> None:
    assert ask().output == f"s3://{BUCKET} keeps no outcome of a job that is paid for.\n"
    assert read() == {"bucket": BUCKET, "data_sets": [], "months": []}


@pytest.mark.parametrize("newer", [{"data_set": "pets", "bill": {"hours": 1}}, {"data": "pets"}, []])
def test_an_outcome_that_only_a_newer_command_reads_is_told(account: Account, newer: object) -> None:
    key = keys.outcome_key("a", NOON)
    account.objects = {key: json.dumps(newer).encode()}
    done = ask()
    told = f"Error: The stack is newer than this command, which cannot read s3://{BUCKET}/{key}: update the command"
    assert done.exit_code == 3
    assert done.output.startswith(told)


def test_what_aws_refuses_is_said(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(account, "list_objects", fail)
    done = ask()
    assert done.exit_code == 3
    assert "log in" in done.output
