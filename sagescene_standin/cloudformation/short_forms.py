"""YAML as CloudFormation reads it: its short forms, such as !Ref, stand for mappings.

SAM's translator can read it as well, but whoever only checks a data set need not install all that it brings along.
"""

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # ten times as fast
except ImportError:  # PyYAML was built where there is no libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

_WITHOUT_PREFIX = {"Condition", "Ref"}


class _Loader(SafeLoader):
    """Keeps the short forms to itself: every SafeLoader would learn them else."""


def read_yaml(text: str) -> dict[str, Any]:
    """Read a template; its short forms become the mappings that they stand for."""
    loader = _Loader(text)
    try:
        template: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return template


def _expand(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode() if name == "GetAtt":
            value = node.value.split(".", 1)
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    return {name if name in _WITHOUT_PREFIX else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _expand)
