"""Which model a person means by a name, and what is known of it."""

import json
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from sagescene.dataset import StoredObject
from sagescene.errors import SagesceneError
from sagescene.files.classnames import ClassNames
from sagescene_command.following import stacks
from sagescene_command.following.deployed_stack import DeployedStack
from sagescene_command.narration import show_progress
from sagescene_command.predicting import models, remote
from sagescene_command.predicting.models import find_local, load_model
from sagescene_command.predicting.provenance import NamesRefusedError, Provenance, read_provenance
from sagescene_command.predicting.remote import NoModelError, find_at, find_newest
from sagescene_command.terminal import Console
from tests.unit.model.networks import make_resnet, write_archive, write_folder
from tests.unit.workflow.account import Account
from tests.unit.workflow.known import BUCKET

FILES = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
CONTENT, OTHER = "0123456789ab", "ba9876543210"
NAMES = ClassNames.of({0: "cat", 1: "dog"}, "the folders of the lists").as_json()
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def job(content: str = CONTENT, attempt: str = "") -> str:
    return f"sagescene--pets--{content}{attempt}"


def outcome(name: str, status: str = "Completed", data_set: str = "pets", **more: object) -> bytes:
    return json.dumps({"job": name, "status": status, "data_set": data_set, **more}).encode()


def report(**hyperparameters: int) -> bytes:
    values = {name: {"value": value, "origin": "training.json"} for name, value in hyperparameters.items()}
    return json.dumps({"class_names": NAMES, "hyperparameters": values}).encode()


class Bucket(Account):
    """A bucket whose objects were written a day after each other, in the order in which they are given."""

    def list_objects(self, bucket: str, prefix: str, after: str = "", most: int | None = None) -> list[StoredObject]:
        order = list(self.objects)
        return [
            replace(stored, last_modified=DAY + timedelta(days=order.index(stored.key)))
            for stored in super().list_objects(bucket, prefix, after, most)
        ]


def pack(tmp_path: Path) -> bytes:
    return write_archive(tmp_path / "packed.tar.gz", FILES).read_bytes()


def test_the_newest_completed_model_of_the_set_is_taken() -> None:
    account = Bucket(
        objects={
            f"reports/pets/{CONTENT}.json": report(resize=64),
            f"reports/pets/{OTHER}.json": b"{}",
            f"reports/cats/{CONTENT[::-1]}.json": b"{}",
            f"models/{job()}/output/model.tar.gz": b"1",
            f"models/{job(attempt='--r2')}/output/model.tar.gz": b"2",
            f"models/{job(OTHER)}/output/model.tar.gz": b"partial",
            f"outcomes/2026-11-20/{job()}.json": outcome(job()),
            f"outcomes/2026-11-19/{job(attempt='--r2')}.json": outcome(job(attempt="--r2"), class_names=NAMES),
            f"outcomes/2026-11-22/{job(OTHER)}.json": outcome(job(OTHER), "Stopped"),
            f"outcomes/2026-11-22/{job(OTHER)}.unfinished.json": outcome(job(OTHER)),
            f"outcomes/2026-11-23/{job(CONTENT[::-1])}.json": outcome(job(CONTENT[::-1]), data_set="cats"),
            f"outcomes/2026-11-24/{job(CONTENT, '--r3')}.json": outcome(job(CONTENT, "--r3")),  # its artifact is gone
        }
    )
    found = find_newest(account, BUCKET, "pets")
    assert found.address == f"s3://{BUCKET}/models/{job(attempt='--r2')}/output/model.tar.gz"
    known = read_provenance(found.outcome, found.report)
    assert known == Provenance(
        job=job(attempt="--r2"),
        data_set="pets",
        fingerprint=CONTENT,
        class_names=ClassNames.from_json(NAMES),
        resize=64,
    )


