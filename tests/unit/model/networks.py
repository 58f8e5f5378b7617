"""Small artifacts in the form of the algorithm's, written byte by byte as MXNet writes them; weights are random."""

import io
import json
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SYMBOL, SHAPES, PARAMS = "image-classification-symbol.json", "model-shapes.json", "image-classification-0003.params"

type Values = NDArray[Any]


class Network:
    """A graph that grows node by node, and the weights it needs; `key` is what the attributes stand under."""

    def __init__(self, shape: tuple[int, int, int], *, key: str = "attrs", seed: int = 1) -> None:
        self.shape, self.key = shape, key
        self.random = np.random.default_rng(seed)
        self.nodes: list[dict[str, Any]] = []
        self.weights: dict[str, Values] = {}
        self.head = self.variable("data")

    def variable(self, name: str) -> int:
        self.nodes.append({"op": "null", "name": name, "inputs": []})
        return len(self.nodes) - 1

    def weight(self, name: str, shape: tuple[int, ...], scale: float, offset: float = 0.0, kind: str = "arg") -> int:
        values = offset + scale * (2 * self.random.random(shape) - 1)
        self.weights[f"{kind}:{name}"] = values.astype("<f4")
        return self.variable(name)

    def add(self, operator: str, name: str, *inputs: int, **settings: object) -> int:
        """Append an operator; its first input is what came before, unless inputs are given."""
        node: dict[str, Any] = {"op": operator, "name": name, "inputs": [[place, 0, 0] for place in inputs]}
        if settings:
            node[self.key] = {name: str(value) for name, value in settings.items()}
        self.nodes.append(node)
        self.head = len(self.nodes) - 1
        return self.head

    def batch_norm(self, data: int, name: str, channels: int, *, fix_gamma: bool = False, eps: float = 2e-5) -> int:
        shape = (channels,)
        inputs = (
            self.weight(f"{name}_gamma", shape, 0.3, 1.2),
            self.weight(f"{name}_beta", shape, 0.2),
            self.weight(f"{name}_moving_mean", shape, 0.2, 100.0 if fix_gamma else 0.0, "aux"),
            self.weight(f"{name}_moving_var", shape, 0.2, 4000.0 if fix_gamma else 1.0, "aux"),
        )
        return self.add("BatchNorm", name, data, *inputs, fix_gamma=fix_gamma, eps=eps, momentum=0.9)

    def convolution(self, data: int, name: str, channels: int, filters: int, kernel: int, stride: int) -> int:
        scale = (3 / (channels * kernel**2)) ** 0.5
        weight = self.weight(f"{name}_weight", (filters, channels, kernel, kernel), scale)
        return self.add(
            "Convolution",
            name,
            data,
            weight,
            kernel=(kernel, kernel),
            stride=(stride, stride),
            pad=(kernel // 2, kernel // 2),
            num_filter=filters,
            no_bias=True,
            workspace=256,
        )

    def end(self, data: int, channels: int, classes: int, *, head: str = "SoftmaxOutput", layer: str = "fc1") -> None:
        flat = self.add("Flatten", "flatten0", data)
        weight = self.weight(f"{layer}_weight", (classes, channels), 2 / channels**0.5)
        bias = self.weight(f"{layer}_bias", (classes,), 0.5)
        dense = self.add("FullyConnected", layer, flat, weight, bias, num_hidden=classes)
        self.add(head, "softmax", dense, self.variable("softmax_label"))

    def files(self, *, half: bool = False) -> dict[str, bytes]:
        """Give the artifact's three files; `half` writes all but the normalizations as float16, as MXNet trains so."""
        arguments = [place for place, node in enumerate(self.nodes) if node["op"] == "null"]
        graph = {
            "nodes": self.nodes,
            "arg_nodes": arguments,
            "heads": [[self.head, 0, 0]],
            "attrs": {"mxnet_version": ["int", 10300]},
        }
        weights = {
            name: values.astype("<f2") if half and values.ndim > 1 else values for name, values in self.weights.items()
        }
        return {
            SYMBOL: json.dumps(graph).encode(),
            SHAPES: json.dumps([{"shape": [32, *self.shape], "name": "data"}]).encode(),
            PARAMS: pack(weights),
        }


def make_resnet(
    depth: int,
    shape: tuple[int, int, int],
    classes: int,
    *,
    narrow: int = 1,
    key: str = "attrs",
    copies: bool = False,
    layer: str = "fc1",
    head: str = "SoftmaxOutput",
) -> Network:
    """Make a ResNet v2 without bottlenecks, of depth 18 or 6n + 2; `narrow` divides the filters."""
    is_small = shape[1] <= 28
    units = (((depth - 2) // 6),) * 3 if is_small else (2, 2, 2, 2)
    filters = [count // narrow for count in ((16, 16, 32, 64) if is_small else (64, 64, 128, 256, 512))]
    net = Network(shape, key=key)
    data = net.add("_copy", "id", net.head) if copies else net.head
    data = net.batch_norm(data, "bn_data", shape[0], fix_gamma=True)
    if shape[1] <= 32:
        data = net.convolution(data, "conv0", shape[0], filters[0], 3, 1)
    else:
        data = net.convolution(data, "conv0", shape[0], filters[0], 7, 2)
        data = net.add("Activation", "relu0", net.batch_norm(data, "bn0", filters[0]), act_type="relu")
        data = net.add("Pooling", "pooling0", data, kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="max")
    channels = filters[0]
    for stage, (repeats, wide) in enumerate(zip(units, filters[1:], strict=True), start=1):
        for unit in range(1, repeats + 1):
            name, stride = f"stage{stage}_unit{unit}", 2 if unit == 1 and stage > 1 else 1
            first = net.add(
                "Activation", f"{name}_relu1", net.batch_norm(data, f"{name}_bn1", channels), act_type="relu"
            )
            inner = net.convolution(first, f"{name}_conv1", channels, wide, 3, stride)
            inner = net.add("Activation", f"{name}_relu2", net.batch_norm(inner, f"{name}_bn2", wide), act_type="relu")
            inner = net.convolution(inner, f"{name}_conv2", wide, wide, 3, 1)
            if unit == 1:
                data = net.convolution(first, f"{name}_sc", channels, wide, 1, stride)
            data = net.add("elemwise_add", f"_plus{len(net.nodes)}", inner, data)
            channels = wide
    data = net.add("Activation", "relu1", net.batch_norm(data, "bn1", channels), act_type="relu")
    data = net.add("Pooling", "pool1", data, global_pool=True, kernel=(7, 7), pool_type="avg")
    net.end(data, channels, classes, layer=layer, head=head)
    return net


def pack(weights: Mapping[str, Values], *, magic: int = 0xF993FAC9) -> bytes:
    """Write a `.params` file."""
    content = bytearray(struct.pack("<QQQ", 0x112, 0, len(weights)))
    for values in weights.values():
        code = {"f4": 0, "f8": 1, "f2": 2}[values.dtype.str[1:]]
        content += struct.pack(f"<Iii{values.ndim}q", magic, 0, values.ndim, *values.shape)
        content += struct.pack("<iii", 1, 0, code) + values.tobytes()
    content += struct.pack("<Q", len(weights))
    for name in weights:
        content += struct.pack("<Q", len(name.encode())) + name.encode()
    return bytes(content)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write an artifact as a folder."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def write_archive(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write an artifact as a model.tar.gz."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def draw_images(count: int, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Draw the images that the networks are asked about, from 0 to 255."""
    return np.random.default_rng(7).integers(0, 256, (count, *shape)).astype(np.float32)


def make_pooled() -> Network:
    """Make a network of what a ResNet of the algorithm has not: every kind of pooling, groups, biases, defaults."""
    net = Network((3, 23, 19))
    data = net.batch_norm(net.head, "bn_data", 3, fix_gamma=True)
    bias = net.weight("conv0_bias", (6,), 0.5)
    weight = net.weight("conv0_weight", (6, 1, 3, 2), 0.8)
    data = net.add(
        "Convolution", "conv0", data, weight, bias, kernel="[3, 2]", num_filter=6, num_group=3, dilate="(2,1)"
    )
    plain = net.add("Activation", "sigmoid0", data, act_type="sigmoid")
    kinds: tuple[dict[str, object], ...] = (
        {"pool_type": "avg", "kernel": "(3, 3)", "stride": "(2,2)", "pad": "(1, 1)"},
        {"pool_type": "avg", "kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "count_include_pad": False},
        {"pool_type": "avg", "kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "pooling_convention": "full"},
        {"pool_type": "max", "kernel": (4, 3), "stride": (2, 2), "pad": (1, 1), "pooling_convention": "full"},
        {"kernel": (3, 4), "stride": (2, 2)},
    )
    for number, settings in enumerate(kinds):
        pooled = net.add("Pooling", f"pool{number}", plain, **settings)
        ones = net.add("Pooling", f"global{number}", pooled, pool_type="max", global_pool=True, kernel=(1, 1))
        mean = net.add("Pooling", f"mean{number}", pooled, pool_type="avg", global_pool=True)
        both = net.add("_Plus", f"both{number}", ones, mean)
        data = both if number == 0 else net.add("elemwise_add", f"sum{number}", data, both)
    # Without settings: eps 1e-3, and a fixed gamma.
    inputs = [net.weight(f"bn1_{name}", (6,), 0.4, 1.0) for name in ("gamma", "beta", "moving_mean", "moving_var")]
    data = net.add("BatchNorm", "bn1", data, *inputs)
    dense = net.add("FullyConnected", "newlayer_fc2", data, net.weight("w", (3, 6), 0.4), num_hidden=3, no_bias=True)
    net.add("softmax", "softmax", dense)
    return net


# What MXNet 1.9.1 answers for these stands in tests/golden/model, and `make check-mxnet` holds it against MXNet.
CASES: dict[str, Network] = {
    "depth 20": make_resnet(20, (3, 28, 28), 4, narrow=2),
    "depth 18, attr, copy": make_resnet(18, (3, 32, 32), 3, narrow=8, key="attr", copies=True, layer="fc"),
    "depth 18, gray, several labels": make_resnet(18, (1, 48, 48), 5, narrow=8, head="LogisticRegressionOutput"),
    "every pooling": make_pooled(),
    "float16": make_resnet(20, (3, 28, 28), 3, narrow=4, layer="newlayer_fc2"),
}
HALVES = {"float16"}
IMAGES = 3
