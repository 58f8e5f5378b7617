"""A set whose records no request could name is refused by its listing, before anything of it is read."""

from datetime import UTC, datetime

import botocore.session
import pytest

from sagescene.addresses import LONGEST_ADDRESS
from sagescene.dataset import AmbiguousSet, DataSet, StoredObject, assemble

BUCKET = "the-bucket"
NAMES = ("train.rec", "train.lst", "validation.rec")


def stored(*keys: str) -> list[StoredObject]:
    return [StoredObject(key=key, etag=key, size=1, last_modified=datetime(2026, 11, 12, tzinfo=UTC)) for key in keys]


def in_folder_of(length: int) -> list[StoredObject]:
    """Give a set whose longest address of records has this length."""
    room = length - len(f"s3://{BUCKET}/datasets/pets//validation.rec")
    return stored(*(f"datasets/pets/{'d' * room}/{name}" for name in NAMES))


def test_the_longest_address_is_the_one_of_the_api() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    assert model.shape_for("S3Uri").metadata["max"] == LONGEST_ADDRESS


def test_an_address_may_be_as_long_as_sagemaker_takes() -> None:
    assert isinstance(assemble("pets", in_folder_of(LONGEST_ADDRESS), BUCKET), DataSet)


def test_a_longer_address_is_refused_with_the_figure() -> None:
    objects = in_folder_of(LONGEST_ADDRESS + 1)
    assembled = assemble("pets", objects, BUCKET)
    assert isinstance(assembled, AmbiguousSet)
    (finding,) = assembled.findings
    assert (finding.code, finding.file) == ("key-refused-by-sagemaker", objects[2].key)
    assert finding.message == "Its address has 1,025 characters, and SageMaker takes 1,024."
    assert "shorter" in finding.remedy


def test_the_length_of_a_bucket_counts_where_there_is_one() -> None:
    assert isinstance(assemble("pets", in_folder_of(LONGEST_ADDRESS + 1)), DataSet)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_separator_that_javas_patterns_take_for_a_line_break_is_refused(separator: str) -> None:
    keys = (f"datasets/pets/a{separator}b/{name}" for name in NAMES)
    assembled = assemble("pets", stored(*keys), BUCKET)
    assert isinstance(assembled, AmbiguousSet)
    assert [finding.code for finding in assembled.findings] == ["key-refused-by-sagemaker"] * 2


@pytest.mark.parametrize(
    ("folder", "suggested"),
    [("pets/", "pets"), ("pets/a//b", "pets/a/b"), ("pets/.", "pets"), (".", "my-set"), ("..", "my-set")],
)
def test_a_folder_that_has_no_name_is_refused_with_the_key_to_upload_to(folder: str, suggested: str) -> None:
    assembled = assemble("pets", stored(*(f"datasets/{folder}/{name}" for name in NAMES)), BUCKET)
    assert isinstance(assembled, AmbiguousSet)
    found = [(finding.code, finding.file, finding.remedy) for finding in assembled.findings]
    assert found == [
        (
            "key-refused-by-sagemaker",
            f"datasets/{folder}/{name}",
            f"Upload it as datasets/{suggested}/{name} instead, and delete this object.",
        )
        for name in ("train.rec", "validation.rec")
    ]


def test_what_no_request_names_may_be_called_anything() -> None:
    others = stored(f"datasets/pets/{'d' * 1000}/training.json", "datasets/pets/\u2028/test.rec")
    assert isinstance(
        assemble("pets", [*stored(*(f"datasets/pets/{name}" for name in NAMES)), *others], BUCKET), DataSet
    )
