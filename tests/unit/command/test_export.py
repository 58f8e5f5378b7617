"""What `sagescene export` writes, and that other software than ours gets the same answers from it."""

import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import onnx
import onnxruntime
import pytest
from click.testing import CliRunner, Result
from PIL import ExifTags, Image

from sagescene_command.cli import commands
from sagescene_command.predicting.options import failures
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit, decode
from tests.checkout import ROOT
from tests.unit.model.networks import draw_images, make_resnet, write_archive, write_folder

JOB = "sagescene--pets--0123456789ab--r2"


def export(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["export", *map(str, arguments)])


def write_model(folder: Path, channels: int = 3, names: str = "cat\n\u732b\nfox\n") -> Path:
    """Write a model as `sagescene run --save` keeps it."""
    write_folder(folder / "model", make_resnet(8, (channels, 28, 28), 3, narrow=8).files())
    outcome = {"job": JOB, "status": "Completed", "data_set": "pets"}
    (folder / "model/outcome.json").write_text(json.dumps(outcome))
    if names:
        (folder / "model/classes.txt").write_text(names, encoding="utf-8")
    return folder / "model"


def test_the_file_answers_as_the_model_does_and_says_what_it_takes(tmp_path: Path) -> None:
    folder, file = write_model(tmp_path), tmp_path / "pets.onnx"
    done = export(folder, file, "--resize", 40)
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir() if path != folder] == ["pets.onnx"]
    session = onnxruntime.InferenceSession(file)
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata.pop("class_names")) == ["cat", "\u732b", "fox"]
    assert metadata == {
        "input_shape": "[3, 28, 28]",
        "input_values": "RGB, 0 to 255",
        "fit": "crop",
        "resize": "40",
        "epoch": "3",
        "data_set": "pets",
        "fingerprint": "0123456789ab",
    }
    images = draw_images(4, (3, 28, 28))
    (answers,) = session.run(["probabilities"], {"data": images})
    expected = Classifier(artifact.read(folder), threads=1).probabilities(images)
    np.testing.assert_allclose(answers, expected, atol=1e-6)
    onnx.checker.check_model(file, full_check=True)
    assert "checked by onnx.checker" in done.output
    assert "In Python, for an image whose shorter side was resized to 40:\n" in done.output


@pytest.mark.parametrize(
    ("channels", "names", "height", "width", "orientation"),
    [
        (3, "cat\ndog\nfox\n", 45, 33, 1),
        (1, "", 45, 33, 1),
        (3, "", 45, 33, 6),
        (3, "", 8, 8, 1),
        (3, "", 5, 60, 1),
        (3, "", 60, 20, 8),
    ],
    ids=["colour", "gray", "turned", "small", "flat", "narrow and turned"],
)
def test_the_line_of_python_gives_the_model_s_answer(
    tmp_path: Path, channels: int, names: str, height: int, width: int, orientation: int
) -> None:
    folder = write_model(tmp_path, channels, names)
    pixels = np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(pixels).save(tmp_path / "image.jpg", exif=exif)
    done = export(folder, tmp_path / "it's.onnx")
    line = done.output.splitlines()[-1]
    ran = subprocess.run([sys.executable, "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    content = (tmp_path / "image.jpg").read_bytes()
    classifier = Classifier(artifact.read(folder), threads=1)
    (expected,) = classifier.probabilities(decode(content, classifier.shape, Fit.CROP)[None])
    said, probability = ran.stdout.split()
    label = int(expected.argmax())
    assert said == (names.split()[label] if names else str(label))
    assert float(probability) == pytest.approx(float(expected.max()), abs=0.01)  # gray is made in another way


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    folder, file = write_model(tmp_path), tmp_path / "pets.onnx"
    file.write_text("mine")
    done = export(folder, file)
    assert done.exit_code == 2
    assert "is there already" in done.output
    assert file.read_text() == "mine"
    assert export(folder, file, "--force").exit_code == 0
    assert len(onnx.load(file).graph.output) == 2
    nowhere = export(folder, tmp_path / "no/pets.onnx")
    assert nowhere.exit_code == 2
    assert "make it first" in nowhere.output


def test_a_file_for_which_there_is_no_room_is_told_in_a_sentence(tmp_path: Path) -> None:
    folder, file = write_model(tmp_path), tmp_path / "pets.onnx"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        done = export(folder, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert done.exit_code == 3
    reason = os.strerror(errno.EFBIG)
    assert done.output.splitlines()[-1] == f"Error: {file} cannot be written ({reason}): give another place."
    assert list(tmp_path.iterdir()) == [folder]


def test_a_model_that_cannot_be_read_is_told_in_a_sentence() -> None:
    with pytest.raises(click.ClickException, match=r"^a\.params cannot be read or written: Denied\.$"), failures():
        raise PermissionError(errno.EACCES, "Denied", "a.params")


def test_names_of_another_set_leave_nothing_written(tmp_path: Path) -> None:
    folder = write_model(tmp_path, names="cat\ndog\n")
    done = export(folder, tmp_path / "pets.onnx")
    assert done.exit_code == 3
    assert "names 2 classes, and the model has 3" in done.output
    assert list(tmp_path.iterdir()) == [folder]


def test_a_model_whose_training_diverged_is_refused_and_leaves_nothing_written(tmp_path: Path) -> None:
    network = make_resnet(8, (3, 28, 28), 3, narrow=8)
    network.weights["arg:fc1_bias"][0] = np.nan
    folder = write_folder(tmp_path / "model", network.files())
    done = export(folder, tmp_path / "pets.onnx")
    assert done.exit_code == 3
    assert "the weight fc1_bias holds what is no number (NaN or infinite), so its training has diverged." in done.output
    assert list(tmp_path.iterdir()) == [folder]


def test_what_was_written_is_told_as_json_alone(tmp_path: Path) -> None:
    file = tmp_path / "pets.onnx"
    command = ["export", str(write_model(tmp_path)), str(file), "--json"]
    told = json.loads(CliRunner(mix_stderr=False).invoke(commands, command).stdout)
    assert (told["file"], told["size_in_bytes"]) == (str(file), file.stat().st_size)
    assert told["metadata"]["data_set"] == "pets"


def test_a_model_is_written_in_less_than_twice_its_weights(tmp_path: Path) -> None:
    models = {
        "small.tar.gz": make_resnet(8, (3, 28, 28), 2, narrow=8),
        "large.tar.gz": make_resnet(18, (3, 64, 64), 10),
    }
    paths = [write_archive(tmp_path / name, model.files()) for name, model in models.items()]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("exporting_memory.py"), *paths],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 1 < float(done.stdout) <= 2
