"""The parts of `make smoke` that need no account: its set, the names it finds things by, what it says of costs."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sagescene import keys
from sagescene.instances import INSTANCE_TYPES
from sagescene.preflight.report import Verdict
from sagescene.settings import StartSettings
from sagescene.workflow import awaited
from sagescene.workflow.awaited import AwaitedNotice
from sagescene.workflow.evaluation_state import EvaluationPhase, EvaluationState
from sagescene_command import check
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.stack_settings import read_settings
from scripts.smoke import costs, names, small_set, watch
from scripts.smoke.account import UnfitError, describe_quotas, describe_subscriptions
from scripts.smoke.registry import Group
from scripts.smoke.watch import Ending, Watch, describe_result, end_by_evaluation, end_by_outcome, end_by_report
from tests.unit.workflow.account import Account
from tests.unit.workflow.known import BUCKET

BEGAN = datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC)
SET = "smoke-20261130-235958"
LONGEST_PREFIX = "x" * 20  # that JobPrefix admits
JOB = {"TrainingJobName": "job", "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 3}}
ONE_OF_EACH_SIZE = {kind.gpus: name for name, kind in INSTANCE_TYPES.items()}.values()


@pytest.fixture
def settings() -> StartSettings:
    """What a stack with the template's own parameters starts jobs with."""
    return read_settings({})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The small set."""
    return small_set.make_set(tmp_path_factory.mktemp("smoke"), SET)


@pytest.mark.parametrize("instance_type", ONE_OF_EACH_SIZE)
def test_the_small_set_suits_every_number_of_gpus_and_gives_nothing_to_warn_of(
    files: tuple[Path, ...], instance_type: str
) -> None:
    examined, _ = check.check(
        str(files[0].parent), {"InstanceTypes": instance_type}, show_progress=lambda _: nullcontext(lambda *_: None)
    )
    assert examined.report.verdict is Verdict.READY
    assert examined.report.findings == ()
    assert examined.report.hyperparameters["epochs"].value == "1"


def test_the_records_are_uploaded_last(files: tuple[Path, ...]) -> None:
    assert [path.name for path in files[-2:]] == [f"{SET}_train.rec", f"{SET}_val.rec"]
    assert {path.name for path in files} > {"training.json", f"{SET}_train.lst"}


def test_a_set_s_name_is_whole_in_the_names_of_its_jobs_under_any_prefix() -> None:
    assert names.name_set(BEGAN) == SET
    job = keys.job_name(LONGEST_PREFIX, SET, "f" * 12, attempt=999)
    assert job.startswith(names.begin_of_jobs(LONGEST_PREFIX, SET))


def test_when_a_smoke_test_began_is_read_from_its_set_and_a_person_s_own_set_is_none() -> None:
    assert names.read_beginning(SET) == BEGAN
    for name in ("pets", "", "smoke", "smoke-20261131-000000", "smoke-20261130-23595", f"{SET}/", f"../{SET}"):
        with pytest.raises(names.NoSmokeTestError):
            names.read_beginning(name)


def test_what_lies_by_day_is_looked_for_under_every_day_on_which_a_job_may_have_been_created() -> None:
    job, jobs = f"x--{SET}--abc", names.begin_of_jobs("x", SET)
    since, until = BEGAN, datetime(2026, 12, 1, tzinfo=UTC)
    outcomes = tuple(names.begins_by_day(keys.OUTCOMES, jobs, since, until))
    evaluations = tuple(names.begins_by_day(keys.EVALUATIONS, jobs, since, until))
    for created in (BEGAN, datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)):
        assert keys.outcome_key(job, created).startswith(outcomes)
        assert keys.not_started_key(job, created).startswith(outcomes)
        assert not keys.outcome_key(f"x--{SET}1--abc", created).startswith(outcomes)
        assert keys.evaluation_state_key(job, created, "0" * 12).startswith(evaluations)
        assert keys.registration_key(job, created).startswith(evaluations)
    assert not keys.outcome_key(job, datetime(2026, 12, 2, tzinfo=UTC)).startswith(outcomes)


def test_only_what_is_the_set_s_own_is_deleted_and_no_outcome() -> None:
    begins = names.begins_of_objects(names.begin_of_jobs("x", SET), SET)
    job = keys.job_name("x", SET, "f" * 12)
    assert keys.report_key(SET, "f" * 12).startswith(begins)
    assert keys.notice_key(SET, "f" * 12, "quota").startswith(begins)
    assert f"{keys.MODELS}{job}/output/model.tar.gz".startswith(begins)
    assert f"{keys.checkpoints_prefix(job)}checkpoint-0001.params".startswith(begins)
    assert not f"datasets/{SET}1/train.rec".startswith(begins)
    assert not f"{keys.MODELS}x--pets--{'f' * 12}/output/model.tar.gz".startswith(begins)
    # Without it the clock would finish the job again.
    assert not keys.outcome_key(job, BEGAN).startswith(begins)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "at most 24 hours of ml.g4dn.xlarge, "),
        ({"max_runtime_in_seconds": 3600}, "at most 1 hour of ml.g4dn.xlarge, "),
        ({"max_runtime_in_seconds": 900, "instance_count": 2}, "at most 0.25 hours of ml.g4dn.xlarge on each of 2 "),
        (
            {"hourly_price_usd": "ml.g4dn.xlarge=0.5"},
            "MaxRuntimeInSeconds, $12.00 on ml.g4dn.xlarge by its HourlyPriceUSD; ",
        ),
        ({"instance_types": ("ml.g5.xlarge", "ml.p3.2xlarge")}, "24 hours of one of ml.g5.xlarge, ml.p3.2xlarge, "),
    ],
)
def test_what_it_costs_at_most(settings: StartSettings, changes: Mapping[str, Any], says: str) -> None:
    assert says in costs.describe_most(replace(settings, **changes))


def test_what_was_billed_counts_every_instance() -> None:
    metrics = [{"MetricName": "validation:accuracy", "Value": 0.51239}]
    billed = JOB | {"BillableTimeInSeconds": 120, "FinalMetricDataList": metrics}
    assert describe_result([billed]) == [
        "job: billed 120 s x 3 of ml.g5.xlarge = 360 s, 0.1 hours",
        "metrics: validation:accuracy 0.512",
    ]
    assert describe_result([JOB]) == ["job: SageMaker names no billable time"]


def test_a_quota_that_admits_no_job_is_said_before_anything_is_dropped(settings: StartSettings) -> None:
    two = replace(settings, instance_types=("ml.g5.xlarge", "ml.g4dn.xlarge"), instance_count=2)
    enough = {"ml.g5.xlarge for training job usage": 1.0, "ml.g4dn.xlarge for training job usage": 2.0}
    assert list(describe_quotas(two, enough)) == [
        "quota of ml.g5.xlarge for training job usage: 1",
        "quota of ml.g4dn.xlarge for training job usage: 2",
    ]
    few = enough | {"ml.g4dn.xlarge for training job usage": 1.0}
    with pytest.raises(UnfitError, match=r"2 of ml\.g5\.xlarge or ml\.g4dn\.xlarge.*Service Quotas console"):
        list(describe_quotas(two, few))
    (line,) = describe_quotas(settings, {"ml.g4dn.xlarge for endpoint usage": 0.0})
    assert line.endswith(": SageMaker names none here: the Region may not offer it")


@pytest.mark.parametrize(
    ("arns", "says"),
    [
        ([], "nobody receives them; the stack's output SubscribeCommand"),
        (["PendingConfirmation"], "nobody receives them, until the mail is answered"),
        (["arn:aws:sns:x:1:t:1", "PendingConfirmation"], "1 confirmed subscription, 1 not confirmed"),
        (["arn:aws:sns:x:1:t:1", "arn:aws:sns:x:1:t:2"], "2 confirmed subscriptions"),
    ],
)
def test_who_receives_notices(arns: list[str], says: str) -> None:
    assert says in describe_subscriptions(arns)


def test_a_refusal_ends_it_with_every_error_and_its_remedy() -> None:
    error = {"code": "list-row", "severity": "error", "message": "Line 1 is no row.", "remedy": "Mend it."}
    report = {"verdict": "refused", "findings": [error, error | {"severity": "warning", "message": "Small."}]}
    assert end_by_report(report) == Ending(reasons=("list-row: Line 1 is no row. Mend it.",))
    assert end_by_report(report | {"verdict": "ready"}) is None


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        ({"decision": "model created", "reason": "arn"}, Ending(model="job")),
        ({"decision": "tried again", "reason": "CapacityError"}, None),
        (
            {"decision": "failed", "reason": "AccessDenied", "failure": {"remedy": "Let the role read."}},
            Ending(reasons=("failed: AccessDenied", "Let the role read.")),
        ),
        ({"decision": "stopped", "reason": "time limit"}, Ending(reasons=("stopped: time limit",))),
        (
            {"decision": "given up", "reason": "quota 0", "failure": {"remedy": "Raise it."}},
            Ending(reasons=("given up: quota 0", "Raise it.")),
        ),
    ],
)
def test_an_outcome_ends_it_unless_the_stack_tries_again(outcome: Mapping[str, Any], ending: Ending | None) -> None:
    assert end_by_outcome({"job": "job", **outcome}) == ending


class Bucket:
    """A bucket in which the stack writes, as a watch that began just now sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, resources: Mapping[str, str]) -> None:
        self.now, self.cloud, self.said = datetime.now(UTC), Account(), list[str]()
        self.data_set = names.name_set(self.now)
        self.job = f"x--{self.data_set}--abc"
        monkeypatch.setattr(watch, "Cloud", lambda _region: self.cloud)
        monkeypatch.setattr(watch, "list_jobs", lambda _begin: [])
        stack = DeployedStack(region="us-east-1", bucket=BUCKET, resources=resources, found=self.now)
        self.look = Watch(stack, "x", self.data_set, self.said.append).look
        key = keys.awaited_key(self.job, self.now)
        self.asked = AwaitedNotice(key=key, job=self.job, data_set=self.data_set, model="arn", asked=self.now)

    def write(self, key: str, document: Mapping[str, Any]) -> None:
        """Write an object."""
        self.cloud.objects[key] = json.dumps(document).encode()

    def write_outcome(self) -> None:
        """Write that a model was created."""
        outcome = {"job": self.job, "decision": "model created", "reason": "arn"}
        self.write(keys.outcome_key(self.job, self.now), outcome)


