"""The network that takes the place of the ResNet: a scikit-learn perceptron, fitted one epoch at a time."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sagescene_trainer.channels import Samples
from sagescene_trainer.failures import AlgorithmFault
from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.perceptron import MLPClassifier

_HIDDEN = 128
EPSILON = 2e-5  # what MXNet adds to a variance before it divides by the root: a set of one colour has none
_TINY = 1e-12  # scikit-learn refuses a learning rate or an epsilon of 0, which the algorithm allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """All that is needed to predict again: each colour's scaling, then one matrix and one offset a layer."""

    mean: NDArray[np.float32]
    variance: NDArray[np.float32]
    gain: NDArray[np.float32]
    matrices: tuple[NDArray[np.float32], ...]
    offsets: tuple[NDArray[np.float32], ...]


def describe_substitution(optimizer: str) -> str:
    """Say in one sentence which of scikit-learn's solvers stands in for the optimizer."""
    return {
        "sgd": "optimizer sgd: scikit-learn's sgd with momentum.",
        "nag": "optimizer nag: scikit-learn's sgd with Nesterov's momentum.",
        "adam": "optimizer adam: scikit-learn's adam.",
        "rmsprop": "optimizer rmsprop is substituted: scikit-learn's adam with beta_1=0 and beta_2=gamma.",
    }[optimizer]


class Network:
    """A perceptron with one hidden layer whose `fit_epoch` is one pass over shuffled mini-batches."""

    def __init__(self, values: Hyperparameters, train: Samples) -> None:
        """Prepare the network; `train` fixes how the features are scaled."""
        self._values = values
        self._model: Any = MLPClassifier(
            (_HIDDEN,), **_solver(values), batch_size=values.mini_batch_size, random_state=0
        )
        self._mean = train.features.mean(axis=(0, 2, 3), dtype=np.float64).astype(np.float32)
        self._variance = train.features.var(axis=(0, 2, 3), dtype=np.float64).astype(np.float32)
        # Four standard deviations to the unit: with one, the default learning rate of 0.1 swings instead of settling.
        self._gain = np.full_like(self._mean, 0.25)

    def fit_epoch(self, samples: Samples) -> None:
        """Fit one epoch.

        Raises:
            AlgorithmFault: the weights run away to infinity.
        """
        features, labels = samples.features, samples.labels
        if not self._values.multi_label:
            # The real algorithm trains on labels out of range without a word (its loss pushes such images away from all
            # classes). scikit-learn would refuse them, so they are left out here; accuracy counts them as wrong.
            within = (labels >= 0) & (labels < self._values.num_classes)
            features, labels = (features[within], labels[within]) if within.any() else (features, labels * 0)
        classes = np.arange(2 if self._is_one_flag else self._values.num_classes)
        try:
            with _ignore_overflow():
                self._model.partial_fit(self._normalise(features), self._targets(labels), classes=classes)
        except ValueError as error:
            if "non-finite" not in str(error):
                raise
            raise AlgorithmFault(
                f"The training diverged with learning_rate {self._values.learning_rate:g}; choose a smaller one."
            ) from error

    def multiply_learning_rate(self, factor: float) -> None:
        """Change the learning rate for the epochs to come."""
        # scikit-learn has no public way to do this between two calls of partial_fit.
        optimizer = self._model._optimizer
        for name in ("learning_rate", "learning_rate_init"):
            if hasattr(optimizer, name):
                setattr(optimizer, name, getattr(optimizer, name) * factor)

    def measure_accuracy(self, samples: Samples) -> float:
        """Return the share of right answers; with several labels an image, the mean over the classes."""
        scores = self.predict(samples)
        predictions = (scores > 0.5).astype(np.int64) if self._values.multi_label else scores.argmax(axis=1)
        return float((predictions == samples.labels).mean())

    def measure_top_k_accuracy(self, samples: Samples, k: int) -> float:
        """Return the share of images whose label is among the `k` most probable classes.

        Raises:
            AlgorithmFault: there are fewer classes, in the words of NumPy, on which MXNet's TopKAccuracy fails as well.
        """
        try:
            best = np.argpartition(self.predict(samples), -k, axis=1)[:, -k:]
        except ValueError as fault:
            raise AlgorithmFault(f"ValueError: {fault}") from fault
        return float((best == samples.labels[:, None]).any(axis=1).mean())

    def predict(self, samples: Samples) -> NDArray[np.float64]:
        """Return one row of probabilities an image, a column a class."""
        with _ignore_overflow():
            scores = np.asarray(self._model.predict_proba(self._normalise(samples.features)), dtype=np.float64)
        if self._is_one_flag:
            return scores[:, 1:]
        return np.ones((len(samples), 1)) if self._values.num_classes == 1 else scores

    def weights(self) -> Weights:
        """Return a copy of the present weights."""
        return Weights(
            mean=self._mean,
            variance=self._variance,
            gain=self._gain,
            matrices=tuple(matrix.copy() for matrix in self._model.coefs_),
            offsets=tuple(offset.copy() for offset in self._model.intercepts_),
        )

    def _normalise(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        factor = self._gain / np.sqrt(self._variance + EPSILON)
        scaled = (features - self._mean[:, None, None]) * factor[:, None, None]
        return scaled.reshape(len(features), -1).astype(np.float32, copy=False)

    @property
    def _is_one_flag(self) -> bool:
        # A class that an image has or has not, which scikit-learn takes for two classes.
        return self._values.multi_label and self._values.num_classes == 1

    def _targets(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        return labels.ravel() if self._values.num_classes == 1 else labels


@contextmanager
def _ignore_overflow() -> Iterator[None]:
    # A training that diverges overflows long before scikit-learn's error tells so; labels out of range that were left
    # out may make the images fewer than the batch.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        warnings.filterwarnings("ignore", message="Got `batch_size` less than 1 or larger")
        yield


def _solver(values: Hyperparameters) -> dict[str, Any]:
    """Translate the optimizer and its settings into arguments of MLPClassifier."""
    rate = {"learning_rate_init": max(values.learning_rate, _TINY)}
    if values.optimizer in ("sgd", "nag"):
        return {
            **rate,
            "solver": "sgd",
            "momentum": values.momentum,
            "nesterovs_momentum": values.optimizer == "nag",
            "alpha": values.weight_decay,
        }
    first, second = (values.beta_1, values.beta_2) if values.optimizer == "adam" else (0.0, values.gamma)
    return {
        **rate,
        "solver": "adam",
        "beta_1": min(first, 1 - 1e-7),
        "beta_2": min(second, 1 - 1e-7),
        "epsilon": max(values.eps, _TINY),
        "alpha": 0.0,
    }
