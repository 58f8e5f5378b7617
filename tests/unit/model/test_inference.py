"""Answers are those that MXNet 1.9.1 gave; what is not known, or does not fit, is refused by its name."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sagescene_model import artifact
from sagescene_model.attributes import Attributes
from sagescene_model.inference import Classifier
from sagescene_model.operators import OPERATORS, Translation
from sagescene_model.refusals import ModelRefused, OperatorRefused, SymbolRefused
from tests.checkout import ROOT
from tests.unit.model.networks import (
    CASES,
    HALVES,
    IMAGES,
    PARAMS,
    SHAPES,
    SYMBOL,
    Network,
    draw_images,
    make_resnet,
    pack,
    write_folder,
)

GOLDEN: dict[str, list[list[float]]] = json.loads((ROOT / "tests/golden/model/logits.json").read_text())


def load(folder: Path, files: dict[str, bytes]) -> Classifier:
    """Load the model of an artifact's files."""
    return Classifier(artifact.read(write_folder(folder / "model", files)), threads=1)


def test_where_no_temporary_file_can_be_written_a_sentence_says_so_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sagescene_model.inference.refer_to_file", fill_the_disk)
    with pytest.raises(OSError, match=r"cannot be written \(No space left on device\): make room, or name a folder"):
        load(tmp_path, files)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(OSError, match=r"cannot be written \(No such file or directory\)"):
        load(tmp_path, files)


def fill_the_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_every_case_has_an_answer_of_mxnet() -> None:
    assert GOLDEN.keys() == CASES.keys()


@pytest.mark.parametrize("case", CASES)
def test_the_answers_are_those_of_mxnet(tmp_path: Path, case: str) -> None:
    network = CASES[case]
    model = load(tmp_path, network.files(half=case in HALVES))
    images, expected = draw_images(IMAGES, network.shape), np.array(GOLDEN[case])
    assert (model.shape, model.classes) == (network.shape, expected.shape[1])
    assert np.abs(model.logits(images) - expected).max() < 1e-5 * np.abs(expected).max()
    assert model.is_multi_label == ("several labels" in case)
    if model.is_multi_label:
        probabilities = 1 / (1 + np.exp(-expected))
    else:
        powers = np.exp(expected - expected.max(axis=1, keepdims=True))
        probabilities = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.probabilities(images), probabilities, atol=1e-5)


def test_float16_weights_are_read_as_what_they_are(tmp_path: Path) -> None:
    network = make_resnet(8, (3, 28, 28), 2, narrow=8)
    whole, half = (load(tmp_path, network.files(half=half)) for half in (False, True))
    images = draw_images(1, network.shape)
    difference = np.abs(whole.logits(images) - half.logits(images)).max()
    assert 0 < difference < 0.05


def test_an_image_is_answered_alike_in_every_batch(tmp_path: Path) -> None:
    network = make_resnet(8, (3, 28, 28), 2, narrow=8)
    model, images = load(tmp_path, network.files()), draw_images(5, network.shape)
    alone = np.concatenate([model.probabilities(images[number : number + 1]) for number in range(5)])
    np.testing.assert_allclose(model.probabilities(images), alone, rtol=1e-4, atol=1e-6)


def test_the_head_of_several_labels_adds_up_to_more_than_one(tmp_path: Path) -> None:
    model = load(tmp_path, CASES["depth 18, gray, several labels"].files())
    assert not np.allclose(model.probabilities(draw_images(1, model.shape)).sum(), 1)


def test_images_of_another_shape_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    model = load(tmp_path, make_resnet(8, (3, 28, 28), 2, narrow=8).files())
    with pytest.raises(ValueError, match="is not of images of"):
        model.probabilities(draw_images(1, (3, 28, 27)))


def change_node(name: str, **changes: object) -> Callable[[dict[str, Any]], None]:
    """Make what changes fields of a node, or settings of it."""

    def change(graph: dict[str, Any]) -> None:
        node = next(node for node in graph["nodes"] if node["name"] == name)
        for key, value in changes.items():
            if key in ("op", "inputs"):
                node[key] = value
            else:
                node.setdefault("attrs", {})[key] = value

    return change


def cut_head(graph: dict[str, Any]) -> None:
    """Let the graph end before its softmax."""
    graph["heads"] = [[graph["heads"][0][0] - 2, 0, 0]]


POOL_FULL = {
    "pooling_convention": "full",
    "global_pool": "False",
    "kernel": "(2, 2)",
    "stride": "(2, 2)",
    "pad": "(1, 1)",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_node("relu1", op="LeakyReLU"), "(LeakyReLU relu1): this operator is not known here."),
        (change_node("softmax", op="MakeLoss"), "the graph ends in neither softmax nor sigmoid."),
        (cut_head, "(FullyConnected fc1): the graph ends in neither softmax nor sigmoid."),
        (change_node("relu1", act_type="softrelu"), "act_type='softrelu' is not 'relu' or 'sigmoid'."),
        (change_node("conv0", layout="NHWC"), "layout='NHWC' is not 'NCHW'."),
        (change_node("conv0", no_bias="False"), "it has 2 inputs, not 3."),
        (change_node("conv0", kernel="(3, 3, 3)"), "kernel='(3, 3, 3)' is not a height and a width."),
        (change_node("conv0", num_group="nan"), "num_group='nan' is not a whole number."),
        (change_node("conv0", num_group="1e300"), "num_group='1e300' is not a whole number."),
        (change_node("bn1", axis="3"), "axis='3' is not 1."),
        (change_node("bn1", output_mean_var="True"), "output_mean_var='True' is not False."),
        (change_node("pool1", pool_type="lp"), "pool_type='lp' is not 'max' or 'avg'."),
        (change_node("pool1", pooling_convention="same", global_pool="0"), "'same' is not 'valid' or 'full'."),
        (change_node("pool1", **POOL_FULL), "kernel='(2, 2)' is not at least pad and stride together"),
        (change_node("fc1", flatten="False"), "flatten='False' is not True."),
        (change_node("softmax", op="softmax", temperature="2"), "temperature='2' is not 1."),
        (change_node("softmax", op="softmax", axis="0"), "axis='0' is not -1 or 1."),
        (change_node("softmax", op="Cast", dtype="int8"), "the graph ends in neither"),
        (change_node("relu1", op="Cast", dtype="int8"), "dtype='int8' is not 'float16' or 'float32'."),
        (change_node("flatten0", inputs=[]), "it has 0 inputs, not 1."),
    ],
)
def test_what_is_not_known_is_refused_by_its_name(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    files = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
    graph = json.loads(files[SYMBOL])
    change(graph)
    with pytest.raises(OperatorRefused) as refused:
        load(tmp_path, {**files, SYMBOL: json.dumps(graph).encode()})
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"model, {SYMBOL}, node ")
    assert str(refused.value).endswith("another network's model cannot be evaluated here.")


