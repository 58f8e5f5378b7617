"""What `sagescene evaluate` holds a model against, and that its figures are those of the model."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sagescene.dataset import StoredObject
from sagescene.files import recordio
from sagescene.files.recordio import Record
from sagescene.preflight.reading import Reader
from sagescene_command.cli import commands
from sagescene_command.evaluating.testfiles import NothingToTestError, choose_files, open_records
from sagescene_command.places import Place
from sagescene_evaluation.evaluation import Role
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit, decode
from tests.unit.model.networks import make_resnet, write_folder

SHAPE = (3, 28, 28)
IMAGES = 25  # more than a batch


def store(*names: str, size: int = 1) -> list[StoredObject]:
    return [
        StoredObject(key=f"datasets/pets/{name}", etag="e", size=size, last_modified=datetime(2026, 11, 20, tzinfo=UTC))
        for name in names
    ]


def draw(number: int) -> bytes:
    random = np.random.default_rng(number)
    path = Path(f"{number}.png")
    Image.fromarray(random.integers(0, 256, (28 + number, 40, 3), np.uint8)).save(path)
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the working folder with a model, and a set whose test labels are the model's answers but for every fifth."""
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "model", make_resnet(8, SHAPE, 3, narrow=8).files())
    model = Classifier(artifact.read(tmp_path / "model"), threads=1)
    (tmp_path / "pets").mkdir()
    records, rows = b"", ""
    for number in range(IMAGES):
        content = draw(number)
        label = int(model.probabilities(decode(content, SHAPE, Fit.CROP)[None])[0].argmax())
        label = (label + 1) % 3 if number % 5 == 0 else label
        records += recordio.pack(Record(identifier=number, labels=(float(label),), image=content))
        rows += f"{number}\t{label}\tshots/{number}.png\n"
    (tmp_path / "pets/pets_test.rec").write_bytes(records)
    (tmp_path / "pets/pets_test.lst").write_text(rows)
    (tmp_path / "pets/pets_val.rec").write_bytes(b"")
    (tmp_path / "pets/classes.txt").write_text("cat\ndog\nfox\n")
    return tmp_path


def evaluate(*arguments: object) -> Result:
    return CliRunner(mix_stderr=False).invoke(commands, ["evaluate", *map(str, arguments)])


def test_the_figures_are_those_of_the_model_and_the_page_is_the_stack_s(folder: Path) -> None:
    done = evaluate("model", "pets", "--json", "--html", "page.html")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    crop = document["fits"]["crop"]["accuracy"]
    assert (crop["right"], crop["of"]) == (20, IMAGES)
    assert (document["role"], document["dataset"], document["images"]) == ("test", "pets", IMAGES)
    assert document["class_names"]["names"] == {"0": "cat", "1": "dog", "2": "fox"}
    assert [file["key"] for file in document["files"]] == ["pets_test.rec"]
    assert sum(pair["images"] for pair in document["pairs"]) == 5
    page = (folder / "page.html").read_text()
    assert "pets: right on 80 % of test images" in page
    assert "shots/0.png" in page
    told = evaluate("model", "pets", "--html", "page.html")
    assert told.exit_code == 0
    assert told.stdout.endswith(f"\n\npage: {(folder / 'page.html').as_uri()}\n")
    assert told.stdout.startswith("Right on 20 of 25 test images (80 %, ")


def test_class_names_that_differ_from_the_model_s_are_told(folder: Path) -> None:
    names = {"source": "classes.txt", "names": {"0": "cat", "1": "dog", "2": "fox"}, "more": 0}
    outcome = {"job": "sagescene--pets--0123456789ab", "data_set": "pets", "status": "Completed", "class_names": names}
    (folder / "model/outcome.json").write_text(json.dumps(outcome))

    def caveats() -> list[str]:
        return [caveat["code"] for caveat in json.loads(evaluate("model", "pets", "--json").stdout)["caveats"]]

    assert "class-names-differ" not in caveats()
    (folder / "pets/classes.txt").write_text("ant\nbee\nfox\n")
    assert caveats()[0] == "class-names-differ"
    assert "classes.txt calls class 0 ant, the model cat (1 more differs)" in evaluate("model", "pets").stdout
    (folder / "pets/classes.txt").write_text("ant\n\nfox\n")  # faulty, and no matter of the model's
    assert "class-names-differ" not in caveats()


