"""What is asked of AWS on the way from a trigger to its step, in which order, and how often."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagescene import dataset, keys
from sagescene.aws import ObjectReplacedError, RefusedError
from sagescene.dataset import StoredObject, assemble
from sagescene.jobs.refusals import explain_refusal
from sagescene.observability import logger
from sagescene.preflight import examination
from sagescene.preflight.examination import companions
from sagescene.preflight.reading import Examination
from sagescene.preflight.reading_time import unlimited
from sagescene.preflight.report import Conditions, Verdict
from sagescene.triggers import Trigger, WaitCause, Waiting, read_message
from sagescene.workflow.start import start
from sagescene.workflow.steps import Decision
from tests.proof import data_sets
from tests.unit.workflow.account import Account, invoked
from tests.unit.workflow.known import (
    BUCKET,
    DAY,
    NOON,
    PREFIX,
    SET,
    SETTINGS,
    job,
    refusal,
    report,
    unfinished,
    uploaded,
)

FILES = {f"datasets/{SET}/{name}": body for name, body in data_sets.essential(data_sets.sound()).items()}
INDEX = {f"datasets/{SET}/{name}": body for name, body in data_sets.index().items()}


def account_of(more: Mapping[str, bytes] | None = None) -> Account:
    account = Account(objects={**FILES, **(more or {})})
    account.modified = NOON - DAY
    return account


def first_job(account: Account) -> str:
    objects = account.list_objects(BUCKET, f"datasets/{SET}/")
    account.calls.clear()
    return keys.job_name(PREFIX, SET, assemble(SET, objects).fingerprint)


def test_a_sound_set_is_read_kept_looked_at_once_more_and_started() -> None:
    account = account_of()
    name = first_job(account)
    decision = start(uploaded(), invoked(account))
    assert (decision.decision, decision.subject) == ("started", name)
    without_reading = [operation for operation in account.operations if operation != "read"]
    assert without_reading == [
        "list", "list", "describe", "uploads", "page", "write", "write once", "list", "uploads",
        "list", "write once", "write once", "create job",
    ]  # fmt: skip
    assert account.document(account.about("write once")[0])["verdict"] == "ready"


def test_a_refused_set_is_not_looked_at_again() -> None:
    account = account_of()
    account.objects[f"datasets/{SET}/train.lst"] = b"no list"
    assert start(uploaded(), invoked(account)).decision == "refused"
    without_reading = [operation for operation in account.operations if operation != "read"]
    assert without_reading == [
        "list", "list", "describe", "uploads", "write once", "page", "list", "notify", "write once", "write once",
    ]  # fmt: skip
    assert account.document(account.about("write once")[-1])["verdict"] == "refused"


def test_a_set_that_was_refused_already_asks_for_no_upload_under_way() -> None:
    account = account_of()
    account.objects[f"datasets/{SET}/train.lst"] = b"no list"
    start(uploaded(time=NOON - DAY), invoked(account))
    account.calls.clear()
    assert start(uploaded(time=NOON - DAY), invoked(account)).decision == "refused"
    assert account.operations == ["list", "read", "describe"]


def test_a_set_that_is_not_read_in_time_is_refused_like_any_other_and_not_read_again() -> None:
    account = account_of()
    context = invoked(account, seconds_left=lambda: 400 - 100 * len(account.about("read")))
    decision = start(uploaded(), context)
    assert decision.decision == "refused"
    assert "there was no time for the rest" in decision.reason
    assert account.operations == [
        "list", "read", "list", "describe", "uploads", "read", "read", "read",
        "write once", "page", "list", "notify", "write once", "write once",
    ]  # fmt: skip
    account.calls.clear()
    assert start(uploaded(), context).decision == "refused"
    assert account.about("read") == [f"reports/{SET}/{account.about('read')[0].split('/')[-1]}"]


def test_a_set_with_a_surplus_file_is_refused_unread() -> None:
    account = account_of({f"datasets/{SET}/more_train.rec": b"records"})
    assert start(uploaded(), invoked(account)).decision == "refused"
    assert account.operations == [
        "list", "read", "list", "describe", "uploads",
        "write once", "page", "list", "notify", "write once", "write once",
    ]  # fmt: skip
    assert all(map(keys.is_report_key, account.about("read")))


@pytest.mark.parametrize("name", ["TRAIN.REC", "train.rec.gz"])
def test_a_set_of_nothing_but_another_form_is_refused_unread(name: str) -> None:
    account = account_of({f"datasets/{SET}/{name}": b"records"})
    for key in FILES:
        del account.objects[key]
    assert start(uploaded(name), invoked(account)).decision == "refused"
    assert all(map(keys.is_report_key, account.about("read")))


def test_a_refused_set_that_is_dropped_again_is_read_again() -> None:
    account = account_of()
    account.objects[f"datasets/{SET}/train.lst"] = b"no list"
    start(uploaded(), invoked(account))
    account.calls.clear()
    assert start(uploaded(time=NOON), invoked(account, NOON + timedelta(minutes=1))).decision == "refused"
    assert f"datasets/{SET}/train.lst" in account.about("read")


def test_what_stands_down_asks_for_nothing_but_the_listing() -> None:
    account = account_of()
    account.modified = NOON
    assert start(uploaded(time=NOON - DAY), invoked(account)).decision == "stood down"
    assert account.operations == ["list"]


@pytest.mark.parametrize(
    ("bucket", "name", "is_said"),
    [
        (BUCKET, "test.rec", True),
        (BUCKET, "train.rec", False),
        ("another-bucket", "test.rec", False),
        ("the-bucket", "test.rec", False),
    ],
)
def test_a_test_file_is_said_to_be_no_part_of_training(
    bucket: str, name: str, *, is_said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger.name)
    start(uploaded(name, bucket=bucket), invoked(account_of()))
    assert ("test files are not trained on" in caplog.messages) is is_said


@pytest.mark.parametrize(("status", "decision"), [("InProgress", "running"), ("Completed", "trained")])
def test_where_there_is_a_job_nothing_but_its_report_is_read(status: str, decision: str) -> None:
    account = account_of()
    name = first_job(account)
    start(uploaded(), invoked(account))
    account.jobs[name] = job(name=name, status=status)
    account.calls.clear()
    assert start(uploaded(time=NOON - DAY), invoked(account)).decision == decision
    assert account.operations == ["list", "read", "describe"]
    assert account.about("read") == [f"reports/{SET}/{name.rpartition('--')[2]}.json"]


def names_dropped(content: bytes, account: Account) -> Decision:
    """Drop another classes.txt on an account, as a day later."""
    account.objects[f"datasets/{SET}/classes.txt"] = content
    account.calls.clear()
    return start(uploaded("classes.txt", time=NOON + DAY), invoked(account, NOON + DAY))


def test_another_classes_txt_has_the_set_judged_anew_and_its_report_replaced() -> None:
    account = account_of({f"datasets/{SET}/classes.txt": b"ant\nbee\n"})
    name = first_job(account)
    assert start(uploaded(), invoked(account)).decision == "started"
    decision = names_dropped(b"ant\n", account)
    assert decision.decision == "refused"
    assert "The file names 1 of 2 classes: class 1 has no name." in decision.reason
    decision = names_dropped(b"red ant\nbee\n", account)
    assert (decision.decision, decision.subject) == ("started", name)
    (key,) = (key for key in account.about("write") if keys.is_report_key(key))
    assert account.document(key)["class_names"]["names"] == {"0": "red ant", "1": "bee"}


def test_another_classes_txt_starts_nothing_once_there_is_a_job_and_is_told_once() -> None:
    account = account_of({f"datasets/{SET}/classes.txt": b"ant\nbee\n"})
    start(uploaded(), invoked(account))
    account.jobs[first_job(account)] = job(name=first_job(account), status="Completed")
    account.models.add(first_job(account))
    decision = names_dropped(b"ant\r\nbee\r\n", account)
    assert (decision.decision, "but" in decision.reason) == ("trained", False)
    assert account.about("notify") == []
    decision = names_dropped(b"bee\nant\n", account)
    assert decision.decision == "trained"
    assert f"but datasets/{SET}/classes.txt calls class 0 bee, the report on these files ant" in decision.reason
    assert account.about("notify") == [f"Data set {SET} has other class names"]
    account.calls.clear()
    start(uploaded("classes.txt", time=NOON + DAY), invoked(account, NOON + DAY))
    assert account.about("notify") == []


def test_names_that_are_replaced_while_they_are_read_are_left_to_their_own_upload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = account_of({f"datasets/{SET}/classes.txt": b"ant\nbee\n"})
    start(uploaded(), invoked(account))
    account.jobs[first_job(account)] = job(name=first_job(account), status="Completed")
    account.models.add(first_job(account))
    read = account.read

    def replaced(bucket: str, stored: StoredObject) -> Iterator[bytes]:
        if stored.key.endswith("classes.txt"):
            raise ObjectReplacedError(stored.key)
        return read(bucket, stored)

    monkeypatch.setattr(account, "read", replaced)
    decision = names_dropped(b"bee\nant\n", account)
    assert (decision.decision, "but" in decision.reason) == ("trained", False)


def test_an_existing_verdict_of_ready_is_used_again() -> None:
    account = account_of()
    start(uploaded(), invoked(account))
    account.calls.clear()
    account.modified = NOON - DAY
    waiting = uploaded().put_off(WaitCause.QUOTA, NOON)
    assert start(waiting, invoked(account)).decision == "started"
    without_slots = [call.operation for call in account.calls if not str(call.about).startswith(keys.SLOTS)]
    assert without_slots == ["list", "read", "describe", "uploads", "create job"]


def test_a_set_that_is_read_over_midnight_takes_a_slot_of_the_new_day() -> None:
    account = account_of()
    late = NOON + timedelta(hours=11, minutes=59)
    context = invoked(account, late, seconds_left=lambda: 900 - 60 * len(account.about("read")))
    assert start(uploaded(), context).decision == "started"
    days = [key for key in account.about("write once") if key.startswith(f"{keys.SLOTS}days/")]
    assert days == [f"{keys.SLOTS}days/{late + timedelta(minutes=2):%F}/1.json"]


def test_a_verdict_under_other_conditions_is_made_anew() -> None:
    account = account_of(INDEX)
    start(uploaded(), invoked(account))
    account.objects.update({f"datasets/{SET}/train.idx": b"nothing"})
    account.calls.clear()
    start(uploaded().put_off(WaitCause.QUOTA, NOON), invoked(account))
    assert f"datasets/{SET}/train.rec" in account.about("read")


def test_what_a_verdict_depends_on_is_kept_with_it() -> None:
    account = account_of(INDEX)
    start(uploaded(), invoked(account))
    assembled = assemble(SET, account.list_objects(BUCKET, f"datasets/{SET}/"))
    (key,) = (key for key in account.about("write once") if keys.is_report_key(key))
    conditions = Conditions(
        instance_type=SETTINGS.largest_instance_type,
        instance_count=SETTINGS.instance_count,
        max_epochs=SETTINGS.max_epochs,
        storage_type="ml.p3.2xlarge",
        storage_in_gb=50,
        instance_types=SETTINGS.instance_types,
        volume_size_in_gb=SETTINGS.volume_size_in_gb,
        max_runtime_in_seconds=SETTINGS.max_runtime_in_seconds,
        hyperparameters=SETTINGS.hyperparameters,
        companions=companions(assembled),
    )
    assert conditions.companions
    assert Conditions.from_json(account.document(key)["conditions"]) == conditions


@pytest.mark.parametrize("intruder", ["replaced", "uploading", "renamed"])
def test_a_set_that_changed_while_it_was_read_is_not_started(intruder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()
    write_page = account.write_page

    def change(bucket: str, key: str, page: str) -> None:
        write_page(bucket, key, page)
        if intruder == "replaced":
            account.objects[f"datasets/{SET}/train.rec"] += b"more"
        elif intruder == "renamed":
            account.objects[f"datasets/{SET}/classes.txt"] = b"ant\nbee\n"
        else:
            account.uploads = [unfinished("validation.rec", NOON)]

    monkeypatch.setattr(account, "write_page", change)
    decision = start(uploaded(), invoked(account))
    assert (decision.decision, decision.reason) == ("postponed", "its files changed while they were being read")
    assert "create job" not in account.operations
    ((message, _),) = account.about("send")
    assert message["waiting"]["cause"] == "changes"


@pytest.mark.parametrize(("seconds", "decision", "looks"), [(2, "started", 1), (2.001, "postponed", 2)])
def test_a_set_that_took_more_than_a_moment_is_looked_at_once_more(
    seconds: float, decision: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of()
    left, write_json_once = [300.0], account.write_json_once

    def take_time(bucket: str, key: str, document: Mapping[str, Any]) -> str | None:
        if keys.is_report_key(key):
            left.append(300 - seconds)
            account.objects[f"datasets/{SET}/train.rec"] += b"more"
        return write_json_once(bucket, key, document)

    monkeypatch.setattr(account, "write_json_once", take_time)
    assert start(uploaded(), invoked(account, seconds_left=lambda: left[-1])).decision == decision
    assert account.about("list").count(f"datasets/{SET}/") == len(account.about("uploads")) == looks


@pytest.mark.parametrize(("more", "sorts_later"), [(b"1", True), (b"7", False)])
def test_a_set_that_was_replaced_is_not_started_whatever_its_fingerprint(
    more: bytes, monkeypatch: pytest.MonkeyPatch, *, sorts_later: bool
) -> None:
    account = account_of()
    before = first_job(account)
    write_page = account.write_page

    def replace_list(bucket: str, key: str, page: str) -> None:
        write_page(bucket, key, page)
        account.objects[f"datasets/{SET}/train.lst"] += more

    monkeypatch.setattr(account, "write_page", replace_list)
    assert start(uploaded(), invoked(account)).decision == "postponed"
    assert (first_job(account) > before) is sorts_later


def test_a_set_that_was_replaced_by_another_of_its_short_form_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()
    digest, write_page = dataset.digest, account.write_page
    monkeypatch.setattr(dataset, "digest", lambda objects: "0" * dataset.SHORT_FORM + digest(objects))

    def replace_list(bucket: str, key: str, page: str) -> None:
        write_page(bucket, key, page)
        account.objects[f"datasets/{SET}/train.lst"] += b"1"

    monkeypatch.setattr(account, "write_page", replace_list)
    assert start(uploaded(), invoked(account)).decision == "postponed"


@pytest.mark.parametrize("seconds_left", [lambda: 300.0, unlimited], ids=["in a moment", "in a while"])
def test_a_content_whose_name_another_takes_while_it_is_read_is_not_started(
    seconds_left: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of()
    name = first_job(account)
    write_page = account.write_page

    def take_name(bucket: str, key: str, page: str) -> None:
        write_page(bucket, key, page)
        (other,) = report(content=name.rpartition("--")[2], digest="another's").values()
        account.objects[key.replace(".html", ".json")] = json.dumps(other and other.as_json()).encode()

    monkeypatch.setattr(account, "write_page", take_name)
    decision = start(uploaded(), invoked(account, seconds_left=seconds_left))
    taken = "another content of the set has taken the name of its report meanwhile"
    assert (decision.decision, decision.reason) == ("postponed", taken)
    assert "create job" not in account.operations


def test_a_job_carries_the_whole_digest_of_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    account, tags = account_of(), {}

    def create(request: Mapping[str, Any]) -> bool:
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        return True

    monkeypatch.setattr(account, "create_training_job", create)
    start(uploaded(), invoked(account))
    assert tags["sagescene:digest"] == assemble(SET, account.list_objects(BUCKET, f"datasets/{SET}/")).digest


def test_every_tag_of_a_job_is_named_to_whoever_admits_them(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()
    names: list[str] = []

    def create(request: Mapping[str, Any]) -> bool:
        names.extend(tag["Key"] for tag in request["Tags"])
        return True

    monkeypatch.setattr(account, "create_training_job", create)
    start(uploaded(), invoked(account))
    refusal = explain_refusal("ValidationException", "The tag policy does not allow the tag.")
    assert refusal
    assert [name for name in names if name not in refusal.failure.remedy] == []
    assert (len(names), "CostAllocationTag" in refusal.failure.remedy) == (3, True)


def test_a_file_that_goes_while_it_is_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()

    def gone(*_: object) -> None:
        raise ObjectReplacedError("datasets/pets/train.rec")

    monkeypatch.setattr(account, "read", gone)
    decision = start(uploaded(), invoked(account))
    assert decision.decision == "postponed"
    assert decision.reason == "datasets/pets/train.rec was replaced or deleted while it was being read."


@pytest.mark.parametrize("cause", ["quota", "rate"])
def test_a_job_that_sagemaker_refuses_for_now_is_waited_for(cause: str) -> None:
    account = account_of()
    account.refusal = RefusedError(refusal(WaitCause(cause)))
    decision = start(uploaded(), invoked(account))
    assert (decision.decision, decision.reason) == ("postponed", "AWS's own words")
    ((message, _),) = account.about("send")
    assert message["waiting"]["cause"] == cause
    assert read_message(message) == uploaded().put_off(WaitCause(cause), NOON)


def test_a_job_is_asked_for_on_each_type_and_given_up_when_all_are_refused() -> None:
    account = account_of()
    name = first_job(account)
    account.refusal = RefusedError(refusal(is_of_type=True))
    decision = start(uploaded(), invoked(account))
    assert (decision.decision, decision.subject) == ("given up", name)
    assert account.about("create job") == [name] * len(SETTINGS.instance_types)
    (key,) = (key for key in account.about("write") if key.startswith("outcomes/"))
    assert account.document(key)["status"] == "NotStarted"
    assert account.about("notify") == [f"Training on data set {SET} could not be started"]


def test_a_refusal_on_one_type_starts_the_job_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    account, asked = account_of(), []

    def create(request: Mapping[str, Any]) -> bool:
        asked.append(request["ResourceConfig"]["InstanceType"])
        if len(asked) < 3:
            raise RefusedError(refusal(is_of_type=True))
        return True

    monkeypatch.setattr(account, "create_training_job", create)
    assert start(uploaded(), invoked(account)).decision == "started"
    assert tuple(asked) == SETTINGS.instance_types
    assert "notify" not in account.operations


def test_in_a_region_without_the_image_nothing_is_read() -> None:
    account = account_of()
    context = replace(invoked(account), settings=replace(SETTINGS, aws_region="mx-central-1"))
    assert start(uploaded(), context).decision == "given up"
    assert all(map(keys.is_report_key, account.about("read")))
    assert account.about("notify") == [f"Training on data set {SET} could not be started"]


def answered(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "words"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "ListObjectsV2")


PASSING = answered("InternalError", 500)


def failing(account: Account, operation: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> Account:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(account, operation, fail)
    return account


@pytest.mark.parametrize(
    "operation", ["list_objects", "list_unfinished_uploads", "describe_training_job", "write_json_once"]
)
def test_a_fault_of_aws_itself_is_waited_out(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = failing(account_of(), operation, PASSING, monkeypatch)
    decision = start(uploaded(), invoked(account))
    assert (decision.decision, decision.subject, decision.reason) == ("postponed", SET, str(PASSING))
    ((message, delay),) = account.about("send")
    assert read_message(message) == uploaded().put_off(WaitCause.SERVICE, NOON)
    assert delay == 4


def test_a_key_that_names_no_set_as_it_is_stands_for_itself_in_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    account = failing(account_of(), "list_objects", PASSING, monkeypatch)
    key = f"datasets%2F{SET}/train.lst"
    assert start(uploaded(key=key), invoked(account)).subject == key


def test_what_was_waited_for_goes_on_being_waited_for_through_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    account = failing(account_of(), "list_objects", PASSING, monkeypatch)
    waiting = uploaded().put_off(WaitCause.QUOTA, NOON - timedelta(hours=3))
    start(waiting, invoked(account))
    ((message, _),) = account.about("send")
    assert read_message(message) == waiting.put_off(WaitCause.QUOTA, NOON)


def test_a_misplaced_file_whose_notice_fails_for_now_is_told_of_later(monkeypatch: pytest.MonkeyPatch) -> None:
    account, misplaced = account_of(), uploaded(key="datasets/x.rec")
    with monkeypatch.context() as patch:
        failing(account, "notify", PASSING, patch)
        assert start(misplaced, invoked(account)).reason == str(PASSING)
    again = [start(misplaced, invoked(account, NOON + timedelta(minutes=minutes))) for minutes in (1, 15)]
    assert [(decision.decision, decision.reason) for decision in again] == [
        ("postponed", "Another notice of my-set/misplaced is being sent."),
        ("misplaced", "upload it as datasets/my-set/x.rec"),
    ]
    assert account.about("notify") == ["datasets/x.rec is not in a data set"]


@pytest.mark.parametrize(
    ("trigger", "error"),
    [
        (uploaded(), answered("AccessDenied", 403)),
        (uploaded(), ValueError("a defect of ours")),
        (uploaded().put_off(WaitCause.SERVICE, NOON - timedelta(hours=1)), PASSING),
        (uploaded().put_off(WaitCause.QUOTA, NOON - DAY), PASSING),
        (uploaded(waiting=Waiting(cause=WaitCause.QUOTA, since=NOON, hops=1000, began=NOON)), PASSING),
    ],
    ids=["for good", "ours", "for an hour", "for a day in all", "a thousand times"],
)
def test_what_does_not_pass_is_left_to_the_dead_letters(
    trigger: Trigger, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = failing(account_of(), "list_objects", error, monkeypatch)
    with pytest.raises(type(error), match=str(error)[:5]):
        start(trigger, invoked(account))
    assert not account.about("send")


def test_a_report_that_is_being_replaced_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()
    (kept,) = report(Verdict.REFUSED, NOON, "ffffffffffff")
    account.objects[kept.key] = json.dumps({"verdict": "refused"}).encode()
    account.modified = NOON
    read = account.read

    def replaced(bucket: str, stored: object) -> object:
        if getattr(stored, "key", "") == kept.key:
            raise ObjectReplacedError(kept.key)
        return read(bucket, stored)  # type: ignore[arg-type]

    monkeypatch.setattr(account, "read", replaced)
    decision = start(uploaded(time=NOON), invoked(account))
    assert decision.decision == "started"


def test_only_reports_are_read_as_verdicts() -> None:
    account = account_of()
    account.objects[f"reports/{SET}/0123456789ab.html"] = b"{}"
    account.modified = NOON
    start(uploaded(time=NOON), invoked(account))
    assert f"reports/{SET}/0123456789ab.html" not in account.about("read")


def test_sampling_begins_above_the_size_that_the_stack_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    account, spans = account_of(), set()

    def read_span(_bucket: str, stored: StoredObject, offset: int, length: int) -> bytes:
        spans.add(stored.key.rpartition("/")[2])
        return account.objects[stored.key][offset : offset + length]

    monkeypatch.setattr(account, "read_span", read_span)
    context = invoked(account)
    start(uploaded(), replace(context, settings=replace(SETTINGS, largest_whole_in_megabytes=0)))
    assert spans == {"train.rec", "validation.rec"}


def test_the_size_above_which_samples_are_read_is_in_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    examine = examination.examine

    def note(*arguments: Any, **more: Any) -> Examination:  # noqa: ANN401
        asked.append(more["largest_whole_in_bytes"])
        return examine(*arguments, **more)

    monkeypatch.setattr(examination, "examine", note)
    start(uploaded(), replace(invoked(account_of()), settings=replace(SETTINGS, largest_whole_in_megabytes=3)))
    assert asked == [3_000_000]


def test_the_time_of_the_verdict_is_that_of_the_invocation() -> None:
    account = account_of()
    start(uploaded(), invoked(account, NOON + timedelta(minutes=7)))
    (key,) = (key for key in account.about("write once") if keys.is_report_key(key))
    assert account.document(key)["written"] == (NOON + timedelta(minutes=7)).isoformat()
