"""The project's own files: pins that agree with one another, and nothing that belongs to one machine."""

import json
import os
import re
import subprocess
import tomllib
from itertools import chain
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sagescene_standin.cloudformation.short_forms import read_yaml
from tests.checkout import ROOT, list_files

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS: dict[str, list[Any]] = PROJECT["dependency-groups"]
PINS = {
    "run": ROOT / "requirements/run.txt",
    "test": ROOT / "requirements/test.txt",
    "runtime": ROOT / "requirements/runtime.txt",
    "layer": ROOT / "layers/core/requirements.txt",
    "evaluation": ROOT / "layers/evaluation/requirements.txt",
    "benchmarks": ROOT / "requirements/benchmarks.txt",
    "mxnet": ROOT / "requirements/mxnet.txt",
    "uv": ROOT / "requirements/uv.txt",
    "fuzz": ROOT / "requirements/fuzz.txt",
    "mutate": ROOT / "requirements/mutate.txt",
    "linters": ROOT / "requirements/linters.txt",
    "registry": ROOT / "requirements/registry.txt",
    "ministack": ROOT / "requirements/ministack.txt",
}
OF_ONE_MACHINE = re.compile(
    rb"pypi\.org|pythonhosted\.org|index-url[= ]\S*://|(?<![\w.])/(?:home|Users)/[a-z]\w*/|(?<![\w.}])/(?:root|work)/"
)


def read_pins(group: str) -> dict[str, Requirement]:
    """Return the requirements pinned for a group by name."""
    text = PINS[group].read_text().replace("\\\n", "")
    lines = (line.partition(" --hash")[0] for line in text.splitlines() if re.match(r"\w", line))
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def read_version(pin: Requirement) -> str:
    """Return the version that a requirement is pinned to."""
    (specifier,) = pin.specifier
    assert specifier.operator == "=="
    return specifier.version


def expand_group(group: str) -> list[Requirement]:
    """Return what a dependency group asks for, with the groups it includes."""
    entries = GROUPS[group]
    own = [Requirement(entry) for entry in entries if isinstance(entry, str)]
    included = (expand_group(entry["include-group"]) for entry in entries if not isinstance(entry, str))
    return [*own, *chain.from_iterable(included)]


@pytest.mark.parametrize("group", PINS)
def test_the_pins_hold_everything_a_group_asks_for(group: str) -> None:
    pins = read_pins(group)
    for wanted in expand_group(group):
        pinned = pins[canonicalize_name(wanted.name)]
        assert read_version(pinned) in wanted.specifier, f"make requirements: {pinned} is not {wanted}"


@pytest.mark.parametrize("group", ["run", "test"])
def test_the_pins_hold_everything_that_the_package_asks_for(group: str) -> None:
    pins = read_pins(group)
    for wanted in map(Requirement, PROJECT["project"]["dependencies"]):
        pinned = pins[canonicalize_name(wanted.name)]
        assert read_version(pinned) in wanted.specifier, f"make requirements: {pinned} is not {wanted}"


@pytest.mark.parametrize("group", ["run", "runtime", "layer", "evaluation"])
def test_a_package_has_one_version_everywhere(group: str) -> None:
    tested = read_pins("test")
    differing = {
        name: (read_version(pin), read_version(tested[name]))
        for name, pin in read_pins(group).items()
        if name in tested and read_version(pin) != read_version(tested[name])
    }
    assert differing == {}


def test_the_registry_is_compared_with_the_sdk_that_it_is_generated_from() -> None:
    made, compared = (read_version(read_pins(group)["sagemaker-core"]) for group in ("registry", "test"))
    assert made == compared, "make requirements"


@pytest.mark.parametrize("group", ["run", "layer", "evaluation"])
def test_the_tests_have_everything_that_runs(group: str) -> None:
    assert read_pins(group).keys() <= read_pins("test").keys()


@pytest.mark.parametrize("group", PINS)
def test_every_pin_has_a_hash(group: str) -> None:
    for entry in re.split(r"(?m)^(?=\w)", PINS[group].read_text())[1:]:
        assert "--hash=sha256:" in entry


def test_the_layer_ships_no_aws_sdk_and_nothing_compiled_but_a_checksum() -> None:
    assert set(read_pins("layer")) == {"aws-lambda-powertools", "jmespath", "typing-extensions", "zlib-ng"}


def test_what_the_wheel_needs_for_evaluation_is_what_its_layer_ships() -> None:
    extra = {*PROJECT["project"]["optional-dependencies"]["evaluation"], *PROJECT["project"]["dependencies"]}
    assert {*GROUPS["evaluation"]} <= extra


def test_no_file_names_a_package_index_or_a_persons_machine() -> None:
    found = {
        str(path): match[0] for path in list_files() if (match := OF_ONE_MACHINE.search((ROOT / path).read_bytes()))
    }
    assert found == {}


def test_the_changelog_begins_with_the_projects_version() -> None:
    versions = re.findall(r"(?m)^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text())
    assert versions[0] == PROJECT["project"]["version"]


def test_hooks_before_a_commit_run_the_tools_of_the_tests() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = repositories[0]["hooks"]
    tools = {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks}
    assert tools == {"ruff", "mypy", "pytest"} <= read_pins("test").keys()
    (pages,) = [hook["files"] for hook in hooks if "files" in hook]
    sources = ["README.md", "CONTRIBUTING.md", "Makefile", "template.yaml", "operations.yaml", "docs/deploying.md"]
    sources += ["layers/core/sagescene/jobs/failures.py", "layers/core/sagescene/preflight/hyperparameter_table.py"]
    assert [path for path in sources if not ((ROOT / path).is_file() and re.search(pages, path))] == []


def test_what_is_compiled_stays_compiled_wherever_make_is_called() -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["make", "--no-print-directory", "--file=Makefile", "--file=-", "variables"]
    shown = subprocess.run(
        command, cwd=ROOT, env=environment, input="variables:\n\t@env\n", capture_output=True, text=True, check=True
    )
    names = {line.partition("=")[0] for line in shown.stdout.splitlines()}
    assert "PYTHONDONTWRITEBYTECODE" not in names > {"SAM_CLI_TELEMETRY"}


def test_every_schema_names_the_draft_that_it_is_written_in() -> None:
    schemas = sorted((ROOT / "docs").glob("*.schema.json"))
    assert len(schemas) == 4
    for path in schemas:
        schema = json.loads(path.read_text())
        assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
        Draft202012Validator.check_schema(schema)


def test_what_is_published_of_the_template_is_said_of_the_project() -> None:
    said = read_yaml((ROOT / "template.yaml").read_text())["Metadata"]["AWS::ServerlessRepo::Application"]
    project = PROJECT["project"]
    assert said["Name"] == project["name"]
    assert said["SemanticVersion"] == project["version"]
    assert said["Description"] == project["description"]
    assert said["SpdxLicenseId"] == project["license"]
    assert [said["LicenseUrl"]] == project["license-files"]
    assert said["ReadmeUrl"] == project["readme"]
    assert len(said["Description"]) <= 256
    assert len(said["Labels"]) <= 10
    assert all(re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label) for label in said["Labels"])
    assert re.fullmatch(r"[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?", said["Author"])


def test_every_installed_package_says_that_it_is_typed() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    roots = [ROOT, *map(ROOT.joinpath, ("layers/core", "layers/evaluation"))]
    packages = {path.parent for root in roots for path in root.glob("sagescene*/__init__.py")}
    assert {path.name for path in packages} == {path.name for path in packages if (path / "py.typed").is_file()}
    assert {name for name, files in data.items() if "py.typed" in files} == {path.name for path in packages}
