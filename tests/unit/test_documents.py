"""The pages that people read: what is generated is of its source, and what they name is there."""

import re
from itertools import chain
from pathlib import Path
from types import ModuleType

import click
import pytest

from sagescene_command.cli import commands
from sagescene_standin.cloudformation.short_forms import read_yaml
from scripts import (
    generate_parameters_page,
    generate_scale_page,
    generate_training_schema,
    generate_troubleshooting_page,
)
from tests.stack_template import ROOT

TEMPLATE = read_yaml((ROOT / "template.yaml").read_text())
BESIDE = read_yaml((ROOT / "operations.yaml").read_text())
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
LARGEST_PICTURE = 150_000  # bytes

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.mark.parametrize(
    "generator",
    [generate_parameters_page, generate_scale_page, generate_troubleshooting_page, generate_training_schema],
)
def test_a_generated_page_is_the_one_that_its_source_makes(generator: ModuleType) -> None:
    written = generator.PAGE.read_text(encoding="utf-8")
    assert written == generator.render_page(), f"docs/{generator.PAGE.name} is not of its source: run `make docs`"


def test_full_disks_are_on_the_page_with_the_remedy_of_types_that_bring_their_own() -> None:
    volume, disks = [
        line for line in generate_troubleshooting_page.render_page().splitlines() if "full: deploy with" in line
    ]
    assert "VolumeSizeInGB" in volume
    assert "types" not in volume
    assert "larger ones, such as ml.g5.16xlarge" in disks


def test_every_parameter_is_in_a_group_and_so_on_the_page() -> None:
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(chain.from_iterable(group["Parameters"] for group in groups)) == sorted(TEMPLATE["Parameters"])


@every_page
def test_parameters_that_a_page_sets_are_the_stacks(page: Path) -> None:
    known = TEMPLATE["Parameters"].keys() | BESIDE["Parameters"].keys()
    assert set(re.findall(r"\b([A-Z][a-z]+[A-Z]\w+)=", page.read_text())) <= known


@every_page
def test_commands_and_targets_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text()
    code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"(?m)^    (.+)$", text)])
    assert set(re.findall(r"(?m)^(?:\$ )?sagescene ([a-z]+)", code)) <= set(
        commands.list_commands(click.Context(commands))
    )
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    assert set(re.findall(r"(?m)^make ([a-z-]+)", code)) <= targets


@every_page
def test_links_within_the_project_lead_to_files_and_headings(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        path, _, heading = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        if heading:
            assert heading in {
                re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-")
                for line in re.findall(r"(?m)^#+ (.+)$", target.read_text())
            }, link


def test_the_runbook_has_every_alarm_and_no_other() -> None:
    alarms = {name for name, one in TEMPLATE["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(re.findall(r"(?m)^### `(\w+)`$", OPERATIONS)) == alarms


def test_the_runbook_has_every_metric_and_no_other() -> None:
    counted = {
        name
        for path in (ROOT / "layers/core/sagescene").rglob("*.py")
        for name in re.findall(r"\b(?:count(?:_by)?|measure|single_metric)\(\"(\w+)\"", path.read_text())
    }
    rows = re.findall(r"(?m)^\| (`\w+`.*?) \| ", OPERATIONS.partition("## Metrics")[2])
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {*counted, "ColdStart"}  # Powertools' own


def test_the_readme_is_read_in_five_minutes_and_its_pictures_are_small() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 150
    shown = {ROOT / path for path in re.findall(r"!\[[^]]+\]\((docs/[^)]+)\)", readme)}
    assert shown == {ROOT / "docs/flow.svg", *(ROOT / "docs/images").iterdir()}
    assert max(picture.stat().st_size for picture in shown) <= LARGEST_PICTURE
