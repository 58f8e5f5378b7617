"""Which held-out images a run ends with, and that what is said of them is what the model says."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sagescene.files import recordio
from sagescene.files.classnames import ClassNames
from sagescene.files.recordio import Record
from sagescene_command.evaluating.trying import Prediction, _read_labels, try_model
from sagescene_evaluation.sources import StoredImage
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit, decode
from tests.unit.evaluation.painted import paint
from tests.unit.model.networks import make_resnet, write_folder

SHAPE = (3, 28, 28)
NAMES = ClassNames.of({0: "cat", 1: "dog\x1b[2J", 2: "fox"}, "classes.txt")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_folder(tmp_path_factory.mktemp("model"), make_resnet(8, SHAPE, 3, narrow=8).files())
    (folder / "classes.txt").write_text("cat\ndog\nfox\n")
    return folder


def write_set(folder: Path, images: Sequence[tuple[Sequence[float], bytes]], *, listed: bool = True) -> Path:
    packed = [
        recordio.pack(Record(identifier=number, labels=tuple(labels), image=image))
        for number, (labels, image) in enumerate(images)
    ]
    (folder / "pets_val.rec").write_bytes(b"".join(packed))
    rows = (f"{number}\t{labels[0]}\tshots/{number}.png\n" for number, (labels, _) in enumerate(images))
    if listed:
        (folder / "pets_val.lst").write_text("".join(rows))
    return folder


def test_the_first_of_each_class_is_asked_about_and_damage_is_passed_over(model: Path, tmp_path: Path) -> None:
    images = [paint(number, 50) for number in range(6)]
    labels = [[1.0], [1.0], [7.0], [0.0], [2.0], [0.0]]
    images[0] = b"no image"
    told = try_model(model, write_set(tmp_path, list(zip(labels, images, strict=True))))
    assert [(each.image, each.given) for each in told] == [
        ("shots/1.png", (1,)),
        ("shots/2.png", ()),  # the model has no class 7
        ("shots/3.png", (0,)),
    ]
    classifier = Classifier(artifact.read(model), threads=1)
    for each, number in zip(told, (1, 2, 3), strict=True):
        (answer,) = classifier.probabilities(decode(images[number], SHAPE, Fit.CROP)[None])
        assert each.found == int(answer.argmax())
        assert each.probability == pytest.approx(float(answer.max()), abs=1e-6)
        assert each.as_json()["found"]["name"] == ("cat", "dog", "fox")[each.found]


def test_where_there_are_fewer_classes_others_of_them_follow(model: Path, tmp_path: Path) -> None:
    told = try_model(model, write_set(tmp_path, [([1.0], paint(number, 50)) for number in range(5)], listed=False))
    assert [each.image for each in told] == ["id 0", "id 1", "id 2"]
    assert try_model(model, write_set(tmp_path, [([1.0], b"no image")])) == []


def test_a_list_that_gives_an_image_another_label_does_not_name_it(model: Path, tmp_path: Path) -> None:
    folder = write_set(tmp_path, [([0.0], paint(0, 50)), ([1.0], paint(1, 50))])
    (folder / "pets_val.lst").write_text("0\t2\tshots/0.png\n1\t1\tshots/1.png\n")
    assert [each.image for each in try_model(model, folder)] == ["id 0", "shots/1.png"]


def test_a_file_that_ends_early_gives_what_comes_before(model: Path, tmp_path: Path) -> None:
    folder = write_set(tmp_path, [([0.0], paint(0, 50)), ([1.0], paint(1, 50))])
    (folder / "pets_val.rec").write_bytes((folder / "pets_val.rec").read_bytes()[:-8])
    assert [each.image for each in try_model(model, folder)] == ["shots/0.png"]


def test_a_prediction_names_the_classes_in_words_that_can_be_printed() -> None:
    one = Prediction(image="a\x1b[2J.png", given=(0, 2), found=1, probability=0.9999999, names=NAMES)
    assert one.as_words() == "a\\x1b[2J.png is cat (0) and fox (2); the model says dog\ufffd[2J (1), 99.9 %"
    assert one.as_json() == {
        "image": "a\x1b[2J.png",
        "given": [{"label": 0, "name": "cat"}, {"label": 2, "name": "fox"}],
        "found": {"label": 1, "name": "dog\ufffd[2J", "probability": 1.0},
    }
    unnamed = Prediction(image="id 4", given=(), found=1, probability=0.5, names=ClassNames())
    assert unnamed.as_words() == "id 4 is of no class; the model says 1, 50 %"


def test_several_labels_are_all_told() -> None:
    image = StoredImage(0, 0, labels=(1.0, 0.0, 1.0))
    assert _read_labels(image, classes=3, is_multi_label=True) == (0, 2)
    assert _read_labels(image._replace(labels=(float("nan"),)), classes=3, is_multi_label=False) == ()
