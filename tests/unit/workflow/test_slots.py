"""Slots: how many jobs may run at once and start in a day, and who takes which slot when several want it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from sagescene.aws import ObjectReplacedError, RefusedError
from sagescene.dataset import StoredObject
from sagescene.triggers import WaitCause
from sagescene.workflow import slots
from sagescene.workflow.perform import perform
from sagescene.workflow.steps import JobLimit, Start
from tests.unit.workflow.account import Account, invoked
from tests.unit.workflow.known import NOON, SET, job, refusal

AT_ONCE = JobLimit(cause=WaitCause.JOBS_AT_ONCE, group="at-once", most=2, ends_with_job=True)
A_DAY = JobLimit(cause=WaitCause.JOBS_A_DAY, group="days/2026-11-12", most=2, ends_with_job=False)
ONE, TWO = "slots/at-once/1.json", "slots/at-once/2.json"
DAY_ONE, DAY_TWO = "slots/days/2026-11-12/1.json", "slots/days/2026-11-12/2.json"
MINUTE = timedelta(minutes=1)


def start(name: str = "mine", *limits: JobLimit) -> Start:
    request = {
        "TrainingJobName": name,
        "InputDataConfig": [{"DataSource": {"S3DataSource": {"S3Uri": "s3://x"}}}],
        "HyperParameters": {},
    }
    return Start(data_set=SET, content="x", job=name, instance_type="t", request=request, limits=limits or (AT_ONCE,))


def held(*jobs: str, group: str = "at-once") -> dict[str, bytes]:
    """Give the objects of slots that jobs hold; a slot without one is free."""
    documents: list[Mapping[str, str]] = [{"job": name} if name else {} for name in jobs]
    return {f"slots/{group}/{n}.json": json.dumps(document).encode() for n, document in enumerate(documents, 1)}


def holders(account: Account) -> dict[str, str]:
    return {key: account.document(key).get("job", "") for key in account.objects}


def of_the_day(*jobs: str) -> dict[str, bytes]:
    return held(*jobs, group="days/2026-11-12")


def test_a_job_takes_one_slot_of_every_limit() -> None:
    account = Account()
    slots.acquire(start("mine", AT_ONCE, A_DAY), invoked(account))
    assert holders(account) == {ONE: "mine", DAY_ONE: "mine"}
    assert account.operations == ["list", "write once", "write once"]


def test_without_limits_nothing_is_asked() -> None:
    account = Account()
    assert perform(replace(start(), limits=()), invoked(account)).decision == "started"
    assert account.operations == ["create job"]


def test_a_slot_that_was_given_back_is_taken_again() -> None:
    account = Account(job(name="other", status="InProgress"), objects=held("other", ""))
    slots.acquire(start(), invoked(account))
    assert account.about("read") == [ONE], "that a slot is free is seen in the listing"
    assert holders(account) == {ONE: "other", TWO: "mine"}


def test_while_as_many_jobs_run_as_may_none_is_started() -> None:
    account = Account(
        job(name="one", status="InProgress"), job(name="two", status="Stopping"), objects=held("one", "two")
    )
    with pytest.raises(RefusedError, match="The stack runs 2, as many jobs as it may at once"):
        perform(start(), invoked(account))
    assert holders(account) == {ONE: "one", TWO: "two"}
    assert "create job" not in account.operations


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_the_slot_of_a_job_that_has_ended_is_taken_over(status: str) -> None:
    account = Account(job(name="one", status="InProgress"), job(name="two", status=status), objects=held("one", "two"))
    slots.acquire(start(), invoked(account))
    assert holders(account) == {ONE: "one", TWO: "mine"}


@pytest.mark.parametrize(("age", "is_taken"), [(MINUTE, False), (15 * MINUTE, False), (16 * MINUTE, True)])
def test_a_slot_whose_job_never_came_to_be_is_taken_over_after_a_while(age: timedelta, *, is_taken: bool) -> None:
    account = Account(objects=held("alpha", "two"))
    account.modified = NOON - age
    if is_taken:
        slots.acquire(start(), invoked(account))
    else:
        with pytest.raises(RefusedError):
            slots.acquire(start(), invoked(account))
    assert (holders(account)[ONE] == "mine") is is_taken


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[1]",
        b'{"x": 1}',
        b"\xff\xfe\xff",
        b'{"job": 1}',
        b'{"job": "no name of a job!"}',
        json.dumps({"job": "x" * 64}).encode(),
        b'{"job": "x-"}',
        b'{"job": "x", "invocations": ["y"]}',
        b'{"job": "x", "invocations": {"y": "today"}}',
    ],
)
def test_a_slot_that_somebody_else_wrote_is_taken_over_after_a_while(body: bytes) -> None:
    account = Account(objects={ONE: body, TWO: body})
    account.modified = NOON - MINUTE
    with pytest.raises(RefusedError):
        slots.acquire(start(), invoked(account))
    account.modified = NOON - 16 * MINUTE
    slots.acquire(start(), invoked(account))
    assert account.document(ONE)["job"] == "mine"
    assert "describe" not in account.operations, "SageMaker knows no job without a name"


def test_of_two_slots_that_are_left_the_second_is_taken_when_another_takes_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = Account(job(name="one"), job(name="two"), objects=held("one", "two"))
    replace_json = account.replace_json

    def come_second(bucket: str, key: str, etag: str, document: Mapping[str, str]) -> str | None:
        monkeypatch.undo()
        account.objects |= {ONE: b'{"job": "quicker"}'}
        return replace_json(bucket, key, etag, document)

    monkeypatch.setattr(account, "replace_json", come_second)
    slots.acquire(start(), invoked(account))
    assert holders(account) == {ONE: "quicker", TWO: "mine"}


@pytest.mark.parametrize("age", [MINUTE, 16 * MINUTE])
def test_a_job_finds_the_slot_that_it_took_before(age: timedelta) -> None:
    account = Account(job(name="one", status="InProgress"), objects=held("one", "mine"))
    account.modified = NOON - age
    slots.acquire(start(), invoked(account))
    assert holders(account) == {ONE: "one", TWO: "mine"}


@pytest.mark.parametrize(("age", "is_found"), [(15 * MINUTE, True), (16 * MINUTE, False)])
def test_a_job_finds_its_slot_of_the_day_as_long_as_another_invocation_may_be_at_work(
    age: timedelta, *, is_found: bool
) -> None:
    account = Account(objects=of_the_day("one", "mine"))
    account.modified = NOON - age
    with nullcontext() if is_found else pytest.raises(RefusedError):
        slots.acquire(start("mine", A_DAY), invoked(account))


def test_invocations_for_one_job_share_its_slots() -> None:
    account = Account(objects=held("", "") | of_the_day("one"))
    for _ in range(2):
        slots.acquire(start("mine", AT_ONCE, A_DAY), invoked(account))
    assert holders(account) == {ONE: "mine", TWO: "", DAY_ONE: "one", DAY_TWO: "mine"}


def test_invocations_for_one_job_that_list_at_one_time_share_its_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(objects=of_the_day("one"))
    listed = account.list_objects

    def list_before_the_other_comes(bucket: str, prefix: str, after: str = "") -> list[StoredObject]:
        monkeypatch.undo()
        found = listed(bucket, prefix, after)
        slots.acquire(start("mine", AT_ONCE, A_DAY), invoked(account))
        return found

    monkeypatch.setattr(account, "list_objects", list_before_the_other_comes)
    slots.acquire(start("mine", AT_ONCE, A_DAY), invoked(account))
    assert holders(account) == {ONE: "mine", DAY_ONE: "one", DAY_TWO: "mine"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_slot_that_is_shared_is_free_when_the_last_gives_it_back(order: tuple[int, int]) -> None:
    account = Account()
    taken = [slots.acquire(start(), invoked(account)) for _ in range(2)]
    for is_free, number in enumerate(order):
        slots.release(taken[number], invoked(account))
        assert holders(account) == {ONE: "" if is_free else "mine"}


@pytest.mark.parametrize(("age", "is_free"), [(15 * MINUTE, False), (16 * MINUTE, True)])
def test_whoever_died_with_a_slot_keeps_it_no_longer_than_an_invocation_may_last(
    age: timedelta, *, is_free: bool
) -> None:
    account = Account()
    slots.acquire(start(), invoked(account, NOON - age))
    slots.release(slots.acquire(start(), invoked(account)), invoked(account))
    assert holders(account) == {ONE: "" if is_free else "mine"}


def test_a_slot_is_given_back_though_another_gives_it_back_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    first, second = (slots.acquire(start(), invoked(account)) for _ in range(2))
    replace_json = account.replace_json

    def come_second(bucket: str, key: str, etag: str, document: Mapping[str, str]) -> str | None:
        monkeypatch.undo()
        slots.release(first, invoked(account))
        return replace_json(bucket, key, etag, document)

    monkeypatch.setattr(account, "replace_json", come_second)
    slots.release(second, invoked(account))
    assert holders(account) == {ONE: ""}


def test_a_job_keeps_one_slot_only() -> None:
    account = Account(job(name="one", status="InProgress"), objects=held("one", "one"))
    slots.acquire(start(), invoked(account))
    assert holders(account) == {ONE: "one", TWO: "mine"}


def test_a_day_is_over_for_jobs_that_have_ended_too() -> None:
    account = Account(job(name="one"), job(name="two"), objects=of_the_day("one", "two"))
    account.modified = NOON - 16 * MINUTE
    with pytest.raises(RefusedError, match="The stack has started 2 today, as many jobs as it may in a day"):
        slots.acquire(start("mine", AT_ONCE, A_DAY), invoked(account))
    assert account.operations == ["list"], "nothing is written in vain"


def test_whoever_finds_the_last_slot_of_the_day_taken_gives_back_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(job(name="one"), objects=of_the_day("one"))
    write_once = account.write_json_once

    def write_after_another(bucket: str, key: str, document: Mapping[str, str]) -> str | None:
        account.objects.update(of_the_day("one", "quicker"))
        return write_once(bucket, key, document)

    monkeypatch.setattr(account, "write_json_once", write_after_another)
    with pytest.raises(RefusedError, match="The stack has started 2 today"):
        slots.acquire(start("mine", AT_ONCE, A_DAY), invoked(account))
    assert holders(account)[ONE] == ""


def test_slots_above_the_limit_do_not_count() -> None:
    account = Account(objects=held("", "", "three"))
    slots.acquire(start(), invoked(account))
    assert holders(account)[ONE] == "mine"


def test_a_slot_that_another_takes_meanwhile_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(job(name="old"), objects={**held("old", "")})
    listed = account.list_objects

    def list_before_others_come(bucket: str, prefix: str, after: str = "") -> list[StoredObject]:
        found = listed(bucket, prefix, after)
        account.objects.update(held("quicker", "another"))
        return found

    monkeypatch.setattr(account, "list_objects", list_before_others_come)
    with pytest.raises(RefusedError):
        slots.acquire(start(), invoked(account))
    assert holders(account) == {ONE: "quicker", TWO: "another"}
    assert account.operations.count("list") == 1, "it would be asked again as often as others are quicker"


def test_a_slot_that_another_gives_back_at_once_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    listed = account.list_objects

    def list_before_another_comes_and_goes(bucket: str, prefix: str, after: str = "") -> list[StoredObject]:
        monkeypatch.undo()
        found = listed(bucket, prefix, after)
        slots.release(slots.acquire(start("another"), invoked(account)), invoked(account))
        return found

    monkeypatch.setattr(account, "list_objects", list_before_another_comes_and_goes)
    slots.acquire(start("mine", replace(AT_ONCE, most=1)), invoked(account))
    assert holders(account) == {ONE: "mine"}


def test_what_sagemaker_refuses_gives_its_slots_back() -> None:
    account = Account()
    account.refusal = RefusedError(refusal())
    with pytest.raises(RefusedError, match="AWS's own words"):
        perform(start("mine", AT_ONCE, A_DAY), invoked(account))
    assert set(holders(account).values()) == {""}


@pytest.mark.parametrize("limits", [(A_DAY,), ()], ids=["the last slot", "the last of a quota"])
def test_whoever_is_refused_what_its_job_was_just_given_does_not_wait(limits: tuple[JobLimit, ...]) -> None:
    account = Account(objects=of_the_day("one", "two"))
    account.refusal = RefusedError(refusal())
    account.jobs["mine"] = job(name="mine", status="InProgress")
    decision = perform(replace(start(), limits=limits), invoked(account))
    assert decision.decision == "running"


def test_a_slot_that_changes_while_it_is_given_back_is_looked_at_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    taken = slots.acquire(start(), invoked(account))
    replace_while_read(account, ONE, monkeypatch)
    slots.release(taken, invoked(account))
    assert holders(account) == {ONE: ""}


def test_a_slot_that_somebody_removed_need_not_be_given_back() -> None:
    account = Account()
    taken = slots.acquire(start(), invoked(account))
    account.objects.clear()
    slots.release(taken, invoked(account))
    assert not account.objects


def test_a_slot_that_another_takes_over_while_it_is_read_hides_no_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(job(name="one"), job(name="two"), objects=held("one", "two"))
    account.modified = NOON - 16 * MINUTE
    replace_while_read(account, ONE, monkeypatch)
    slots.acquire(start(), invoked(account))
    assert holders(account) == {ONE: "one", TWO: "mine"}


def replace_while_read(account: Account, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the next reading of an object find that it is another by now."""
    read = account.read

    def find_another(bucket: str, stored: StoredObject) -> Iterator[bytes]:
        if stored.key != key:
            return read(bucket, stored)
        monkeypatch.undo()
        raise ObjectReplacedError(key)

    monkeypatch.setattr(account, "read", find_another)


def test_slots_stay_taken_while_it_is_unknown_whether_the_job_was_started() -> None:
    account = Account()
    account.refusal = ConnectionError()
    with pytest.raises(ConnectionError):
        perform(start(), invoked(account))
    assert holders(account) == {ONE: "mine"}


def test_a_slot_that_was_taken_over_is_not_given_back() -> None:
    account = Account()
    taken = slots.acquire(start(), invoked(account))
    account.objects[ONE] = json.dumps({"job": "another"}).encode()
    slots.release(taken, invoked(account))
    assert holders(account) == {ONE: "another"}
