"""Training jobs are named within SageMaker's alphabet, and numbered."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sagescene import dataset, keys

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
