"""The words by which the log tells that a set waits, or no longer does, are those by which a stack is followed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import pytest

from sagescene.observability import failure_logged, logger, metrics
from sagescene.triggers import WaitCause
from sagescene.workflow.steps import AskForModel, Ignore, Leave, Remind, StandDown, StartStep, Wait, WarnOfMisplaced
from sagescene_command.following.logged import LogLine, find_pause, find_settled
from tests.unit.command.test_following_sights import NOW, waiting
from tests.unit.workflow.account import Account
from tests.unit.workflow.known import job
from tests.unit.workflow.test_perform import CLAIM, NOTICE, UNFINISHED, carry_out, give_up, refuse, start, wait

RUNNING = job()
CONCLUSIONS: dict[str, StartStep] = {
    "left": Leave(subject="job", decision="trained", reason="why"),
    "reminded": Remind(data_set="pets", reason="why", claim=CLAIM, notice=NOTICE),
    "given up": give_up(),
    "not started": give_up(None),
    "refused": refuse(),
    "started": start(),
    "started by another": start(RUNNING.name),
    "model asked for": AskForModel(unfinished=UNFINISHED, reason="why"),
}
OTHERS = {Ignore, WarnOfMisplaced, StandDown, Wait}  # they say of no set that its wait is over


@pytest.fixture(autouse=True)
def metrics_of_no_other_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Sagescene")
    yield
    metrics.clear_metrics()


def test_every_step_is_a_conclusion_or_none() -> None:
    assert {*map(type, CONCLUSIONS.values())} | OTHERS == {*get_args(StartStep.__value__)}


def read_lines(caplog: pytest.LogCaptureFixture) -> list[LogLine]:
    """Give what was logged as lines about a data set."""
    return [
        LogLine(
            time=NOW,
            speaker="start",
            content={**vars(record), "message": record.msg, "level": record.levelname, "data_set": "pets"},
        )
        for record in caplog.records
    ]


@pytest.mark.parametrize("name", CONCLUSIONS)
def test_a_conclusion_ends_a_wait(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger.name)
    carry_out(CONCLUSIONS[name], Account(RUNNING))
    logged = read_lines(caplog)
    before = waiting(NOW - timedelta(seconds=30))
    assert find_pause([before], "pets", NOW)
    assert find_pause([before, *logged], "pets", NOW) is None
    assert bool(find_settled(logged, "pets")) is (name == "left")


def test_what_is_put_off_is_seen_to_wait(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger.name)
    step = wait(WaitCause.RATE)
    carry_out(step, Account())
    pause = find_pause(read_lines(caplog), "pets", NOW)
    assert pause
    assert (pause.cause, pause.reason) == (WaitCause.RATE, step.reason)
    assert pause.next_look == NOW + timedelta(seconds=step.delay_in_seconds)


def test_a_failure_of_the_function_is_seen_to_wait_for_its_message(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="why"), failure_logged():
        raise ValueError("why")
    pause = find_pause(read_lines(caplog), "pets", NOW)
    assert pause
    assert (pause.cause, pause.reason) == ("failure", "the function failed: ValueError: why")