def replace_weight(network: Network, name: str, shape: tuple[int, ...] | None) -> bytes:
    """Write the weights with one in another shape, or without it."""
    weights = dict(network.weights)
    del weights[name]
    return pack(weights if shape is None else {**weights, name: np.ones(shape, "<f4")})


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("arg:conv0_weight", (2, 4, 3, 3)),
        ("arg:conv0_weight", (3, 3, 3, 3)),
        ("arg:conv0_weight", (2, 3, 5, 5)),
        ("arg:fc1_weight", (2, 9)),
        ("arg:fc1_bias", (3,)),
        ("aux:bn1_moving_var", (2,)),
        ("arg:bn1_beta", (8, 1)),
    ],
)
def test_weights_that_do_not_fit_the_graph_are_refused(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    network = make_resnet(8, (3, 28, 28), 2, narrow=8)
    files = {**network.files(), PARAMS: replace_weight(network, name, shape)}
    with pytest.raises(SymbolRefused, match="graph and weights do not fit each other"):
        load(tmp_path, files)


@pytest.mark.parametrize(
    ("node", "setting", "said"),
    [
        ("fc1", {"num_hidden": "5"}, "(FullyConnected fc1): graph and weights do not fit each other (num_hidden is 5,"),
        ("conv0", {"num_filter": "3"}, "(num_filter is 3, and the weights have 2 rows)."),
    ],
)
def test_weights_with_more_rows_than_the_graph_says_are_refused(
    tmp_path: Path, node: str, setting: dict[str, str], said: str
) -> None:
    files = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
    graph = json.loads(files[SYMBOL])
    change_node(node, **setting)(graph)
    with pytest.raises(SymbolRefused) as refused:
        load(tmp_path, {**files, SYMBOL: json.dumps(graph).encode()})
    assert said in str(refused.value)


def test_a_fixed_gamma_that_is_no_weight_is_refused(tmp_path: Path) -> None:
    files = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
    graph = json.loads(files[SYMBOL])
    data, _, *rest = next(node for node in graph["nodes"] if node["name"] == "bn1")["inputs"]
    change_node("bn1", inputs=[data, data, *rest], fix_gamma="True")(graph)
    with pytest.raises(SymbolRefused, match=r"\(BatchNorm bn1\): its gamma, '.*', is no weight\."):
        load(tmp_path, {**files, SYMBOL: json.dumps(graph).encode()})


def test_a_fixed_gamma_is_held_once_for_all_that_share_it() -> None:
    weights = {name: np.full(3, 2, np.float32) for name in "gbmv"}
    for output in ("first", "second"):
        OPERATORS["BatchNorm"](
            Translation(settings=Attributes({}, "a", "b"), inputs=["data", *"gbmv"], output=output, weights=weights)
        )
    assert len(weights) == 5
    assert weights["g fixed"].tolist() == [1, 1, 1]


def test_a_graph_that_makes_far_more_of_an_image_than_it_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
    monkeypatch.setattr("sagescene_model.onnx_graph._ALWAYS_ALLOWED", 1)
    load(tmp_path, files)
    monkeypatch.setattr("sagescene_model.onnx_graph._MOST_VALUES_A_PIXEL", 1)
    with pytest.raises(SymbolRefused, match=r"this node gives [\d,]+ numbers for an image; at most 784 are computed\."):
        load(tmp_path, files)


def test_a_weight_that_is_missing_is_named(tmp_path: Path) -> None:
    network = make_resnet(8, (3, 28, 28), 2, narrow=8)
    files = {**network.files(), PARAMS: replace_weight(network, "aux:bn1_moving_var", None)}
    with pytest.raises(SymbolRefused, match=r"\(BatchNorm bn1\): the weights hold no 'bn1_moving_var'\."):
        load(tmp_path, files)


def test_an_input_that_does_not_fit_the_graph_is_refused(tmp_path: Path) -> None:
    files = make_resnet(8, (3, 28, 28), 2, narrow=8).files()
    files[SHAPES] = json.dumps([{"shape": [1, 1, 28, 28], "name": "data"}]).encode()
    with pytest.raises(SymbolRefused, match="graph and weights do not fit each other"):
        load(tmp_path, files)


def test_a_model_whose_training_has_diverged_says_so(tmp_path: Path) -> None:
    network = make_resnet(8, (3, 28, 28), 2, narrow=8)
    network.weights["arg:fc1_bias"][0] = np.nan
    with pytest.raises(ModelRefused, match=r"its training has diverged\. Train again with a smaller learning_rate\."):
        load(tmp_path, network.files())
