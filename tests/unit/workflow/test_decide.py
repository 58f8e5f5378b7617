"""What docs/data-sets.md promises, "you drop / you get", as the table of decisions it is; and every edge of it."""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sagescene import dataset, keys
from sagescene.dataset import AmbiguousSet, StoredObject, UnfinishedUpload
from sagescene.files.classnames import MOST_REPORTED, ClassNames
from sagescene.findings import Severity
from sagescene.jobs.failures import Cause
from sagescene.jobs.refusals import Refusal, explain_limit
from sagescene.messages.notices import Notice
from sagescene.preflight.reading_time import unlimited
from sagescene.preflight.report import Conditions, Verdict
from sagescene.triggers import FOR_ROOM, RetryRequested, StartRequested, Trigger, WaitCause, Waiting
from sagescene.workflow.decide import after_reading, before_reading, find_upload_under_way, is_fresh
from sagescene.workflow.decide_refused import after_refused_start
from sagescene.workflow.facts import StartFacts
from sagescene.workflow.steps import (
    AskForModel,
    Claim,
    Examine,
    GiveUp,
    Ignore,
    JobLimit,
    Leave,
    Refuse,
    Remind,
    StandDown,
    Start,
    StartStep,
    Wait,
    WarnOfMisplaced,
)
from tests.stack_template import ROOT
from tests.unit.workflow.known import (
    BUCKET,
    CAPACITY,
    COMPLETE,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    SET,
    TRAIN_LIST,
    TRAIN_RECORDS,
    VALIDATION_RECORDS,
    content_of,
    digest_of,
    examination,
    fault,
    job,
    job_name,
    known,
    refusal,
    report,
    stored,
    stored_all,
    unfinished,
    uploaded,
)

KEY = f"datasets/{SET}/{TRAIN_LIST}"
PART = stored_all(TRAIN_RECORDS, TRAIN_LIST)
FORMER = ClassNames.of({0: "cat", 1: "dog"}, "classes.txt")
NAMED = stored_all(*COMPLETE, "classes.txt")
OLD = stored_all(*COMPLETE, modified=NOON - DAY)


def waited(cause: WaitCause, *, since: timedelta, hops: int = 1, began: timedelta | None = None) -> Waiting:
    return Waiting(cause=cause, since=NOON - since, hops=hops, began=NOON - (began or since))


def retry(of: str, **more: Any) -> RetryRequested:  # noqa: ANN401
    return RetryRequested(bucket=BUCKET, key=f"datasets/{SET}/{TRAIN_RECORDS}", time=NOON - HOUR, job=of, **more)


def requested() -> StartRequested:
    return StartRequested(bucket=BUCKET, key=KEY, time=NOON)


def decide(facts: StartFacts, verdict: Verdict = Verdict.READY) -> StartStep:
    """Go through both decisions, with this verdict between them where the data set is read."""
    step = before_reading(facts)
    if not isinstance(step, Examine):
        return step
    findings = [fault()] if verdict is Verdict.REFUSED else []
    return after_reading(step, facts, examination(verdict, *findings))


def refused_start(by: WaitCause | Refusal, trigger: Trigger | None = None) -> Wait | GiveUp | Start:
    """Let SageMaker or a limit of the stack refuse the job of a complete set."""
    facts = known(trigger)
    step = decide(facts)
    assert isinstance(step, Start)
    return after_refused_start(step, facts, refusal(by) if isinstance(by, WaitCause) else by)


def renamed(content: bytes | None = b"ant\nbee\n", former: ClassNames = FORMER, **more: Any) -> StartFacts:  # noqa: ANN401
    """Give what is known when another classes.txt was dropped since the report was written."""
    conditions = Conditions(companions={f"datasets/{SET}/classes.txt": "former"})
    return known(
        uploaded("classes.txt"),
        objects=NAMED,
        reports=report(class_names=former, conditions=conditions),
        class_names=content,
        **more,
    )