@pytest.mark.parametrize(
    ("objects", "says"),
    [
        ({}, f"There is no data set pets in s3://{BUCKET}/datasets/: correct its name."),
        ({"datasets/pets/train.rec": b""}, "has no model yet: no training job of it has ended"),
        (
            {f"reports/pets/{CONTENT}.json": b"{}", f"outcomes/2026-11-20/{job()}.json": outcome(job(), "Failed")},
            f"has no model yet: its newest training job, {job()}, is Failed",
        ),
        (
            {f"reports/pets/{CONTENT}.json": b"{}", f"outcomes/2026-11-20/{job()}.json": outcome(job())},
            f"{job()}, is Completed, and its model.tar.gz is gone",
        ),
    ],
)
def test_a_set_without_a_model_says_why(objects: dict[str, bytes], says: str) -> None:
    with pytest.raises(NoModelError) as caught:
        find_newest(Bucket(objects=objects), BUCKET, "pets")
    assert says in str(caught.value)


@pytest.mark.parametrize("address", ["output/model.tar.gz", "output/", "output", ""])
def test_an_address_leads_to_the_model_and_what_is_known_of_it(address: str) -> None:
    key = f"models/{job()}/output/model.tar.gz"
    account = Bucket(
        objects={
            key: b"1",
            f"outcomes/2026-11-20/{job()}.json": outcome(job()),
            f"reports/pets/{CONTENT}.json": report(),
        }
    )
    found = find_at(account, f"s3://{BUCKET}/models/{job()}/{address}")
    assert found.stored.key == key
    assert read_provenance(found.outcome, found.report).class_names.names == {0: "cat", 1: "dog"}


def test_a_model_elsewhere_is_taken_with_the_names_beside_it() -> None:
    account = Bucket(objects={"kept/model.tar.gz": b"1", "kept/classes.txt": b"a\nb\n"})
    found = find_at(account, f"s3://{BUCKET}/kept/model.tar.gz")
    assert (found.outcome, found.names and found.names.key) == (None, "kept/classes.txt")
    with pytest.raises(NoModelError, match="There is no model at s3://"):
        find_at(account, f"s3://{BUCKET}/keep")


def test_a_bare_name_is_a_folder_only_if_that_holds_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pets", "kept", "jobs/output"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "pets/pets_train.rec").touch()
    write_archive(tmp_path / "kept/model.tar.gz", FILES)
    write_archive(tmp_path / "jobs/output/model.tar.gz", FILES)
    write_folder(tmp_path / "open", FILES)
    assert find_local("pets") is None
    assert find_local("cats") is None
    assert find_local("pets/") is None
    assert find_local("./pets/") == Path("pets")
    assert find_local("jobs/output/") == Path("jobs/output/model.tar.gz")
    (tmp_path / "empty").mkdir()
    assert find_local("empty") is None
    assert find_local("empty/") == Path("empty")
    assert find_local("kept") == Path("kept/model.tar.gz")
    assert find_local("jobs") == Path("jobs/output/model.tar.gz")
    assert find_local("open") == Path("open")
    for gone in ("./cats", "cats/model", "cats.tar.gz"):
        with pytest.raises(NoModelError):
            find_local(gone)


def load(model: str, classes: Path | None = None) -> models.NamedModel:
    console = Console(stderr=True)
    return load_model(model, classes=classes, stack_name=None, show_progress=lambda what: show_progress(console, what))


@pytest.mark.parametrize("error", [NoCredentialsError(), stacks.NoStackError("us-east-1")])
def test_a_name_that_no_stack_answers_is_told_to_be_a_folders_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def find(_name: str | None) -> None:
        raise error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stacks, "find", find)
    Path("my pets").mkdir()
    told = {}
    for name in ("my pets", "cats"):
        with pytest.raises(SagesceneError) as caught:
            load(name)
        told[name] = str(caught.value)
    assert told["my pets"] == (
        f"{told['cats'].rstrip('.')}. The folder my pets here holds no model; to train one on a data set's files on "
        "this machine: sagescene run 'my pets/' --save kept/, and give kept/ instead."
    )


