"""A folder uploaded in parts, taken up where it was left, against moto's S3."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sagescene_command.following import uploading, words
from tests.unit.command.aws_clients import STACK

RECORDS, LIST = "datasets/pets/train.rec", "datasets/pets/train.lst"
PART = uploading.PART_IN_BYTES


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client: Any = boto3.client("s3")
        client.create_bucket(Bucket=STACK.bucket)
        yield client


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Records of several parts, and their list."""
    contents = {RECORDS: bytes(range(256)) * (PART // 256) * 2 + b"rest", LIST: b"0\t0\ta.jpg\n"}
    paths = {key: tmp_path / key.rpartition("/")[2] for key in contents}
    for key, content in contents.items():
        paths[key].write_bytes(content)
    return paths


def look(files: dict[str, Path]) -> uploading.UploadPlan:
    return uploading.look_before_upload(STACK, "pets", files)


def test_a_set_goes_up_with_its_records_last_and_is_there_the_next_time(s3: Any, files: dict[str, Path]) -> None:  # noqa: ANN401
    planned, told = look(files), list[tuple[int, int]]()
    assert [list(group) for group in planned.groups] == [[LIST], [RECORDS]]
    uploading.upload(STACK, planned, lambda done, total: told.append((done, total)))
    assert told[-1] == (planned.size_in_bytes, planned.size_in_bytes)
    for key, path in files.items():
        assert s3.get_object(Bucket=STACK.bucket, Key=key)["Body"].read() == path.read_bytes()
        assert s3.head_object(Bucket=STACK.bucket, Key=key)["ETag"].strip('"') == uploading.compute_etag(path)
    again = look(files)
    assert (again.groups, again.present, again.rings) == ((), (LIST, RECORDS), False)


def test_a_file_of_other_bytes_and_the_same_size_goes_up_again(s3: Any, files: dict[str, Path]) -> None:  # noqa: ANN401
    uploading.upload(STACK, look(files), lambda *_: None)
    files[LIST].write_bytes(b"0\t1\ta.jpg\n")
    planned = look(files)
    assert [list(group) for group in planned.groups] == [[LIST]]
    uploading.upload(STACK, planned, lambda *_: None)
    assert s3.get_object(Bucket=STACK.bucket, Key=LIST)["Body"].read() == files[LIST].read_bytes()


def test_an_upload_that_was_broken_off_is_ended_with_a_word_and_that_of_another_file_left(
    s3: Any,  # noqa: ANN401
    files: dict[str, Path],
) -> None:
    for key in (RECORDS, "datasets/pets/other.rec"):
        s3.create_multipart_upload(Bucket=STACK.bucket, Key=key)
    planned = look(files)
    said, _ = words.tell_plan(planned, "bucket", "pets")
    assert said.startswith(f"{RECORDS}: an upload that was begun at ")
    uploading.upload(STACK, planned, lambda *_: None)
    left = s3.list_multipart_uploads(Bucket=STACK.bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == ["datasets/pets/other.rec"]


def test_an_upload_that_fails_is_not_passed_over(s3: Any, files: dict[str, Path]) -> None:  # noqa: ANN401
    planned = look(files)
    with pytest.raises(s3.exceptions.NoSuchBucket):
        uploading.upload(replace(STACK, bucket="gone"), planned, lambda *_: None)


def test_an_index_alone_rings_nothing(s3: Any, tmp_path: Path) -> None:  # noqa: ANN401, ARG001
    index = tmp_path / "train.idx"
    index.write_bytes(b"0\t0\n")
    planned = look({"datasets/pets/train.idx": index})
    assert planned.groups
    assert not planned.rings


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1])
def test_an_etag_is_that_of_the_parts_from_the_size_of_a_part_on(size: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    whole = hashlib.md5(b"x" * size, usedforsecurity=False).hexdigest()
    etag = uploading.compute_etag(file)
    assert (etag == whole) == (size < PART)
    assert etag.partition("-")[2] == {PART: "1", PART + 1: "2"}.get(size, "")


@pytest.mark.parametrize("name", ["", "a/b", "x" * 256, "a\x1bb"])
def test_a_name_that_no_set_can_have_is_refused(name: str) -> None:
    with pytest.raises(uploading.UnnameableSetError):
        uploading.require_name(name)