# By the first column of the page's table: what is dropped, and the steps it comes to.
PROMISED: dict[str, list[tuple[Callable[[], StartStep], type[StartStep]]]] = {
    "a complete, sound set": [
        (lambda: decide(known()), Start),
        (lambda: decide(known(requested())), Start),
    ],
    "a part of a set": [
        (lambda: decide(known(objects=PART)), Wait),
        (lambda: decide(known(uploaded(waiting=waited(WaitCause.FILES, since=HOUR)), objects=PART)), Remind),
    ],
    "a set with faults": [
        (lambda: decide(known(), Verdict.REFUSED), Refuse),
        (lambda: decide(known(objects=stored_all(*COMPLETE, "more_train.rec")), Verdict.REFUSED), Refuse),
    ],
    "a set while a multipart upload of one of its files is under way": [
        (lambda: decide(known(unfinished_uploads=[unfinished("validation.lst", NOON - MINUTE)])), Wait),
    ],
    "a set when the quota is used up": [
        (lambda: refused_start(WaitCause.QUOTA), Wait),
        (lambda: refused_start(WaitCause.QUOTA, uploaded(waiting=waited(WaitCause.QUOTA, since=DAY))), GiveUp),
    ],
    "a set when the stack runs, or has started today, as many jobs as it may": [
        (lambda: refused_start(WaitCause.JOBS_AT_ONCE), Wait),
        (lambda: refused_start(WaitCause.JOBS_A_DAY), Wait),
        (lambda: refused_start(WaitCause.JOBS_A_DAY, uploaded(waiting=waited(WaitCause.QUOTA, since=DAY))), GiveUp),
    ],
    "a set that SageMaker does not start on the first instance type": [
        (lambda: refused_start(refusal(is_of_type=True)), Start),
    ],
    "a set that SageMaker starts on no instance type": [
        (lambda: refused_start(refusal()), GiveUp),
    ],
    "a set when there is no capacity": [
        (lambda: decide(known(retry(job_name()), objects=OLD, jobs=[job(failure_reason=CAPACITY)])), Start),
    ],
    "the same files again": [
        (lambda: decide(known(jobs=[job(status="InProgress")])), Leave),
        (lambda: decide(known(jobs=[job(status="Completed")])), Leave),
        (lambda: decide(known(uploaded(time=NOON), jobs=[job(status="Completed")], has_models=False)), AskForModel),
        (lambda: decide(known(jobs=[job(status="Failed")])), Start),
        (lambda: decide(known(jobs=[job(status="Stopped")])), Start),
        (lambda: decide(known(reports=report(Verdict.REFUSED))), Start),
    ],
    "another `classes.txt` beside the same files": [
        (lambda: decide(renamed()), Start),
        (lambda: decide(renamed(), Verdict.REFUSED), Refuse),
        (lambda: decide(renamed(jobs=[job(status="InProgress")])), Leave),
        (lambda: decide(renamed(jobs=[job(status="Completed")])), Leave),
    ],
    "a set in another form: chunks, `.REC`, `.rec.gz`, face or detection records": [
        (lambda: decide(known(objects=stored_all("train.REC", "train.lst", "val.rec")), Verdict.REFUSED), Refuse),
        (lambda: decide(known(uploaded("train.rec.gz"), objects=stored_all("train.rec.gz")), Verdict.REFUSED), Refuse),
    ],
    "images": [
        (lambda: decide(known(uploaded("cat/1.jpg"))), Ignore),
        (lambda: decide(known(objects=stored_all("train.lst", "cat/1.jpg", "dog/2.jpg")), Verdict.REFUSED), Refuse),
    ],
    "a `.rec` or `.lst` elsewhere in the bucket, if the stack created it": [
        (lambda: decide(known(uploaded(key="pets/train.rec"))), WarnOfMisplaced),
        (lambda: decide(known(uploaded(key="datasets/train.lst"))), WarnOfMisplaced),
        (lambda: decide(known(uploaded(key=f"datasets/{'x' * 256}/train.rec"))), WarnOfMisplaced),
    ],
    "anything else": [
        (lambda: decide(known(uploaded(key="datasets/pets/photo.jpg"))), Ignore),
        (lambda: decide(known(uploaded(key="datasets/pets/train.rec/"))), Ignore),
        (lambda: decide(known(uploaded(bucket="photos"))), Ignore),
    ],
}


@pytest.mark.parametrize("drop", PROMISED)
def test_what_is_dropped_comes_to_what_is_promised(drop: str) -> None:
    for case, expected in PROMISED[drop]:
        assert type(case()) is expected


def test_the_promises_are_those_of_the_page() -> None:
    rows = (ROOT / "docs/data-sets.md").read_text().partition("| you drop | you get |")[2].partition("\n\n")[0]
    assert re.findall(r"(?m)^\| (.+?) \| ", rows) == list(PROMISED)


@pytest.mark.parametrize(
    ("trigger", "asks"),
    [
        (uploaded(time=NOON - HOUR - SECOND), False),  # came before the training ended: nobody had deleted the model
        (uploaded(time=NOON - HOUR), True),
        (StartRequested(bucket=BUCKET, key=KEY, time=NOON), True),
        (retry("another"), False),
    ],
)
def test_a_deleted_model_is_made_anew_only_for_who_asks_after_the_training(trigger: Trigger, *, asks: bool) -> None:
    step = before_reading(known(trigger, objects=OLD, jobs=[job(status="Completed")], has_models=False))
    assert isinstance(step, AskForModel if asks else Leave)
    if isinstance(step, AskForModel):
        assert (step.unfinished.job, step.unfinished.next_try) == (job_name(), NOON)
        assert step.unfinished.key == f"outcomes/2026-11-12/{job_name()}.asked.json"


# ------------------------------------------------------------------------------------------------ what is no data set


@pytest.mark.parametrize("bucket", ["photos", "uploads"])  # one before this stack's in the alphabet, one after it
def test_an_upload_to_another_bucket_is_ignored_by_name(bucket: str) -> None:
    step = before_reading(known(uploaded(bucket=bucket)))
    assert step == Ignore(subject=KEY, reason=f"this stack watches the bucket {BUCKET}, not {bucket}")


def test_a_file_that_is_no_part_is_ignored() -> None:
    step = before_reading(known(uploaded("photo.jpg")))
    assert step == Ignore(subject=f"datasets/{SET}/photo.jpg", reason="the file is no part of a data set")


def test_a_misplaced_file_is_told_where_it_belongs() -> None:
    step = before_reading(known(uploaded(key="pets/train.rec")))
    assert isinstance(step, WarnOfMisplaced)
    assert (step.key, step.right_key) == ("pets/train.rec", "datasets/pets/train.rec")
    assert f"s3://{BUCKET}/datasets/pets/train.rec" in step.notice.text


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("pets/train.rec.gz", Ignore),
        ("pets/classes.txt.txt", Ignore),
        ("p\x01ets/train.REC", Ignore),
        ("datasets/train.rec.gz", WarnOfMisplaced),
        ("datasets%2Ftrain.rec.gz", WarnOfMisplaced),
    ],
)
def test_what_lies_outside_the_data_sets_of_somebody_s_bucket_is_left_alone(key: str, step: type) -> None:
    facts = known(uploaded(key=key))
    theirs = replace(facts, settings=replace(facts.settings, existing_bucket=BUCKET))
    assert (type(before_reading(facts)), type(before_reading(theirs))) == (WarnOfMisplaced, step)


@pytest.mark.parametrize("key", ["datasets/p\x01ets/train.rec", "datasets/pets/tr\x01ain.rec"])
def test_a_file_whose_key_cannot_be_printed_is_told_how_it_is_to_be_called(key: str) -> None:
    step = before_reading(known(uploaded(key=key), objects=[stored(name) for name in COMPLETE]))
    assert isinstance(step, WarnOfMisplaced)
    assert (step.key, step.right_key) == (key, "datasets/pets/train.rec")
    assert "\\x01" in step.notice.text


