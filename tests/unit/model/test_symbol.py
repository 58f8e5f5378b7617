"""The graph: every way in which MXNet wrote it, and refusals by node."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagescene_model import symbol
from sagescene_model.attributes import Attributes
from sagescene_model.refusals import OperatorRefused, SymbolRefused
from tests.unit.model.networks import SYMBOL, make_resnet


def make_graph() -> dict[str, Any]:
    """Make the graph of a small network."""
    graph: dict[str, Any] = json.loads(make_resnet(8, (3, 28, 28), 2, narrow=8).files()[SYMBOL])
    return graph


def read(graph: object) -> symbol.Symbol:
    """Read a graph from its JSON."""
    return symbol.read(json.dumps(graph).encode(), "s.json")


@pytest.mark.parametrize("key", ["attrs", "attr", "param"])
def test_attributes_are_read_under_each_of_their_names(key: str) -> None:
    graph = make_graph()
    for node in graph["nodes"]:
        if "attrs" in node:
            node[key] = node.pop("attrs")
    found = next(node for node in read(graph).nodes if node.name == "conv0")
    assert found.attributes.pair("kernel", 0) == (3, 3)


@pytest.mark.parametrize("text", ["(3, 2)", "(3,2)", "[3, 2]", "(3L, 2L)", " ( 3 , 2 ) ".strip(), "3,2"])
def test_a_pair_is_read_however_it_is_written(text: str) -> None:
    assert Attributes({"pad": text}, "", "").pair("pad", 0) == (3, 2)


@pytest.mark.parametrize("text", ["(3,)", "(3, 3, 3)", "(a, b)", "(-1, 1)", "(1e3, 1)", "(1 1)", "(9999999999, 1)"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(OperatorRefused, match="is not a height and a width"):
        Attributes({"pad": text}, "", "").pair("pad", 0)


@pytest.mark.parametrize("text", ["()", "[]", "None", ""])
def test_an_empty_pair_is_the_default(text: str) -> None:
    assert Attributes({"stride": text}, "", "").pair("stride", 1) == (1, 1)


@pytest.mark.parametrize(("text", "value"), [("True", True), ("1", True), ("false", False), ("0", False)])
def test_a_truth_value_is_read(text: str, *, value: bool) -> None:
    assert Attributes({"no_bias": text}, "", "").flag("no_bias", default=not value) is value


def test_a_setting_of_another_kind_is_refused_with_its_node() -> None:
    settings = Attributes({"no_bias": "yes", "eps": "small"}, "s.json", "node 3")
    with pytest.raises(OperatorRefused, match=r"^s.json, node 3: no_bias='yes' is not a truth value\. Train with"):
        settings.flag("no_bias", default=False)
    with pytest.raises(OperatorRefused, match="eps='small' is not a number"):
        settings.number("eps", 1)


def test_only_what_the_head_needs_is_computed() -> None:
    graph = make_graph()
    whole = read(graph)
    assert len(whole.needed()) == len(whole.nodes)
    graph["heads"] = [[0, 0, 0]]
    assert read(graph).needed() == [0]


def change(graph: dict[str, Any], name: str) -> object:
    """Spoil a graph."""
    nodes = graph["nodes"]
    last = len(nodes) - 1
    match name:
        case "circle":
            nodes[5]["inputs"][0] = [last, 0, 0]
        case "itself":
            nodes[last]["inputs"][0] = [last, 0, 0]
        case "negative":
            nodes[last]["inputs"][0] = [-1, 0, 0]
        case "second output":
            nodes[last]["inputs"][0][1] = 1
        case "truth":
            nodes[last]["inputs"][0] = [True, 0, 0]
        case "not a node":
            nodes[3] = 7
        case "no name":
            del nodes[3]["name"]
        case "half a pair":
            nodes[3]["name"] = "\ud800"
        case "control":
            nodes[5]["op"] = "_copy\x1b[31m"
        case "numbers":
            nodes[5]["attrs"] = {"eps": 1}
        case "same name":
            nodes[2]["name"] = nodes[1]["name"]
        case "two heads":
            graph["heads"] *= 2
        case "no head":
            del graph["heads"]
        case "head beyond":
            graph["heads"] = [[last + 1, 0, 0]]
        case "no nodes":
            graph["nodes"] = []
        case "list":
            return [graph]
    return graph


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("circle", "which does not stand before it: the graph runs in circles."),
        ("itself", "which does not stand before it: the graph runs in circles."),
        ("negative", "takes an input from node -1"),
        ("second output", "it takes output 1 of node"),
        ("truth", "an input is not two numbers or more."),
        ("not a node", "node 3: it is not an object."),
        ("no name", "node 3: it lacks its op, its name or its inputs."),
        ("half a pair", r"node 3: '\ud800' ('null') is no name of a node."),
        ("control", r"node 5: 'bn_data' ('_copy\x1b[31m') is no name of a node."),
        ("numbers", "node 5 (BatchNorm bn_data): its attrs are not texts by name."),
        ("same name", "bn_data_gamma: two variables have this name."),
        ("two heads", "heads: the graph must have one head."),
        ("no head", "heads: the graph must have one head."),
        ("head beyond", "heads: "),
        ("no nodes", "this is not a graph"),
        ("list", "this is not a graph"),
    ],
)
def test_what_is_no_graph_is_refused_with_its_place(name: str, said: str) -> None:
    with pytest.raises(SymbolRefused) as refused:
        read(change(make_graph(), name))
    assert said in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b'{"nodes": [' + b"9" * 5000 + b"]}"])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(SymbolRefused, match="this is not JSON"):
        symbol.read(content, "s.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["nodes", "heads", "op", "name", "inputs", "attrs"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_a_graph_or_refused(graph: object) -> None:
    try:
        read(graph)
    except SymbolRefused:
        return


def test_the_largest_graph_is_refused_in_seconds_whatever_its_names_are() -> None:
    names = [*range(symbol.MOST_NODES - 1), 0]
    nodes = [{"op": "null", "name": f"w{name}", "inputs": []} for name in names]
    began = time.process_time()
    with pytest.raises(SymbolRefused, match="w0: two variables have this name"):
        read({"nodes": nodes, "heads": [[0, 0, 0]]})
    assert time.process_time() - began < 20  # each name held against all others takes minutes
