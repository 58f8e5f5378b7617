"""How ends are found and handled: one job by its event, all that were missed by the clock."""

import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sagescene import keys
from sagescene.aws import RefusedError
from sagescene.dataset import StoredObject
from sagescene.messages.evaluation_notices import figures
from sagescene.observability import logger, metrics
from sagescene.triggers import WaitCause
from sagescene.workflow import awaited
from sagescene.workflow.decide_end import decide_end
from sagescene.workflow.finish import finish, gather
from sagescene.workflow.perform_end import perform_end
from sagescene.workflow.reconcile import reconcile
from sagescene.workflow.unfinished import Unfinished
from tests.stack_template import ROOT
from tests.unit.workflow.account import Account, told_of_an_end
from tests.unit.workflow.known import (
    DAY,
    END_SETTINGS,
    EVALUATIONS_QUEUE,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    SET,
    content_of,
    job,
    job_name,
    refusal,
    report,
)

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/outcome.schema.json").read_text()))
OUTCOME = f"outcomes/2026-11-12/{job_name()}.json"
UNFINISHED = f"outcomes/2026-11-12/{job_name()}.unfinished.json"
AWAITED = OUTCOME.replace(".json", ".notice.json")
TOLD = OUTCOME.replace(".json", ".told.json")
JUST_NOW = NOON - SECOND


def test_an_end_costs_six_calls() -> None:
    key = f"reports/{SET}/{content_of()}.json"
    account = Account(job(status="Completed", ended=JUST_NOW), objects={key: b"{}"})
    assert finish(job_name(), told_of_an_end(account)).decision == "model created"
    assert account.operations == ["describe", "list", "read", "create model", "notify", "write once"]
    assert account.about("list") + account.about("read") == [OUTCOME, key]


def test_the_report_on_the_jobs_own_content_is_read() -> None:
    ((stored, found),) = report().items()
    assert found
    kept = json.dumps(found.as_json()).encode()
    documents = gather(job_name(), told_of_an_end(Account(objects={stored.key: kept}))).documents
    assert documents[stored.key] == found


def test_where_there_is_no_report_there_is_no_document() -> None:
    ((stored, _),) = report().items()
    assert gather(job_name(), told_of_an_end(Account())).documents[stored.key] is None


PRICED = replace(END_SETTINGS, hourly_price_usd="ml.g4dn.xlarge=0.72")
BILLED: dict[str, Any] = {"instance_count": 2, "billed_seconds": 500, "training_seconds": 2000, "ended": JUST_NOW}
BILL = {
    "instance_type": "ml.g4dn.xlarge",
    "instance_count": 2,
    "billable_seconds": 500,
    "training_seconds": 2000,
    "saving_percent": 75,
}


def sums() -> dict[str, tuple[float, str]]:
    """Give the metrics that are no counts, with their units."""
    kinds = metrics.metric_set.items()
    return {name: (sum(one["Value"]), one["Unit"]) for name, one in kinds if one["Unit"] != "Count"}


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_what_a_job_cost_is_kept_told_and_counted_once(status: str) -> None:
    account = Account(job(status=status, **BILLED))
    finish(job_name(), replace(told_of_an_end(account), settings=PRICED))
    outcome = account.document(OUTCOME)
    SCHEMA.validate(outcome)
    assert outcome["bill"] == BILL | {"cost_usd": 0.2}
    said = "SageMaker bills 500 seconds of 2 instances of ml.g4dn.xlarge: $0.20. Spot instances saved 75 %.\n"
    assert said in outcome["notice"]["text"]
    assert sums() == {"BillableSeconds": (1000, "Seconds"), "JobCostUSD": (0.2, "None")}
    # Of two that handle one end the second finds its outcome: by the time it writes, or before.
    late = Account(job(status=status, **BILLED), objects={OUTCOME: b"{}"})
    facts = gather(job_name(), replace(told_of_an_end(late), settings=PRICED))
    perform_end(decide_end(replace(facts, exists=defaultdict(bool))), replace(told_of_an_end(late), settings=PRICED))
    assert sums() == {"BillableSeconds": (1000, "Seconds"), "JobCostUSD": (0.2, "None")}


def test_without_a_price_the_seconds_stand_alone() -> None:
    account = Account(job(status="Completed", **BILLED))
    finish(job_name(), told_of_an_end(account))
    assert account.document(OUTCOME)["bill"] == BILL
    assert sums() == {"BillableSeconds": (1000, "Seconds")}
    assert "$" not in account.document(OUTCOME)["notice"]["text"]


def test_a_job_that_is_not_billed_has_no_bill() -> None:
    account = Account(job(ended=JUST_NOW))
    finish(job_name(), replace(told_of_an_end(account), settings=PRICED))
    assert "bill" not in account.document(OUTCOME)
    assert sums() == {}