def test_an_upload_whose_key_cannot_be_printed_is_not_waited_for() -> None:
    begun = [UnfinishedUpload(key=f"datasets/{SET}/tr\x01ain.rec", id="1", began=NOON)]
    objects = [stored(name) for name in COMPLETE]
    assert isinstance(before_reading(known(uploaded(), objects=objects, unfinished_uploads=begun)), Examine)


# -------------------------------------------------------------------------------------------------- which data set


@pytest.mark.parametrize("key", ["datasets/space+and%2Bplus/train.lst", "datasets/space and+plus/train.lst"])
def test_a_key_is_taken_as_it_is_or_decoded_as_the_listing_has_it(key: str) -> None:
    objects = [stored(name, data_set="space and+plus") for name in COMPLETE]
    step = before_reading(known(uploaded(key=key), objects=objects))
    assert isinstance(step, Examine)
    assert step.data_set.name == "space and+plus"


def test_a_key_that_is_listed_as_it_is_is_not_decoded() -> None:
    objects = [*(stored(name, data_set="a+b") for name in COMPLETE), stored(TRAIN_LIST, data_set="a b")]
    step = before_reading(known(uploaded(key="datasets/a+b/train.lst"), objects=objects))
    assert isinstance(step, Examine)
    assert step.data_set.name == "a+b"


def test_the_set_that_holds_the_key_is_judged_however_the_key_is_read() -> None:
    objects = [*(stored(name, data_set="a b") for name in COMPLETE), stored(VALIDATION_RECORDS, data_set="a+b")]
    step = before_reading(known(uploaded(key="datasets/a+b/train.lst"), objects=objects))
    assert isinstance(step, Examine)
    assert step.data_set.name == "a b"


def test_a_key_that_names_no_set_until_it_is_decoded_is_of_that_set_alone() -> None:
    facts = known(uploaded(key=f"datasets%2F{SET}/{TRAIN_LIST}"))
    step = before_reading(facts)
    assert isinstance(step, Examine)
    assert step.data_set.name == SET
    assert set(facts.objects) == {SET}  # a set without a name is never listed


@pytest.mark.parametrize("cause", [None, WaitCause.QUOTA, WaitCause.FILES])
def test_a_set_of_which_nothing_is_left_is_gone_and_waits_no_more(cause: WaitCause | None) -> None:
    waiting = waited(cause, since=HOUR) if cause else None
    step = before_reading(known(uploaded(waiting=waiting), objects=[stored("notes.txt")]))
    reason = f"no such object is in the bucket {BUCKET} now"
    assert step == Ignore(subject=KEY, reason=reason, decision="gone", level="info")


def test_the_rest_of_a_set_is_judged_when_the_uploaded_file_is_gone() -> None:
    step = before_reading(known(uploaded("old_train.rec")))
    assert isinstance(step, Examine)
    assert step.data_set.name == SET


def test_a_set_of_too_many_files_to_list_is_refused_though_the_uploaded_one_is_not_among_those(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dataset, "MOST_OBJECTS", 2)
    trigger = uploaded("train.lst")
    images = [stored(f"ant/{number}.jpg") for number in range(4)]
    step = before_reading(known(trigger, objects=images[:3]))
    assert isinstance(step, Examine)
    assert isinstance(step.data_set, AmbiguousSet)
    assert [finding.code for finding in step.data_set.findings] == ["too-many-files"]
    all_listed = dataset.assemble(SET, reversed(images))
    assert all_listed.digest == step.data_set.digest, "a command that lists all would know its report by another name"


# --------------------------------------------------------------------------------------------- who judges, and when


@pytest.mark.parametrize(
    ("later", "stands_down"),
    [(timedelta(), False), (SECOND, False), (SECOND + timedelta(milliseconds=1), True), (MINUTE, True)],
)
def test_an_upload_stands_down_for_a_clearly_later_one(later: timedelta, *, stands_down: bool) -> None:
    trigger = uploaded(time=NOON - HOUR)
    objects = [*stored_all(*COMPLETE, modified=NOON - 2 * HOUR), stored("validation.lst", trigger.time + later)]
    step = before_reading(known(trigger, objects=objects))
    assert isinstance(step, StandDown) is stands_down
    if isinstance(step, StandDown):
        assert step.reason == f"datasets/{SET}/validation.lst came later and will be judged"


def test_a_file_that_is_no_event_is_no_reason_to_stand_down() -> None:
    objects = [*stored_all(*COMPLETE), stored("train.idx", NOON)]
    assert isinstance(before_reading(known(objects=objects)), Examine)


def test_a_deleted_file_leaves_the_others_to_the_one_that_came_after_it() -> None:
    trigger = uploaded("old_train.rec", time=NOON - HOUR)
    assert isinstance(before_reading(known(trigger)), StandDown)


@pytest.mark.parametrize(
    ("name", "began", "stored_since", "is_awaited"),
    [
        ("validation.lst", HOUR, None, True),
        ("validation.lst", DAY - SECOND, None, True),
        ("validation.lst", DAY, None, False),
        ("validation.lst", DAY + SECOND, None, False),
        (TRAIN_RECORDS, HOUR, HOUR + SECOND, True),
        (TRAIN_RECORDS, HOUR, HOUR, True),
        (TRAIN_RECORDS, HOUR, HOUR - SECOND, False),
        ("photo.jpg", HOUR, None, False),
    ],
)
def test_an_upload_under_way_is_awaited_while_it_may_still_matter(
    name: str, began: timedelta, stored_since: timedelta | None, *, is_awaited: bool
) -> None:
    objects = [stored(name, NOON - stored_since)] if stored_since else []
    upload = unfinished(name, NOON - began)
    assert find_upload_under_way(objects, [upload], NOON) == (upload if is_awaited else None)


