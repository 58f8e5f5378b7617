"""The course of a training, whatever learns: epoch by epoch, in the algorithm's words, and the best epoch is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sagescene_trainer.checkpoints import Checkpoints
from sagescene_trainer.failures import AlgorithmFault
from sagescene_trainer.hyperparameters import Hyperparameters


class Learner(Protocol):
    """A network with the images that it learns from and those that it is judged by."""

    def multiply_learning_rate(self, factor: float) -> None:
        """Change the learning rate from now on."""
        ...

    def fit_epoch(self) -> Mapping[str, float]:
        """Fit one epoch and return the measures on the images to train on, by the names under which they are logged.

        Raises:
            AlgorithmFault: the weights run away to infinity.
        """
        ...

    def measure_accuracy(self) -> float:
        """Return the accuracy on the images to validate with."""
        ...

    def save(self, *, epoch: int, superseded: Path | None) -> Path:
        """Store the weights of an epoch, counted from 1, remove the superseded file, and return the new one."""
        ...

    def capture(self) -> object:
        """Give all that another learner of the same images needs to fit the next epoch as this one would."""
        ...

    def restore(self, state: Any) -> None:  # noqa: ANN401 - each learner knows its own
        """Go on from what `capture` gave."""
        ...


def fit(learner: Learner, values: Hyperparameters, log: Callable[[str], None], checkpoints: Checkpoints) -> float:
    """Fit epoch by epoch, store the best epoch's weights, and return its validation accuracy.

    Where there is a checkpoint, the epochs before it are not fitted again.
    """
    progress = checkpoints.resume(learner.restore, log)
    for epoch in range(progress.epochs, values.epochs):
        if epoch in values.lr_scheduler_step and epoch > 0:
            learner.multiply_learning_rate(values.lr_scheduler_factor)
        started = time.perf_counter()
        try:
            measures = learner.fit_epoch()
        except AlgorithmFault as diverged:
            if progress.best_file is None:
                raise
            log(f"Epoch[{epoch}] {diverged} Keeping epoch {progress.best_epoch}.")
            break
        for name, measure in measures.items():
            log(f"Epoch[{epoch}] Train-{name}={measure:.6f}")
        log(f"Epoch[{epoch}] Time cost={time.perf_counter() - started:.3f}")
        accuracy = learner.measure_accuracy()
        log(f"Epoch[{epoch}] Validation-accuracy={accuracy:.6f}")
        checkpoint = values.checkpoint_frequency is not None and (epoch + 1) % values.checkpoint_frequency == 0
        improved = accuracy > progress.best
        if improved:
            log(f"Storing the best model with validation accuracy: {accuracy:.6f}")
        if improved or checkpoint:
            # With a checkpoint frequency every stored epoch stays in the artifact, as with the real algorithm.
            superseded = progress.best_file if values.checkpoint_frequency is None else None
            path = learner.save(epoch=epoch + 1, superseded=superseded)
            log(f'Saved checkpoint to "/opt/ml/model/{path.name}"')
        if improved:
            if accuracy > progress.best * (1 + values.early_stopping_tolerance) or progress.best < 0:
                progress.patience_since = epoch
            progress.best, progress.best_epoch, progress.best_file = accuracy, epoch, path
        if _is_patience_spent(values, epoch, progress.patience_since):
            better = f"better beyond the tolerance of {values.early_stopping_tolerance:g}"
            since = progress.patience_since
            log(f"Early stopping after epoch {epoch}: no validation accuracy {better} since epoch {since}")
            break
        progress.epochs = epoch + 1
        checkpoints.store(progress, learner.capture, log)
    return progress.best


def _is_patience_spent(values: Hyperparameters, epoch: int, since: int) -> bool:
    long_enough = epoch + 1 >= values.early_stopping_min_epochs
    return values.early_stopping and long_enough and epoch - since >= values.early_stopping_patience
