"""What `sagescene predict` says of images, in each form, and with which exit status it says nothing."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sagescene.grammar import percent
from sagescene_command.cli import commands
from sagescene_command.predicting import classify as classifying
from sagescene_command.predicting.answers import Guess, ImageAnswer, as_csv, as_json, as_words, rank
from sagescene_command.predicting.images import is_image
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit, decode
from tests.unit.model.networks import PARAMS, make_resnet, write_archive, write_folder

SHAPE = (3, 28, 28)
FILES = make_resnet(8, SHAPE, 3, narrow=8).files()
CAT, DOG = Guess(label=0, name="cat", probability=0.0700004), Guess(label=3, name="dog", probability=0.93)
HOSTILE = ImageAnswer(image='a "b",\x1b[2J\n', fit="squash", guesses=(Guess(label=1, name="", probability=1.0),))
ANSWERED = ImageAnswer(image="photos/1.jpg", fit="crop", guesses=(DOG, CAT))
DAMAGED = ImageAnswer(image="photos/2.jpg", fit="crop", fault="This is no JPEG, PNG, BMP or TIFF.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the working folder, with a model, its names and images of several sizes, of which one is damaged."""
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "model", FILES)
    (tmp_path / "model/classes.txt").write_text("cat\ndog\nfox\n")
    (tmp_path / "photos/more").mkdir(parents=True)
    random = np.random.default_rng(3)
    for name, (height, width) in {"1.png": (28, 28), "3.png": (40, 90), "more/4.png": (20, 28)}.items():
        pixels = random.integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / name)
    (tmp_path / "photos/2.jpg").write_bytes((tmp_path / "photos/3.png").read_bytes()[:2000])
    (tmp_path / "photos/notes.txt").write_text("no image")
    return tmp_path


def predict(*arguments: object, given: bytes | None = None) -> Result:
    return CliRunner(mix_stderr=False).invoke(commands, ["predict", *map(str, arguments)], input=given)


def ask(image: Path, fit: Fit) -> list[float]:
    """Ask the model itself, about one image alone."""
    model = Classifier(artifact.read(Path("model")), threads=1)
    answer: list[float] = model.probabilities(decode(image.read_bytes(), SHAPE, fit)[None])[0].tolist()
    return answer


def test_answers_are_shown_in_three_forms() -> None:
    assert as_words(ANSWERED) == "dog (3) 93 %, cat (0) 7 %"
    assert as_words(HOSTILE) == "1 100 %"
    assert as_words(DAMAGED) == DAMAGED.fault
    assert as_json(ANSWERED) == (
        '{"image": "photos/1.jpg", "fit": "crop", "predictions": [{"label": 3, "name": "dog", "probability": 0.93}, '
        '{"label": 0, "name": "cat", "probability": 0.07}]}'
    )
    assert json.loads(as_json(HOSTILE)) == {
        "image": HOSTILE.image,
        "fit": "squash",
        "predictions": [{"label": 1, "name": None, "probability": 1.0}],
    }
    assert "\x1b" not in as_json(HOSTILE)
    assert "\n" not in as_json(HOSTILE)
    assert as_json(DAMAGED) == '{"image": "photos/2.jpg", "fit": "crop", "error": "This is no JPEG, PNG, BMP or TIFF."}'
    assert as_csv(ANSWERED) == "photos/1.jpg,crop,1,3,dog,0.930000,\nphotos/1.jpg,crop,2,0,cat,0.070000,"
    assert as_csv(HOSTILE) == '"a ""b"",\\x1b[2J\\n",squash,1,1,,1.000000,'
    assert as_csv(DAMAGED) == 'photos/2.jpg,crop,,,,,"This is no JPEG, PNG, BMP or TIFF."'


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_cell_that_a_spreadsheet_would_compute_is_text(start: str) -> None:
    fault = ImageAnswer(image=f"{start}1", fit="crop", fault=f"{start}2")
    assert as_csv(fault) == f"'{start}1,crop,,,,,'{start}2"
    named = ImageAnswer(image="-", fit="crop", guesses=(Guess(label=0, name=f"{start}a()", probability=1.0),))
    assert as_csv(named) == f"-,crop,1,0,'{start}a(),1.000000,"


def test_a_class_that_is_all_but_certain_is_not_told_as_certain() -> None:
    answer = replace(ANSWERED, guesses=rank([0.0001, 0.9999], {}, 1))
    assert as_words(answer) == "1 99.9 %"


