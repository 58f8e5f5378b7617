"""Training jobs are named within SageMaker's alphabet, and numbered."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sagescene import dataset, keys

JOB = "sagescene--pets--0f1e2d3c4b5a"
CREATED = datetime(2026, 11, 12, 9, tzinfo=UTC)
prefixes = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,9}", fullmatch=True).map(lambda text: text[:20].rstrip("-"))


@pytest.mark.parametrize("content", ["0123456789ab", "0123456789" * 3])
@given(prefix=prefixes, name=st.text(min_size=1), attempt=st.integers(1, 999))
@example(prefix="x" * 20, name="-", attempt=999)
def test_a_job_name_fits_sagemaker_whatever_the_set_is_called(
    content: str, prefix: str, name: str, attempt: int
) -> None:
    assert len(content) in {dataset.SHORT_FORM, dataset.LONGER_FORM}
    job = keys.job_name(prefix, name, content, attempt)
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", job)
    assert job.startswith(f"{prefix}--")
    assert f"--{content}" in job


def test_further_attempts_are_numbered() -> None:
    assert keys.job_name("s", "red flowers", "0123456789ab") == "s--red-flowers--0123456789ab"
    assert keys.job_name("s", "red flowers", "0123456789ab", 3) == "s--red-flowers--0123456789ab--r3"


@given(attempt=st.integers(1, 999))
def test_the_attempts_up_to_a_jobs_own_are_those_that_were_named(attempt: int) -> None:
    named = [keys.job_name("s", "pets", "0123456789ab", number) for number in range(1, attempt + 1)]
    assert keys.name_attempts(named[-1]) == named


@pytest.mark.parametrize("fingerprint", ["0123456789ab", "0123456789" * 3])
@pytest.mark.parametrize("attempt", [1, 2, 999])
def test_the_fingerprint_stands_in_the_name_of_every_attempt(fingerprint: str, attempt: int) -> None:
    assert keys.fingerprint_of(keys.job_name("s", "red flowers", fingerprint, attempt)) == fingerprint


@given(attempt=st.integers(1, 998))
def test_the_next_attempt_has_the_next_number(attempt: int) -> None:
    job, following = (keys.job_name("s", "pets", "0123456789ab", number) for number in (attempt, attempt + 1))
    assert keys.next_attempt(job) == following


@pytest.mark.parametrize("job", ["s--pets--0123456789ab--r999", "s--" + "x" * 57])
def test_no_attempt_comes_after_a_name_that_grows_too_long(job: str) -> None:
    assert keys.next_attempt(job) is None


@pytest.mark.parametrize("ending", ["--r9999999999", "--r1000", "--r1", "--r0", "--r02", "--r", "--r2x", "--r٣", ""])
def test_a_name_of_another_form_is_its_own_first_attempt(ending: str) -> None:
    assert keys.name_attempts(f"s--x{ending}") == [f"s--x{ending}"]


def test_what_says_whether_people_were_told_lies_beside_the_outcome_and_is_none() -> None:
    outcome, awaited, told = (key(JOB, CREATED) for key in (keys.outcome_key, keys.awaited_key, keys.told_key))
    assert [keys.is_of_notice(key) for key in (outcome, awaited, told)] == [False, True, True]
    assert (keys.told_beside(awaited), keys.told_beside(outcome)) == (told, None)
    assert {key.rpartition("/")[0] for key in (outcome, awaited, told)} == {"outcomes/2026-11-12"}


def test_an_evaluation_is_no_report_and_a_later_one_has_a_name_of_its_own() -> None:
    first, later = keys.evaluation_key("pets", JOB), keys.evaluation_key("pets", JOB, "0123456789ab")
    assert (first, later) == (f"reports/pets/{JOB}.evaluation.json", f"reports/pets/{JOB}.0123456789ab.evaluation.json")
    assert not keys.is_report_key(first)
    assert keys.evaluation_page_key("pets", JOB) == first.replace(".json", ".html")


@pytest.mark.parametrize(
    ("data_set", "name"),
    [
        ("pets", "s--pets"),
        ("red-flowers", "s--red-flowers"),
        ("red flowers", "s--red-flowers--[0-9a-f]{8}"),
        ("red--flowers", "s--red-flowers--[0-9a-f]{8}"),
        ("Pets", "s--pets--[0-9a-f]{8}"),
        ("東京", "s--set--[0-9a-f]{8}"),
    ],
)
def test_a_set_has_one_group_of_versions(data_set: str, name: str) -> None:
    assert re.fullmatch(name, keys.model_group("s", data_set))


@given(
    prefix=st.from_regex(r"[a-z0-9](-?[a-z0-9])*", fullmatch=True).filter(lambda prefix: len(prefix) <= 20),
    sets=st.sets(st.text(st.sampled_from("ab-B _é"), min_size=1, max_size=80), min_size=2, max_size=8),
)
def test_no_two_sets_share_a_group_and_sagemaker_takes_its_name(prefix: str, sets: set[str]) -> None:
    names = [keys.model_group(prefix, data_set) for data_set in sets]
    assert len({name.lower() for name in names}) == len(sets)
    assert all(re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name) for name in names)


def test_what_tells_the_images_of_a_content_lies_beside_its_report_and_is_none() -> None:
    images = keys.images_key("pets", "0123456789ab")
    assert images == "reports/pets/0123456789ab.images.json"
    assert keys.is_report_key(keys.report_key("pets", "0123456789ab"))
    assert not keys.is_report_key(images)
    assert not keys.is_evaluation_key(images)


def test_an_outcome_and_a_model_still_to_be_made_tell_their_job_and_its_day() -> None:
    ended = (keys.outcome_key("j--r2", CREATED), keys.unfinished_key("j--r2", CREATED))
    assert {keys.job_of_outcome(key) for key in ended} == {"j--r2"}
    assert {keys.day_of_outcome(key) for key in ended} == {"2026-11-12"}
    others = (keys.asked_key, keys.awaited_key, keys.told_key, keys.not_started_key)
    assert {keys.job_of_outcome(name("j", CREATED)) for name in others} == {None}
    assert keys.job_of_outcome(f"reports/{keys.outcome_key('j', CREATED)}") is None


def test_an_outcome_and_every_mark_beside_it_name_their_job() -> None:
    outcome = keys.outcome_key("j--r2", CREATED)
    kinds = (keys.unfinished_key, keys.asked_key, keys.awaited_key, keys.told_key, keys.not_started_key)
    marks = [name("j--r2", CREATED) for name in kinds]
    assert {keys.job_named_in(key) for key in (outcome, *marks)} == {"j--r2"}
    assert keys.job_named_in(f"reports/{outcome}") is None
    assert [keys.is_outcome_key(key) for key in (outcome, *marks)] == [True] + [False] * len(marks)
    assert all(key.startswith(keys.outcomes_of("j--r2", CREATED)) for key in (outcome, *marks))
    assert not outcome.startswith(keys.outcomes_of("j", CREATED))


def test_a_report_names_its_content_and_has_its_page_beside_it() -> None:
    report, page = (name("pets", "0123456789ab") for name in (keys.report_key, keys.page_key))
    assert keys.content_of_report(report) == "0123456789ab"
    others = (page, keys.images_key("pets", "0123456789ab"), keys.evaluation_key("pets", JOB))
    assert {keys.content_of_report(key) for key in others} == {None}
    assert keys.page_beside(report) == page
    assert keys.page_beside(keys.evaluation_key("pets", JOB, "f")) == keys.evaluation_page_key("pets", JOB, "f")