def test_the_mark_that_a_notice_waits_is_no_outcome_and_may_come_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket(monkeypatch, {})
    bucket.write(bucket.asked.key, bucket.asked.as_json())
    assert bucket.look() is None
    bucket.write_outcome()
    assert bucket.look() == Ending(model=bucket.job)


def test_a_model_ends_it_once_its_evaluation_is_told_and_has_nothing_more_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket = Bucket(monkeypatch, {"EvaluationsQueue": "url"})
    bucket.write(bucket.asked.key, bucket.asked.as_json())
    bucket.write_outcome()
    assert bucket.look() is None
    state = EvaluationState(key=keys.evaluation_state_key(bucket.job, bucket.now, "0" * 12), job=bucket.job)
    bucket.write(state.key, replace(state, phase=EvaluationPhase.MEASURED).as_json())
    bucket.write(keys.evaluation_key(bucket.data_set, bucket.job), {"verdict": "Right on 9 of 16."})
    bucket.write(keys.told_key(bucket.job, bucket.now), bucket.asked.as_json() | {"by": f"{state.key} 1"})
    assert bucket.look() is None
    bucket.write(state.key, replace(state, phase=EvaluationPhase.ENDED).as_json())
    assert bucket.look() == Ending(model=bucket.job)
    assert [line.partition(", ")[0] for line in bucket.said] == [
        "outcome: model created",
        "evaluation: Right on 9 of 16.",
    ]


