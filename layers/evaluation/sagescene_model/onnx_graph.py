"""MXNet's graph as an ONNX model; the weights stay where they are, and the model only names and measures them."""

from dataclasses import dataclass
from math import prod

import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from sagescene_model.artifact import Artifact
from sagescene_model.operators import HEADS, INDEPENDENT_HEADS, OPERATORS, Translate, Translation
from sagescene_model.params import WeightsByName
from sagescene_model.refusals import OperatorRefused, SymbolRefused
from sagescene_model.symbol import VARIABLE, Node

INPUT, LOGITS, PROBABILITIES = "data", "logits", "probabilities"
# Numbers that one operator may give for an image. The first layers of a ResNet give up to 64 a pixel, and small images
# may have many classes.
_MOST_VALUES = 1 << 27
_MOST_VALUES_A_PIXEL, _ALWAYS_ALLOWED = 128, 1 << 20
OPSET, IR_VERSION = 17, 8  # of 2022: every ONNX Runtime of today reads them


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """An ONNX model from `data` to `logits` and `probabilities`; its weights are `weights`, by name.

    It gives as many answers as there are `classes`. `is_multi_label` tells whether the classes' probabilities are
    independent (a sigmoid each).
    """

    model: ModelProto
    weights: WeightsByName
    classes: int
    is_multi_label: bool


def convert(artifact: Artifact) -> Conversion:
    """Convert the graph of an artifact; no weight is copied or changed.

    Raises:
        OperatorRefused: for an operator, or a setting of one, that is not known.
        SymbolRefused: if the graph does not end in probabilities, or the weights do not fit it.
    """
    symbol = artifact.symbol
    graph = _Graph(artifact)
    head = symbol.nodes[symbol.head]
    for place in symbol.needed():
        node = symbol.nodes[place]
        if node.operator == VARIABLE:
            graph.name(place, node)
        elif node is not head:
            graph.add(place, node, OPERATORS, f"{place} {node.name}")
    if head.operator not in HEADS:
        raise OperatorRefused(symbol.file, head.attributes.where, "the graph ends in neither softmax nor sigmoid.")
    graph.add(symbol.head, head, HEADS, PROBABILITIES)
    graph.drop_unused()
    model, classes = graph.build()
    return Conversion(
        model=model,
        weights=graph.weights,
        classes=classes,
        is_multi_label=head.operator in INDEPENDENT_HEADS,
    )


def refer_to_file(tensor: TensorProto, file: str, offset: int, length: int) -> None:
    """Say of a weight where its bytes lie: in a file of the model's folder."""
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", file), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))


class _Graph:
    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self._names: dict[int, str] = {}  # of the value that a place in MXNet's graph gives
        self._known = {INPUT}
        self._nodes: list[NodeProto] = []
        self.weights: WeightsByName = {}

    def name(self, place: int, variable: Node) -> None:
        self._names[place] = variable.name
        if variable.name != INPUT and variable.name in self._artifact.weights:
            self.weights[variable.name] = self._artifact.weights[variable.name]
            self._known.add(variable.name)

    def add(self, place: int, node: Node, table: dict[str, Translate], output: str) -> None:
        translate, where = table.get(node.operator), node.attributes.where
        if translate is None:
            raise OperatorRefused(self._artifact.symbol.file, where, "this operator is not known here.")
        # A head's second input is the label, which plays no part in inference.
        inputs = [self._names[given] for given in (node.inputs[:1] if table is HEADS else node.inputs)]
        for name in inputs:
            if name not in self._known:
                raise SymbolRefused(self._artifact.symbol.file, where, f"the weights hold no {name!r}.")
        if table is HEADS:
            self._nodes.append(helper.make_node("Identity", inputs, [LOGITS]))
            inputs = [LOGITS]
        self._nodes += translate(
            Translation(settings=node.attributes, inputs=inputs, output=output, weights=self.weights)
        )
        self._names[place] = output
        self._known.add(output)

    def drop_unused(self) -> None:
        used = {name for node in self._nodes for name in node.input}  # a fixed gamma is not
        self.weights = {name: array for name, array in self.weights.items() if name in used}

    def build(self) -> tuple[ModelProto, int]:
        """Give the model and the number of its classes; onnx.checker sees the weights' shapes in place of them."""
        floats = TensorProto.FLOAT
        shapes = [helper.make_tensor_value_info(name, floats, array.shape) for name, array in self.weights.items()]
        data = helper.make_tensor_value_info(INPUT, floats, ["images", *self._artifact.shape])
        answers = [
            helper.make_tensor_value_info(name, floats, ["images", "classes"]) for name in (LOGITS, PROBABILITIES)
        ]
        graph = helper.make_graph(self._nodes, "image-classification", [data, *shapes], answers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        try:
            onnx.checker.check_model(model)
            # What a full check does besides, and gives away.
            inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
            raise SymbolRefused(
                self._artifact.symbol.file, "", f"graph and weights do not fit each other ({_first_line(error)})."
            ) from error
        self._expect_small(inferred.graph)
        classes = _width(inferred.graph.output[0])
        if not classes:
            raise SymbolRefused(self._artifact.symbol.file, "", "it does not give one row of answers an image.")
        del model.graph.input[1:]
        for name, array in self.weights.items():
            model.graph.initializer.add(name=name, dims=array.shape, data_type=floats)
        return model, classes

    def _expect_small(self, graph: GraphProto) -> None:
        """Refuse a graph of which a few bytes are made into gigabytes, as by adding a row to a column."""
        _, height, width = self._artifact.shape
        most = min(_MOST_VALUES, max(_ALWAYS_ALLOWED, _MOST_VALUES_A_PIXEL * height * width))
        for value in (*graph.value_info, *graph.output):
            count = prod(max(1, dimension.dim_value) for dimension in value.type.tensor_type.shape.dim)
            if count > most:
                raise SymbolRefused(
                    self._artifact.symbol.file,
                    value.name[:120],
                    f"this node gives {count:,} numbers for an image; at most {most:,} are computed.",
                )


def _width(output: ValueInfoProto) -> int:
    """Give the length of an image's row of answers; 0 where it has none."""
    dimensions = output.type.tensor_type.shape.dim
    return int(dimensions[1].dim_value) if len(dimensions) == 2 else 0


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
