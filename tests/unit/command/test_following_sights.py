"""What a data set has come to, judged by what is seen of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagescene.finding_codes import Code
from sagescene_command.following import logged
from sagescene_command.following.logged import LogLine, Pause, find_pause, find_settled
from sagescene_command.following.sights import Sight, judge
from tests.stack_template import transform

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
JOB = "sagescene--pets--0123456789ab"
LONG_AGO = NOW - timedelta(days=2)
JUST_NOW = NOW - timedelta(minutes=2)


def job(status: str, number: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    name = JOB if number == 1 else f"{JOB}--r{number}"
    status_now = {"TrainingJobStatus": status, "SecondaryStatus": status}
    return {"TrainingJobName": name, "CreationTime": LONG_AGO - timedelta(hours=1), **status_now, **more}


def outcome(decision: str, written: datetime, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    document = {"job": JOB, "decision": decision, "reason": "why", "written": written.isoformat()}
    return {**document, **more}


def report(verdict: str, written: datetime) -> dict[str, Any]:
    found = [
        ("warning", "a.lst", "", "Odd.", "Look."),
        ("error", "a.rec", "byte 80", "Cut short.", "Pack anew."),
        ("error", "b.rec", "", "Cut short, too.", "Pack anew."),
    ]
    names = ("severity", "file", "where", "message", "remedy")
    findings = [{"code": "code", **dict(zip(names, each, strict=True))} for each in found]
    return {"verdict": verdict, "written": written.isoformat(), "findings": findings}


def line(message: str, time: datetime, data_set: str = "pets", **more: Any) -> LogLine:  # noqa: ANN401
    return LogLine(time=time, speaker="start", content={"message": message, "data_set": data_set, **more})


def waiting(time: datetime, cause: str = "quota", **more: Any) -> LogLine:  # noqa: ANN401
    return line("waiting", time, **{"cause": cause, "reason": "the quota is used up", "delay_in_seconds": 60, **more})


FAILURE = {"failure": {"remedy": "Mend the role."}}
REFUSED = "a.rec, byte 80: Cut short. b.rec: Cut short, too."


@pytest.mark.parametrize(
    ("sight", "verdict", "is_final", "reason"),
    [
        pytest.param({}, "unknown", True, "there is no file of a data set", id="nothing"),
        pytest.param({"uploaded": JUST_NOW}, "coming", False, "not judged yet", id="uploaded"),
        pytest.param({"uploaded": LONG_AGO}, "unknown", True, "nothing is known", id="never judged"),
        pytest.param(
            {"uploaded": LONG_AGO, "missing": ("train .lst",)},
            "waiting",
            True,
            "awaits its train .lst",
            id="incomplete",
        ),
        pytest.param(
            {"jobs": (job("Failed"), job("InProgress", 2)), "outcomes": (outcome("failed", LONG_AGO),)},
            "running",
            False,
            "in progress",
            id="second try runs",
        ),
        pytest.param({"jobs": (job("Completed"),), "model": "arn"}, "model", True, "completed", id="model"),
        pytest.param(
            {"jobs": (job("Completed"),), "outcomes": (outcome("model created", LONG_AGO),)},
            "trained",
            True,
            "its model was deleted",
            id="model deleted",
        ),
        pytest.param({"jobs": (job("Completed"),)}, "coming", False, "has not yet written", id="model to come"),
        pytest.param(
            {
                "jobs": (job("Completed"),),
                "outcomes": (outcome("unfinished", LONG_AGO, next_try=NOW.isoformat(), **FAILURE),),
            },
            "failed",
            True,
            "why",
            id="model could not be made",
        ),
        pytest.param(
            {
                "jobs": (job("Completed"),),
                "outcomes": (
                    outcome("model created", LONG_AGO),
                    outcome("unfinished", JUST_NOW, next_try=NOW.isoformat()),
                ),
            },
            "postponed",
            False,
            "why",
            id="model wanted back",
        ),
        pytest.param(
            {"jobs": (job("Failed"),), "outcomes": (outcome("failed", LONG_AGO, **FAILURE),)},
            "failed",
            True,
            "why",
            id="failed",
        ),
        pytest.param(
            {"jobs": (job("Failed"),), "outcomes": (outcome("tried again", LONG_AGO),)},
            "postponed",
            False,
            "why",
            id="no capacity",
        ),
        pytest.param({"outcomes": (outcome("given up", LONG_AGO),)}, "given up", True, "why", id="given up"),
        pytest.param(
            {"uploaded": LONG_AGO, "report": report("refused", LONG_AGO)}, "refused", True, REFUSED, id="refused"
        ),
        pytest.param(
            {"uploaded": JUST_NOW, "report": report("refused", JUST_NOW)}, "refused", True, REFUSED, id="just refused"
        ),
        pytest.param(
            {"report": report("refused", LONG_AGO), "outcomes": (outcome("given up", JUST_NOW),)},
            "given up",
            True,
            "why",
            id="given up after a refusal",
        ),
    ],
)
def test_a_data_set_is_judged_by_what_is_seen_of_it(
    sight: Mapping[str, Any], verdict: str, is_final: bool, reason: str
) -> None:
    state = judge(Sight(data_set="pets", **sight), NOW)
    assert (state.verdict, state.is_final) == (verdict, is_final)
    assert reason in state.reason


@pytest.mark.parametrize(
    "written",
    [
        {"report": report("refused", LONG_AGO)},
        {"jobs": (job("Failed"),), "outcomes": (outcome("failed", LONG_AGO),)},
        {"outcomes": (outcome("given up", LONG_AGO),)},
    ],
)
def test_what_was_written_before_the_last_upload_waits_for_the_judgement_on_it(written: Mapping[str, Any]) -> None:
    dropped_again = Sight(data_set="pets", uploaded=JUST_NOW, **written)
    assert judge(dropped_again, NOW).verdict == "coming"
    settled = Sight(data_set="pets", uploaded=JUST_NOW, settled=JUST_NOW + timedelta(seconds=1), **written)
    assert judge(settled, NOW).is_final
    assert judge(dropped_again, NOW + timedelta(hours=1)).is_final


@pytest.mark.parametrize("status", ["Completed", "Failed"])
def test_what_came_of_an_attempt_says_nothing_of_the_next_one(status: str) -> None:
    attempts = job("Failed"), job(status, 2, CreationTime=JUST_NOW)
    ended = Sight(
        data_set="pets",
        uploaded=JUST_NOW - timedelta(minutes=3),
        settled=JUST_NOW - timedelta(minutes=2),
        report=report("refused", JUST_NOW - timedelta(minutes=2)),
        jobs=attempts,
        outcomes=(outcome("failed", JUST_NOW - timedelta(minutes=2), **FAILURE),),
    )
    state = judge(ended, NOW)
    assert (state.verdict, state.is_final, state.job) == ("coming", False, f"{JOB}--r2")
    told = replace(ended, outcomes=(*ended.outcomes, outcome("failed", NOW, job=f"{JOB}--r2")))
    assert judge(told, NOW).job == f"{JOB}--r2"


def test_a_model_is_final_once_its_outcome_is_written_which_comes_last() -> None:
    ended = job("Completed", TrainingEndTime=JUST_NOW)
    sight = Sight(data_set="pets", jobs=(ended,), model="arn")
    assert judge(sight, NOW).verdict == "coming"
    assert judge(replace(sight, outcomes=(outcome("model created", NOW),)), NOW).verdict == "model"
    assert judge(sight, NOW + timedelta(hours=1)).verdict == "model"  # it may have been deleted since


def test_a_model_is_followed_until_people_are_told_how_well_it_does() -> None:
    sight = Sight(data_set="pets", jobs=(job("Completed"),), model="arn", awaits_evaluation=True)
    state = judge(sight, NOW)
    assert (state.verdict, state.is_final) == ("model", False)
    assert judge(replace(sight, awaits_evaluation=False), NOW).is_final


def test_files_of_no_data_set_are_called_what_they_are() -> None:
    found = Code.IMAGES_NOT_PACKED.found(file="datasets/pets/", message="There are 3 images.", remedy="Pack them.")
    state = judge(Sight(data_set="pets", files=3, foreign=(found,)), NOW)
    assert state.reason == "there is no file of a data set: There are 3 images."
    assert state.remedy == "Pack them."


def test_a_refusal_names_each_remedy_once() -> None:
    assert judge(Sight(data_set="pets", report=report("refused", LONG_AGO)), NOW).remedy == "Pack anew."


@pytest.mark.parametrize(("cause", "verdict"), [("files", "waiting"), ("quota", "postponed")])
def test_what_waits_says_until_when(cause: str, verdict: str) -> None:
    pause = Pause(cause=cause, reason="why", next_look=NOW, ends=NOW + timedelta(hours=1))
    state = judge(Sight(data_set="pets", uploaded=JUST_NOW, pause=pause), NOW)
    assert (state.verdict, state.until, state.ends) == (verdict, NOW, NOW + timedelta(hours=1))
    assert not state.is_final


def test_a_pause_is_the_last_line_about_the_set_and_ends_by_its_policy() -> None:
    since = NOW - timedelta(hours=2)
    lines = [waiting(LONG_AGO), waiting(NOW, since=since.isoformat()), line("training job started", NOW, "cats")]
    pause = find_pause(lines, "pets", NOW)
    assert pause == Pause(
        cause="quota",
        reason="the quota is used up",
        next_look=NOW + timedelta(seconds=60),
        ends=since + timedelta(days=1),
    )


def test_of_several_uploads_that_wait_the_earliest_look_to_come_is_the_next() -> None:
    def ask(seconds: int) -> LogLine:
        return waiting(NOW - timedelta(seconds=50), since=NOW.isoformat(), delay_in_seconds=seconds)

    lines = [ask(40), ask(300), ask(90), replace(ask(900), content={**ask(900).content, "reason": "the newest"})]
    pause = find_pause(lines, "pets", NOW)
    assert pause
    assert (pause.reason, pause.next_look) == ("the newest", NOW + timedelta(seconds=40))
    assert pause.ends == NOW + timedelta(days=1)
    late = find_pause(lines, "pets", NOW + timedelta(minutes=15))
    assert late
    assert late.next_look == NOW + timedelta(seconds=850)


def test_a_message_is_away_as_long_as_its_queue_says() -> None:
    queue = transform().resources["UploadsQueue"]["Properties"]
    assert queue["VisibilityTimeout"] == logged.REDELIVERY.total_seconds()


def test_a_failure_of_the_function_is_waited_out_as_long_as_its_message_is_away() -> None:
    failed = line("function failed", JUST_NOW, reason="ClientError: AccessDenied")
    pause = find_pause([failed], "pets", NOW)
    assert pause
    state = judge(Sight(data_set="pets", uploaded=JUST_NOW, pause=pause), NOW)
    assert (state.verdict, state.reason) == ("postponed", "the function failed: ClientError: AccessDenied")
    assert state.until == JUST_NOW + timedelta(minutes=30)
    assert find_pause([replace(failed, speaker="evaluate")], "pets", NOW) is None
    assert find_pause([failed, line("training job started", NOW)], "pets", NOW) is None


@pytest.mark.parametrize(
    "after",
    [
        line("training job started", NOW),
        line("nothing to start", NOW),
        line("data set is still incomplete", NOW),
        line("waited too long", NOW),
        line("A record is cut short.", NOW, level="ERROR", code="cut"),
    ],
)
def test_a_pause_is_over_once_something_was_decided(after: LogLine) -> None:
    assert find_pause([waiting(JUST_NOW)], "pets", NOW)
    assert find_pause([waiting(JUST_NOW), after], "pets", NOW) is None


def test_a_pause_that_nothing_came_of_is_not_believed() -> None:
    assert find_pause([waiting(NOW - timedelta(minutes=7))], "pets", NOW) is None


def test_a_cause_of_a_later_version_has_no_known_end() -> None:
    pause = find_pause([waiting(NOW, cause="moon", since=NOW.isoformat())], "pets", NOW)
    assert pause
    assert pause.ends is None


def test_a_set_is_settled_when_nothing_was_to_be_started_for_it() -> None:
    lines = [
        line("nothing to start", LONG_AGO),
        line("nothing to start", JUST_NOW),
        line("nothing to start", NOW, "cats"),
    ]
    assert find_settled(lines, "pets") == JUST_NOW
    assert find_settled(lines, "dogs") is None