def test_the_most_probable_class_goes_first_and_of_two_alike_the_lower_label() -> None:
    ranked = rank([0.1, 0.4, 0.1, 0.4], {1: "dog", 9: "none"}, 3)
    assert [(guess.label, guess.name) for guess in ranked] == [(1, "dog"), (3, ""), (0, "")]
    assert len(rank([0.1, 0.4, 0.1, 0.4], {}, 0)) == 4


def test_a_folder_is_answered_in_the_order_of_its_paths_and_a_damaged_image_is_a_row(folder: Path) -> None:
    done = predict("model", "photos", "--json", "--top", 0, "--fit", "both")
    assert done.exit_code == 1, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    names = ["photos/1.png", "photos/2.jpg", "photos/3.png", "photos/more/4.png"]
    assert [(row["image"], row["fit"]) for row in rows] == [(name, fit) for name in names for fit in ("crop", "squash")]
    for row in rows:
        if row["image"] == "photos/2.jpg":
            assert row.keys() == {"image", "fit", "error"}
            assert row["error"].startswith("The image cannot be decoded")
            assert "set" not in row["error"]
            continue
        expected = ask(folder / row["image"], Fit(row["fit"]))
        found = {one["label"]: one["probability"] for one in row["predictions"]}
        np.testing.assert_allclose([found[label] for label in range(3)], expected, atol=2e-6)
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert {one["label"]: one["name"] for one in row["predictions"]} == {0: "cat", 1: "dog", 2: "fox"}
    same, other = rows[:2], rows[4:6]
    assert same[0]["predictions"] == same[1]["predictions"]
    assert other[0]["predictions"] != other[1]["predictions"]


def test_the_table_says_what_the_model_takes_and_lines_its_columns_up(folder: Path) -> None:
    done = predict("model", "photos/more/4.png", "photos/2.jpg", "--top", 1)
    assert done.exit_code == 1
    assert done.stderr == ("model, epoch 3: 3 classes, images of 28 x 28; crop cuts out the centre, as training does\n")
    first, second = done.stdout.splitlines()
    assert first.startswith("photos/more/4.png  crop    ")
    assert second.startswith("photos/2.jpg       crop    The image cannot be decoded")
    probability = max(ask(folder / "photos/more/4.png", Fit.CROP))
    assert first.endswith(f") {percent(probability)}")


def test_two_forms_at_once_are_refused_before_the_model_is_read() -> None:
    done = predict("no model", "photo.png", "--json", "--csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "give --json or --csv" in done.stderr


def test_csv_is_read_back_by_a_reader(folder: Path) -> None:
    done = predict("model", "photos/1.png", "--csv", "--classes", write_names(folder, "a,b\nc\nd\n"))
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["name"] for row in rows} == {"a,b", "c", "d"}
    assert [row["rank"] for row in rows] == ["1", "2", "3"]


@pytest.mark.usefixtures("folder")
def test_many_images_are_answered_in_their_order_over_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifying, "MOST_IN_BATCH", 3)
    paths = [f"photos/{name}" for name in ("1.png", "3.png", "2.jpg", "more/4.png") * 5]
    done = predict("model", "-", "--json", given="\n".join(paths).encode())
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["image"] for row in rows] == paths
    alone = {path: json.loads(predict("model", path, "--json").stdout) for path in set(paths)}
    for row in rows:
        for one, other in zip(row.get("predictions", ()), alone[row["image"]].get("predictions", ()), strict=True):
            assert one["label"] == other["label"]
            assert one["probability"] == pytest.approx(other["probability"], abs=2e-6)


def test_the_shorter_side_is_resized_first_where_training_did(folder: Path) -> None:
    plain, resized = (
        json.loads(predict("model", "photos/3.png", "--json", *more).stdout)["predictions"][0]["probability"]
        for more in ((), ("--resize", 28))
    )
    content = (folder / "photos/3.png").read_bytes()
    model = Classifier(artifact.read(Path("model")), threads=1)
    expected = model.probabilities(decode(content, SHAPE, Fit.CROP, resize=28)[None])[0].max()
    assert resized == pytest.approx(float(expected), abs=2e-6)
    assert resized != plain


@pytest.mark.parametrize("head", [b"\xff\xd8\xff", b"\x89PNG\r\n", b"BM\x36\x0c\0\0", b"RIFF\0\0"])
def test_bytes_of_an_image_are_told_from_paths(head: bytes) -> None:
    assert is_image(head)
    assert not is_image(b"BM/photo.jpg\n")


