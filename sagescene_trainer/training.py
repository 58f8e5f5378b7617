"""The training itself: read the configuration, load both channels, fit epoch by epoch, keep the best epoch."""

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

from sagescene_trainer.artifact import save_model
from sagescene_trainer.channels import Samples, load_channel
from sagescene_trainer.failures import AlgorithmFault
from sagescene_trainer.hyperparameters import Hyperparameters, parse_hyperparameters
from sagescene_trainer.network import Network, describe_substitution

type Log = Callable[[str], None]


class TerminationRequested(Exception):
    """SageMaker sent SIGTERM: the best epoch so far is already stored, so there is nothing left to do but go."""


def train(root: Path, log: Log) -> float:
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
    return fit(values, train_samples, validation_samples, root / "model", log)


def fit(values: Hyperparameters, train_samples: Samples, validation: Samples, folder: Path, log: Log) -> float:
    """Fit epoch by epoch, store the best epoch's weights in `folder`, and return its validation accuracy."""
    network = Network(values, train_samples)
    best, best_epoch, best_file = -1.0, 0, None
    for epoch in range(values.epochs):
        if epoch in values.lr_scheduler_step and epoch > 0:
            network.multiply_learning_rate(values.lr_scheduler_factor)
        started = time.perf_counter()
        try:
            network.fit_epoch(train_samples)
        except AlgorithmFault as diverged:
            if best_file is None:
                raise
            log(f"Epoch[{epoch}] {diverged} Keeping epoch {best_epoch}.")
            break
        log(f"Epoch[{epoch}] Train-accuracy={network.measure_accuracy(train_samples):.6f}")
        if values.top_k is not None and not values.multi_label:
            top = network.measure_top_k_accuracy(train_samples, values.top_k)
            log(f"Epoch[{epoch}] Train-top_k_accuracy_{values.top_k}={top:.6f}")
        log(f"Epoch[{epoch}] Time cost={time.perf_counter() - started:.3f}")
        accuracy = network.measure_accuracy(validation)
        log(f"Epoch[{epoch}] Validation-accuracy={accuracy:.6f}")
        checkpoint = values.checkpoint_frequency is not None and (epoch + 1) % values.checkpoint_frequency == 0
        improved = accuracy > best
        if improved:
            log(f"Storing the best model with validation accuracy: {accuracy:.6f}")
        if improved or checkpoint:
            # With a checkpoint frequency every stored epoch stays in the artifact, as with the real algorithm.
            superseded = best_file if values.checkpoint_frequency is None else None
            path = save_model(folder, epoch=epoch + 1, weights=network.weights(), values=values, superseded=superseded)
            log(f'Saved checkpoint to "/opt/ml/model/{path.name}"')
        if improved:
            if accuracy > best * (1 + values.early_stopping_tolerance) or best < 0:
                best_epoch = epoch
            best, best_file = accuracy, path
        if _is_patience_spent(values, epoch, best_epoch):
            log(f"Early stopping after epoch {epoch}: no better validation accuracy since epoch {best_epoch}")
            break
    return best


def _is_patience_spent(values: Hyperparameters, epoch: int, best_epoch: int) -> bool:
    long_enough = epoch + 1 >= values.early_stopping_min_epochs
    return values.early_stopping and long_enough and epoch - best_epoch >= values.early_stopping_patience