def test_folders_of_the_test_list_that_are_other_classes_of_the_model_are_told(folder: Path) -> None:
    listed = folder / "pets/pets_test.lst"
    rows = [line.split("\t") for line in listed.read_text().splitlines()]
    labels = sorted({label for _, label, _ in rows})
    assert len(labels) > 1
    called = dict(zip(labels, ("cat", "dog", "fox"), strict=False))
    listed.write_text("".join(f"{number}\t{label}\t{called[label]}/{number}.png\n" for number, label, _ in rows))
    names = ["ant", "ant", "ant"]
    for place, label in enumerate(labels):
        names[int(label)] = called[labels[place - 1]]
    (folder / "pets/classes.txt").unlink()
    evaluated = evaluate("model", "pets", "--json")
    assert "class-names-differ" not in [each["code"] for each in json.loads(evaluated.stdout)["caveats"]]
    (folder / "model/classes.txt").write_text("\n".join(names))
    caveat = json.loads(evaluate("model", "pets", "--json").stdout)["caveats"][0]
    assert caveat["code"] == "class-names-differ"
    assert caveat["message"].startswith(f"pets_test.lst calls class {labels[0]} cat, the model ")


@pytest.mark.parametrize(("names", "count"), [("cat\ndog\n", "2"), ("cat\ndog\nfox\nhen\n", "4")])
def test_names_of_another_number_of_classes_are_told_and_not_used(folder: Path, names: str, count: str) -> None:
    (folder / "pets/classes.txt").write_text(names)
    document = json.loads(evaluate("model", "pets", "--json").stdout)
    assert document["class_names"]["names"] == {}
    assert document["caveats"][0]["code"] == "class-names-differ"
    assert f"classes.txt names {count} classes, and the model has 3" in document["caveats"][0]["message"]
    (folder / "model/classes.txt").write_text("ant\nbee\nfox\n")
    assert json.loads(evaluate("model", "pets", "--json").stdout)["class_names"]["names"]["0"] == "ant"


def train(folder: Path, *numbers: int) -> None:
    """Put a training file of the images with these numbers into the set."""
    records = [Record(identifier=number, labels=(0.0,), image=draw(number)) for number in numbers]
    (folder / "pets/pets_train.rec").write_bytes(b"".join(map(recordio.pack, records)))


def test_images_that_lie_in_the_training_file_too_are_told(folder: Path) -> None:
    assert json.loads(evaluate("model", "pets", "--json").stdout)["seen"]["looked_for"] == 0
    train(folder, 3, 5, 99)
    document = json.loads(evaluate("model", "pets", "--json").stdout)
    assert (document["seen"]["looked_for"], document["seen"]["images"]) == (IMAGES, 2)
    assert [each["path"] for each in document["seen"]["named"]] == ["shots/3.png", "shots/5.png"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("pets", "1 of 25 test images was trained on: the figure is"),
        ("birds", "1 of 25 test images lies among the training images of this data set, too: if the model was trained"),
        ("", "1 of 25 test images lies among the training images of this data set, too: if the model was trained"),
    ],
)
def test_that_images_were_trained_on_is_said_of_a_model_of_the_same_set_only(
    folder: Path, name: str, says: str
) -> None:
    train(folder, 3)
    outcome = {"job": f"sagescene--{name}--0123456789ab", "data_set": name, "status": "Completed"}
    if name:
        (folder / "model/outcome.json").write_text(json.dumps(outcome))
    done = evaluate("model", "pets", "--html", "page.html")
    assert says in done.stdout
    assert ("is not known" in (folder / "page.html").read_text()) == (name != "pets")