@pytest.mark.parametrize(
    ("by", "state", "reason"),
    [
        ("state 1", {"phase": EvaluationPhase.ENDED, "reason": "No image can be read."}, "No image can be read."),
        (awaited.CLOCK, None, "Its evaluation has not ended within an hour"),
    ],
)
def test_a_model_without_figures_ends_it_with_the_reason(by: str, state: Mapping[str, Any] | None, reason: str) -> None:
    ending = end_by_evaluation("job", {"by": by}, state)
    assert ending
    assert (ending.model, ending.reasons[0].partition(":")[0]) == ("job", reason)


def test_what_may_not_be_removed_from_the_model_registry_is_said() -> None:
    sagemaker = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    name = keys.model_group("x", SET)
    group = Group(sagemaker, name)
    described = {"ModelPackageGroupArn": "arn", "CreationTime": BEGAN, "ModelPackageGroupStatus": "Completed"}
    version = {"ModelPackageArn": f"arn:{name}/1", "CreationTime": BEGAN, "ModelPackageStatus": "Completed"}

    def hold(*groups: str) -> None:
        listed = {"ModelPackageGroupSummaryList": [{**described, "ModelPackageGroupName": each} for each in groups]}
        stubber.add_response("list_model_package_groups", listed, {"NameContains": name})

    with Stubber(sagemaker) as stubber:
        stubber.add_client_error("list_model_package_groups", "AccessDeniedException")
        assert list(group.remove()) == []
        (rest,) = group.describe_rest()
        assert rest.endswith(f"its group {name}, for ListModelPackageGroups fails here (AccessDeniedException)")

        hold(f"{name}1", name)
        stubber.add_response(
            "list_model_packages", {"ModelPackageSummaryList": [version]}, {"ModelPackageGroupName": name}
        )
        stubber.add_client_error("delete_model_package", "AccessDeniedException")
        assert list(group.remove()) == []
        (rest,) = group.describe_rest()
        assert "for DeleteModelPackage fails here" in rest

        hold(f"{name}1")
        assert (list(group.remove()), list(group.describe_rest())) == ([], [])
        stubber.assert_no_pending_responses()
