"""What is found before the first drop, how it is mended, and the exit status of the first fault."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from sagescene.settings import StartSettings
from sagescene_command.cli import commands
from sagescene_command.following import account, deployed_stack, doctor, stacks
from sagescene_command.following.doctor import EXIT_STATUS, Diagnosis, Health
from sagescene_command.stack_settings import read_settings
from tests.unit.command.aws_clients import STACK, Clients

KEY = "arn:aws:kms:us-east-1:123456789012:key/k"
BUDGET = {
    "BudgetName": "vision",
    "BudgetType": "COST",
    "BudgetLimit": {"Amount": "100.0", "Unit": "USD"},
    "CostFilters": {"TagKeyValue": ["user:team$vision"]},
    "CalculatedSpend": {"ActualSpend": {"Amount": "99.5", "Unit": "USD"}},
}
SPENT_UP = {"CalculatedSpend": {"ActualSpend": {"Amount": "100.01", "Unit": "USD"}}}
SAGEMAKER = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_a_region_without_the_image_is_a_fault_with_those_that_have_it() -> None:
    assert doctor.judge_region("us-east-1").health is Health.OK
    diagnosis = doctor.judge_region("us-east-9")
    assert diagnosis.health is Health.FAULT
    assert "us-east-1" in diagnosis.fix


@pytest.mark.parametrize(
    ("quotas", "healths"),
    [
        ({}, [Health.UNKNOWN, Health.UNKNOWN]),
        ({"ml.g5.xlarge": 2.0, "ml.g4dn.xlarge": 2.0}, [Health.OK, Health.OK]),
        ({"ml.g5.xlarge": 1.0, "ml.g4dn.xlarge": 2.0}, [Health.WARNING, Health.OK]),
        ({"ml.g5.xlarge": 1.0}, [Health.WARNING, Health.UNKNOWN]),
        ({"ml.g5.xlarge": 2.0}, [Health.OK, Health.UNKNOWN]),
        ({"ml.g5.xlarge": 1.0, "ml.g4dn.xlarge": 0.0}, [Health.FAULT, Health.FAULT]),
    ],
)
def test_a_quota_is_a_fault_where_no_type_has_enough(quotas: dict[str, float], healths: list[Health]) -> None:
    settings = replace(read_settings({}), instance_types=("ml.g5.xlarge", "ml.g4dn.xlarge"), instance_count=2)
    named = {f"{name} for training job usage": value for name, value in quotas.items()}
    others = {"ml.g5.xlarge for endpoint usage": 0.0, "ml.g5.xlarge for spot training job usage": 0.0}
    found = doctor.judge_quotas(settings, named | others)
    assert [one.health for one in found] == healths
    assert [bool(one.fix) for one in found] == [health is not Health.OK for health in healths]


def test_spot_instances_have_a_quota_of_their_own() -> None:
    settings = read_settings({"ManagedSpotTraining": "yes"})
    quotas = {"ml.g4dn.xlarge for training job usage": 4.0, "ml.g4dn.xlarge for spot training job usage": 0.0}
    (found,) = doctor.judge_quotas(settings, quotas)
    assert found.health is Health.FAULT
    assert found.says == "ml.g4dn.xlarge for spot training job usage: 0, and a job uses 1"


@pytest.mark.parametrize(
    ("applied", "default", "read"),
    [
        ({"a": 0.0}, {}, {"a": 0.0}),
        ({"a": 2.0, "b": 2.0}, None, {"a": 2.0, "b": 2.0}),  # nothing lacks, so nothing else is asked for
        ({"a": 2.0}, {"a": 0.0, "b": 0.0}, {"a": 2.0, "b": 0.0}),
        ({}, {"b": 1.0}, {"b": 1.0}),
    ],
)
def test_a_quota_that_has_but_its_default_value_is_read_among_the_defaults(
    applied: dict[str, float],
    default: dict[str, float] | None,
    read: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stub = Clients(monkeypatch).stubs["service-quotas"]
    for operation, answer in (("list_service_quotas", applied), ("list_aws_default_service_quotas", default)):
        if answer is not None:
            quotas = [{"QuotaName": name, "Value": value} for name, value in answer.items()]
            stub.add_response(operation, {"Quotas": quotas}, {"ServiceCode": "sagemaker"})
    with stub:
        assert account.read_quotas(["a", "b"]) == read
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("statement", "health"),
    [
        (SAGEMAKER, Health.OK),
        (SAGEMAKER | {"Principal": {"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]}}, Health.OK),
        (SAGEMAKER | {"Action": ["sts:AssumeRole", "sts:TagSession"]}, Health.OK),
        (SAGEMAKER | {"Effect": "Deny"}, Health.FAULT),
        (SAGEMAKER | {"Action": "sts:TagSession"}, Health.FAULT),
        (SAGEMAKER | {"Principal": {"Service": "lambda.amazonaws.com"}}, Health.FAULT),
        (SAGEMAKER | {"Principal": "*"}, Health.FAULT),
    ],
)
def test_a_role_is_to_trust_sagemaker(statement: dict[str, Any], health: Health) -> None:
    for statements in (statement, [statement]):
        assert doctor.judge_trust("role", {"Statement": statements}).health is health


@pytest.mark.parametrize(
    ("arns", "health"),
    [
        ([], Health.WARNING),
        (["PendingConfirmation"], Health.FAULT),
        (["PendingConfirmation", "arn:aws:sns:x:1:t:1"], Health.OK),
    ],
)
def test_notices_that_only_wait_for_a_confirmation_are_a_fault(arns: list[str], health: Health) -> None:
    assert doctor.judge_subscriptions(arns).health is health


@pytest.mark.parametrize(("state", "health"), [("Enabled", Health.OK), ("PendingDeletion", Health.FAULT)])
def test_a_key_is_to_be_enabled(state: str, health: Health) -> None:
    assert doctor.judge_key(KEY, state).health is health


@pytest.mark.parametrize(
    ("budgets", "health"),
    [
        ([], Health.WARNING),
        ([BUDGET], Health.OK),
        ([BUDGET | SPENT_UP], Health.FAULT),
        ([BUDGET, BUDGET | SPENT_UP | {"BudgetName": "other"}], Health.FAULT),
        ([BUDGET | SPENT_UP | {"CostFilters": {"TagKeyValue": ["user:team$web"]}}], Health.WARNING),
        ([BUDGET | {"CostFilters": {"TagKeyValue": ["user:team$vision"], "Region": ["eu-west-1"]}}], Health.WARNING),
        ([BUDGET | {"CostFilters": {}}], Health.OK),
        ([{**BUDGET, "CostFilters": {}, "FilterExpression": {"Dimensions": {}}}], Health.WARNING),
        ([BUDGET | {"BudgetType": "USAGE"}], Health.WARNING),
        ([{"BudgetName": "planned", "BudgetType": "COST"}], Health.OK),
    ],
)
def test_a_budget_counts_what_the_stack_spends(budgets: list[dict[str, Any]], health: Health) -> None:
    found = doctor.judge_budgets({"team": "vision"}, budgets)
    assert (found.health, bool(found.fix)) == (health, health is not Health.OK)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> StartSettings:
    """Of a stack in whose account all is well."""
    stack = replace(STACK, resources={**STACK.resources, "TrainingRole": "training", "HostingRole": "hosting"})
    settings = replace(read_settings({}), kms_key_arn=KEY)
    answers: dict[str, Callable[..., Any]] = {
        "read_caller": lambda: "arn:me",
        "read_quotas": lambda names: dict.fromkeys(names, 4.0),
        "read_trust": lambda _: {"Statement": [SAGEMAKER]},
        "sends_events": lambda _: True,
        "read_bucket_key": lambda _: "",
        "read_subscriptions": lambda _: ["arn:aws:sns:x:1:t:1"],
        "read_key_state": lambda _: "Enabled",
        "read_budgets": lambda: [BUDGET | {"CostFilters": {}}],
    }
    for name, answer in answers.items():
        monkeypatch.setattr(account, name, answer)
    monkeypatch.setattr(deployed_stack, "find_stack", lambda _: stack)
    monkeypatch.setattr(stacks, "read_settings", lambda _: settings)
    return settings


def examine() -> tuple[int, list[dict[str, str]]]:
    done = CliRunner().invoke(commands, ["doctor", "--stack-name", "sagescene", "--json"])
    return done.exit_code, json.loads(done.output)["diagnoses"]


@pytest.mark.usefixtures("settings")
def test_all_is_looked_at_and_well() -> None:
    status, found = examine()
    assert status == 0
    assert {one["health"] for one in found} == {"ok"}
    assert {one["subject"] for one in found} == EXIT_STATUS.keys()


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("reading", "answer", "status"),
    [
        ("read_quotas", {"ml.g4dn.xlarge for training job usage": 0.0}, 12),
        ("read_trust", {"Statement": []}, 13),
        ("sends_events", False, 14),
        ("read_subscriptions", ["PendingConfirmation"], 15),
        ("read_key_state", "Disabled", 16),
        ("read_budgets", [BUDGET | SPENT_UP | {"CostFilters": {}}], 17),
    ],
)
def test_each_fault_has_its_exit_status_and_its_fix(
    reading: str, answer: object, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, reading, lambda *_: answer)
    exit_code, found = examine()
    assert exit_code == status
    assert all(one["fix"] for one in found if one["health"] == "fault")
    told = CliRunner().invoke(commands, ["doctor", "--stack-name", "sagescene"]).output
    assert all(one["fix"] in told for one in found)


@pytest.mark.parametrize(
    ("key", "stacks_key", "status"),
    [(KEY, "", 14), (KEY, f"{KEY}2", 14), (KEY, KEY, 0), ("k", KEY, 0), ("alias/aws/s3", "", 0), ("", "", 0)],
)
def test_a_bucket_whose_key_the_stack_may_not_use_is_a_fault(
    key: str, stacks_key: str, status: int, settings: StartSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks, "read_settings", lambda _: replace(settings, kms_key_arn=stacks_key))
    monkeypatch.setattr(account, "read_bucket_key", lambda _: key)
    assert examine()[0] == status


@pytest.mark.parametrize(
    ("named", "key", "asked"),
    [
        ("arn:aws:kms:us-east-1:123456789012:alias/team", KEY, True),
        ("alias/team", KEY, True),
        ("alias/aws/s3", "alias/aws/s3", False),
        (KEY, KEY, False),
        ("k", "k", False),
    ],
)
def test_the_key_of_a_bucket_is_looked_for_behind_its_alias(
    named: str, key: str, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubs = Clients(monkeypatch).stubs
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": named}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]}
    stubs["s3"].add_response("get_bucket_encryption", {"ServerSideEncryptionConfiguration": rules}, {"Bucket": "b"})
    if asked:
        stubs["kms"].add_response("describe_key", {"KeyMetadata": {"KeyId": "k", "Arn": KEY}}, {"KeyId": named})
    with stubs["s3"], stubs["kms"]:
        assert account.read_bucket_key("b") == key
    stubs["kms"].assert_no_pending_responses()


@pytest.mark.usefixtures("settings")
def test_a_bucket_whose_alias_may_not_be_looked_behind_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_bucket: str) -> str:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "DescribeKey")

    monkeypatch.setattr(account, "read_bucket_key", refuse)
    exit_code, found = examine()
    assert exit_code == 0
    assert [one["health"] for one in found if one["subject"] == "bucket"] == ["ok", "unknown"]


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("code", "health", "status"), [("AccessDenied", "unknown", 0), ("NotFoundException", "fault", 16)]
)
def test_what_may_not_be_looked_at_is_unknown_and_a_key_that_is_not_there_a_fault(
    code: str, health: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_key: str) -> str:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "DescribeKey")

    monkeypatch.setattr(account, "read_key_state", refuse)
    exit_code, found = examine()
    of_key = next(one for one in found if one["subject"] == "key")
    assert (exit_code, of_key["health"]) == (status, health)
    assert of_key["fix"]


@pytest.mark.usefixtures("settings")
def test_an_account_without_a_budget_is_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ClientError({"Error": {"Code": "NotFoundException", "Message": ""}}, "DescribeBudgets")

    monkeypatch.setattr(account, "read_budgets", refuse)
    exit_code, found = examine()
    assert (exit_code, found[-1]["subject"], found[-1]["health"]) == (0, "budget", "warning")


def test_the_first_fault_decides() -> None:
    found = [
        Diagnosis(subject="quota", health=Health.WARNING, says=""),
        Diagnosis(subject="bucket", health=Health.FAULT, says=""),
        Diagnosis(subject="key", health=Health.FAULT, says=""),
    ]
    assert doctor.exit_status(found) == EXIT_STATUS["bucket"]
