"""The names under which the algorithm leaves a model in `model/`, from which SageMaker makes model.tar.gz."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.termination import defer_termination

_PREFIX = "image-classification"


def store_model(
    folder: Path,
    write: Callable[[Path, Path], None],
    *,
    epoch: int,
    values: Hyperparameters,
    superseded: Path | None = None,
) -> Path:
    """Have `write` store the parameters and the graph of one epoch, counted from 1, and return the parameters' file.

    `write` takes the two files in this order. The `superseded` file goes. A SIGTERM that arrives meanwhile waits, so
    that what is on disk is always a whole model.
    """
    path = folder / f"{_PREFIX}-{epoch:04d}.params"
    shape = [values.mini_batch_size, *values.image_shape]
    with defer_termination():
        write(path, folder / f"{_PREFIX}-symbol.json")
        (folder / "model-shapes.json").write_text(json.dumps([{"shape": shape, "name": "data"}]))
        if superseded is not None:
            superseded.unlink()
    return path
