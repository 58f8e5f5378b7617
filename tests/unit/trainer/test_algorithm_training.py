"""The algorithm really learns, logs like the real one and leaves its best epoch."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sagescene_trainer.training import train
from tests.unit.standin.record_files import opt_ml, two_halves
from tests.unit.trainer.mxnet_model import evaluate, read_parameters

HALVES = {
    "num_classes": "2",
    "num_training_samples": "40",
    "image_shape": "3,16,16",
    "mini_batch_size": "10",
    "epochs": "4",
    "learning_rate": "0.05",
}


def run(root: Path, changes: dict[str, str] | None = None, labels: tuple[float, ...] | None = None) -> list[str]:
    lines: list[str] = []
    content = two_halves(40, labels=labels), two_halves(10, labels=labels)
    train(opt_ml(root, HALVES | (changes or {}), *content), lines.append)
    return lines


def test_it_learns_and_logs_in_the_words_of_the_algorithm(tmp_path: Path) -> None:
    lines = run(tmp_path)
    text = "\n".join(lines)
    assert re.search(r"^Epoch\[3\] Train-accuracy=1\.000000$", text, re.MULTILINE)
    assert re.search(r"^Epoch\[3\] Time cost=\d+\.\d{3}$", text, re.MULTILINE)
    assert re.search(r"^Epoch\[3\] Validation-accuracy=1\.000000$", text, re.MULTILINE)
    best = lines.index("Storing the best model with validation accuracy: 1.000000")
    epoch = int(lines[best - 1].partition("]")[0].removeprefix("Epoch["))
    assert lines[best + 1] == f'Saved checkpoint to "/opt/ml/model/image-classification-{epoch + 1:04d}.params"'


def list_stored(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "model").iterdir())


def test_the_artifact_holds_the_best_epoch_and_predicts(tmp_path: Path) -> None:
    stored = [line.split("/")[-1].rstrip('"') for line in run(tmp_path) if line.startswith("Saved checkpoint")]
    assert list_stored(tmp_path) == [stored[-1], "image-classification-symbol.json", "model-shapes.json"]
    pictures = np.zeros((2, 3, 16, 16), dtype=np.float32)
    pictures[0, :, :, 8:] = pictures[1, :, :, :8] = 200
    probabilities = evaluate(tmp_path / "model", pictures)
    assert probabilities.argmax(axis=1).tolist() == [0, 1]
    assert json.loads((tmp_path / "model" / "model-shapes.json").read_text()) == [
        {"shape": [10, 3, 16, 16], "name": "data"}
    ]


def test_only_epochs_that_improve_are_stored(tmp_path: Path) -> None:
    lines = run(tmp_path, {"learning_rate": "0"})
    assert sum(line.startswith("Storing the best model") for line in lines) == 1
    assert sum(line.startswith("Saved checkpoint") for line in lines) == 1
    assert list_stored(tmp_path)[0] == "image-classification-0001.params"


def test_an_epoch_that_improves_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    lines = run(tmp_path, {"num_classes": "9", "learning_rate": "0.0005"})
    saved = [line for line in lines if line.startswith("Saved checkpoint")]
    assert len(saved) > 1
    assert [f'Saved checkpoint to "/opt/ml/model/{name}"' for name in list_stored(tmp_path)[:-2]] == saved[-1:]


def test_every_checkpoint_stays_beside_the_best_epoch(tmp_path: Path) -> None:
    lines = run(tmp_path, {"learning_rate": "0", "checkpoint_frequency": "2"})
    names = [f"image-classification-{epoch:04d}.params" for epoch in (1, 2, 4)]
    assert list_stored(tmp_path)[:-2] == names
    assert [line for line in lines if line.startswith("Saved")] == [
        f'Saved checkpoint to "/opt/ml/model/{name}"' for name in names
    ]


@pytest.mark.parametrize("optimizer", ["nag", "adam", "rmsprop"])
def test_every_optimizer_learns(tmp_path: Path, optimizer: str) -> None:
    rate = "0.05" if optimizer == "nag" else "0.005"
    lines = run(tmp_path, {"optimizer": optimizer, "learning_rate": rate})
    assert "Epoch[3] Validation-accuracy=1.000000" in lines
    assert optimizer != "rmsprop" or any("rmsprop is substituted" in line for line in lines)


def test_several_labels_an_image_are_learnt(tmp_path: Path) -> None:
    lines = run(tmp_path, {"multi_label": "1", "num_classes": "3"}, labels=(1, 0, 1))
    assert "Epoch[3] Validation-accuracy=1.000000" in lines


@pytest.mark.parametrize("label", [7.0, -1.0])
def test_labels_out_of_range_train_without_a_word(tmp_path: Path, label: float) -> None:
    assert "Epoch[3] Validation-accuracy=0.000000" in run(tmp_path, labels=(label,))


def test_a_learning_rate_of_zero_learns_nothing(tmp_path: Path) -> None:
    lines = [line for line in run(tmp_path, {"learning_rate": "0"}) if "Validation-accuracy" in line]
    assert len({line.partition("=")[2] for line in lines}) == 1


def test_the_learning_rate_schedule_freezes_the_network(tmp_path: Path) -> None:
    changes = {"lr_scheduler_step": "1", "lr_scheduler_factor": "0", "momentum": "0", "checkpoint_frequency": "1"}
    run(tmp_path, changes)
    stored = sorted((tmp_path / "model").glob("*.params"))
    assert len(stored) == 4
    matrices = [read_parameters(path)["arg:fc0_weight"] for path in stored]
    assert all(np.array_equal(matrices[0], matrix) for matrix in matrices[1:])


def test_early_stopping_ends_when_nothing_improves(tmp_path: Path) -> None:
    changes = {
        "epochs": "30",
        "early_stopping": "True",
        "early_stopping_min_epochs": "5",
        "early_stopping_patience": "3",
    }
    lines = run(tmp_path, changes)
    assert sum("Validation-accuracy" in line for line in lines) < 12


def test_top_k_is_logged(tmp_path: Path) -> None:
    assert "Epoch[0] Train-top_k_accuracy_2=1.000000" in run(tmp_path, {"top_k": "2"})


def test_a_diverging_training_says_so_and_keeps_the_best_epoch(tmp_path: Path) -> None:
    lines = run(tmp_path, {"learning_rate": "1", "momentum": "1", "epochs": "100", "weight_decay": "1"})
    assert "diverged with learning_rate 1; choose a smaller one. Keeping epoch " in lines[-1]
    assert len(list((tmp_path / "model").glob("*.params"))) == 1
