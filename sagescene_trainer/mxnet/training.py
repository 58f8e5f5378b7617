"""The training of the algorithm's ResNet by MXNet: read the configuration, look into both channels, fit by epochs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Callable, Mapping

from sagescene_trainer.checkpoints import Checkpoints
from sagescene_trainer.epochs import fit
from sagescene_trainer.failures import CustomerFault
from sagescene_trainer.hyperparameters import Hyperparameters, parse_hyperparameters
from sagescene_trainer.mxnet.learner import ResNetLearner
from sagescene_trainer.mxnet.reading import open_channel


def train(root: Path, log: Callable[[str], None]) -> float:
    """Train on the `/opt/ml` at `root` and return the best validation accuracy.

    Raises:
        TrainingRefused: the algorithm, or MXNet on this machine, refuses hyperparameters or files.
    """
    config = root / "input" / "config"
    values = parse_hyperparameters(json.loads((config / "hyperparameters.json").read_text()))
    log(f"Final configuration: {json.dumps(dataclasses.asdict(values))}")
    channels = json.loads((config / "inputdataconfig.json").read_text())
    _refuse_what_is_impossible_here(values, channels)
    log(f"Local stand-in: MXNet itself trains ResNet-{values.num_layers}, on this machine's processor.")
    if values.multi_label and values.use_weighted_loss:
        log("use_weighted_loss is left out: how the algorithm weighs the classes is not documented.")
    train_images = open_channel(root, "train", channels, values)
    validation = open_channel(root, "validation", channels, values)
    log(f"Number of images: {train_images.images} in train, {validation.images} in validation")
    return fit(ResNetLearner(values, train_images, validation, root / "model"), values, log, Checkpoints(root))


def _refuse_what_is_impossible_here(values: Hyperparameters, channels: Mapping[str, Any]) -> None:
    if values.precision_dtype == "float16":
        raise CustomerFault(
            "The local stack cannot train in float16, for MXNet on a processor has none: "
            "set precision_dtype to float32 to try the data set here."
        )
    if values.use_pretrained_model or "model" in channels:
        raise CustomerFault(
            "The local stack cannot begin from another model, for the algorithm's weights cannot be fetched: "
            "set use_pretrained_model to 0 and leave out the channel 'model' to try the data set here."
        )