@pytest.mark.parametrize(
    ("age_in_seconds", "expected"),
    [(0, True), (2, True), (2.001, False), (120, False), (unlimited() - unlimited(), False)],
)
def test_a_listing_is_fresh_for_a_moment(age_in_seconds: float, *, expected: bool) -> None:
    assert is_fresh(age_in_seconds) is expected


@pytest.mark.parametrize("status", ["InProgress", "Completed"])
def test_a_set_that_has_its_job_waits_for_no_upload(status: str) -> None:
    uploads = [unfinished("validation.lst", NOON)]
    assert isinstance(before_reading(known(jobs=[job(status=status)], unfinished_uploads=uploads)), Leave)


@pytest.mark.parametrize(("time", "step"), [(NOON - DAY, Leave), (NOON - MINUTE, Wait)], ids=["again", "later"])
def test_a_set_that_was_refused_waits_for_an_upload_only_with_a_later_one(
    time: datetime, step: type[StartStep]
) -> None:
    uploads, refused = [unfinished("validation.lst", NOON)], report(Verdict.REFUSED, NOON - HOUR)
    facts = known(uploaded(time=time), objects=OLD, reports=refused, unfinished_uploads=uploads)
    assert isinstance(before_reading(facts), step)


def test_whoever_would_do_something_about_a_set_that_has_its_job_waits_for_an_upload() -> None:
    uploads, trained = [unfinished("validation.lst", NOON)], [job(status="Completed")]
    for facts in (
        renamed(jobs=trained, unfinished_uploads=uploads),
        known(uploaded(time=NOON), jobs=trained, has_models=False, unfinished_uploads=uploads),
        known(jobs=[job()], unfinished_uploads=uploads),
    ):
        assert isinstance(before_reading(facts), Wait)


@pytest.mark.parametrize("objects", [stored_all(*COMPLETE), PART, stored_all(*COMPLETE, "more_train.rec")])
def test_a_set_waits_for_an_upload_whatever_else_it_has(objects: list[StoredObject]) -> None:
    uploads = [unfinished("x.jpg", NOON), unfinished("validation.lst", NOON - HOUR + SECOND)]
    step = before_reading(known(objects=objects, unfinished_uploads=uploads, jitter=1))
    assert isinstance(step, Wait)
    assert (step.data_set, step.cause) == (SET, WaitCause.UPLOAD)
    assert step.reason == f"datasets/{SET}/validation.lst is still being uploaded"
    assert step.message == uploaded(waiting=waited(WaitCause.UPLOAD, since=timedelta()))
    assert (step.delay_in_seconds, step.notice) == (450, None)


@pytest.mark.parametrize(("taken", "since"), [(HOUR, "11:00"), (2 * HOUR, "10:00")])
def test_people_are_notified_of_an_upload_that_takes_an_hour(taken: timedelta, since: str) -> None:
    step = before_reading(known(unfinished_uploads=[unfinished("validation.lst", NOON - taken)]))
    assert isinstance(step, Wait)
    assert step.notice
    claim, notice = step.notice
    assert claim == Claim(key=f"notices/{SET}/upload.under-way.json", upload=KEY, time=NOON - MINUTE)
    assert f"--bucket {BUCKET} --key datasets/{SET}/validation.lst --upload-id upload-id" in notice.text
    assert f"Since 2026-11-12 {since} UTC" in notice.text


# -------------------------------------------------------------------------------------------- what a set still lacks


def test_an_incomplete_set_says_what_it_awaits() -> None:
    step = before_reading(known(objects=PART))
    assert isinstance(step, Wait)
    assert (step.data_set, step.cause, step.reason) == (SET, WaitCause.FILES, "it awaits its validation .rec")
    assert step.notice is None


@pytest.mark.parametrize(("since", "expected"), [(HOUR - SECOND, Wait), (HOUR, Remind), (DAY, Remind)])
def test_people_are_reminded_of_missing_files_after_an_hour(since: timedelta, expected: type[StartStep]) -> None:
    step = before_reading(known(uploaded(waiting=waited(WaitCause.FILES, since=since)), objects=PART))
    assert type(step) is expected


def test_a_reminder_is_claimed_by_content() -> None:
    trigger = uploaded(waiting=waited(WaitCause.FILES, since=HOUR))
    step = before_reading(known(trigger, objects=PART))
    assert isinstance(step, Remind)
    assert step.claim == Claim.of(trigger, f"notices/{SET}/{content_of(PART)}.reminder.json")
    assert (step.data_set, step.reason) == (SET, "it awaits its validation .rec")
    assert step.notice.subject == f"Data set {SET} is incomplete"
    assert "waiting for its validation .rec" in step.notice.text


def test_a_reminder_says_which_file_may_be_what_is_missing() -> None:
    trigger = uploaded(waiting=waited(WaitCause.FILES, since=HOUR))
    step = before_reading(known(trigger, objects=[*PART, stored("val.recordio")]))
    assert isinstance(step, Remind)
    assert step.notice.text.endswith("\nIf val.recordio is it, rename it and upload it again: mv val.recordio val.rec.")


def test_a_wait_for_something_else_does_not_count_as_one_for_files() -> None:
    trigger = uploaded(waiting=waited(WaitCause.UPLOAD, since=2 * HOUR))
    step = before_reading(known(trigger, objects=PART))
    assert isinstance(step, Wait)
    assert step.message.waiting == Waiting(cause=WaitCause.FILES, since=NOON, hops=2, began=NOON - 2 * HOUR)


# ------------------------------------------------------------------------------------------- the same files before


def examined(step: StartStep | Examine) -> Examine:
    assert isinstance(step, Examine)
    return step