def test_the_notice_that_waits_for_an_evaluation_tells_the_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    account, told = Account(job(status="Completed", **BILLED)), list[str]()
    monkeypatch.setattr(account, "notify", lambda _topic, _subject, text: told.append(text))
    settings = replace(PRICED, evaluations_queue_url=EVALUATIONS_QUEUE)
    finish(job_name(), replace(told_of_an_end(account), settings=settings))
    described = job(status="Completed", **BILLED)
    context = replace(told_of_an_end(account), settings=settings)
    waiting = awaited.acquire(described, "evaluation", context)
    assert waiting
    awaited.tell(waiting, described, None, figures("Its figures.", [], "https://evaluation"), context)
    (text,) = told
    assert "of ml.g4dn.xlarge: $0.20. Spot instances saved 75 %.\n" in text


def test_a_repeated_end_costs_two() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    finish(job_name(), told_of_an_end(account))
    account.calls.clear()
    assert finish(job_name(), told_of_an_end(account)).decision == "known"
    assert account.operations == ["describe", "list"]


def test_a_model_that_was_not_created_is_not_logged_as_a_job_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    account.taken = True
    finish(job_name(), told_of_an_end(account))
    assert [record.msg for record in caplog.records if record.levelname == "ERROR"] == ["model not created"]


def test_a_model_of_something_else_is_told_of_and_tried_again() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    account.taken = True
    decision = finish(job_name(), told_of_an_end(account))
    assert decision.decision == "failed"
    assert "made from s3://elsewhere/model.tar.gz" in decision.reason
    assert OUTCOME not in account.objects
    assert account.document(UNFINISHED)["failure"]["cause"] == "model taken"
    assert account.operations[-2:] == ["notify", "write"]
    account.taken = False
    assert [each.decision for each in reconcile(told_of_an_end(account, NOON + HOUR))] == ["model created"]
    assert account.document(OUTCOME)["decision"] == "model created"
    assert account.about("notify") == [f"Data set {SET} has no model", f"Data set {SET} has a model"]
    assert reconcile(told_of_an_end(account, NOON + 3 * HOUR)) == []


def test_a_model_that_sagemaker_refuses_is_told_of_once_and_tried_ever_more_rarely() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    account.refusal = RefusedError(refusal())
    decision = finish(job_name(), told_of_an_end(account))
    assert (decision.decision, decision.reason) == ("failed", "AWS's own words")
    assert account.document(UNFINISHED)["failure"]["cause"] == "permission"
    tried = []
    for hours in range(1, 81):
        if reconcile(told_of_an_end(account, NOON + hours * HOUR)):
            tried.append(hours)
    assert tried == [1, 3, 7, 15, 31, 55, 79]
    assert account.about("notify") == [f"Data set {SET} has no model"]


def test_an_end_that_is_told_of_twice_is_one_notice() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    account.refusal = RefusedError(refusal())
    finish(job_name(), told_of_an_end(account))
    finish(job_name(), told_of_an_end(account))
    assert account.about("notify") == [f"Data set {SET} has no model"]
    assert account.document(UNFINISHED)["tries"] == 2


def test_a_model_that_was_deleted_returns_only_where_it_is_asked_for() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    finish(job_name(), told_of_an_end(account))
    account.models.clear()
    assert reconcile(told_of_an_end(account, NOON + HOUR)) == []
    asked = Unfinished.asked(job(status="Completed"), SET, NOON + 40 * DAY)
    account.objects[asked.key] = json.dumps(asked.as_json()).encode()
    later = told_of_an_end(account, NOON + 40 * DAY)
    assert [each.decision for each in reconcile(later)] == ["model created"]
    assert account.models == {job_name()}
    account.models.clear()
    assert reconcile(told_of_an_end(account, NOON + 41 * DAY)) == []


def test_a_model_that_is_asked_for_while_it_is_made_is_not_told_of_twice() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    asked = Unfinished.asked(job(status="Completed"), SET, NOON)
    account.objects[asked.key] = json.dumps(asked.as_json()).encode()
    finish(job_name(), told_of_an_end(account))
    assert [each.decision for each in reconcile(told_of_an_end(account, NOON + HOUR))] == ["known"]
    assert account.about("notify") == [f"Data set {SET} has a model"]
    assert reconcile(told_of_an_end(account, NOON + 2 * HOUR)) == []


def test_a_model_that_is_refused_for_its_rate_is_left_to_the_next_event() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    account.refusal = RefusedError(refusal(WaitCause.RATE))
    with pytest.raises(RefusedError):
        finish(job_name(), told_of_an_end(account))
    assert OUTCOME not in account.objects
    assert "notify" not in account.operations


def test_a_quota_of_models_in_use_is_told_for_nothing_waits_for_it() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    account.refusal = RefusedError(refusal(WaitCause.QUOTA))
    assert finish(job_name(), told_of_an_end(account)).decision == "failed"


def test_the_artifact_of_a_stopped_job_is_looked_for_where_it_says() -> None:
    stopped = job(status="Stopped", ended=JUST_NOW)
    account = Account(stopped, objects={stopped.artifact.split("/", 3)[3]: b"weights"})
    finish(job_name(), told_of_an_end(account))
    assert stopped.artifact in account.document(OUTCOME)["notice"]["text"]


