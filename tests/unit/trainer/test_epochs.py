"""Which epoch a training keeps, and since which one its patience counts: not always the same."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from sagescene_trainer.checkpoints import Checkpoints
from sagescene_trainer.epochs import fit
from sagescene_trainer.failures import AlgorithmFault
from sagescene_trainer.hyperparameters import parse_hyperparameters
from tests.unit.trainer.test_algorithm_training import HALVES

PATIENT = {"epochs": "9", "early_stopping": "True", "early_stopping_min_epochs": "1", "early_stopping_patience": "2"}


class Scripted:
    """Comes to the accuracies that it was given, and diverges after the last one."""

    def __init__(self, *accuracies: float) -> None:
        self.accuracies = list(accuracies)

    def multiply_learning_rate(self, factor: float) -> None:
        raise NotImplementedError

    def fit_epoch(self) -> Mapping[str, float]:
        if not self.accuracies:
            raise AlgorithmFault("It diverged.")
        return {}

    def measure_accuracy(self) -> float:
        return self.accuracies.pop(0)

    def save(self, *, epoch: int, superseded: Path | None) -> Path:  # noqa: ARG002 - as every learner takes it
        return Path(f"{epoch:04d}.params")

    def capture(self) -> object:
        raise NotImplementedError

    def restore(self, state: object) -> None:
        raise NotImplementedError


def follow(tmp_path: Path, *accuracies: float) -> list[str]:
    lines: list[str] = []
    values = parse_hyperparameters(HALVES | PATIENT | {"early_stopping_tolerance": "0.1"})
    fit(Scripted(*accuracies), values, lines.append, Checkpoints(tmp_path))
    return lines


def test_a_training_that_diverges_names_the_epoch_whose_weights_were_saved_last(tmp_path: Path) -> None:
    *_, saved, kept = (line for line in follow(tmp_path, 0.5, 0.52) if "Saved" in line or "Keeping" in line)
    assert saved.endswith('/0002.params"')
    assert kept == "Epoch[2] AlgorithmError: It diverged. Keeping epoch 1."


@pytest.mark.parametrize(("second", "since"), [(0.52, 0), (0.56, 1)])
def test_patience_counts_since_the_last_epoch_that_was_better_beyond_the_tolerance(
    tmp_path: Path, second: float, since: int
) -> None:
    assert follow(tmp_path, 0.5, second, 0.3, 0.3)[-1] == (
        f"Early stopping after epoch {since + 2}: "
        f"no validation accuracy better beyond the tolerance of 0.1 since epoch {since}"
    )