def test_standard_input_is_an_image_or_paths(folder: Path) -> None:
    content = (folder / "photos/1.png").read_bytes()
    (row,) = predict("model", "-", "--json", given=content).stdout.splitlines()
    (named,) = predict("model", "-", "--json", given=b"photos/1.png\r\n\n").stdout.splitlines()
    assert json.loads(row) | {"image": "photos/1.png"} == json.loads(named)
    late = [f"{'./' * 1000}photos/1.png", f"{'./' * 1500}photos/3.png"] * 2  # longer than the head that is looked at
    done = predict("model", "-", "--json", given="\n".join(late).encode())
    assert [json.loads(line)["image"] for line in done.stdout.splitlines()] == late
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("path", "says"),
    [("no.jpg", "No such file or directory"), ("a\0b", "embedded null"), ("photos/notes.txt", "no JPEG")],
)
@pytest.mark.usefixtures("folder")
def test_a_file_that_cannot_be_read_is_a_row_too(path: str, says: str) -> None:
    done = predict("model", path, "photos/1.png", "--json")
    assert done.exit_code == 1
    first, second = map(json.loads, done.stdout.splitlines())
    assert says in first["error"]
    assert "predictions" in second


def test_a_pipe_in_a_folder_is_a_row_and_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "photos/2-pipe.png")
    answers = [json.loads(line) for line in predict("model", "photos", "--json").stdout.splitlines()]
    assert {"image": "photos/2-pipe.png", "fit": "crop", "error": "This is a pipe or another device, and no file."} in (
        answers
    )
    assert any("predictions" in answer for answer in answers)


@pytest.mark.usefixtures("folder")
def test_nothing_on_standard_input_is_no_answer() -> None:
    done = predict("model", "-", "--json", given=b"")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "Standard input is empty: give it an image, or the paths of images." in done.stderr


def write_names(folder: Path, text: str) -> Path:
    (folder / "names.txt").write_text(text)
    return folder / "names.txt"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere/model.tar.gz", "photos"], "There is no model at nowhere/model.tar.gz: give a folder"),
        (["photos/1.png", "photos"], "it is no whole .tar.gz archive"),
        (["./photos", "photos"], "image-classification-symbol.json: the file is missing."),
        (["leading-out.tar.gz", "photos"], "the path leads out of the archive"),
        (["model", "empty"], "empty holds no image"),
        (["model", "photos", "--classes", "two.txt"], "two.txt names 2 classes, and the model has 3"),
        (["model", "photos", "--classes", "twice.txt"], "twice.txt, line 2: Class 1 is called 'a', as class 0"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_status_3(folder: Path, arguments: list[str], says: str) -> None:
    (folder / "empty").mkdir()
    (folder / "two.txt").write_text("a\nb\n")
    (folder / "twice.txt").write_text("a\na\nb\n")
    write_archive(folder / "leading-out.tar.gz", {"../escaped": b"", **FILES})
    done = predict(*arguments)
    assert done.exit_code == 3
    error = done.stderr.splitlines()[-1]
    assert error.startswith("Error: ")
    assert says in error
    assert done.stdout == ""


def test_a_model_whose_training_diverged_is_refused(folder: Path) -> None:
    network = make_resnet(8, SHAPE, 3, narrow=8)
    network.weights["arg:fc1_bias"][:] = np.nan
    (folder / "model" / PARAMS).write_bytes(network.files()[PARAMS])
    done = predict("model", "photos/1.png")
    assert done.exit_code == 3
    assert "its training has diverged" in done.stderr


@pytest.mark.parametrize(
    ("library", "command"),
    [
        ("numpy", ["predict", "model", "photos"]),
        ("onnxruntime", ["predict", "model", "photos"]),
        ("onnx", ["export", "model", "x.onnx"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_missing_library_is_said_with_the_command_that_installs_it(library: str, command: list[str]) -> None:
    code = f"import sys; sys.modules[{library!r}] = None; from sagescene_command.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    sentence = f"Error: {library} is not installed here, and models need it: pip install numpy onnx onnxruntime\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", sentence)


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
@pytest.mark.usefixtures("folder")
def test_an_answer_that_nobody_reads_is_no_mistake(form: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = "from sagescene_command.__main__ import main; main()"
    with os.fdopen(writer) as output:
        done = subprocess.run(
            [sys.executable, "-c", code, "predict", "model", "photos/1.png", *form],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 141
    assert "Error" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_answer_that_cannot_be_written_is_a_failure(folder: Path, form: list[str]) -> None:
    code = "from sagescene_command.__main__ import main; main()"
    with (folder / "photos/1.png").open("rb") as unwritable:
        done = subprocess.run(
            [sys.executable, "-c", code, "predict", "model", "photos/1.png", *form],
            stdout=unwritable,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    sentence = "Error: Standard output cannot be written: Bad file descriptor. Send it elsewhere."
    assert (done.returncode, done.stderr.splitlines()[-1]) == (3, sentence)