def test_the_clock_finishes_what_has_no_outcome_and_asks_about_nothing_else() -> None:
    done, missed = job(status="Completed"), job(2, "Completed", ended=NOON - HOUR / 2)
    account = Account(done, missed, objects={OUTCOME: b"{}"})
    decisions = reconcile(told_of_an_end(account))
    assert [decision.subject for decision in decisions] == [missed.name]
    assert account.about("describe") == [missed.name]
    assert account.about("list jobs") == [("sagescene--", NOON - 30 * DAY)]


def test_the_clock_lists_the_outcomes_of_the_days_that_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[tuple[str, str]] = []

    def list_objects(_bucket: str, prefix: str, after: str = "") -> list[StoredObject]:
        listed.append((prefix, after))
        return []

    account = Account()
    monkeypatch.setattr(account, "list_objects", list_objects)
    reconcile(told_of_an_end(account))
    assert listed == [("outcomes/", "outcomes/2026-10-13/")]


def test_an_outcome_of_an_earlier_version_is_asked_for_once() -> None:
    account = Account(job(status="Completed"), objects={f"reports/{SET}/{job_name()}.outcome.json": b"{}"})
    assert [decision.decision for decision in reconcile(told_of_an_end(account))] == ["known"]
    assert "notify" not in account.operations
    account.calls.clear()
    assert reconcile(told_of_an_end(account)) == []
    assert account.operations == ["list jobs", "list"]


def test_one_job_that_cannot_be_finished_holds_no_other_up(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = job(status="Completed"), job(2, "Completed")
    account = Account(broken, sound)
    create_model = account.create_model

    def refuse(request: dict[str, str]) -> str:
        if request["ModelName"] == broken.name:
            raise RuntimeError("internal error")
        return create_model(request)

    monkeypatch.setattr(account, "create_model", refuse)
    with pytest.RaisesGroup(RuntimeError, match="jobs could not be finished"):
        reconcile(told_of_an_end(account))
    assert [call["ModelName"] for call in account.about("create model")] == [sound.name]


def test_a_mark_that_cannot_be_read_is_not_said_to_be_of_the_job_before_it() -> None:
    account = Account(job(status="Completed"))
    account.objects[keys.asked_key(job_name(2), NOON)] = b'{"tries": 1}'
    with pytest.RaisesGroup(KeyError, match="jobs could not be finished"):
        reconcile(told_of_an_end(account))
    assert account.about("create model")
    assert logger.get_current_keys().get("job") is None


def test_a_model_that_is_evaluated_is_told_of_by_its_evaluation_or_after_an_hour_by_the_clock() -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    settings = replace(END_SETTINGS, evaluations_queue_url=EVALUATIONS_QUEUE)
    finish(job_name(), replace(told_of_an_end(account), settings=settings))
    assert account.operations[-4:] == ["create model", "write once", "ask", "write once"]
    assert account.about("ask") == [({"version": 1, "evaluate": {"job": job_name(), "hop": 0}}, 0)]
    assert "notice" not in account.document(OUTCOME)
    assert account.document(AWAITED)["asked"] == NOON.isoformat()
    # With evaluation left out by then, the notice is sent all the same.
    assert reconcile(told_of_an_end(account, NOON + HOUR - SECOND)) == []
    assert [each.decision for each in reconcile(told_of_an_end(account, NOON + HOUR))] == ["told"]
    assert account.about("notify") == [f"Data set {SET} has a model"]
    assert account.document(TOLD)["by"] == "clock"
    assert reconcile(told_of_an_end(account, NOON + 2 * HOUR)) == []


@pytest.mark.parametrize(("minutes", "decision", "notices"), [(14, "known", 0), (15, "told", 1)])
def test_the_clock_leaves_a_notice_to_whoever_is_sending_it(minutes: int, decision: str, notices: int) -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    settings = replace(END_SETTINGS, evaluations_queue_url=EVALUATIONS_QUEUE)
    finish(job_name(), replace(told_of_an_end(account), settings=settings))
    assert awaited.acquire(job(status="Completed"), "evaluation", told_of_an_end(account, NOON + HOUR))
    later = told_of_an_end(account, NOON + HOUR + minutes * MINUTE)
    assert [each.decision for each in reconcile(later)] == [decision]
    assert len(account.about("notify")) == notices


def test_of_two_that_take_a_notice_at_once_one_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(job(status="Completed", ended=JUST_NOW))
    settings = replace(END_SETTINGS, evaluations_queue_url=EVALUATIONS_QUEUE)
    finish(job_name(), replace(told_of_an_end(account), settings=settings))
    plain, context = account.replace_json, told_of_an_end(account, NOON + HOUR)

    def overtaken(*about: Any) -> str | None:  # noqa: ANN401
        monkeypatch.setattr(account, "replace_json", plain)
        assert awaited.acquire(job(status="Completed"), "evaluation", context)
        return plain(*about)

    monkeypatch.setattr(account, "replace_json", overtaken)
    assert [each.decision for each in reconcile(context)] == ["known"]
    assert account.about("notify") == []
