"""What each step does to the world: its calls in their order, its metrics, and what it answers."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal
from unittest.mock import Mock

import pytest
from jsonschema import Draft202012Validator

from sagescene.aws import ModelTakenError, RefusedError
from sagescene.files.classnames import ClassNames
from sagescene.findings import Severity
from sagescene.jobs.failures import Cause, Failure
from sagescene.jobs.training_job import TrainingJob
from sagescene.messages.notices import Notice
from sagescene.observability import logger, metrics
from sagescene.preflight.report import Verdict
from sagescene.triggers import RetryRequested, WaitCause, write_message
from sagescene.workflow.end_steps import (
    AdoptOutcome,
    CreateModel,
    EndStep,
    LeaveUnfinished,
    NoteModel,
    RecordFailure,
    RecordStop,
    TellWithoutFigures,
    TryAgain,
)
from sagescene.workflow.perform import keep, perform
from sagescene.workflow.perform_end import perform_end
from sagescene.workflow.steps import (
    AskForModel,
    Claim,
    Decision,
    GiveUp,
    Ignore,
    Leave,
    Refuse,
    Remind,
    StandDown,
    Start,
    StartStep,
    Wait,
    WarnOfMisplaced,
)
from sagescene.workflow.unfinished import Unfinished
from tests.stack_template import ROOT
from tests.unit.workflow.account import Account, invoked
from tests.unit.workflow.known import NOON, SET, content_of, examination, fault, job, refusal, report, uploaded

type Counted = Callable[[], Counter[str]]

NOTICE = Notice(subject="A subject", text="A text")
TOPICAL = replace(NOTICE, topic="pets/topic")
CLAIM = Claim.of(uploaded(), f"notices/{SET}/x.json")
FAILURE = Failure(cause=Cause.QUOTA, remedy="Raise it.")
SCHEMA = Draft202012Validator(
    json.loads((ROOT / "docs/outcome.schema.json").read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER
)
OUTCOME = f"outcomes/2026-11-12/{job().name}.json"
REPORT, PAGE = (f"reports/{SET}/{content_of()}.{kind}" for kind in ("json", "html"))
OTHERS_CLAIM = {CLAIM.key: json.dumps({"upload": "another", "time": NOON.isoformat()}).encode()}


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Callable[[], Counter[str]]:
    """Give what was counted: each metric, and each under a dimension of its own."""

    def count() -> Counter[str]:
        plain = Counter({name: int(sum(metric["Value"])) for name, metric in metrics.metric_set.items()})
        for line in capsys.readouterr().out.splitlines():
            entry = json.loads(line)
            if "_aws" in entry:
                (name,) = (metric["Name"] for metric in entry["_aws"]["CloudWatchMetrics"][0]["Metrics"])
                (dimension,) = entry.keys() & {"code", "cause", "DataSet"}
                plain[f"{name} by {dimension} {entry[dimension]}"] += 1
        return plain

    return count


def carry_out(step: StartStep | EndStep, account: Account) -> Decision:
    match step:
        case (
            CreateModel()
            | TellWithoutFigures()
            | NoteModel()
            | LeaveUnfinished()
            | TryAgain()
            | RecordFailure()
            | RecordStop()
            | AdoptOutcome()
        ):
            return perform_end(step, invoked(account))
        case _:
            return perform(step, invoked(account))


# ------------------------------------------------------------------------------------ steps that only say something


@pytest.mark.parametrize(
    ("step", "decision"),
    [
        (Ignore(subject="key", reason="why"), ("ignored", "key", "why")),
        (Ignore(subject="key", reason="why", decision="gone", level="info"), ("gone", "key", "why")),
        (Ignore(subject="job", reason="why", decision="unknown", level="warning"), ("unknown", "job", "why")),
        (StandDown(data_set=SET, reason="why"), ("stood down", SET, "why")),
        (Leave(subject="job", decision="trained", reason="why"), ("trained", "job", "why")),
    ],
)
def test_a_step_that_does_nothing_calls_nothing(step: StartStep, decision: tuple[str, str, str]) -> None:
    account = Account()
    answered = carry_out(step, account)
    assert (answered.decision, answered.subject, answered.reason) == decision
    assert answered.as_json() == dict(zip(("decision", "subject", "reason"), decision, strict=True))
    assert account.calls == []


@pytest.mark.parametrize("level", ["debug", "info", "warning"])
def test_what_is_ignored_is_logged_as_loudly_as_it_says(
    level: Literal["debug", "info", "warning"], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger.name)
    carry_out(Ignore(subject="key", reason="why", level=level), Account())
    assert [record.levelname for record in caplog.records] == [level.upper()]


MISPLACED = WarnOfMisplaced(key="x.rec", right_key="datasets/x/x.rec", notice=TOPICAL)


def test_a_misplaced_file_is_notified_of() -> None:
    account = Account()
    decision = carry_out(MISPLACED, account)
    assert account.about("notify") == ["A subject"]
    assert decision == Decision(decision="misplaced", subject="x.rec", reason="upload it as datasets/x/x.rec")


def steps_that_notify(time: datetime) -> Iterator[StartStep]:
    claim = replace(CLAIM, time=time)
    yield MISPLACED
    yield wait(WaitCause.QUOTA, (claim, TOPICAL))
    yield Remind(data_set=SET, reason="why", claim=claim, notice=TOPICAL)
    yield Leave(subject="job", decision="trained", reason="why", notice=(claim, TOPICAL))
    yield replace(give_up(), claim=claim, notice=TOPICAL)
    yield replace(refuse(), claim=claim, notice=TOPICAL)


@pytest.mark.parametrize("number", range(6))
def test_of_one_topic_people_are_notified_once_an_hour(number: int, caplog: pytest.LogCaptureFixture) -> None:
    account = Account()
    for minutes in (0, 30):
        carry_out(list(steps_that_notify(NOON + timedelta(minutes=minutes)))[number], account)
    assert account.about("notify") == ["A subject"]
    assert "notice held back" in caplog.messages


@pytest.mark.parametrize("number", range(1, 6))
def test_a_claimed_notice_that_could_not_be_sent_holds_no_other_back(number: int) -> None:
    account = Account()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(account, "notify", Mock(side_effect=ConnectionError))
        with pytest.raises(ConnectionError):
            carry_out(list(steps_that_notify(NOON))[number], account)
    carry_out(list(steps_that_notify(NOON + timedelta(minutes=30)))[number], account)
    assert account.about("notify") == ["A subject"]


# ------------------------------------------------------------------------------------------------------------ waits


def wait(cause: WaitCause, notice: tuple[Claim, Notice] | None = None) -> Wait:
    message = uploaded().put_off(cause, NOON)
    return Wait(data_set=SET, cause=cause, reason="why", message=message, delay_in_seconds=77, notice=notice)


@pytest.mark.parametrize(("cause", "word"), [(WaitCause.FILES, "waiting"), (WaitCause.RATE, "postponed")])
def test_a_wait_is_a_message_that_comes_back(cause: WaitCause, word: str, counted: Counted) -> None:
    account, step = Account(), wait(cause)
    decision = carry_out(step, account)
    assert account.about("send") == [(write_message(step.message), 77)]
    assert account.operations == ["send"]
    assert decision == Decision(decision=word, subject=SET, reason="why")
    assert counted() == {"TrainingWaiting": 1, f"TrainingWaiting by cause {cause}": 1}


def test_a_delay_is_logged_in_seconds(caplog: pytest.LogCaptureFixture) -> None:
    message = RetryRequested(bucket="b", key="k", time=NOON, job=job().name).put_off(WaitCause.CAPACITY, NOON)
    caplog.set_level("INFO", logger.name)
    carry_out(wait(WaitCause.RATE), Account())
    carry_out(try_again(message), Account())
    logged = {record.msg: vars(record).get("delay_in_seconds") for record in caplog.records}
    assert logged == {"waiting": 77, "training job found no capacity": 60}


def test_a_wait_is_logged_with_its_beginning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger.name)
    carry_out(wait(WaitCause.QUOTA), Account())
    (record,) = caplog.records
    assert vars(record)["since"] == NOON.isoformat()


def test_a_wait_that_is_news_notifies_once_and_then_waits() -> None:
    account, step = Account(), wait(WaitCause.QUOTA, (CLAIM, NOTICE))
    carry_out(step, account)
    assert account.operations == ["write once", "notify", "write", "send"]
    assert account.document(CLAIM.key) == {**CLAIM.as_json(), "told": True}
    carry_out(step, account)
    assert account.about("notify") == ["A subject"]
    assert len(account.about("send")) == 2


def test_a_reminder_notifies_once() -> None:
    account = Account()
    step = Remind(data_set=SET, reason="it awaits its list", claim=CLAIM, notice=NOTICE)
    for _ in range(2):
        assert carry_out(step, account) == Decision(decision="waiting", subject=SET, reason="it awaits its list")
    assert account.about("notify") == ["A subject"]


def give_up(waited_for: WaitCause | None = WaitCause.QUOTA) -> GiveUp:
    return GiveUp(
        data_set=SET,
        job="the-job",
        waited_for=waited_for,
        reason="why",
        failure=FAILURE,
        claim=CLAIM,
        notice=NOTICE,
        outcome_key="outcomes/x.json",
    )


def test_giving_up_rings_notifies_and_leaves_an_outcome(counted: Counted) -> None:
    account = Account()
    decision = carry_out(give_up(), account)
    assert decision == Decision(decision="given up", subject="the-job", reason="why")
    assert account.operations == ["write once", "notify", "write", "write"]
    SCHEMA.validate(account.document("outcomes/x.json"))
    assert account.document("outcomes/x.json") == {
        "job": "the-job",
        "status": "NotStarted",
        "data_set": SET,
        "written": NOON.isoformat(),
        **decision.as_json(),
        "failure": {"cause": "quota", "remedy": "Raise it.", "retry": False},
        "notice": {"subject": "A subject", "text": "A text"},
    }
    assert account.document(CLAIM.key)["told"]
    assert counted() == {"TrainingFailed": 1, "TrainingFailed by cause quota": 1}


@pytest.mark.parametrize(("waited_for", "message"), [(WaitCause.RATE, "waited too long"), (None, "not started")])
def test_the_log_tells_a_wait_from_what_was_refused_at_once(
    waited_for: WaitCause | None, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    carry_out(give_up(waited_for), Account())
    (record,) = caplog.records
    told = {name: vars(record)[name] for name in ("levelname", "msg", "cause", "reason", "remedy")}
    cause = waited_for or FAILURE.cause
    assert told == {"levelname": "ERROR", "msg": message, "cause": cause, "reason": "why", "remedy": "Raise it."}


def test_of_two_that_give_up_one_does(counted: Counted) -> None:
    account = Account(objects=OTHERS_CLAIM)
    assert carry_out(give_up(), account).decision == "given up"
    assert not account.about("notify")
    assert "outcomes/x.json" not in account.objects
    assert counted() == {}


# ----------------------------------------------------------------------------------------------- verdicts and starts


def refuse() -> Refuse:
    findings = [fault("b"), fault("a"), fault("a"), fault("c", Severity.WARNING)]
    found = examination(Verdict.REFUSED, *findings)
    return Refuse(examination=found, reason="why", claim=CLAIM, notice=NOTICE)


def test_a_refusal_is_shown_notified_of_and_then_kept(counted: Counted) -> None:
    account = Account()
    decision = carry_out(refuse(), account)
    assert decision == Decision(decision="refused", subject=SET, reason="why")
    # The report is what a redelivery asks for: it comes last.
    assert account.operations == ["write once", "page", "notify", "write once"]
    assert account.about("page") == [PAGE]
    assert account.document(REPORT)["verdict"] == "refused"
    assert counted() == {"DatasetRefused": 1, "DatasetRefused by code a": 1, "DatasetRefused by code b": 1}


def test_every_error_of_a_refusal_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    carry_out(refuse(), Account())
    logged = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [vars(record)["code"] for record in logged] == ["b", "a", "a"]
    first = fault("b")
    told = {name: vars(logged[0])[name] for name in ("msg", "file", "where", "remedy")}
    assert told == {"msg": first.message, "file": first.file, "where": first.where, "remedy": first.remedy}


def test_of_two_that_refuse_one_notifies() -> None:
    account = Account(objects=OTHERS_CLAIM)
    assert carry_out(refuse(), account).decision == "refused"
    assert account.operations == ["write once", "read"]


def start(name: str = "the-job") -> Start:
    channel = {"DataSource": {"S3DataSource": {"S3Uri": "s3://b/train.rec"}}}
    request = {"TrainingJobName": name, "InputDataConfig": [channel], "HyperParameters": {"epochs": "2"}}
    return Start(data_set=SET, content="c", job=name, instance_type="ml.g5.xlarge", request=request)


def test_a_start_creates_the_job(counted: Counted) -> None:
    account = Account()
    decision = carry_out(start(), account)
    assert account.operations == ["create job"]
    assert decision == Decision(decision="started", subject="the-job", reason=f"data set {SET} is complete")
    assert counted() == {"TrainingStarted": 1}


def test_a_job_that_another_started_is_left_alone(counted: Counted) -> None:
    decision = carry_out(start(job().name), Account(job()))
    reason = "another upload of the same files started it"
    assert decision == Decision(decision="running", subject=job().name, reason=reason)
    assert counted() == {}


def test_a_refusal_by_sagemaker_is_left_to_whoever_asked(counted: Counted) -> None:
    account = Account()
    account.refusal = RefusedError(refusal(WaitCause.RATE))
    with pytest.raises(RefusedError):
        carry_out(start(), account)
    assert counted() == {}


def test_a_ready_verdict_is_kept_with_its_page_first(caplog: pytest.LogCaptureFixture) -> None:
    account = Account()
    keep(examination(Verdict.READY, fault("c", Severity.WARNING)), start().request, invoked(account))
    assert account.operations == ["page", "write once"]
    assert account.document(REPORT)["verdict"] == "ready"
    assert b"the-job" in account.objects[PAGE]
    (record,) = caplog.records
    assert (record.levelname, vars(record)["code"]) == ("WARNING", "c")


# ----------------------------------------------------------------------------------------------------- ends of jobs


def outcome(account: Account) -> dict[str, Any]:
    """Read the outcome, which is the last thing that was written, and is as docs/outcome.schema.json says."""
    assert account.calls[-1].about == OUTCOME
    assert account.operations[-2:] == ["notify", "write once"]
    SCHEMA.validate(account.document(OUTCOME))
    return dict(account.document(OUTCOME))


def create_model(of: TrainingJob) -> CreateModel:
    return CreateModel(job=of, data_set=SET, request={"ModelName": "m"}, report=None, page_url="https://page")


def test_a_completed_job_ends_in_a_model_a_notice_and_an_outcome(counted: Counted) -> None:
    account, described = Account(), job(status="Completed")
    decision = carry_out(create_model(described), account)
    assert decision == Decision(decision="model created", subject=described.name, reason="arn:model/m")
    assert account.operations == ["create model", "notify", "write once"]
    assert account.about("notify") == [f"Data set {SET} has a model"]
    written = outcome(account)
    assert (written["status"], written["data_set"], written["reason"]) == ("Completed", SET, "arn:model/m")
    assert "failure" not in written
    assert "class_names" not in written
    assert counted() == {"ModelCreated": 1, f"ModelAccuracy by DataSet {SET}": 1}


def test_the_outcome_of_a_model_says_what_its_classes_are_called() -> None:
    account, (kept,) = Account(), report(class_names=ClassNames.of({0: "ant"}, "classes.txt")).values()
    carry_out(replace(create_model(job(status="Completed")), report=kept), account)
    assert outcome(account)["class_names"] == {"source": "classes.txt", "names": {"0": "ant"}, "more": 0}


def test_a_model_of_something_else_leaves_the_outcome_open(counted: Counted) -> None:
    account = Account()
    account.taken = True
    with pytest.raises(ModelTakenError):
        carry_out(create_model(job()), account)
    assert account.operations == ["create model"]
    assert counted() == {}


def try_again(message: RetryRequested | None) -> TryAgain:
    failure = Failure(cause=Cause.CAPACITY, remedy="Later.", retry=True)
    more: dict[str, Any] = {"message": message, "delay_in_seconds": 60, "next_type": "ml.g5.xlarge"} if message else {}
    return TryAgain(job=job(), data_set=SET, reason="why", failure=failure, notice=NOTICE, **more)


def test_the_next_try_is_asked_for_before_anybody_hears_of_it(counted: Counted) -> None:
    message = RetryRequested(bucket="b", key="k", time=NOON, job=job().name).put_off(WaitCause.CAPACITY, NOON)
    account = Account()
    decision = carry_out(try_again(message), account)
    assert decision == Decision(decision="tried again", subject=job().name, reason="why")
    assert account.operations == ["send", "notify", "write once"]
    assert account.about("send") == [(write_message(message), 60)]
    assert outcome(account)["failure"] == {"cause": "capacity", "remedy": "Later.", "retry": True}
    assert counted() == {"TrainingWaiting": 1, "TrainingWaiting by cause capacity": 1}


def test_a_try_that_exists_is_not_asked_for_again(counted: Counted) -> None:
    account = Account()
    assert carry_out(try_again(None), account).decision == "tried again"
    assert account.operations == ["notify", "write once"]
    assert counted() == {}


def test_a_failure_keeps_its_cause_in_outcome_and_log(caplog: pytest.LogCaptureFixture) -> None:
    account = Account()
    step = RecordFailure(job=job(), data_set=SET, reason="why", failure=FAILURE, logs="https://x", notice=NOTICE)
    decision = carry_out(step, account)
    assert decision == Decision(decision="failed", subject=job().name, reason="why")
    (record,) = caplog.records
    told = {name: vars(record)[name] for name in ("levelname", "msg", "failure_reason", "cause", "remedy", "logs")}
    assert told == {
        "levelname": "ERROR",
        "msg": "training job failed",
        "failure_reason": "why",
        "cause": "quota",
        "remedy": "Raise it.",
        "logs": "https://x",
    }
    assert outcome(account)["failure"] == FAILURE.as_json()


def test_the_schema_of_outcomes_knows_every_cause() -> None:
    known = SCHEMA.schema["properties"]["failure"]["properties"]["cause"]["enum"]  # type: ignore[index]
    assert known == [str(cause) for cause in Cause]


def test_a_failure_is_counted_alone_and_by_cause(counted: Counted) -> None:
    step = RecordFailure(job=job(), data_set=SET, reason="why", failure=FAILURE, logs="", notice=NOTICE)
    carry_out(step, Account())
    assert counted() == {"TrainingFailed": 1, "TrainingFailed by cause quota": 1}


def test_a_stop_is_no_failure(counted: Counted) -> None:
    account = Account()
    stop = Failure(cause=Cause.TIME_LIMIT, remedy="More time.")
    step = RecordStop(job=job(status="Stopped"), data_set=SET, failure=stop, partial_artifact=None, notice=NOTICE)
    assert carry_out(step, account) == Decision(decision="stopped", subject=job().name, reason="time limit")
    assert outcome(account)["failure"]["cause"] == "time limit"
    assert counted() == {"TrainingStopped": 1, "TrainingStopped by cause time limit": 1}


def test_an_outcome_that_was_written_first_stands() -> None:
    account = Account(objects={OUTCOME: b'{"first": true}'})
    carry_out(create_model(job(status="Completed")), account)
    assert account.document(OUTCOME) == {"first": True}


def test_a_former_outcome_is_pointed_to_and_nobody_is_notified(counted: Counted) -> None:
    account = Account()
    former = f"reports/{SET}/{job().name}.outcome.json"
    decision = carry_out(AdoptOutcome(job=job(), data_set=SET, former_key=former), account)
    assert account.operations == ["write once"]
    SCHEMA.validate(account.document(OUTCOME))
    assert account.document(OUTCOME)["outcome"] == decision.reason.removeprefix("its outcome is ")
    assert decision.decision == "known"
    assert counted() == {}


# ------------------------------------------------------------------------------------------------------------ claims


@pytest.mark.parametrize(
    ("held", "is_mine"),
    [
        ({"upload": "another", "time": NOON}, False),
        ({"upload": CLAIM.upload, "time": CLAIM.time}, True),
        ({"upload": CLAIM.upload, "time": CLAIM.time, "told": True}, False),
        ({"upload": "another", "time": CLAIM.time - timedelta(seconds=1)}, False),
        ({"upload": "another", "time": CLAIM.time - timedelta(seconds=1, milliseconds=1)}, True),
        ({"upload": "another", "time": CLAIM.time - timedelta(days=1), "told": True}, True),
    ],
    ids=["later", "mine after a crash", "mine and told", "of the same second", "earlier", "earlier and told"],
)
def test_of_several_the_claim_of_the_later_stands(held: dict[str, Any], *, is_mine: bool) -> None:
    kept = json.dumps({**held, "time": held["time"].isoformat()}).encode()
    account = Account(objects={CLAIM.key: kept})
    carry_out(Remind(data_set=SET, reason="why", claim=CLAIM, notice=NOTICE), account)
    assert account.about("notify") == ["A subject"] * is_mine
    if not is_mine:
        assert account.objects[CLAIM.key] == kept


def test_a_claim_that_is_gone_when_it_is_read_holds_nobody_off(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    monkeypatch.setattr(account, "write_json_once", lambda *_: False)
    carry_out(Remind(data_set=SET, reason="why", claim=CLAIM, notice=NOTICE), account)
    assert account.about("notify") == ["A subject"]


def test_a_claim_taken_over_is_written_before_people_are_notified() -> None:
    earlier = Claim.of(replace(uploaded(), time=NOON - timedelta(days=1)), CLAIM.key)
    account = Account(objects={CLAIM.key: json.dumps(earlier.as_json()).encode()})
    carry_out(Remind(data_set=SET, reason="why", claim=CLAIM, notice=NOTICE), account)
    assert account.operations == ["write once", "read", "write", "notify", "write"]


# ------------------------------------------------------------------------------------- a model that is still to be made


UNFINISHED = Unfinished(
    key="outcomes/x.unfinished.json", job="job", data_set=SET, tries=2, next_try=NOON, failure=FAILURE
)


@pytest.mark.parametrize("notice", [NOTICE, None])
def test_a_model_that_cannot_be_made_is_marked_last_and_counted_where_it_is_told_of(
    counted: Counted, notice: Notice | None
) -> None:
    account = Account()
    step = LeaveUnfinished(unfinished=UNFINISHED, reason="why", failure=FAILURE, notice=notice)
    assert carry_out(step, account) == Decision(decision="failed", subject="job", reason="why")
    assert account.operations == (["notify"] if notice else []) + ["write"]
    assert account.document(UNFINISHED.key) == UNFINISHED.as_json() | {"written": NOON.isoformat(), "reason": "why"}
    assert (counted()["TrainingFailed"] == 1) is bool(notice)


def test_a_model_that_is_asked_for_is_marked() -> None:
    account = Account()
    decision = carry_out(AskForModel(unfinished=UNFINISHED, reason="why"), account)
    assert decision == Decision(decision="model asked for", subject="job", reason="why")
    assert account.document(UNFINISHED.key)["next_try"] == NOON.isoformat()


def test_a_model_that_is_there_is_no_longer_asked_for() -> None:
    account = Account()
    decision = carry_out(NoteModel(asked=UNFINISHED), account)
    assert decision == Decision(decision="known", subject="job", reason="there is a model of it")
    assert account.document(UNFINISHED.key)["next_try"] is None
    assert "failure" not in account.document(UNFINISHED.key)
