"""The direction of the imports: every module stands on a level, and nothing points up."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/core/sagescene"

# From the ground up. A module may import from its own level and from those before it.
LEVELS: dict[str, set[str]] = {
    "causes": {"errors"},
    "facts": {
        "config",
        "dataset",
        "events",
        "findings",
        "framing",
        "hyperparameter_rules",
        "hyperparameters",
        "images",
        "instances",
        "leaks",
        "lists",
        "listrows",
        "names",
        "overlaps",
        "pairing",
        "recordcontent",
        "recordio",
        "recordsample",
        "recordscan",
        "registry",
        "repeats",
        "thumbnails",
        "training_json",
        "waiting",
    },
    "conclusions": {
        "agreement",
        "charts",
        "decisions",
        "examination",
        "failures",
        "jobrequest",
        "notices",
        "page",
        "payloads",
        "preflight",
        "report",
    },
    "edge": {"aws", "observability"},
    "order of things": {"endings", "invocation", "pipeline", "postponing", "telling", "verdicts"},
}
# Beside the standard library.
LIBRARIES = {"aws": {"boto3", "botocore"}, "observability": {"aws_lambda_powertools"}}
FOR_HANDLERS = {"aws", "config", "events", "invocation", "observability", "pipeline"}
STAND_INS = ("local/service", "local/algorithm")


def list_modules() -> dict[str, Path]:
    """Return the package's modules with their files."""
    return {path.stem: path for path in sorted(PACKAGE.glob("*.py")) if path.stem != "__init__"}


def read_imports(path: Path, *, types_too: bool = True) -> Iterator[str]:
    """Yield the dotted name of everything that a file imports, wherever in the file."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree):
        if not types_too and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def read_package_imports(path: Path) -> set[str]:
    """Return the modules of the package that a file imports."""
    names = (name.split(".") for name in read_imports(path))
    return {parts[1] for parts in names if parts[0] == "sagescene" and len(parts) > 1}


def read_libraries(path: Path) -> set[str]:
    """Return what a running file imports from beyond the standard library and this project."""
    packages = {name.partition(".")[0] for name in read_imports(path, types_too=False)}
    return packages - sys.stdlib_module_names - {"sagescene"}


def test_every_module_has_its_level() -> None:
    placed = set().union(*LEVELS.values())
    assert set(list_modules()) - placed == set(), "place the new module on a level"


@pytest.mark.parametrize("module", list_modules())
def test_nothing_points_up(module: str) -> None:
    reachable: set[str] = set()
    for members in LEVELS.values():
        reachable |= members
        if module in members:
            break
    assert read_package_imports(PACKAGE / f"{module}.py") <= reachable


def test_there_is_no_cycle() -> None:
    graph = {module: read_package_imports(path) for module, path in list_modules().items()}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", list_modules())
def test_only_the_edge_uses_libraries(module: str) -> None:
    assert read_libraries(PACKAGE / f"{module}.py") <= LIBRARIES.get(module, set())


@pytest.mark.parametrize("function", ["start_training", "finish_training"])
def test_a_handler_only_reads_its_event_and_calls_the_pipeline(function: str) -> None:
    handler = ROOT / "functions" / function / "app.py"
    assert "pipeline" in read_package_imports(handler) <= FOR_HANDLERS
    assert read_libraries(handler) <= {"aws_lambda_powertools"}


def test_what_stands_in_for_aws_shares_nothing_with_the_product() -> None:
    files = [path for folder in STAND_INS for path in sorted((ROOT / folder).rglob("*.py"))]
    assert files
    sharing = {path for path in files for name in read_imports(path) if name.split(".")[0] == "sagescene"}
    assert sharing == set()