def test_a_new_content_is_examined_for_its_first_job() -> None:
    step = examined(before_reading(known()))
    assert (step.data_set.name, step.job, step.instance_type, step.earlier) == (
        SET,
        job_name(),
        "ml.g4dn.xlarge",
        None,
    )


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
@pytest.mark.parametrize(
    "trigger", [uploaded(time=NOON), retry("another"), requested()], ids=lambda each: type(each).__name__
)
def test_while_a_job_of_the_same_files_runs_nothing_is_started(status: str, trigger: Trigger) -> None:
    running = job(status=status)
    step = before_reading(known(trigger, objects=OLD, jobs=[running]))
    assert step == Leave(subject=running.name, decision="running", reason="its training job is running")


def test_while_a_later_attempt_runs_nothing_is_started() -> None:
    attempts = [job(), job(2, "InProgress")]
    step = before_reading(known(uploaded(time=NOON), jobs=attempts))
    assert step == Leave(subject=job_name(2), decision="running", reason="its training job is running")


def test_what_was_trained_on_is_not_trained_on_again() -> None:
    step = before_reading(known(uploaded(time=NOON), jobs=[job(), job(2, "Completed")]))
    outcome = f"s3://{BUCKET}/outcomes/2026-11-12/{job_name(2)}.json"
    reason = f"the same files were trained on: what came of it is in {outcome}"
    assert step == Leave(subject=job_name(2), decision="trained", reason=reason)


@pytest.mark.parametrize(
    ("content", "former", "said"),
    [
        (b"ant\ndog\n", FORMER, "KEY calls class 0 ant, the report on these files cat"),
        (b"dog\ncat\n", FORMER, "KEY calls class 0 dog, the report on these files cat (1 more differ)"),
        (b"cat\ndog\nemu\n", FORMER, "KEY calls class 2 emu, for which the report on these files has no name"),
        (b"cat\n", FORMER, "KEY has no name for class 1, which the report on these files calls dog"),
        (b"cat\n\ndog\n", FORMER, "its class names cannot be read: classes.txt, line 2: The line is blank"),
        (
            b"c\n" + b"".join(b"%d\n" % number for number in range(MOST_REPORTED)),
            ClassNames.of(dict(enumerate(["c", *map(str, range(MOST_REPORTED - 1))])), "classes.txt"),
            "KEY has another number of names than the report on these files",
        ),
    ],
)
@pytest.mark.parametrize(("status", "decision"), [("InProgress", "running"), ("Completed", "trained")])
def test_a_job_with_other_names_is_left_with_a_word_on_what_differs(
    content: bytes, former: ClassNames, said: str, status: str, decision: str
) -> None:
    step = before_reading(renamed(content, former, jobs=[job(status=status)]))
    assert isinstance(step, Leave)
    assert step.decision == decision
    expected = said.replace("KEY", f"datasets/{SET}/classes.txt")
    assert f"; but {expected}" in step.reason
    assert step.notice
    claim, notice = step.notice
    assert claim.key == f"notices/{SET}/{content_of()}.class-names.json"
    assert expected in notice.text


@pytest.mark.parametrize(
    "facts",
    [
        lambda: renamed(b"cat\r\ndog\r\n", jobs=[job(status="Completed")]),
        lambda: renamed(None, jobs=[job(status="Completed")]),
        lambda: known(objects=NAMED, jobs=[job(status="Completed")]),
        lambda: known(
            objects=NAMED,
            reports=report(conditions=Conditions(companions={NAMED[-1].key: NAMED[-1].etag})),
            class_names=b"ant\n",
            jobs=[job(status="Completed")],
        ),
    ],
    ids=["written otherwise", "replaced since, and judged by itself", "no report is left", "read by the report"],
)
def test_nothing_needs_doing_where_the_names_agree(facts: Callable[[], StartFacts]) -> None:
    step = before_reading(facts())
    assert isinstance(step, Leave)
    assert (step.notice, "but" in step.reason) == (None, False)


@pytest.mark.parametrize(
    ("since_the_end", "tries"),
    [(-SECOND, False), (timedelta(milliseconds=-1), True), (timedelta(), True), (HOUR, True), (-HOUR, False)],
)
def test_an_upload_after_a_failure_asks_for_another_try(since_the_end: timedelta, *, tries: bool) -> None:
    failed = job(ended=NOON - 2 * HOUR)
    step = before_reading(known(uploaded(time=failed.ended + since_the_end), objects=OLD, jobs=[failed]))
    if tries:
        assert examined(step).job == job_name(2)
    else:
        reason = "its training job ended without a model; a later upload tries again"
        assert step == Leave(subject=failed.name, decision="ended", reason=reason)


def test_the_last_of_several_attempts_decides() -> None:
    attempts = [job(ended=NOON - DAY), job(2, ended=NOON)]
    step = before_reading(known(uploaded(time=NOON - MINUTE), jobs=attempts))
    assert isinstance(step, Leave)
    assert step.subject == job_name(2)
    assert examined(before_reading(known(uploaded(time=NOON + MINUTE), jobs=attempts))).job == job_name(3)


# -------------------------------------------------------------------------------------- tries for want of capacity


@pytest.mark.parametrize(
    ("failures", "instance_type"),
    [
        ([CAPACITY], "ml.g5.xlarge"),
        ([CAPACITY] * 2, "ml.p3.2xlarge"),
        ([CAPACITY] * 3, "ml.g4dn.xlarge"),  # the round is over; a person began the next
        ([CAPACITY, "AlgorithmError: it diverged"], "ml.g4dn.xlarge"),
        (["AlgorithmError: it diverged", CAPACITY], "ml.g5.xlarge"),
    ],
)
def test_each_try_takes_the_next_type(failures: list[str], instance_type: str) -> None:
    attempts = [job(number, failure_reason=reason) for number, reason in enumerate(failures, start=1)]
    step = examined(before_reading(known(jobs=attempts)))
    assert (step.job, step.instance_type) == (job_name(len(failures) + 1), instance_type)


def test_a_retry_is_for_the_job_it_names_and_no_other() -> None:
    attempts = [job(failure_reason=CAPACITY), job(2, failure_reason=CAPACITY)]
    assert examined(before_reading(known(retry(job_name(2)), objects=OLD, jobs=attempts))).job == job_name(3)
    step = before_reading(known(retry(job_name()), objects=OLD, jobs=attempts))
    assert isinstance(step, Leave)
    assert (step.decision, step.subject) == ("ended", job_name(2))


