"""Writes `docs/parameters.md`, the page of the stack's parameters, from `template.yaml`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sagescene_standin.cloudformation.short_forms import read_yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/parameters.md"
INTRODUCTION = """\
# Parameters

<!-- Written by `make docs` from template.yaml. -->

What `sam deploy --guided` asks for, `samconfig.toml` holds, and `--parameter NAME=VALUE` of `sagescene run`, `up` and
`check` takes. [Deploying](deploying.md) says what a customer key's policy has to admit, and [data sets](data-sets.md)
how a hyperparameter is decided.
"""


def render_page() -> str:
    """Return the page's text: every parameter, group by group, in the template's own words."""
    template = read_yaml((ROOT / "template.yaml").read_text(encoding="utf-8"))
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    return "\n".join([INTRODUCTION, *(line for group in groups for line in _render(group, template["Parameters"]))])


def _render(group: Mapping[str, Any], parameters: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from (f"## {group['Label']['default']}", "", "| parameter | default | meaning | takes |", "|---|---|---|---|")
    for name in group["Parameters"]:
        parameter = parameters[name]
        default = f"`{parameter['Default']}`" if parameter["Default"] != "" else ""
        takes = parameter["ConstraintDescription"].removesuffix(".")
        yield "| " + " | ".join(_show(cell) for cell in (f"`{name}`", default, parameter["Description"], takes)) + " |"
    yield ""


def _show(text: str) -> str:
    return text.strip().replace("<", "\\<").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
