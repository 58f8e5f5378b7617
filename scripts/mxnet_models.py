"""Models through MXNet's own graphs, files and operators; runs on MXNet's Python (3.8 to 3.11), for check_models.

`build FOLDER JSON` writes artifacts as the algorithm does, one folder for each description of the JSON list;
`answer FOLDER` writes what MXNet answers to each folder's images.npy; `read FOLDER JSON` writes what its reader makes
of the image files that the JSON's descriptions name. Arrays travel as .npy files.
"""

import json
import sys
from pathlib import Path
from typing import Any

import mxnet
import numpy

from sagescene_trainer.mxnet.resnet import build_resnet

PREFIX = "image-classification"
LARGEST_LOGIT = 8.0  # a saturated softmax would prove nothing
RANGES = {"gamma": (0.8, 1.4), "beta": (-0.2, 0.2), "mean": (-0.2, 0.2), "var": (0.6, 1.4), "bias": (-1, 1)}


def in_float32(graph: "dict[str, Any]") -> "mxnet.sym.Symbol":
    """Take the casts out of a graph: MXNet multiplies no float16 matrices on a processor."""
    for node in graph["nodes"]:
        if node["op"] == "Cast":
            node.pop("attrs")
            node["op"] = "_copy"
    return mxnet.sym.load_json(json.dumps(graph))


def draw_images(count: int, shape: "list[int]", random: numpy.random.Generator) -> "numpy.ndarray[Any, Any]":
    """Draw coarse patches and noise over them: noise alone looks the same to a network, whatever it is."""
    coarse = random.uniform(0, 200, (count, shape[0], 4, 4)).repeat(-(-shape[1] // 4), 2).repeat(-(-shape[2] // 4), 3)  # nosec B311
    noise = random.uniform(0, 55, (count, *shape))  # nosec B311
    images: numpy.ndarray[Any, Any] = numpy.floor(coarse[:, :, : shape[1], : shape[2]] + noise)
    return images.astype("float32")


def draw_weight(name: str, shape: "tuple[int, ...]", random: numpy.random.Generator) -> "numpy.ndarray[Any, Any]":
    """Draw weights that keep what they are given near its size, through 200 layers."""
    kind = name.rpartition("_")[2]
    drawn: numpy.ndarray[Any, Any]
    if kind == "weight":
        drawn = random.standard_normal(shape) * numpy.sqrt(0.5 / numpy.prod(shape[1:]))
        return drawn
    low, high = RANGES[kind]
    if name.startswith("bn_data_moving"):
        low, high = (100, 130) if kind == "mean" else (3500, 4500)
    drawn = random.uniform(low, high, shape)  # nosec B311
    return drawn


def build(folder: Path, description: "dict[str, Any]") -> None:
    """Write one artifact and its images; its last layer is scaled by what MXNet answers."""
    folder.mkdir()
    shape, dtype = description["shape"], description["dtype"]
    if "symbol" in description:
        symbol = mxnet.sym.load(description["symbol"])
    else:
        head = description["head"]
        symbol = build_resnet(description["depth"], shape, description["classes"], dtype=dtype, head=head)
    random = numpy.random.default_rng(3)
    shapes, _, states = symbol.infer_shape(data=(1, *shape))
    names = [*zip(symbol.list_arguments(), shapes), *zip(symbol.list_auxiliary_states(), states)]  # noqa: B905
    drawn = {name: draw_weight(name, size, random) for name, size in names if name not in ("data", "softmax_label")}
    numpy.save(folder / "images.npy", draw_images(description["images"], shape, random))
    (folder / "model-shapes.json").write_text(json.dumps([{"shape": [32, *shape], "name": "data"}]))
    last = [name for name in symbol.list_arguments() if name.endswith(("_weight", "_bias"))][-2:]
    for scaling in (False, True):
        if scaling:
            for name in last:
                drawn[name] *= LARGEST_LOGIT / numpy.abs(numpy.load(folder / "logits.npy")).max()
        values = {name: mxnet.nd.array(value) for name, value in drawn.items()}
        if dtype == "float16":  # normalizations stay float32, as MXNet asks for
            values = {
                name: value.astype(dtype if value.ndim > 1 or name.endswith("bias") else "float32")
                for name, value in values.items()
            }
        auxiliary = {name: values.pop(name) for name in symbol.list_auxiliary_states()}
        mxnet.model.save_checkpoint(str(folder / PREFIX), 7, symbol, values, auxiliary)
        answer(folder)


def answer(folder: Path) -> None:
    """Write logits and probabilities."""
    graph = json.loads((folder / (PREFIX + "-symbol.json")).read_text())
    head = graph["nodes"][graph["heads"][0][0]]
    scores = graph["nodes"][head["inputs"][0][0]]["name"]
    symbol = in_float32(graph)
    images = numpy.load(folder / "images.npy")
    (path,) = folder.glob("*.params")
    values = {name.partition(":")[2]: value.astype("float32") for name, value in mxnet.nd.load(str(path)).items()}
    for name, output in (("logits", symbol.get_internals()[scores + "_output"]), ("probabilities", symbol)):
        has_label = "softmax_label" in output.list_arguments()
        module = mxnet.mod.Module(output, label_names=["softmax_label"] if has_label else None)
        module.bind(data_shapes=[("data", images.shape)], for_training=False)
        module.set_params(
            {name: values[name] for name in output.list_arguments() if name in values},
            {name: values[name] for name in output.list_auxiliary_states()},
            allow_missing=has_label,
        )
        module.forward(mxnet.io.DataBatch([mxnet.nd.array(images)]), is_train=False)
        numpy.save(folder / (name + ".npy"), module.get_outputs()[0].asnumpy())


def read(folder: Path, description: "dict[str, Any]") -> None:
    """Write an image as the reader that trains gives it."""
    records = folder / "image.rec"
    writer = mxnet.recordio.MXRecordIO(str(records), "w")
    content = (folder / description["name"]).read_bytes()
    writer.write(mxnet.recordio.pack(mxnet.recordio.IRHeader(0, 0, 0, 0), content))
    writer.close()
    settings = {"resize": description["resize"]} if description["resize"] else {}
    reader = mxnet.io.ImageRecordIter(
        path_imgrec=str(records), data_shape=tuple(description["shape"]), batch_size=1, **settings
    )
    numpy.save(folder / description["target"], next(reader).data[0].asnumpy()[0])


if __name__ == "__main__":
    command, place = sys.argv[1], Path(sys.argv[2])
    if command == "answer":
        for found in sorted(place.iterdir()):
            answer(found)
    else:
        for entry in json.loads(Path(sys.argv[3]).read_text()):
            if command == "build":
                build(place / entry["name"], entry)
            else:
                read(place, entry)
