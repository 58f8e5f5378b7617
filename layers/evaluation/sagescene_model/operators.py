"""MXNet's operators in ONNX's terms, one entry of a table each; what is not in the table is refused.

Settings that change nothing in inference (workspace, cudnn_tune, momentum, grad_scale, ...) are passed over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import NodeProto, helper

from sagescene_model.attributes import Attributes
from sagescene_model.params import WeightsByName
from sagescene_model.refusals import OperatorRefused, SymbolRefused

type Translate = Callable[["Translation"], list[NodeProto]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One operator to translate: the values it takes, the one it makes, and the weights it may add to."""

    settings: Attributes
    inputs: Sequence[str]
    output: str
    weights: WeightsByName

    def take(self, count: int) -> Sequence[str]:
        """Return the inputs, which must be so many."""
        if len(self.inputs) != count:
            raise OperatorRefused(
                self.settings.file, self.settings.where, f"it has {len(self.inputs)} inputs, not {count}."
            )
        return self.inputs

    def make(self, operator: str, inputs: Sequence[str] | None = None, **settings: Any) -> NodeProto:  # noqa: ANN401 - as make_node takes them
        """Make the ONNX node that gives the output."""
        return helper.make_node(operator, self.inputs[:1] if inputs is None else inputs, [self.output], **settings)

    def expect(self, name: str, given: object, *known: object) -> None:
        """Refuse a setting that is none of the known ones."""
        if given not in known:
            raise self.settings.refuse(name, " or ".join(map(repr, known)))

    def expect_rows(self, name: str) -> None:
        """Refuse a weight, the second input, with another number of rows than the setting says, as MXNet does."""
        weight, said = self.weights.get(self.inputs[1]), self.settings.whole(name, 0)
        if weight is not None and len(weight) != said:
            raise SymbolRefused(
                self.settings.file,
                self.settings.where,
                f"graph and weights do not fit each other ({name} is {said}, and the weights have {len(weight)} rows).",
            )


def _identity(translation: Translation) -> list[NodeProto]:
    translation.take(1)
    return [translation.make("Identity")]


def _cast(translation: Translation) -> list[NodeProto]:
    # A network trained in float16 begins and ends so; here everything is float32.
    translation.expect("dtype", translation.settings.text("dtype"), "float16", "float32")
    return _identity(translation)


def _activation(translation: Translation) -> list[NodeProto]:
    kind = translation.settings.text("act_type")
    translation.expect("act_type", kind, "relu", "sigmoid")
    translation.take(1)
    return [translation.make(kind.title())]


def _convolution(translation: Translation) -> list[NodeProto]:
    settings = translation.settings
    inputs = translation.take(2 if settings.flag("no_bias", default=False) else 3)
    translation.expect("layout", settings.text("layout", "NCHW"), "NCHW")
    translation.expect_rows("num_filter")
    padding = settings.pair("pad", 0)
    return [
        translation.make(
            "Conv",
            inputs,
            kernel_shape=settings.pair("kernel", 0),
            strides=settings.pair("stride", 1),
            dilations=settings.pair("dilate", 1),
            pads=padding * 2,
            group=settings.whole("num_group", 1),
        )
    ]


def _batch_norm(translation: Translation) -> list[NodeProto]:
    settings = translation.settings
    data, gamma, *rest = translation.take(5)
    translation.expect("axis", settings.number("axis", 1), 1)
    translation.expect("output_mean_var", settings.flag("output_mean_var", default=False), False)
    if settings.flag("fix_gamma", default=True):  # whatever the file says
        weight = translation.weights.get(gamma)
        if weight is None:
            raise SymbolRefused(settings.file, settings.where, f"its gamma, {gamma!r}, is no weight.")
        gamma = f"{gamma} fixed"  # once, however many nodes share it
        if gamma not in translation.weights:
            translation.weights[gamma] = np.ones_like(weight)
    return [translation.make("BatchNormalization", [data, gamma, *rest], epsilon=settings.number("eps", 1e-3))]


def _pooling(translation: Translation) -> list[NodeProto]:
    settings = translation.settings
    translation.take(1)
    kind = settings.text("pool_type", "max")
    translation.expect("pool_type", kind, "max", "avg")
    name = {"max": "MaxPool", "avg": "AveragePool"}[kind]
    if settings.flag("global_pool", default=False):  # the kernel then means nothing
        return [translation.make(f"Global{name}")]
    translation.expect("layout", settings.text("layout", "NCHW"), "NCHW")
    convention = settings.text("pooling_convention", "valid")
    translation.expect("pooling_convention", convention, "valid", "full")
    kernel, stride, padding = settings.pair("kernel", 0), settings.pair("stride", 1), settings.pair("pad", 0)
    is_full = convention == "full"
    # MXNet then counts windows that lie in the padding alone, and ONNX leaves them out.
    if is_full and any(size < pad + step for size, pad, step in zip(kernel, padding, stride, strict=True)):
        raise settings.refuse("kernel", "at least pad and stride together, as pooling_convention=full needs")
    more: dict[str, Any] = (
        {"count_include_pad": int(settings.flag("count_include_pad", default=True))} if kind == "avg" else {}
    )
    return [
        translation.make(name, kernel_shape=kernel, strides=stride, pads=padding * 2, ceil_mode=int(is_full), **more)
    ]


def _add(translation: Translation) -> list[NodeProto]:
    return [translation.make("Add", translation.take(2))]


def _flatten(translation: Translation) -> list[NodeProto]:
    translation.take(1)
    return [translation.make("Flatten", axis=1)]


def _fully_connected(translation: Translation) -> list[NodeProto]:
    data, *weights = translation.take(2 if translation.settings.flag("no_bias", default=False) else 3)
    translation.expect("flatten", translation.settings.flag("flatten", default=True), True)
    translation.expect_rows("num_hidden")
    flat = f"{translation.output} input"
    return [
        helper.make_node("Flatten", [data], [flat], axis=1),
        translation.make("Gemm", [flat, *weights], transB=1),
    ]


def _softmax(translation: Translation) -> list[NodeProto]:
    translation.expect("axis", translation.settings.number("axis", -1), -1, 1)
    translation.expect("temperature", translation.settings.number("temperature", 1), 1)
    return [translation.make("Softmax", axis=1)]


def _sigmoid(translation: Translation) -> list[NodeProto]:
    return [translation.make("Sigmoid")]


OPERATORS: dict[str, Translate] = {
    "_copy": _identity,
    "identity": _identity,
    "Cast": _cast,
    "cast": _cast,
    "Activation": _activation,
    "Convolution": _convolution,
    "BatchNorm": _batch_norm,
    "Pooling": _pooling,
    "elemwise_add": _add,
    "_Plus": _add,
    "_plus": _add,
    "Flatten": _flatten,
    "flatten": _flatten,
    "FullyConnected": _fully_connected,
}
# What a graph can end in.
HEADS: dict[str, Translate] = {
    "SoftmaxOutput": _softmax,
    "softmax": _softmax,
    "LogisticRegressionOutput": _sigmoid,
    "sigmoid": _sigmoid,
}
INDEPENDENT_HEADS = {"LogisticRegressionOutput", "sigmoid"}
