"""What is wrong on purpose with a model that was really trained, or with its test files, is found."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sagescene_evaluation.caveat import CaveatCode
from sagescene_evaluation.caveats import find_caveats
from sagescene_evaluation.evaluate import continue_tally
from sagescene_evaluation.evaluation import EvaluatedFile, Evaluation, Role, Subject
from sagescene_evaluation.tally import Tally
from sagescene_model import artifact
from sagescene_model.inference import Classifier
from sagescene_model.pictures import Fit
from sagescene_trainer.training import train
from tests.unit.evaluation.painted import pack, stream
from tests.unit.standin.record_files import opt_ml

CLASSES, SIDE = 6, 16
HYPERPARAMETERS = {
    "num_classes": f"{CLASSES}",
    "image_shape": f"3,{SIDE},{SIDE}",
    "mini_batch_size": "20",
    "epochs": "6",
    "learning_rate": "0.02",
}

type Labelled = list[tuple[float | Sequence[float], bytes]]


class Trained(NamedTuple):
    """A model, and the share of the validation images on which its job says it is right."""

    model: Classifier
    accuracy: float


def encode(pixels: NDArray[np.uint8], size: tuple[int, int] | None = None) -> bytes:
    target = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.resize(size, Image.Resampling.BILINEAR) if size else image).save(target, "PNG")
    return target.getvalue()


def draw(label: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a faint stripe in much noise: its row tells the class, and not always well."""
    pixels = random.integers(0, 150, (SIDE, SIDE, 3))
    row = label * SIDE // CLASSES
    pixels[row : row + 2] += random.integers(0, 70)
    return pixels.astype(np.uint8)


def draw_wide(label: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the stripe at both sides of a picture three times as wide, whose centre shows nothing."""
    sides = [draw(label, random), random.integers(0, 150, (SIDE, SIDE, 3)).astype(np.uint8), draw(label, random)]
    return np.concatenate(sides, axis=1)


def make(count: int, seed: int, encode_one: Callable[[int, np.random.Generator], bytes]) -> Labelled:
    random = np.random.default_rng(seed)
    labels = [number % CLASSES for number in range(count)]
    return [(label, encode_one(label, random)) for label in labels]


def train_on(folder: Path, images: Labelled, validation: Labelled) -> Trained:
    lines: list[str] = []
    values = HYPERPARAMETERS | {"num_training_samples": f"{len(images)}"}
    train(opt_ml(folder, values, pack(images), pack(validation)), lines.append)
    best = re.findall(r"Storing the best model with validation accuracy: (\S+)", "\n".join(lines))[-1]
    return Trained(Classifier(artifact.read(folder / "model"), threads=1), float(best))


def evaluate(model: Classifier, images: Labelled) -> Tally:
    tally = Tally.start(classes=model.classes, is_multi_label=model.is_multi_label)
    return continue_tally(tally, model, [stream(pack(images))], remaining=lambda: 3600)


def measure(tally: Tally) -> Evaluation:
    file = EvaluatedFile("datasets/stripes/stripes_test.rec", "1")
    subject = Subject(job="job", data_set="stripes", artifact=file, role=Role.TEST, files=(file,))
    return Evaluation.of(tally, [], subject=subject, written=datetime(2026, 11, 26, tzinfo=UTC))


def draw_square(label: int, random: np.random.Generator) -> bytes:
    return encode(draw(label, random))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_on(tmp_path_factory.mktemp("job"), make(600, 1, draw_square), make(301, 2, draw_square))


def test_the_jobs_figure_and_ours_agree_to_the_image(trained: Trained) -> None:
    validation = make(301, 2, draw_square)
    tally = evaluate(trained.model, validation)
    assert 150 < tally.fits[Fit.CROP].right < 300
    assert tally.fits[Fit.CROP].right == round(trained.accuracy * len(validation))


@pytest.mark.parametrize("seed", [3, 4])
def test_flipped_labels_are_in_the_doubtful_list(trained: Trained, seed: int) -> None:
    images = make(600, seed, draw_square)
    flipped = set(np.random.default_rng(seed).choice(len(images), len(images) // 20, replace=False).tolist())
    for number in flipped:
        images[number] = ((number + 1 + number % 5) % CLASSES, images[number][1])
    doubtful = measure(evaluate(trained.model, images)).doubtful
    assert len(doubtful) > 2 * len(flipped)  # for the model errs as well
    assert len(flipped & {case.identifier for case in doubtful[: 2 * len(flipped)]}) >= 0.9 * len(flipped)


def test_a_model_trained_on_squashed_pictures_shows_it(tmp_path: Path) -> None:
    def squash(label: int, random: np.random.Generator) -> bytes:
        return encode(draw_wide(label, random), (SIDE, SIDE))

    def leave(label: int, random: np.random.Generator) -> bytes:
        return encode(draw_wide(label, random))

    model, _ = train_on(tmp_path, make(600, 1, squash), make(60, 2, squash))
    for images, differs in ((make(300, 3, leave), True), (make(300, 3, squash), False)):
        evaluation = measure(evaluate(model, images))
        assert evaluation.fits[Fit.SQUASH].accuracy.share > 0.9
        found = [caveat.message for caveat in find_caveats(evaluation) if caveat.code is CaveatCode.FITS_DIFFER]
        assert len(found) == differs
        assert (evaluation.accuracy.share < 0.3) == differs