def test_names_are_those_given_else_those_beside_else_those_of_the_outcome(tmp_path: Path) -> None:
    write_archive(tmp_path / "model.tar.gz", FILES)
    assert load(str(tmp_path)).provenance == Provenance()
    (tmp_path / "outcome.json").write_bytes(outcome(job(), class_names=NAMES))
    (tmp_path / "reports").mkdir()
    (tmp_path / f"reports/{CONTENT}.json").write_bytes(report(resize=30))
    found = load(str(tmp_path))
    assert (found.provenance.fingerprint, found.provenance.resize) == (CONTENT, 30)
    assert found.provenance.class_names.tell(1) == "dog (1)"
    assert not found.has_file_of_names
    (tmp_path / "classes.txt").write_text("lion\nwolf\n")
    found = load(str(tmp_path))
    assert (found.provenance.class_names.tell(1), found.has_file_of_names) == ("wolf (1)", True)
    (tmp_path / "names").write_text("tom\nrex\n")
    assert load(str(tmp_path), tmp_path / "names").provenance.class_names.tell(1) == "rex (1)"
    (tmp_path / "outcome.json").write_text('{"job": "x", "class_names": 3}')
    with pytest.raises(NoModelError, match=r"not as Sagescene writes it .* give --classes FILE"):
        load(str(tmp_path))
    (tmp_path / "classes.txt").write_bytes(b"lion\n\xff\n")
    with pytest.raises(NamesRefusedError, match=r"classes\.txt, line 2: The line is not UTF-8 text"):
        load(str(tmp_path))


@pytest.mark.parametrize("content", [b"[" * 200_000, b" " * (5 << 20) + outcome(job())], ids=["deep", "large"])
def test_an_outcome_beside_a_model_that_is_none_says_nothing(tmp_path: Path, content: bytes) -> None:
    write_archive(tmp_path / "model.tar.gz", FILES)
    (tmp_path / "outcome.json").write_bytes(content)
    assert load(str(tmp_path)).provenance == Provenance()
    (tmp_path / "outcome.json").unlink()
    (tmp_path / "outcome.json").symlink_to("/dev/zero")
    assert load(str(tmp_path)).provenance == Provenance()


def test_an_outcome_beside_a_model_chooses_no_file_elsewhere(tmp_path: Path) -> None:
    write_archive(tmp_path / "model.tar.gz", FILES)
    (tmp_path / "reports").mkdir()
    (tmp_path / "elsewhere.json").write_bytes(report(resize=30))
    for name in ("a--b--../elsewhere", f"a--b--{tmp_path}/elsewhere", "a--b--\0"):
        (tmp_path / "outcome.json").write_bytes(outcome(name))
        assert load(str(tmp_path)).provenance.resize is None
    (tmp_path / "outcome.json").write_bytes(outcome(job()))
    (tmp_path / f"reports/{CONTENT}.json").write_text('{"hyperparameters": {"resize": {"value": 1e400}}}')
    with pytest.raises(NoModelError, match=r"not as Sagescene writes it .* give --classes FILE"):
        load(str(tmp_path))


@pytest.mark.parametrize("name", ["pets", "pets/", f"s3://{BUCKET}/datasets/pets/"])
def test_the_model_of_a_set_is_read_from_its_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    account = Bucket(
        objects={
            f"reports/pets/{CONTENT}.json": report(),
            f"models/{job()}/output/model.tar.gz": pack(tmp_path),
            f"outcomes/2026-11-20/{job()}.json": outcome(job()),
        }
    )
    stack = DeployedStack(region="eu-west-1", bucket=BUCKET, resources={}, found=DAY)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets/train").mkdir(parents=True)
    (tmp_path / "pets/train/train.rec").touch()
    monkeypatch.setattr(
        stacks, "find", (lambda name: stack if name is None else None) if name.startswith("pets") else None
    )
    monkeypatch.setattr(models, "Cloud", lambda _: account)
    found = load(name)
    assert found.artifact.shape == (3, 28, 28)
    assert found.artifact.name.startswith(f"s3://{BUCKET}/models/")
    assert found.provenance.class_names.tell(0) == "cat (0)"


def test_an_artifact_is_read_as_a_stream_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pack(tmp_path)
    account, key = Bucket(objects={"model.tar.gz": content}), "model.tar.gz"
    monkeypatch.setattr(account, "read", lambda *_: (content[at : at + 7] for at in range(0, len(content), 7)))
    told: list[tuple[int, int]] = []
    (stored,) = account.list_objects(BUCKET, key)
    with (
        remote.open_stream(
            account, remote.RemoteModel(bucket=BUCKET, stored=stored), lambda *done: told.append(done)
        ) as stream,
        tarfile.open(fileobj=stream, mode="r|gz") as archive,
    ):
        assert archive.getnames() == list(FILES)
    assert told[0] == (7, len(content))
    assert told[-1] == (len(content), len(content))
