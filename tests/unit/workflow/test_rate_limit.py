"""One notice an hour on one topic: who sends it, what becomes of the others, and what a race changes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from sagescene.aws import ObjectReplacedError
from sagescene.messages.notices import Notice
from sagescene.workflow import rate_limit
from tests.unit.workflow.account import Account, invoked
from tests.unit.workflow.known import NOON

NOTICE = Notice(subject="A subject", text="A text", topic="pets/refused")
KEY = "notices/pets/refused.json"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def admit(account: Account, now: datetime = NOON) -> Notice | None:
    """Do all that is done about a notice, but send it."""
    context = invoked(account, now)
    admitted = rate_limit.admit_first(NOTICE, context)
    if admitted is None:
        return None
    assert rate_limit.begin_hour(admitted, context)
    return admitted.notice


def test_the_first_notice_of_a_topic_is_sent() -> None:
    account = Account()
    assert admit(account) == NOTICE
    assert account.document(KEY) == {"sent": NOON.isoformat(), "held_back": 0}


@pytest.mark.parametrize(
    ("held_back", "said"),
    [
        (1, "Since 2026-11-12 12:00 UTC 1 more of these notices was held back: one an hour is sent."),
        (24, "Since 2026-11-12 12:00 UTC 24 more of these notices were held back: one an hour is sent."),
    ],
)
def test_those_within_the_hour_are_counted_in_the_next(held_back: int, said: str) -> None:
    account = Account()
    admit(account)
    late = NOON + HOUR - timedelta(milliseconds=1)
    assert [admit(account, late) for _ in range(held_back)] == [None] * held_back
    following = admit(account, NOON + HOUR)
    assert following
    assert following.text == f"A text\n\n{said}"
    assert admit(account, NOON + 2 * HOUR) == NOTICE, "what was counted is not told again"


def test_a_notice_admitted_holds_no_other_back_before_its_hour_begins() -> None:
    context = invoked(Account(), NOON)
    first, second = rate_limit.admit(NOTICE, context), rate_limit.admit(NOTICE, context)
    assert first == second == rate_limit.Admitted(notice=NOTICE)
    assert rate_limit.begin_hour(first, context)
    assert not rate_limit.begin_hour(second, context), "the hour runs"
    assert rate_limit.admit(NOTICE, context) is None


def test_a_notice_that_is_being_sent_keeps_others_waiting_until_who_began_to_has_sent_it_or_died() -> None:
    account = Account()
    first = rate_limit.admit_first(NOTICE, invoked(account, NOON))
    assert first
    for admits in (rate_limit.admit, rate_limit.admit_first):
        with pytest.raises(rate_limit.TopicBusyError, match=r"^Another notice of pets/refused is being sent\.$"):
            admits(NOTICE, invoked(account, NOON + 15 * MINUTE - timedelta(milliseconds=1)))
    second = rate_limit.admit_first(NOTICE, invoked(account, NOON + 15 * MINUTE))
    assert second
    assert not rate_limit.begin_hour(first, invoked(account, NOON)), "it is the second's"
    assert rate_limit.begin_hour(second, invoked(account, NOON + 15 * MINUTE))
    assert account.document(KEY) == {"sent": (NOON + 15 * MINUTE).isoformat(), "held_back": 0}


def test_what_was_held_back_is_told_though_who_was_to_tell_it_died() -> None:
    account = Account()
    assert [admit(account, NOON + minutes * MINUTE) for minutes in (0, 10, 20)] == [NOTICE, None, None]
    assert rate_limit.admit_first(NOTICE, invoked(account, NOON + HOUR))
    told = admit(account, NOON + 2 * HOUR)
    assert told
    assert "Since 2026-11-12 12:00 UTC 2 more of these notices were held back" in told.text


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"sent": 3}', b'{"sent": "2026-11-12"}'])
def test_what_somebody_else_wrote_is_no_reason_to_hold_back(body: bytes) -> None:
    account = Account(objects={KEY: body})
    assert admit(account) == NOTICE
    assert account.document(KEY) == {"sent": NOON.isoformat(), "held_back": 0}


def test_of_two_that_ask_at_once_one_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    write_once = account.write_json_once

    def come_second(bucket: str, key: str, document: Mapping[str, Any]) -> str | None:
        monkeypatch.undo()
        admit(account)
        return write_once(bucket, key, document)

    monkeypatch.setattr(account, "write_json_once", come_second)
    assert admit(account) is None
    assert account.document(KEY) == {"sent": NOON.isoformat(), "held_back": 1}


def test_each_of_those_that_count_at_once_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    admit(account)
    read = account.read

    def count_meanwhile(bucket: str, stored: Any) -> Any:  # noqa: ANN401
        monkeypatch.undo()
        admit(account)
        return read(bucket, stored)

    monkeypatch.setattr(account, "read", count_meanwhile)
    assert admit(account) is None
    assert account.document(KEY)["held_back"] == 2


@pytest.mark.parametrize("later", [MINUTE, 2 * HOUR])
def test_whoever_is_overtaken_while_it_writes_looks_again(later: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    admit(account)
    replace_json = account.replace_json

    def come_second(bucket: str, key: str, etag: str, document: Mapping[str, Any]) -> str | None:
        monkeypatch.undo()
        admit(account, NOON + later)
        return replace_json(bucket, key, etag, document)

    monkeypatch.setattr(account, "replace_json", come_second)
    assert admit(account, NOON + later) is None
    assert account.document(KEY)["held_back"] == (2 if later == MINUTE else 1)


def test_another_topic_whose_key_begins_alike_is_another() -> None:
    account = Account()
    admit(account)
    account.objects = {f"{KEY}.old": account.objects[KEY]}
    assert admit(account, NOON + MINUTE) == NOTICE
    assert KEY in account.objects


def test_whoever_never_gets_its_turn_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    admit(account)

    def replaced(*_: object) -> None:
        raise ObjectReplacedError(KEY)

    monkeypatch.setattr(account, "read", replaced)
    assert admit(account) is None
