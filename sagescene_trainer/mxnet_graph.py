"""Build a graph of MXNet's operators together with its parameters, and describe it as MXNet's symbol JSON.

The format was read from the `-symbol.json` files of real jobs; the algorithm's container has MXNet 1.3.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VERSION = 10300
# How many outputs an operator has, seen or unseen; all others have one.
_OUTPUTS = {"BatchNorm": 3}
# What an operator keeps rather than learns, MXNet calls auxiliary.
_AUXILIARY = ("moving_mean", "moving_var")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReference:
    """A place in the graph; others refer to it."""

    number: int


@dataclass(slots=True)
class Graph:
    """A graph whose nodes are added from the input on; `parameters` are named as in a `.params` file."""

    parameters: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    _nodes: list[dict[str, Any]] = field(default_factory=list)

    def add_input(self, name: str) -> NodeReference:
        """Add what is fed into the graph when it runs."""
        return self._add("null", name, {}, [])

    def apply(
        self,
        operator: str,
        name: str,
        *inputs: NodeReference,
        attributes: Mapping[str, object],
        **arrays: NDArray[np.float32],
    ) -> NodeReference:
        """Add an operator on other nodes and on arrays of its own, in MXNet's order, each called `<name>_<array>`."""
        entries = [[node.number, 0, 0] for node in inputs]
        for kind, array in arrays.items():
            auxiliary = kind in _AUXILIARY
            self.parameters[f"{'aux' if auxiliary else 'arg'}:{name}_{kind}"] = array
            # MXNet's text of a parameter repeats the attributes of its operator.
            entries.append([self._add("null", f"{name}_{kind}", attributes, []).number, 0, int(auxiliary)])
        return self._add(operator, name, attributes, entries)

    def describe(self, head: NodeReference) -> str:
        """Return the symbol JSON of the graph that ends in `head`."""
        outputs = [_OUTPUTS.get(node["op"], 1) for node in self._nodes]
        content = {
            "nodes": self._nodes,
            "arg_nodes": [number for number, node in enumerate(self._nodes) if node["op"] == "null"],
            "node_row_ptr": [sum(outputs[:number]) for number in range(len(outputs) + 1)],
            "heads": [[head.number, 0, 0]],
            "attrs": {"mxnet_version": ["int", _VERSION]},
        }
        return json.dumps(content, indent=2)

    def _add(
        self, operator: str, name: str, attributes: Mapping[str, object], inputs: list[list[int]]
    ) -> NodeReference:
        texts = {"attrs": {key: str(attributes[key]) for key in sorted(attributes)}} if attributes else {}
        self._nodes.append({"op": operator, "name": name, **texts, "inputs": inputs})
        return NodeReference(number=len(self._nodes) - 1)
