"""A stack followed by the commands that people type, against the local one."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result

from sagescene_command.cli import commands
from sagescene_command.following import uploading, watching
from sagescene_command.interrupts import Interrupted
from tests.e2e.conftest import DATA, LocalStack


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at a stack on this machine more often than at one in an account."""
    monkeypatch.setattr(watching, "_BETWEEN_LOOKS", 0.2)


@pytest.fixture
def ask(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Type a command against the local stack."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    return lambda *arguments: CliRunner().invoke(commands, list(map(str, arguments)))


def read(done: Result) -> Any:  # noqa: ANN401
    assert done.exit_code == 0, done.output
    return json.loads(done.output.splitlines()[-1])


def test_all_is_well_and_the_status_shows_what_has_a_model_what_waits_and_until_when(
    local: LocalStack, ask: Callable[..., Result]
) -> None:
    assert "holds no data set yet" in ask("status").output
    diagnoses = read(ask("doctor", "--json"))["diagnoses"]
    assert {one["subject"]: one["health"] for one in diagnoses} == {
        "Region": "ok",
        "quota": "ok",
        "role": "ok",
        "bucket": "ok",
        "notices": "ok",
        "budget": "warning",  # an account of its own has none
    }
    local.drop(DATA / "multi", "multi")
    local.put("datasets/part/train.lst", b"0\t0\ta.jpg\n")
    local.await_notice("Data set multi has a model")
    local.await_decision("waiting")
    multi, part = read(ask("status", "--json"))["data_sets"]
    assert (multi["data_set"], multi["verdict"]) == ("multi", "model")
    assert multi["model"].endswith(f":model/{multi['job']}")
    assert (part["data_set"], part["verdict"]) == ("part", "waiting")
    assert part["uploaded"] < part["until"] < part["ends"]
    assert "part   waiting  it awaits its train .rec, validation .rec; next look at " in ask("status").output
    assert ask("status", "cats").exit_code == 3


def test_a_watch_tells_every_stage_and_ends_as_a_run_does(local: LocalStack, ask: Callable[..., Result]) -> None:
    local.drop(DATA / "multi", "multi")
    done = ask("watch", "multi", "--json")
    state = read(done)
    assert (state["verdict"], state["job"].rpartition("--")[0]) == ("model", "sagescene--multi")
    for stage in ("counted the images", "training job started", "Downloading", "accuracy on train", "model created"):
        assert stage in done.output
    assert done.output.count("  epoch  ") == 1
    again = ask("watch", state["job"])
    assert (again.exit_code, again.output.splitlines()[-1].split()[1:3]) == (0, ["model", f"{state['job']},"])
    local.put("datasets/part/train.lst", b"0\t0\ta.jpg\n")
    late = ask("watch", "part", "--timeout", "2")
    assert late.exit_code == 1
    assert "Nothing was decided in the time of --timeout" in late.output
    assert ask("watch", "cats").exit_code == 3


def test_a_drop_checks_uploads_and_follows_and_starts_anew_what_failed(
    local: LocalStack, ask: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "pets"
    copytree(DATA / "multi", folder)
    local.service.fail_next("AlgorithmError: ExitCode 137")
    failed = ask("drop", folder, "--json")
    assert (failed.exit_code, json.loads(failed.output.splitlines()[-1])["verdict"]) == (1, "failed")
    assert f"6 files, 1.1 MB, go to s3://{local.bucket}/datasets/pets/" in failed.output
    # Nothing is uploaded, so nothing rings; the same files are tried again all the same.
    again = ask("drop", folder, "--json")
    assert read(again)["job"].endswith("--r2")
    assert "datasets/pets/train/train.rec is there already" in again.output
    (folder / "train/train.lst").unlink()
    incomplete = ask("drop", folder, "cats")
    assert incomplete.exit_code == 2
    assert ask("drop", folder, "a/b").exit_code == 3
    assert local.keys("datasets/cats/") == []


def test_a_refusal_after_a_model_shows_each_fault_with_its_remedy_and_the_model_that_predict_still_takes(
    local: LocalStack, ask: Callable[..., Result]
) -> None:
    local.drop(DATA / "multi", "multi")
    local.await_notice("Data set multi has a model")
    trained = read(ask("status", "multi", "--json"))
    local.put("datasets/multi/train/train.lst", b"no row at all\n")
    local.await_notice("Data set multi is refused")
    refused = read(ask("status", "multi", "--json"))
    assert (refused["verdict"], refused["model"], refused["jobs"]) == ("refused", None, [])
    assert refused["newest_model"] == trained["newest_model"] == trained["model"]
    assert f"; newest model: {trained['job']}\n" in ask("status").output
    for command in ("status", "start", "watch"):
        lines = ask(command, "multi").output.splitlines()
        heading = lines.index("datasets/multi/train/train.lst")
        assert lines[heading + 1].startswith("  error  line 1  ")
        assert "to do" not in "".join(lines)


def test_a_drop_is_checked_as_what_the_bucket_will_hold(
    local: LocalStack, ask: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "pets-2026-12"
    copytree(DATA / "multi", folder)
    (folder / "notes.txt").write_text("of the photographs")
    old = "datasets/my pets/pets-2026-11_train.rec"
    local.put(old, b"last month's")
    in_the_way = ask("drop", folder, "my pets", "--json")
    assert (in_the_way.exit_code, json.loads(in_the_way.output.splitlines()[-1])["verdict"]) == (1, "refused")
    assert f"aws s3 rm 's3://{local.bucket}/{old}'" in in_the_way.output
    assert local.keys("datasets/") == [old]
    local.s3.delete_object(Bucket=local.bucket, Key=old)

    settings = "datasets/my pets/training.json"
    local.put(settings, b'{"num_classes": 2}')
    contradicted = ask("drop", folder, "my pets")
    assert contradicted.exit_code == 1
    assert "contradicts-data" in contradicted.output
    assert local.keys("datasets/") == [settings]

    local.put(settings, b'{"epochs": 2}')
    done = ask("drop", folder, "my pets")
    assert done.exit_code == 0, done.output
    assert "holds training.json as well, which counts" in done.output
    assert "1 file of the folder is left out" in done.output
    assert "datasets/my pets/notes.txt" not in local.keys("datasets/")


def test_whoever_leaves_a_drop_is_told_what_goes_on(
    ask: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **_more: object) -> NoReturn:
        raise Interrupted(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(uploading, "upload", interrupt)
        done = ask("drop", DATA / "multi", "my pets")
    assert done.exit_code == 130
    assert "The upload is broken off. The same command uploads what is not there yet." in done.output
    assert "goes on" not in done.output
    monkeypatch.setattr(watching, "follow", interrupt)
    done = ask("drop", DATA / "multi", "my pets")
    assert done.exit_code == 130
    assert "what comes of it goes on" in done.output
    for command in ("sagescene status 'my pets'", "sagescene watch 'my pets'", "sagescene stop 'my pets'"):
        assert command in done.output


def test_what_a_job_cost_is_said_before_and_after_in_dollars(
    stand: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    price = "ml.g4dn.xlarge=3600"  # a dollar a second
    local = stand({"HourlyPriceUSD": price, "MaxJobCostUSD": "7200", "MaxRuntimeInSeconds": "7200"})
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    local.drop(DATA / "multi", "multi")
    notice = local.await_notice("Data set multi has a model")
    billed = re.search(r"SageMaker bills (\d+) seconds? of 1 instance of ml.g4dn.xlarge: \$([0-9]+)\.00\.", notice)
    assert billed
    assert billed[1] == billed[2]
    asked = CliRunner().invoke(commands, ["costs", "--json"])
    (multi,) = read(asked)["data_sets"]
    assert (multi["data_set"], multi["jobs"], multi["cost_usd"]) == ("multi", 1, int(billed[1]))
    address = f"s3://{local.stack.outputs['Bucket']}/datasets/multi"
    checked = CliRunner().invoke(commands, ["check", address, "--price", price])
    assert f"cost: at most $86,400.00 (time limit), about ${billed[1]}.00 by the last run of this set" in " ".join(
        checked.output.split()
    )


def test_a_job_is_stopped_and_its_end_and_its_log_are_read(
    stand: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    local = stand({"Epochs": "9999", "MaxEpochs": "0"})
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.stack.endpoint)
    local.drop(DATA / "multi", "multi")
    job = local.await_decision("started")["subject"]
    stopped = CliRunner().invoke(commands, ["stop", "multi"])
    assert (stopped.exit_code, f"{job} is being stopped" in stopped.output) == (0, True)
    watched = CliRunner().invoke(commands, ["watch", "multi", "--json"])
    assert (watched.exit_code, json.loads(watched.output.splitlines()[-1])["verdict"]) == (1, "stopped")
    assert "has ended already: Stopped" in CliRunner().invoke(commands, ["stop", job]).output
    assert "No training job on data set multi runs" in CliRunner().invoke(commands, ["stop", "multi"]).output
    logs = CliRunner().invoke(commands, ["logs", "multi"]).output
    assert "counted the images: images 80" in logs
    assert "training job was stopped" in logs
    assert CliRunner().invoke(commands, ["stop", "sagescene--cats--0123456789ab"]).exit_code == 3
