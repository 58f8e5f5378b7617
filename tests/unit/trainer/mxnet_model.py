"""Read and run what MXNet would, for the tests of the trainer: its files, and of its operators those that are used."""

import io
import json
import struct
from ast import literal_eval
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float32]


def read_parameters(path: Path) -> dict[str, Array]:
    """Read a `.params` file of dense float32 arrays."""
    file = io.BytesIO(path.read_bytes())

    def take(layout: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", file.read(struct.calcsize(f"<{layout}")))

    magic, _, count = take("QQQ")
    assert magic == 0x112
    arrays = []
    for _ in range(count):
        head, storage, dimensions = take("Iii")
        shape = take(f"{dimensions}q")
        _device, _number, kind = take("iii")
        assert (head, storage, kind) == (0xF993FAC9, 0, 0)
        arrays.append(np.frombuffer(file.read(4 * int(np.prod(shape))), "<f4").reshape(shape))
    names = [file.read(*take("Q")).decode() for _ in range(*take("Q"))]
    assert not file.read()
    return dict(zip(names, arrays, strict=True))


def evaluate(model: Path, pictures: Array) -> Array:
    """Run the one model in a folder on pictures (number, colour, row, column) from 0 to 255."""
    (path,) = model.glob("*.params")
    symbol = json.loads((model / "image-classification-symbol.json").read_text())
    known = {name.partition(":")[2]: array for name, array in read_parameters(path).items()} | {"data": pictures}
    results: list[Any] = []
    for node in symbol["nodes"]:
        inputs = [results[number] for number, _output, _version in node["inputs"]]
        results.append(known.get(node["name"]) if node["op"] == "null" else _run(node, inputs))
    output: Array = results[symbol["heads"][0][0]]
    return output


def _run(node: Mapping[str, Any], inputs: list[Array]) -> Array:
    attributes = node.get("attrs", {})
    match node["op"], inputs:
        case "Pooling", [data] if attributes["pool_type"] == "avg":
            (height, width), (down, along) = literal_eval(attributes["kernel"]), literal_eval(attributes["stride"])
            rows = range(0, data.shape[2] - height + 1, down)
            columns = range(0, data.shape[3] - width + 1, along)
            return np.stack(
                [[data[:, :, y : y + height, x : x + width].mean(axis=(2, 3)) for x in columns] for y in rows]
            ).transpose(2, 3, 0, 1)
        case "BatchNorm", [data, *statistics]:
            gamma, beta, mean, variance = (array[:, np.newaxis, np.newaxis] for array in statistics)
            assert attributes["fix_gamma"] == "False"
            return np.asarray((data - mean) / np.sqrt(variance + float(attributes["eps"])) * gamma + beta, np.float32)
        case "Flatten", [data]:
            return data.reshape(len(data), -1)
        case "FullyConnected", [data, weight, bias]:
            assert int(attributes["num_hidden"]) == len(weight)
            return data @ weight.T + bias
        case "Activation", [data] if attributes["act_type"] == "relu":
            return np.maximum(data, 0)
        case "SoftmaxOutput", [data, _label]:
            powers = np.exp(data - data.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
        case "LogisticRegressionOutput", [data, _label]:
            return np.asarray(1 / (1 + np.exp(-data)))
    raise AssertionError(f"no such operator: {node}")
