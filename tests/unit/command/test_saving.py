"""What `sagescene run --save` keeps of a run, and what it refuses to write over."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from sagescene_command.cli import commands
from sagescene_command.local_run import Result
from sagescene_command.saving import Keeper, UnsavableError, require_room, save
from sagescene_standin.occurrence import Occurrence

JOB = "sagescene--pets--0123456789ab"
OBJECTS = {
    f"models/{JOB}/output/model.tar.gz": b"model",
    "reports/pets/0123456789ab.json": b"report",
    "reports/pets/0123456789ab.html": b"page",
    f"reports/pets/{JOB}.evaluation.json": b"evaluation",
    "reports/pets2/0123456789ab.json": b"of another set",
    f"outcomes/2026-11-20/{JOB}.json": b"outcome",
    f"outcomes/2026-11-20/{JOB}--r2.json": b"of another job",
}
MADE = Result(
    verdict="model",
    reason="",
    job={"name": JOB},
    model={"name": JOB, "artifact": f"s3://bucket/models/{JOB}/output/model.tar.gz"},
)


class Bucket:
    """The few calls of S3's client that are made, on objects in memory."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self._objects = objects

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        assert Bucket == "bucket"
        return [{"Contents": [{"Key": key}]} for key in self._objects if key.startswith(Prefix)] or [{}]

    def download_file(self, bucket: str, key: str, path: str) -> None:
        assert bucket == "bucket"
        Path(path).write_bytes(self._objects[key])


def log(subject: str, **line: object) -> Occurrence:
    return Occurrence("log", subject, line)


def notice(subject: str, text: str) -> Occurrence:
    return Occurrence("message", "topic", {"subject": subject, "text": text})


def keep(folder: Path, result: Result, *occurrences: Occurrence) -> dict[str, bytes]:
    stack: Any = SimpleNamespace(client=lambda _: Bucket(OBJECTS), outputs={"Bucket": "bucket"})
    keeper = Keeper(lambda _: None)
    for occurrence in occurrences:
        keeper(occurrence)
    saved = save(stack, "pets", result, keeper, folder)
    kept = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert sorted(saved) == sorted(kept)
    return kept


def test_everything_of_the_set_and_its_job_is_kept_and_nothing_else(tmp_path: Path) -> None:
    occurrences = (
        notice("first", "one\x1b[2J"),
        log(JOB, message="Epoch[0]\x1b[2J"),
        log(f"{JOB}--r2", message="of another job"),
        log("FinishTrainingFunction", message="of a function"),
        log(JOB, level="INFO", message="no plain text"),
        notice("second", "two"),
    )
    assert keep(tmp_path, MADE, *occurrences) == {
        "model.tar.gz": b"model",
        "reports/0123456789ab.json": b"report",
        "reports/0123456789ab.html": b"page",
        f"reports/{JOB}.evaluation.json": b"evaluation",
        "outcome.json": b"outcome",
        "training.log": b'Epoch[0]\\x1b[2J\n{"level": "INFO", "message": "no plain text"}\n',
        "notices.txt": b"first\n\none\\x1b[2J\n\nsecond\n\ntwo\n",
    }


def test_a_refused_set_leaves_its_report(tmp_path: Path) -> None:
    kept = keep(tmp_path, Result(verdict="refused", reason=""))
    assert kept.keys() == {name for name in kept if name.startswith("reports/")} != set()


def test_notices_are_kept_and_told_and_alarms_are_told_alone() -> None:
    told: list[Occurrence] = []
    keeper = Keeper(told.append)
    occurrences = [
        Occurrence("message", "topic", {"subject": "Data set pets has a model", "text": "It is there."}),
        Occurrence("message", "topic", {"subject": "ALARM", "text": '{"AlarmName": "x"}'}),
        Occurrence("log", "x", {"message": "text"}),
    ]
    for occurrence in occurrences:
        keeper(occurrence)
    assert told == occurrences
    assert keeper.notices == ["Data set pets has a model\n\nIt is there.\n"]


def test_a_folder_that_holds_something_is_refused_before_the_run(tmp_path: Path) -> None:
    require_room(tmp_path / "new/kept")
    assert not (tmp_path / "new").exists()
    (tmp_path / "new/kept").mkdir(parents=True)
    require_room(tmp_path / "new/kept")
    assert (tmp_path / "new/kept").exists()
    with pytest.raises(UnsavableError, match="holds files already: give a new folder"):
        require_room(tmp_path / "new")
    (tmp_path / "file").touch()
    with pytest.raises(UnsavableError, match="cannot be made"):
        require_room(tmp_path / "file/kept")
    done = CliRunner().invoke(commands, ["run", str(tmp_path), "--save", str(tmp_path)])
    assert done.exit_code == 2
    assert done.output.endswith("holds files already: give a new folder.\n")


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    with pytest.raises(UnsavableError, match="cannot be written"):
        keep(tmp_path, MADE)
