"""What goes into a container's /opt/ml, and what comes out of it."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from sagescene_standin.sagemaker import make_application
from sagescene_standin.sagemaker.opt_ml import download_object, pack_model, read_failure
from tests.unit.standin.sagemaker_account import Account


class Recorder:
    """An object store that writes the key as content."""

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        raise NotImplementedError

    def is_there(self, bucket: str, key: str) -> bool:
        raise NotImplementedError

    def download(self, bucket: str, key: str, path: Path) -> None:
        path.write_text(f"{bucket}/{key}")

    def upload(self, path: Path, bucket: str, key: str) -> None:
        raise NotImplementedError

    def delete(self, bucket: str, key: str) -> None:
        raise NotImplementedError


def channel(url: str) -> dict[str, Any]:
    return {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": url}}}


@pytest.mark.parametrize(
    ("url", "key", "file"),
    [
        ("s3://b/set/train.rec", "set/train.rec", "train.rec"),
        ("s3://b/set/train/", "set/train/a/b.rec", "a/b.rec"),
        ("s3://b/set/tr", "set/train/a.rec", "train/a.rec"),
        ("s3://b", "a.rec", "a.rec"),
    ],
)
def test_objects_lie_under_their_keys_from_the_prefix_on(tmp_path: Path, url: str, key: str, file: str) -> None:
    download_object(tmp_path, channel(url), key, Recorder())
    assert (tmp_path / "input" / "data" / "train" / file).read_text() == f"b/{key}"


@pytest.mark.parametrize("key", ["set/../../../../escaped.rec", "set/{outside}/escaped.rec", "set/folder/"])
def test_no_key_leaves_the_channel(tmp_path: Path, key: str) -> None:
    root = tmp_path / "opt-ml"
    (root / "input" / "data" / "train").mkdir(parents=True)
    download_object(root, channel("s3://b/set/"), key.format(outside=tmp_path), Recorder())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_empty_model_folder_gives_no_artifact(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert not pack_model(tmp_path, tmp_path / "model.tar.gz")
    (tmp_path / "model" / "weights").touch()
    assert pack_model(tmp_path, tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        assert archive.getnames() == ["weights"]


@pytest.mark.parametrize(
    ("text", "exit_code", "reason"),
    [
        (None, 0, None),
        ("ClientError: wrong", 1, "ClientError: wrong"),
        ("wrong", 1, "AlgorithmError: wrong, exit code: 1"),
        (None, 137, "AlgorithmError: , exit code: 137"),
    ],
)
def test_the_failure_file_becomes_the_reason(
    tmp_path: Path, text: str | None, exit_code: int, reason: str | None
) -> None:
    (tmp_path / "output").mkdir()
    if text is not None:
        (tmp_path / "output" / "failure").write_text(text)
    assert read_failure(tmp_path, exit_code) == reason


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    client = Client(make_application(Account().service))
    response = client.post("/", data=body, headers={"X-Amz-Target": "SageMaker.ListModels"})
    assert (response.status_code, response.headers["x-amzn-ErrorType"]) == (400, "SerializationException")
