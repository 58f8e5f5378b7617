"""The trained perceptron as the algorithm's files, for MXNet."""

from pathlib import Path

from sagescene_trainer.expression import express
from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.model_folder import store_model
from sagescene_trainer.mxnet_parameters import pack_parameters
from sagescene_trainer.network import Weights


def save_model(
    folder: Path, *, epoch: int, weights: Weights, values: Hyperparameters, superseded: Path | None = None
) -> Path:
    """Write the parameters of one epoch, counted from 1, with the graph they are for, and return their file."""
    graph, head = express(weights, values)

    def write(parameters: Path, symbol: Path) -> None:
        parameters.write_bytes(pack_parameters(graph.parameters))
        symbol.write_text(graph.describe(head))

    return store_model(folder, write, epoch=epoch, values=values, superseded=superseded)
