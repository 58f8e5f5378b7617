"""What the container leaves in `model/`, from which SageMaker makes model.tar.gz.

The names follow the algorithm's (`image-classification-NNNN...`, `model-shapes.json`) as far as that is honest: the
weights are no MXNet parameters, and their file name says so. No `-symbol.json` is written, for there is no MXNet graph
to describe.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.network import Weights
from sagescene_trainer.pictures import SIDE


def save_model(folder: Path, *, epoch: int, weights: Weights, values: Hyperparameters) -> Path:
    """Write the weights of one epoch, and what describes them, and return the weights' file.

    A SIGTERM that arrives meanwhile waits, so that what is on disk is always a whole model.
    """
    path = folder / f"image-classification-{epoch:04d}.scikit-learn-mlp.npz"
    arrays = {"mean": weights.mean, "scale": np.asarray(weights.scale)}
    for layer, (matrix, offset) in enumerate(zip(weights.matrices, weights.offsets, strict=True)):
        arrays |= {f"matrix_{layer}": matrix, f"offset_{layer}": offset}
    with _defer_termination():
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        shape = [values.mini_batch_size, *values.image_shape]
        (folder / "model-shapes.json").write_text(json.dumps([{"name": "data", "shape": shape}]))
        (folder / "local-stand-in.json").write_text(json.dumps(_describe(path, epoch, values), indent=2))
    return path


def _describe(path: Path, epoch: int, values: Hyperparameters) -> dict[str, object]:
    return {
        "what": "A scikit-learn perceptron trained by the local stand-in; not MXNet weights, not a ResNet.",
        "weights": path.name,
        "epoch": epoch,
        "image_shape": list(values.image_shape),
        "features": f"central crop to image_shape, averaged to at most {SIDE} x {SIDE}, values 0 to 1",
        "prediction": "((features - mean) / scale) @ matrix_0 + offset_0, ReLU, @ matrix_1 + offset_1, "
        + ("sigmoid" if values.multi_label or values.num_classes <= 2 else "softmax"),
        "num_classes": values.num_classes,
        "multi_label": values.multi_label,
    }


@contextmanager
def _defer_termination() -> Iterator[None]:
    # Not a signal mask: that binds one thread only, and the linear algebra library has threads of its own.
    deferred: list[int] = []
    handler = signal.signal(signal.SIGTERM, lambda number, _frame: deferred.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
        if deferred:
            signal.raise_signal(signal.SIGTERM)
