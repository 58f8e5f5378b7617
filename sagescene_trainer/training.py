"""The training of the perceptron: read the configuration, load both channels, fit epoch by epoch."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagescene_trainer.artifact import save_model
from sagescene_trainer.channels import Samples, load_channel
from sagescene_trainer.checkpoints import Checkpoints
from sagescene_trainer.epochs import fit
from sagescene_trainer.hyperparameters import Hyperparameters, parse_hyperparameters
from sagescene_trainer.network import Network, describe_substitution


def train(root: Path, log: Callable[[str], None]) -> float:
    """Train on the `/opt/ml` at `root` and return the best validation accuracy.

    Raises:
        TrainingRefused: the algorithm refuses hyperparameters or files.
    """
    config = root / "input" / "config"
    values = parse_hyperparameters(json.loads((config / "hyperparameters.json").read_text()))
    log(f"Final configuration: {json.dumps(dataclasses.asdict(values))}")
    log(
        f"Local stand-in: a scikit-learn perceptron on averaged pixels takes the place of ResNet-{values.num_layers}, "
        f"in MXNet's operators; {describe_substitution(values.optimizer)}"
    )
    channels = json.loads((config / "inputdataconfig.json").read_text())
    train_samples = load_channel(root, "train", channels, values)
    validation_samples = load_channel(root, "validation", channels, values)
    log(f"Number of images: {len(train_samples)} in train, {len(validation_samples)} in validation")
    learner = PerceptronLearner(values, train_samples, validation_samples, root / "model")
    return fit(learner, values, log, Checkpoints(root))


class PerceptronLearner:
    """The perceptron as a Learner."""

    def __init__(self, values: Hyperparameters, train_samples: Samples, validation: Samples, folder: Path) -> None:
        """Prepare the network; its models go to `folder`."""
        self._values, self._train, self._validation, self._folder = values, train_samples, validation, folder
        self._network = Network(values, train_samples)

    def multiply_learning_rate(self, factor: float) -> None:
        """Change the learning rate from now on."""
        self._network.multiply_learning_rate(factor)

    def fit_epoch(self) -> dict[str, float]:
        """Fit one epoch and measure it on the images to train on."""
        self._network.fit_epoch(self._train)
        measures = {"accuracy": self._network.measure_accuracy(self._train)}
        if (count := self._values.top_k) is not None and not self._values.multi_label:
            measures[f"top_k_accuracy_{count}"] = self._network.measure_top_k_accuracy(self._train, count)
        return measures

    def measure_accuracy(self) -> float:
        """Return the accuracy on the images to validate with."""
        return self._network.measure_accuracy(self._validation)

    def save(self, *, epoch: int, superseded: Path | None) -> Path:
        """Store the weights of an epoch."""
        weights = self._network.weights()
        return save_model(self._folder, epoch=epoch, weights=weights, values=self._values, superseded=superseded)

    def capture(self) -> object:
        """Give the network as it is."""
        return self._network

    def restore(self, state: Any) -> None:  # noqa: ANN401 - what `capture` gave
        """Go on with that network."""
        self._network = state
