"""The graph in MXNet's `-symbol.json` files, as MXNet 1.0 to 1.9 write it.

A node takes its inputs from nodes before it, which is the order that MXNet asks for as well: so there is no cycle.
"""

import json
from collections import Counter
from dataclasses import dataclass

from sagescene_model.attributes import Attributes
from sagescene_model.refusals import SymbolRefused

MOST_NODES = 100_000
VARIABLE = "null"
# What is `attrs` today was `attr`, and `param` in the beginning.
_ATTRIBUTES = ("attrs", "attr", "param")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operator, or a variable (`operator` null): `inputs` are places in the list of nodes."""

    operator: str
    name: str
    inputs: tuple[int, ...]
    attributes: Attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A graph in the order in which it is computed; `head` is the place of the node that gives the answer."""

    file: str
    nodes: tuple[Node, ...]
    head: int

    def needed(self) -> list[int]:
        """Return the places of the nodes that the head needs, in the order of computation."""
        wanted = {self.head}
        for place in range(self.head, -1, -1):
            if place in wanted:
                wanted.update(self.nodes[place].inputs)
        return sorted(wanted)


def read(content: bytes, file: str) -> Symbol:
    """Read a symbol file.

    Raises:
        SymbolRefused: if it is not JSON, or not a graph with one head whose nodes stand in the order of computation.
    """
    try:
        graph = json.loads(content)
    except (ValueError, RecursionError):
        raise SymbolRefused(file, "", "this is not JSON.") from None
    entries = graph.get("nodes") if isinstance(graph, dict) else None
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_NODES:
        raise SymbolRefused(file, "", f"this is not a graph of 1 to {MOST_NODES:,} nodes.")
    nodes = tuple(_read_node(entry, place, file) for place, entry in enumerate(entries))
    variables = Counter(node.name for node in nodes if node.operator == VARIABLE)
    for name, number in variables.most_common(1):
        if number > 1:
            raise SymbolRefused(file, name, "two variables have this name.")
    heads = graph.get("heads")
    if not isinstance(heads, list) or len(heads) != 1:
        raise SymbolRefused(file, "heads", "the graph must have one head.")
    return Symbol(file=file, nodes=nodes, head=_read_entry(heads[0], len(nodes), file, "heads"))


def _read_node(entry: object, place: int, file: str) -> Node:
    where = f"node {place}"
    if not isinstance(entry, dict):
        raise SymbolRefused(file, where, "it is not an object.")
    operator, name, inputs = entry.get("op"), entry.get("name"), entry.get("inputs", [])
    if not isinstance(operator, str) or not isinstance(name, str) or not isinstance(inputs, list):
        raise SymbolRefused(file, where, "it lacks its op, its name or its inputs.")
    if not operator.isprintable() or not name.isprintable():  # half a surrogate pair, too, which ONNX cannot hold
        raise SymbolRefused(file, where, f"{name[:40]!a} ({operator[:40]!a}) is no name of a node.")
    where = f"{where} ({operator} {name})"[:120]
    texts: dict[str, str] = {}
    for key in _ATTRIBUTES:
        given = entry.get(key, {})
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise SymbolRefused(file, where, f"its {key} are not texts by name.")
        texts |= given
    return Node(
        operator=operator,
        name=name,
        inputs=tuple(_read_entry(given, place, file, where) for given in inputs),
        attributes=Attributes(texts, file, where),
    )


def _read_entry(given: object, places: int, file: str, where: str) -> int:
    """Return the place of `[place, output, ...]`, which must be one of the first `places`, and its first output."""
    if not isinstance(given, list) or len(given) < 2 or not all(type(number) is int for number in given):
        raise SymbolRefused(file, where, "an input is not two numbers or more.")
    place, output = given[:2]
    if not 0 <= place < places:
        raise SymbolRefused(
            file,
            where,
            f"it takes an input from node {place}, which does not stand before it: the graph runs in circles.",
        )
    if output:
        raise SymbolRefused(file, where, f"it takes output {output} of node {place}; first outputs only are known.")
    return int(place)