@pytest.mark.parametrize("content", ["000000000000", "ffffffffffff"])
def test_a_retry_is_no_reason_to_try_other_files_again(content: str) -> None:
    step = before_reading(known(retry(f"sagescene--pets--{content}"), objects=OLD, jobs=[job(failure_reason=CAPACITY)]))
    assert isinstance(step, Leave)
    assert (step.decision, step.subject) == ("ended", job_name())


def test_a_retry_starts_nothing_on_files_that_replaced_its_own() -> None:
    step = before_reading(known(retry("sagescene--pets--ffffffffffff"), objects=OLD))
    reason = "the files of sagescene--pets--ffffffffffff were replaced"
    assert step == StandDown(data_set=SET, reason=reason)


# --------------------------------------------------------------------------------------------- earlier verdicts

JUDGED = StandDown(data_set=SET, reason="it was judged after this upload, and has only lost files since")
OTHER = "ffffffffffff"
OTHER_JOB = keys.job_name("sagescene", SET, OTHER)


@pytest.mark.parametrize("objects", [stored_all(*COMPLETE), PART], ids=["complete", "incomplete"])
def test_an_upload_before_a_verdict_on_other_content_starts_nothing(objects: list[StoredObject]) -> None:
    facts = known(objects=objects, reports=report(Verdict.REFUSED, NOON, OTHER))
    assert before_reading(facts) == JUDGED


def test_a_verdict_of_ready_counts_once_its_job_was_started() -> None:
    reports = report(Verdict.READY, NOON, OTHER)
    assert isinstance(before_reading(known(reports=reports)), Examine)
    assert before_reading(known(reports=reports, jobs=[job(name=OTHER_JOB)])) == JUDGED


@pytest.mark.parametrize(
    ("later", "is_judged"), [(timedelta(), False), (SECOND - timedelta(microseconds=1), False), (SECOND, True)]
)
def test_a_verdict_within_the_second_of_the_upload_may_not_know_of_it(later: timedelta, *, is_judged: bool) -> None:
    trigger = uploaded(time=NOON - HOUR)
    reports = report(Verdict.REFUSED, trigger.time + later, OTHER)
    assert (before_reading(known(trigger, objects=OLD, reports=reports)) == JUDGED) is is_judged


@pytest.mark.parametrize(
    "trigger",
    [
        uploaded(waiting=waited(WaitCause.QUOTA, since=HOUR)),
        requested(),
        retry(job_name(), waiting=waited(WaitCause.CAPACITY, since=HOUR)),
        retry(job_name()),
    ],
    ids=["an upload that was put off", "a request", "a retry that was put off", "a retry"],
)
def test_whoever_was_put_off_or_asks_by_name_is_not_held_off_by_another_verdict(trigger: Trigger) -> None:
    jobs = [job(failure_reason=CAPACITY)]
    facts = known(trigger, objects=OLD, jobs=jobs, reports=report(Verdict.REFUSED, NOON + HOUR, OTHER))
    assert isinstance(before_reading(facts), Examine)


def test_a_verdict_listed_in_the_second_of_the_upload_counts_by_its_own_time() -> None:
    trigger = uploaded(time=NOON - HOUR)
    ((listed, document),) = report(Verdict.REFUSED, trigger.time + SECOND, OTHER).items()
    facts = known(trigger, objects=OLD, reports={replace(listed, last_modified=trigger.time): document})
    assert before_reading(facts) == JUDGED


def test_a_report_that_cannot_be_read_holds_nobody_off() -> None:
    reports = dict.fromkeys(report(Verdict.REFUSED, NOON, OTHER))
    assert isinstance(before_reading(known(reports=reports)), Examine)


def test_a_report_older_than_the_upload_is_not_read() -> None:
    (stored_report,) = report(Verdict.REFUSED, NOON - DAY, OTHER)
    facts = replace(known(), reports={SET: [stored_report]}, documents={})
    assert isinstance(before_reading(facts), Examine)


@pytest.mark.parametrize(
    ("since", "repeats"),
    [(timedelta(), False), (SECOND - timedelta(microseconds=1), False), (SECOND, True), (HOUR, True)],
)
def test_a_redelivery_after_a_refusal_is_refused_already(since: timedelta, *, repeats: bool) -> None:
    trigger = uploaded(time=NOON - HOUR)
    step = before_reading(known(trigger, objects=OLD, reports=report(Verdict.REFUSED, trigger.time + since)))
    if repeats:
        reason = "it was refused already; a later upload tries again"
        assert step == Leave(subject=SET, decision="refused", reason=reason)
    else:
        assert examined(step).earlier


def test_a_standing_verdict_of_ready_is_handed_on() -> None:
    reports = report(Verdict.READY, NOON)
    (earlier,) = reports.values()
    assert examined(before_reading(known(reports=reports))).earlier == earlier


def test_the_report_on_this_content_is_the_earlier_one_whatever_lies_beside_it() -> None:
    reports = report(Verdict.READY, NOON - DAY, OTHER) | report(Verdict.READY, NOON - HOUR)
    assert examined(before_reading(known(reports=reports))).earlier == list(reports.values())[1]


LONGER = keys.job_name("sagescene", SET, digest_of()[:30])


@pytest.mark.parametrize(
    ("kept", "name"),
    [(digest_of(), job_name()), ("", job_name()), (digest_of()[:-1] + "x", LONGER)],
    ids=["same", "version before", "another"],
)
def test_a_content_has_a_longer_name_where_the_short_one_is_anothers(kept: str, name: str) -> None:
    assert examined(before_reading(known(reports=report(digest=kept)))).job == name


