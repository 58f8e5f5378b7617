"""The direction of the imports: every room stands on those below it, and nothing points up."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers/core/sagescene"
# A package, and the libraries of its layer, that no function without that layer may need.
MODEL = ROOT / "layers/evaluation/sagescene_model"
EVALUATION = ROOT / "layers/evaluation/sagescene_evaluation"

# From the ground up; a room may import from itself and from those before it. The ground are the package's own modules.
ROOMS = ("ground", "files", "preflight", "jobs", "messages", "workflow")
# Beside the rooms: it may know them, and the workflow alone knows it.
EDGE = "aws"
# Beside the standard library.
LIBRARIES = {
    "aws": {"boto3", "botocore"},
    "observability": {"aws_lambda_powertools"},
    "files.checksums": {"zlib_ng"},
}
FOR_HANDLERS = {"aws", "cold_start", "evaluation_messages", "events", "observability", "settings", "workflow"}
EVALUATION_LIBRARIES = {"numpy", "onnx", "onnxruntime", "PIL"}
EVALUATION_ROOMS = {"files", "findings", "finding_codes", "errors"}  # of the layer, which those packages may know
# Each package of this project, and the others that it may import.
PACKAGES = {
    "sagescene": set[str](),
    "sagescene_command": {"sagescene", "sagescene_evaluation", "sagescene_model", "sagescene_standin"},
    "sagescene_evaluation": {"sagescene", "sagescene_model"},
    "sagescene_model": {"sagescene"},
    "sagescene_standin": set[str](),
    "sagescene_trainer": set[str](),
}


@cache
def list_modules(folder: Path) -> tuple[str, ...]:
    """Name the modules of a package from its folder on, `files.lists` for one; rooms themselves are not named."""
    paths = sorted(path for path in folder.rglob("*.py") if path.stem != "__init__")
    return tuple(".".join(path.relative_to(folder).with_suffix("").parts) for path in paths)


def room_of(module: str) -> str:
    """Name the room of a module of the layer."""
    room, dot, _ = module.partition(".")
    return room if dot else EDGE if module == EDGE else "ground"


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


@cache
def read_layer_imports(path: Path) -> frozenset[str]:
    """Name the modules of the layer that a file imports, as `list_modules` does."""
    known = set(list_modules(LAYER))
    imported = (name.split(".")[1:] for name in read_imports(path) if name.split(".")[0] == "sagescene")
    return frozenset(".".join(parts[:length]) for parts in imported for length in (1, 2)) & known


def read_libraries(path: Path) -> set[str]:
    """Return what a running file imports from beyond the standard library and its own package."""
    packages = {name.partition(".")[0] for name in read_imports(path, types_too=False)}
    return packages - sys.stdlib_module_names - {"sagescene"}


def path_of(module: str) -> Path:
    """Give the file of a module of the layer."""
    return LAYER / f"{module.replace('.', '/')}.py"


def test_every_room_has_its_place() -> None:
    assert {room_of(module) for module in list_modules(LAYER)} == {*ROOMS, EDGE}


@pytest.mark.parametrize("module", list_modules(LAYER))
def test_nothing_points_up(module: str) -> None:
    room = room_of(module)
    below = {*ROOMS, EDGE} if room == ROOMS[-1] else {*ROOMS} if room == EDGE else {*ROOMS[: ROOMS.index(room) + 1]}
    assert {room_of(imported) for imported in read_layer_imports(path_of(module))} <= below


def test_there_is_no_circle() -> None:
    graph = {module: read_layer_imports(path_of(module)) for module in list_modules(LAYER)}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", list_modules(LAYER))
def test_only_the_edge_uses_libraries(module: str) -> None:
    assert read_libraries(path_of(module)) <= LIBRARIES.get(module, set())


def test_the_evaluator_stands_between_the_workflow_and_what_measures() -> None:
    evaluator = ROOT / "functions/evaluate_model/onnx_evaluator.py"
    imported = {module.partition(".")[0] for module in read_layer_imports(evaluator)}
    assert "workflow" in imported <= FOR_HANDLERS | {"bounds", "dataset", "errors", "files", "preflight"}
    assert read_libraries(evaluator) == {"sagescene_evaluation", "sagescene_model"}


@pytest.mark.parametrize("function", ["start_training", "finish_training", "evaluate_model"])
def test_a_handler_only_reads_its_event_and_calls_the_workflow(function: str) -> None:
    handler = ROOT / "functions" / function / "app.py"
    imported = {module.partition(".")[0] for module in read_layer_imports(handler)}
    assert "workflow" in imported <= FOR_HANDLERS
    assert read_libraries(handler) <= {"aws_lambda_powertools", "onnx_evaluator"}


@pytest.mark.parametrize("function", ["start_training", "finish_training", "evaluate_model"])
def test_a_handler_imports_cold_start_before_all_that_it_is_about(function: str) -> None:
    imported = read_imports(ROOT / "functions" / function / "app.py", types_too=False)
    assert next(name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names) == (
        "sagescene.cold_start"
    )


def list_files(package: str) -> list[Path]:
    """Give the files of a package of this project."""
    folders = {"sagescene": LAYER, "sagescene_model": MODEL, "sagescene_evaluation": EVALUATION}
    return sorted(folders.get(package, ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", list_files("sagescene_model"), ids=lambda path: path.stem)
def test_the_model_room_knows_its_libraries_and_the_ground(path: Path) -> None:
    assert {module.partition(".")[0] for module in read_layer_imports(path)} <= EVALUATION_ROOMS
    assert read_libraries(path) - {"sagescene_model"} <= EVALUATION_LIBRARIES


@pytest.mark.parametrize("path", list_files("sagescene_evaluation"), ids=lambda path: path.stem)
def test_the_evaluation_room_knows_the_model_and_what_shows_it(path: Path) -> None:
    rooms = {module.partition(".")[0] for module in read_layer_imports(path)}
    assert rooms <= EVALUATION_ROOMS | {"bounds", "foreign_text", "grammar", "messages"}
    assert read_libraries(path) - {"sagescene_evaluation", "sagescene_model"} <= {"numpy"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_knows_only_those_it_may(package: str) -> None:
    files = list_files(package)
    assert files
    imported = {name.partition(".")[0] for path in files for name in read_imports(path)}
    assert imported & {*PACKAGES, "functions", "tests"} <= {package, *PACKAGES[package]}


def test_no_two_public_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for path in (path for package in PACKAGES for path in list_files(package)):
        for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
            if isinstance(node, ast.ClassDef | ast.TypeAlias):
                name = ast.unparse(node.name) if isinstance(node, ast.TypeAlias) else node.name
                places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {"Part", "Decision", "Stack"} <= places.keys()
    assert {name: files for name, files in places.items() if len(files) > 1 and not name.startswith("_")} == {}
