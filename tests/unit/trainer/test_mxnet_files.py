"""What the trainer writes has MXNet's form, to the byte; `make check-mxnet` asks MXNet itself."""

import json
from pathlib import Path

import numpy as np

from sagescene_trainer.mxnet_graph import Graph
from sagescene_trainer.mxnet_parameters import pack_parameters
from tests.unit.trainer.mxnet_model import read_parameters

# Two arrays, written out by hand after MXNet's NDArray::Save.
GOLDEN = """
    1201000000000000 0000000000000000 0200000000000000
    c9fa93f9 00000000 02000000 0100000000000000 0200000000000000 01000000 00000000 00000000 0000803f 000000c0
    c9fa93f9 00000000 01000000 0100000000000000 01000000 00000000 00000000 0000003f
    0200000000000000
    0500000000000000 6172673a77
    0600000000000000 6175783a6d76
"""


def test_parameters_are_written_as_mxnet_writes_them() -> None:
    arrays = {"arg:w": np.array([[1, -2]], dtype=np.float32), "aux:mv": np.array([0.5], dtype=np.float32)}
    assert pack_parameters(arrays).hex() == "".join(GOLDEN.split())


def test_a_turned_array_is_written_in_the_order_of_its_shape(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    (path := tmp_path / "x.params").write_bytes(pack_parameters({"arg:w": array}))
    assert np.array_equal(read_parameters(path)["arg:w"], array)


def test_a_symbol_has_the_form_of_mxnets() -> None:
    graph, one = Graph(), np.ones(1, dtype=np.float32)
    node = graph.add_input("data")
    attributes = {"fix_gamma": False, "eps": 2e-5}
    node = graph.apply(
        "BatchNorm", "bn0", node, attributes=attributes, gamma=one, beta=one, moving_mean=one, moving_var=one
    )
    node = graph.apply("Flatten", "flatten0", node, attributes={})
    texts = {"eps": "2e-05", "fix_gamma": "False"}
    assert json.loads(graph.describe(node)) == {
        "nodes": [
            {"op": "null", "name": "data", "inputs": []},
            {"op": "null", "name": "bn0_gamma", "attrs": texts, "inputs": []},
            {"op": "null", "name": "bn0_beta", "attrs": texts, "inputs": []},
            {"op": "null", "name": "bn0_moving_mean", "attrs": texts, "inputs": []},
            {"op": "null", "name": "bn0_moving_var", "attrs": texts, "inputs": []},
            {
                "op": "BatchNorm",
                "name": "bn0",
                "attrs": texts,
                "inputs": [[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 1], [4, 0, 1]],
            },
            {"op": "Flatten", "name": "flatten0", "inputs": [[5, 0, 0]]},
        ],
        "arg_nodes": [0, 1, 2, 3, 4],
        "node_row_ptr": [0, 1, 2, 3, 4, 5, 8, 9],
        "heads": [[6, 0, 0]],
        "attrs": {"mxnet_version": ["int", 10300]},
    }
    assert list(graph.parameters) == ["arg:bn0_gamma", "arg:bn0_beta", "aux:bn0_moving_mean", "aux:bn0_moving_var"]