def test_a_content_of_a_longer_name_has_reports_jobs_and_tries_of_its_own() -> None:
    reports = report(digest="another's")
    jobs = [job(status="Completed"), job(name=LONGER)]
    step = examined(before_reading(known(reports=reports, jobs=jobs)))
    assert (step.job, step.data_set.fingerprint, step.earlier) == (f"{LONGER}--r2", digest_of()[:30], None)
    own = report(content=digest_of()[:30], digest=digest_of())
    assert examined(before_reading(known(reports=reports | own))).earlier == next(iter(own.values()))


# ----------------------------------------------------------------------------------------------- after the reading


def examine(facts: StartFacts) -> Examine:
    return examined(before_reading(facts))


def test_a_ready_set_is_started_under_its_name_and_on_its_type() -> None:
    facts = known(jobs=[job(failure_reason=CAPACITY)])
    step = after_reading(examine(facts), facts, examination())
    assert isinstance(step, Start)
    assert (step.data_set, step.content, step.job) == (SET, content_of(), job_name(2))
    assert (step.instance_type, step.refused) == ("ml.g5.xlarge", {})
    assert step.request["TrainingJobName"] == job_name(2)
    assert step.request["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"
    uris = [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in step.request["InputDataConfig"]]
    assert uris == [f"s3://{BUCKET}/datasets/{SET}/{name}" for name in (TRAIN_RECORDS, VALIDATION_RECORDS)]


def test_a_refusal_tells_every_error_and_is_claimed_by_content() -> None:
    facts = known()
    errors, warning = [fault("a"), fault("b")], fault("c", Severity.WARNING)
    found = examination(Verdict.REFUSED, errors[0], warning, errors[1])
    step = after_reading(examine(facts), facts, found)
    assert isinstance(step, Refuse)
    assert step.examination is found
    assert step.reason == f"{errors[0]} {errors[1]}"
    assert step.claim == Claim.of(facts.trigger, f"notices/{SET}/{content_of()}.refused.json")
    assert step.notice.subject == f"Data set {SET} is refused"
    assert step.notice.text.count("\n- ") == 3
    assert f"s3://{BUCKET}/reports/{SET}/{content_of()}.html" in step.notice.text


def test_a_second_refusal_of_one_content_is_claimed_anew() -> None:
    facts = known(reports=report(Verdict.REFUSED, datetime(2026, 11, 11, 9, 8, 7, tzinfo=NOON.tzinfo)))
    step = after_reading(examine(facts), facts, examination(Verdict.REFUSED, fault()))
    assert isinstance(step, Refuse)
    assert step.claim.key == f"notices/{SET}/{content_of()}.refused-after-2026-11-11T09-08-07.json"


def test_a_set_with_a_surplus_file_is_refused_whatever_the_verdict_says() -> None:
    facts = known(objects=stored_all(*COMPLETE, "more_train.rec"))
    assert isinstance(after_reading(examine(facts), facts, examination(Verdict.READY)), Refuse)


@pytest.mark.parametrize("found", [examination(), examination(Verdict.REFUSED, fault()), None])
def test_files_that_changed_while_they_were_read_are_waited_for(found: Any) -> None:  # noqa: ANN401
    facts = known(jitter=1)
    step = after_reading(examine(facts), facts, found, "its files changed")
    assert isinstance(step, Wait)
    assert (step.data_set, step.cause, step.reason) == (SET, WaitCause.CHANGES, "its files changed")
    assert (step.delay_in_seconds, step.notice) == (30, None)


def test_a_set_of_which_nothing_was_found_is_waited_for() -> None:
    facts = known()
    step = after_reading(examine(facts), facts, None)
    assert isinstance(step, Wait)
    assert step.cause is WaitCause.CHANGES


def test_files_that_change_for_a_day_are_given_up() -> None:
    facts = known(uploaded(waiting=waited(WaitCause.CHANGES, since=DAY)))
    step = after_reading(examine(facts), facts, None, "its files changed")
    assert isinstance(step, GiveUp)
    assert step.waited_for is WaitCause.CHANGES


# --------------------------------------------------------------------------------------- refused by SageMaker for now


def test_a_wait_for_the_quota_notifies_people_when_it_begins() -> None:
    step = refused_start(WaitCause.QUOTA)
    assert isinstance(step, Wait)
    assert (step.data_set, step.cause, step.reason) == (SET, WaitCause.QUOTA, "AWS's own words")
    assert step.notice
    claim, notice = step.notice
    assert claim == Claim(key=f"notices/{SET}/{content_of()}.quota.json", upload=KEY, time=NOON - MINUTE)
    assert "AWS's own words" in notice.text
    assert "https://us-east-1.console.aws.amazon.com/servicequotas" in notice.text


@pytest.mark.parametrize(
    ("cause", "subject", "sentences"),
    [
        (
            WaitCause.JOBS_AT_ONCE,
            "Data set pets waits for other jobs to end",
            ("The stack runs 4, as many jobs as it may at once.", "one of them has ended", "a higher MaxJobsAtOnce"),
        ),
        (
            WaitCause.JOBS_A_DAY,
            "Data set pets waits for another day",
            ("The stack has started 4 today, as many jobs as it may in a day.", "is over", "a higher MaxJobsPerDay"),
        ),
    ],
)
def test_a_wait_for_a_limit_of_the_stack_says_what_would_lift_it(
    cause: WaitCause, subject: str, sentences: tuple[str, ...]
) -> None:
    step = refused_start(explain_limit(cause, most=4))
    assert isinstance(step, Wait)
    assert step.notice
    claim, notice = step.notice
    assert claim.key == f"notices/{SET}/{content_of()}.{cause}.json"
    assert notice.subject == subject
    assert all(sentence in notice.text for sentence in sentences)


AT_ONCE = JobLimit(cause=WaitCause.JOBS_AT_ONCE, group="at-once", most=4, ends_with_job=True)
A_DAY = JobLimit(cause=WaitCause.JOBS_A_DAY, group="days/2026-11-12", most=20, ends_with_job=False)


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({}, (AT_ONCE, A_DAY)),
        ({"max_jobs_at_once": 0}, (A_DAY,)),
        ({"max_jobs_per_day": 0}, (AT_ONCE,)),
        ({"max_jobs_per_day": 1, "max_jobs_at_once": 0}, (replace(A_DAY, most=1),)),
    ],
)
def test_a_job_starts_within_the_limits_of_the_stack(settings: dict[str, Any], limits: tuple[JobLimit, ...]) -> None:
    facts = known()
    step = decide(replace(facts, settings=replace(facts.settings, **settings)))
    assert isinstance(step, Start)
    assert step.limits == limits


