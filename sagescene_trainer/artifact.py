"""What the container leaves in `model/`, from which SageMaker makes model.tar.gz: the algorithm's files, for MXNet."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sagescene_trainer.expression import express
from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.mxnet_parameters import pack_parameters
from sagescene_trainer.network import Weights

_PREFIX = "image-classification"


def save_model(
    folder: Path, *, epoch: int, weights: Weights, values: Hyperparameters, superseded: Path | None = None
) -> Path:
    """Write the parameters of one epoch, counted from 1, with the graph they are for, and return their file.

    The `superseded` file goes. A SIGTERM that arrives meanwhile waits, so that what is on disk is always a whole model.
    """
    graph, head = express(weights, values)
    path = folder / f"{_PREFIX}-{epoch:04d}.params"
    shape = [values.mini_batch_size, *values.image_shape]
    with _defer_termination():
        path.write_bytes(pack_parameters(graph.parameters))
        (folder / f"{_PREFIX}-symbol.json").write_text(graph.describe(head))
        (folder / "model-shapes.json").write_text(json.dumps([{"shape": shape, "name": "data"}]))
        if superseded is not None:
            superseded.unlink()
    return path


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
