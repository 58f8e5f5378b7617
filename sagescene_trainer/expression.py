"""The trained network in MXNet's operators: what is fed in is a picture as it is, RGB or grey, values from 0 to 255."""

import numpy as np
from numpy.typing import NDArray

from sagescene_trainer.hyperparameters import Hyperparameters
from sagescene_trainer.mxnet_graph import Graph, NodeReference
from sagescene_trainer.network import EPSILON, Weights
from sagescene_trainer.pictures import choose_averaging


def express(weights: Weights, values: Hyperparameters) -> tuple[Graph, NodeReference]:
    """Return the graph and its head, whose output are the probabilities that the network itself predicts."""
    averaging = choose_averaging(values.image_shape)
    hidden, last = weights.matrices[0], _list_outputs(weights, values)
    graph = Graph()
    node = graph.add_input("data")
    node = graph.apply(
        "Pooling",
        "pool0",
        node,
        attributes={"kernel": averaging.kernel, "stride": averaging.stride, "pool_type": "avg"},
    )
    node = graph.apply(
        "BatchNorm",
        "bn0",
        node,
        attributes={"eps": EPSILON, "fix_gamma": False, "momentum": 0.9},
        gamma=weights.gain,
        beta=np.zeros_like(weights.mean),
        moving_mean=weights.mean,
        moving_var=weights.variance,
    )
    node = graph.apply("Flatten", "flatten0", node, attributes={})
    node = _connect(graph, "fc0", node, hidden, weights.offsets[0])
    node = graph.apply("Activation", "relu0", node, attributes={"act_type": "relu"})
    node = _connect(graph, "fc1", node, *last)
    label = graph.add_input("softmax_label")
    # What the algorithm ends in for several labels an image was never seen; a logistic for each is what they mean.
    operator = "LogisticRegressionOutput" if values.multi_label else "SoftmaxOutput"
    return graph, graph.apply(operator, "softmax", node, label, attributes={})


def _connect(
    graph: Graph, name: str, node: NodeReference, matrix: NDArray[np.float32], offset: NDArray[np.float32]
) -> NodeReference:
    return graph.apply(
        "FullyConnected", name, node, attributes={"num_hidden": len(offset)}, weight=matrix.T, bias=offset
    )


def _list_outputs(weights: Weights, values: Hyperparameters) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    matrix, offset = weights.matrices[1], weights.offsets[1]
    if values.multi_label or values.num_classes > 2:
        return matrix, offset
    # scikit-learn has one logistic here. A softmax over 0 and its input is the same; over the 0 alone it is 1, as the
    # probability of an only class must be.
    matrix, offset = np.pad(matrix, ((0, 0), (1, 0))), np.pad(offset, (1, 0))
    return matrix[:, : values.num_classes], offset[: values.num_classes]