@pytest.mark.parametrize("waits_for", sorted(FOR_ROOM))
@pytest.mark.parametrize("cause", [None, WaitCause.RATE])
def test_whoever_waits_for_room_goes_on_waiting_for_it(waits_for: WaitCause, cause: WaitCause | None) -> None:
    trigger = uploaded(waiting=waited(waits_for, since=HOUR, hops=7))
    step = refused_start(cause or waits_for, trigger)
    assert isinstance(step, Wait)
    assert (step.cause, step.notice) == (waits_for, None)
    assert step.message == replace(trigger, waiting=waited(waits_for, since=HOUR, hops=8))


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(sorted(FOR_ROOM), 2)))
def test_whoever_finds_another_limit_in_the_way_has_waited_all_the_same(first: WaitCause, second: WaitCause) -> None:
    step = refused_start(second, uploaded(waiting=waited(first, since=HOUR, hops=7)))
    assert isinstance(step, Wait)
    assert step.cause is second
    assert step.notice, "people know of the first limit, not of the second"
    assert step.message.waiting == waited(second, since=HOUR, hops=8)


@pytest.mark.parametrize("waiting", [None, waited(WaitCause.UPLOAD, since=HOUR)])
def test_a_wait_for_the_rate_is_no_news(waiting: Waiting | None) -> None:
    step = refused_start(WaitCause.RATE, uploaded(waiting=waiting))
    assert isinstance(step, Wait)
    assert (step.cause, step.notice, step.delay_in_seconds) == (WaitCause.RATE, None, 4)


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (WaitCause.QUOTA, Cause.QUOTA),
        (WaitCause.RATE, Cause.RATE),
        (WaitCause.JOBS_AT_ONCE, Cause.LIMIT),
        (WaitCause.JOBS_A_DAY, Cause.LIMIT),
    ],
)
@pytest.mark.parametrize(("since", "expected"), [(DAY - SECOND, Wait), (DAY, GiveUp)])
def test_a_wait_is_given_up_after_a_day(
    cause: WaitCause, failure: Cause, since: timedelta, expected: type[StartStep]
) -> None:
    trigger = uploaded(waiting=waited(cause, since=since))
    step = refused_start(cause, trigger)
    assert type(step) is expected
    if isinstance(step, GiveUp):
        assert (step.data_set, step.job, step.waited_for) == (SET, job_name(), cause)
        assert (step.reason, step.failure.cause) == ("AWS's own words", failure)
        assert step.claim == Claim.of(trigger, f"notices/{SET}/{job_name()}.given-up.json")
        assert step.outcome_key == f"outcomes/2026-11-12/{job_name()}.not-started.json"
        assert step.notice.subject == f"Training on data set {SET} was given up"
        assert "For a day" in step.notice.text


def test_a_wait_is_given_up_under_one_key_however_often_its_message_comes_back() -> None:
    facts = known(uploaded(waiting=waited(WaitCause.QUOTA, since=DAY)))
    start = decide(facts)
    assert isinstance(start, Start)
    keys_given = set()
    for later in (SECOND, DAY):
        step = after_refused_start(start, replace(facts, now=facts.now + later), refusal(WaitCause.QUOTA))
        assert isinstance(step, GiveUp)
        keys_given.add(step.outcome_key)
    assert len(keys_given) == 1


# ---------------------------------------------------------------------------------------- one wait after the other


def waits_of_every_cause(waiting: Waiting) -> Iterable[StartStep]:
    trigger = uploaded(waiting=waiting)
    yield before_reading(known(trigger, unfinished_uploads=[unfinished("validation.lst", NOON)]))  # type: ignore[misc]
    yield before_reading(known(trigger, objects=PART))  # type: ignore[misc]
    facts = known(trigger)
    yield after_reading(examine(facts), facts, None, "changed")
    yield refused_start(WaitCause.RATE, trigger)
    yield refused_start(WaitCause.QUOTA, trigger)


@pytest.mark.parametrize(
    ("hops", "began", "expected"),
    [(999, 4 * DAY - SECOND, Wait), (1000, MINUTE, GiveUp), (1, 4 * DAY, GiveUp), (1001, 5 * DAY, GiveUp)],
)
def test_a_chain_of_waits_ends_after_a_thousand_hops_or_four_days(
    hops: int, began: timedelta, expected: type[StartStep]
) -> None:
    waiting = waited(WaitCause.UPLOAD, since=MINUTE, hops=hops, began=began)
    steps = list(waits_of_every_cause(waiting))
    assert [type(step) for step in steps] == [expected] * 5
    for step in steps:
        if isinstance(step, GiveUp):
            assert f"has been put off {hops:,} times" in step.notice.text
            assert isinstance(step.notice, Notice)


@pytest.mark.parametrize("uploads", [[], [unfinished("validation.lst", NOON)]], ids=["files", "an upload"])
def test_the_job_that_never_was_is_named_by_what_the_set_has(uploads: list[UnfinishedUpload]) -> None:
    waiting = waited(WaitCause.UPLOAD, since=MINUTE, hops=1000)
    step = before_reading(known(uploaded(waiting=waiting), objects=PART, unfinished_uploads=uploads))
    assert isinstance(step, GiveUp)
    assert step.job == job_name(objects=PART)