def test_a_test_file_that_is_the_validation_file_by_another_name_is_told(folder: Path) -> None:
    content = (folder / "pets/pets_test.rec").read_bytes()
    for other, copies in ((content, ["pets_test.rec"]), (content[:-1] + b"x", [])):
        (folder / "pets/pets_val.rec").write_bytes(other)
        assert json.loads(evaluate("model", "pets", "--json").stdout)["copies"] == copies


def test_damage_is_named_by_its_file_and_byte(folder: Path) -> None:
    with (folder / "pets/pets_test.rec").open("ab") as records:
        records.write(recordio.pack(Record(identifier=99, labels=(0.0,), image=b"no image")))
    size = (folder / "pets/pets_test.rec").stat().st_size
    (damage,) = json.loads(evaluate("model", "pets", "--json").stdout)["damages"]
    assert damage.startswith("pets_test.rec, byte ")
    assert int(damage.split()[2].rstrip(":").replace(",", "")) < size


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["model", "nowhere"], "nowhere does not exist"),
        (["model", "model"], "model holds neither test nor validation records: give a folder"),
        (["./none", "pets"], "There is no model at ./none"),
        (["model", "pets", "--html", "none/page.html"], "There is no folder none for page.html"),
        (["model", "pets", "--classes", "two.txt"], "two.txt names 2 classes, and the model has 3"),
    ],
)
def test_what_cannot_be_evaluated_is_one_sentence_and_status_3(folder: Path, arguments: list[str], says: str) -> None:
    (folder / "two.txt").write_text("a\nb\n")
    done = evaluate(*arguments)
    assert done.exit_code == 3
    assert says in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_a_set_of_which_nothing_can_be_read_has_status_1(folder: Path) -> None:
    (folder / "pets/pets_test.rec").unlink()
    done = evaluate("model", "pets")
    assert done.exit_code == 1
    assert done.stdout.startswith("None of the validation images could be evaluated.")


@pytest.mark.parametrize(
    ("names", "role", "records", "lists"),
    [
        (["a_val.rec", "a_val.lst", "a_test.rec", "b_test.rec", "b_test.lst"], Role.TEST, "a_test b_test", [None, "b"]),
        (["a_train.rec", "a_val.rec", "a_val.lst", "a_test.lst"], Role.VALIDATION, "a_val", ["a"]),
        (["validation/val.rec", "test/x.rec", "test/x.idx"], Role.TEST, "x", [None]),
    ],
)
def test_test_files_go_before_validation_files(
    names: list[str], role: Role, records: str, lists: list[str | None]
) -> None:
    files = choose_files(store(*names), "pets")
    assert files.role is role
    assert [Path(each.key).stem for each in files.records] == records.split()
    assert [each and Path(each.key).stem.partition("_")[0] for each in files.lists] == lists
    with pytest.raises(NothingToTestError, match="pets holds neither"):
        choose_files(store("a_train.rec", "a_train.lst", "a_test.lst"), "pets")


@pytest.mark.parametrize("position", [0, 3, 4, 9, 10])
def test_a_file_is_read_on_from_any_byte(position: int) -> None:
    content = b"0123456789"
    (stored,) = store("a_test.rec", size=10)
    reader = Reader(whole=lambda _: (content[at : at + 4] for at in range(0, 10, 4)), span=lambda *_: b"")
    place = Place(name="pets", objects=(stored,), reader=reader, prefix="s3://b/")
    told: list[tuple[int, int]] = []
    (source,) = open_records(place, choose_files([stored], "pets"), lambda *done: told.append(done))
    assert source.name == "s3://b/a_test.rec"
    assert b"".join(source.open(position)) == content[position:]
    assert told[-1] == (10, 10)
