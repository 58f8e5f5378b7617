"""The folder of checkpoints of a container, and its copy in S3 that outlives the instance.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html: what changes in the folder is copied to S3 while
the job trains, what is deleted there is deleted in S3, and before a container starts the folder is filled from S3.
"""

from collections.abc import Iterator
from pathlib import Path

from sagescene_standin.sagemaker.collaborators import ObjectStore, split_s3_url


class CheckpointMirror:
    """One container's folder, held against S3 whenever `store` is called."""

    def __init__(self, root: Path, url: str, objects: ObjectStore) -> None:
        """Take the container's /opt/ml and the job's CheckpointConfig.S3Uri."""
        self._folder, self._objects = root / "checkpoints", objects
        self._bucket, self._prefix = split_s3_url(url)
        self._stored: dict[str, tuple[int, int]] = {}

    def restore(self) -> None:
        """Make the folder, with what an earlier container of the job has stored."""
        self._folder.mkdir()
        for key in self._objects.list_keys(self._bucket, self._prefix):
            name = key.removeprefix(self._prefix).lstrip("/")
            if not name or ".." in Path(name).parts:
                continue
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._objects.download(self._bucket, key, path)
        self._stored = dict(self._look())

    def store(self) -> None:
        """Copy what is new or has changed to S3, then delete there what is gone."""
        present = dict(self._look())
        for name, state in present.items():
            if self._stored.get(name) != state:
                try:
                    self._objects.upload(self._folder / name, self._bucket, self._key(name))
                except FileNotFoundError:  # the container has deleted it meanwhile
                    continue
                self._stored[name] = state
        for name in self._stored.keys() - present.keys():
            self._objects.delete(self._bucket, self._key(name))
            del self._stored[name]

    def _key(self, name: str) -> str:
        return f"{self._prefix.rstrip('/')}/{name}"

    def _look(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for path in self._folder.rglob("*"):
            try:
                state = path.stat()
            except FileNotFoundError:
                continue
            if path.is_file():
                yield path.relative_to(self._folder).as_posix(), (state.st_mtime_ns, state.st_size)
