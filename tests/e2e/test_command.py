"""The `sagescene` command as a person uses it: what it prints, and its exit status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from urllib.request import urlopen

import pytest
from PIL import Image

from tests.e2e.conftest import DATA
from tests.stack_template import ROOT

SAGESCENE = Path(sys.executable).with_name("sagescene")


def sagescene(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # the limit is a test's patience, far above what it takes
        [SAGESCENE, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )


def test_a_sound_data_set_ends_with_a_model_and_status_0() -> None:
    done = sagescene("run", DATA / "two_class", "--json", "--parameter", "Epochs=2")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"] == "model"
    assert result["job"]["status"] == "Completed"
    assert result["model"]["artifact"].endswith(f"/models/{result['job']['name']}/output/model.tar.gz")
    assert result["alarms"] == []
    for stage in (
        "datasets/two_class/train/train.rec",
        "counted the images",
        "accuracy on train",
        result["model"]["arn"],
    ):
        assert stage in done.stderr
    # The log says it, and the notice; a person need not read it a third time.
    assert done.stderr.count(result["model"]["arn"]) == done.stderr.count(result["model"]["artifact"]) == 2


def test_a_failed_job_ends_with_its_reason_the_alarm_and_status_1() -> None:
    reason = "AlgorithmError: ExitCode 137"
    done = sagescene("run", DATA / "two_class", "--json", "--fail-with", reason)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["verdict"], result["model"]) == ("failed", None)
    assert (result["job"]["status"], result["job"]["failure_reason"]) == ("Failed", reason)
    assert any("TrainingFailedAlarm" in alarm for alarm in result["alarms"])


def test_an_incomplete_set_ends_with_what_it_lacks_and_status_1(tmp_path: Path) -> None:
    copytree(DATA / "multi/train", tmp_path / "multi/train")
    done = sagescene("run", tmp_path / "multi", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "waiting"


def test_a_refused_set_ends_with_every_fault_and_status_1(tmp_path: Path) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two_class")
    (folder / "train/train.rec.md5").write_text("0")
    (folder / "train/._train.rec").write_bytes(b"macOS")
    (folder / "more.rec").write_bytes(b"")
    done = sagescene("run", folder, "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["verdict"] == "refused"
    for named in ("datasets/two_class/train/train.rec.md5", "datasets/two_class/more.rec"):
        assert named in result["reason"]
    assert "._train.rec" not in done.stderr


def test_an_error_of_the_function_is_no_verdict_on_the_set(tmp_path: Path) -> None:
    build = copytree(ROOT / ".aws-sam/build", tmp_path / "build", symlinks=True)
    (build / "StartTrainingFunction/app.py").write_text(
        'def handler(event, context):\n    raise ValueError("no judgment today")\n'
    )
    done = sagescene("run", DATA / "two_class", "--json", "--build", build)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["verdict"], result["reason"]) == ("error", "ValueError: no judgment today")


def test_a_folder_of_images_is_told_to_be_packed_first(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (32, 32), (number * 40, 0, 0)).save(tmp_path / "pets" / name / f"{number}.png")
    done = sagescene("run", tmp_path / "pets")
    assert done.returncode == 1
    assert "sagescene pack" in done.stderr
    assert "Traceback" not in done.stderr
    packed = sagescene("pack", tmp_path / "pets", tmp_path / "packed/pets")
    assert packed.returncode == 0
    assert "8 images to train on and 2 to validate with, of 2 classes" in packed.stdout
    assert (tmp_path / "packed/classes.txt").read_text() == "cat\ndog\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--parameter", "InstanceTypes=ml.m5.large"], "GPU instance types that the algorithm documents"),
        (["run", "--parameter", "Epochs"], "is not NAME=VALUE"),
        (["run", "--build", "nowhere"], "run `sam build` first"),
        (["pack", ".", "out/x", "--validation-share", "2"], "not between 0 and 1"),
    ],
)
def test_a_mistake_is_answered_with_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    folder = copytree(DATA / "two_class", tmp_path / "two_class")
    done = sagescene(*(arguments if arguments[0] == "pack" else [arguments[0], folder, *arguments[1:]]))
    assert done.returncode not in (0, -signal.SIGSEGV)
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_up_stands_until_it_is_interrupted() -> None:
    with subprocess.Popen(
        [SAGESCENE, "up", "--port", "0"], stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
    ) as up:
        assert up.stdout
        endpoint = next(line.split("AWS_ENDPOINT_URL=")[1].split()[0] for line in up.stdout if "ENDPOINT" in line)
        with urlopen(f"{endpoint}/moto-api/") as answer:
            assert answer.status == 200
        up.send_signal(signal.SIGINT)
        rest = up.stdout.read()
    assert up.returncode == 0
    assert "has ended" in rest
