"""A container's checkpoints are in S3 what they are in its folder, and come back with the next instance."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sagescene_standin.sagemaker.checkpoints import CheckpointMirror

URL = "s3://bucket/checkpoints/job/"


class Objects:
    """A bucket in memory that remembers what was asked of it."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.uploads: list[str] = []

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        yield from (key for key in list(self.content) if bucket == "bucket" and key.startswith(prefix))

    def is_there(self, _bucket: str, key: str) -> bool:
        return key in self.content

    def download(self, _bucket: str, key: str, path: Path) -> None:
        path.write_bytes(self.content[key])

    def upload(self, path: Path, bucket: str, key: str) -> None:
        assert bucket == "bucket"
        self.content[key] = path.read_bytes()
        self.uploads.append(key.rpartition("/")[2])

    def delete(self, _bucket: str, key: str) -> None:
        del self.content[key]


def begin(root: Path, objects: Objects, url: str = URL) -> tuple[CheckpointMirror, Path]:
    root.mkdir()
    mirror = CheckpointMirror(root, url, objects)
    mirror.restore()
    return mirror, root / "checkpoints"


@pytest.mark.parametrize("url", [URL, URL.rstrip("/")])
def test_what_changes_is_stored_and_what_is_deleted_goes(tmp_path: Path, url: str) -> None:
    objects = Objects()
    mirror, folder = begin(tmp_path / "opt-ml", objects, url)
    (folder / "deep").mkdir()
    (folder / "first").write_text("1")
    (folder / "deep/second").write_text("2")
    mirror.store()
    mirror.store()
    assert objects.content == {"checkpoints/job/first": b"1", "checkpoints/job/deep/second": b"2"}
    assert sorted(objects.uploads) == ["first", "second"]
    (folder / "first").unlink()
    (folder / "deep/second").write_text("22")
    mirror.store()
    assert objects.content == {"checkpoints/job/deep/second": b"22"}


def test_the_next_container_finds_what_was_stored_and_stores_only_what_is_new(tmp_path: Path) -> None:
    objects = Objects()
    objects.content = {
        "checkpoints/job/deep/first": b"1",
        "checkpoints/job/": b"",
        "checkpoints/job/../../escaped": b"",
        "checkpoints/job--r2/other": b"",
    }
    mirror, folder = begin(tmp_path / "opt-ml", objects)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == {
        "opt-ml/checkpoints/deep/first"
    }
    (folder / "second").write_text("2")
    mirror.store()
    assert objects.uploads == ["second"]


def test_a_file_that_goes_while_it_is_looked_at_is_left_out(tmp_path: Path) -> None:
    class Losing(Objects):
        def upload(self, path: Path, bucket: str, key: str) -> None:
            path.unlink()
            super().upload(path, bucket, key)

    objects = Losing()
    mirror, folder = begin(tmp_path / "opt-ml", objects)
    (folder / "first").write_text("1")
    mirror.store()
    mirror.store()
    assert objects.content == {}
