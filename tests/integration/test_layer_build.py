"""The layers as `sam build` makes them: the same bytes from the same source, compiled, small, nothing more."""

import hashlib
import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest

from tests.stack_template import environment_of

ROOT = Path(__file__).parents[2]
LAYER = "SagesceneLayer"
LARGEST = 4_000_000  # bytes, unzipped
MOST_MEMORY = 40_500_000  # bytes, once a function has started and has all its clients
FUNCTIONS = {
    "start_training": "StartTrainingFunction",
    "finish_training": "FinishTrainingFunction",
}
STARTED = """
import gc, app
app.cloud._sns, app.cloud._sqs
assert gc.isenabled()
assert gc.get_freeze_count()
print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
assert app.cloud._sns.publish.__doc__ == ""
import botocore.docs.docstring
assert botocore.docs.docstring.ClientMethodDocstring.__base__ is not str
"""
EVALUATION_LAYER = "EvaluationLayer"
LARGEST_OF_BOTH = 230_000_000  # bytes, unzipped; Lambda takes 250 MB of a function's code and layers
BIN = Path(sys.executable).parent


def copy_checkout(source: Path, to: Path, *, modified: float) -> Path:
    """Copy what the build reads, every file with the given time stamp."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source / "layers", to / "layers", ignore=ignored)
    shutil.copytree(source / "functions", to / "functions", ignore=ignored)
    shutil.copy(source / "template.yaml", to)
    for path in to.rglob("*"):
        os.utime(path, (modified, modified))
    return to


def build_layer(checkout: Path, *options: str, layer: str = LAYER) -> Path:
    """Build a layer of a checkout and return the folder that Lambda mounts at /opt."""
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "SAM_CLI_TELEMETRY": "0"}
    subprocess.run(
        [BIN / "sam", "build", layer, "--build-dir", f".aws-sam/{layer}", *options],
        cwd=checkout,
        env=environment,
        check=True,
        capture_output=True,
    )
    return checkout / ".aws-sam" / layer / layer


def hash_files(folder: Path) -> dict[str, str]:
    """Return the digest of every file in a folder, by its path there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the checkout."""
    return copy_checkout(ROOT, tmp_path_factory.mktemp("one") / "checkout", modified=1_000_000_000)


@pytest.fixture(scope="module")
def layer(checkout: Path) -> Path:
    """Give the layer built from the copy."""
    return build_layer(checkout)


def test_another_checkout_builds_the_same_bytes(checkout: Path, layer: Path, tmp_path: Path) -> None:
    other = copy_checkout(checkout, tmp_path / "another place", modified=1_700_000_000)
    leftover = other / "layers/core/sagescene/__pycache__/errors.cpython-313.pyc"
    leftover.parent.mkdir()
    leftover.write_bytes(b"left by a test run")
    assert hash_files(build_layer(other)) == hash_files(layer)


def test_the_layer_holds_the_package_powertools_and_zlib_ng_and_nothing_else(checkout: Path, layer: Path) -> None:
    assert [path.name for path in layer.iterdir()] == ["python"]
    names = {path.name for path in (layer / "python").iterdir() if path.suffix != ".dist-info"}
    assert names == {
        "__pycache__",
        "aws_lambda_powertools",
        "jmespath",
        "sagescene",
        "typing_extensions.py",
        "zlib_ng",
    }
    source = checkout / "layers/core/sagescene"
    shipped = {path.name for path in (layer / "python/sagescene").iterdir()}
    assert shipped == {path.name for path in source.iterdir()} | {"__pycache__"}


def test_the_layer_is_small_and_nothing_is_compiled_but_a_checksum(layer: Path) -> None:
    files = [path for path in layer.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST
    # files/checksums.py goes on without it.
    (compiled,) = (path for path in files if path.suffix in {".so", ".dylib", ".pyd"})
    assert compiled.name == "zlib_ng.cpython-313-x86_64-linux-gnu.so"


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_a_function_starts_on_the_layer_and_the_runtime_alone_and_takes_little_memory(layer: Path, folder: str) -> None:
    paths = [layer / "python", Path(sys.prefix, "lambda-runtime"), ROOT / "functions" / folder]
    environment = environment_of(FUNCTIONS[folder]) | {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Without the packages of this environment, which Lambda does not have.
    started = subprocess.run(
        [sys.executable, "-S", "-c", STARTED], env=environment, capture_output=True, text=True, check=False
    )
    assert started.returncode == 0, started.stderr
    if sys.platform == "linux":
        assert int(started.stdout) < MOST_MEMORY


def test_every_module_is_compiled_from_its_present_source(layer: Path) -> None:
    sources = sorted(layer.rglob("*.py"))
    assert len(list(layer.rglob("*.pyc"))) == len(sources)
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert compiled[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(compiled[4:8], "little") == 0b01, "unchecked hash"
        assert compiled[8:16] == importlib.util.source_hash(source.read_bytes()), f"{source} is newer"


def test_a_traceback_names_the_file_as_lambda_sees_it(layer: Path) -> None:
    compiled = Path(importlib.util.cache_from_source(str(layer / "python/sagescene/errors.py")))
    code = marshal.loads(compiled.read_bytes()[16:])
    assert isinstance(code, CodeType)
    assert code.co_filename == "/opt/python/sagescene/errors.py"


def test_a_cached_build_takes_an_edited_module(checkout: Path, tmp_path: Path) -> None:
    checkout = copy_checkout(checkout, tmp_path / "checkout", modified=1_000_000_000)
    build_layer(checkout, "--cached")
    module = checkout / "layers/core/sagescene/errors.py"
    module.write_text(module.read_text() + "\nEDITED = True\n")
    built = build_layer(checkout, "--cached") / "python/sagescene/errors.py"
    assert built.read_text() == module.read_text()


def test_without_the_right_python_the_build_says_so_in_one_line(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make, "make is missing"
    outcome = subprocess.run(
        [make, "build-SagesceneLayer", "PYTHON=python-that-is-not-here", f"ARTIFACTS_DIR={tmp_path}"],
        cwd=ROOT / "layers/core",
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode != 0
    assert "The layer is compiled for python3.13: put one with pip on the PATH (make build does).\n" in outcome.stderr
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def evaluation_layer(checkout: Path) -> Path:
    """Give the layer that evaluates models, built from the copy."""
    return build_layer(checkout, layer=EVALUATION_LAYER)


def test_both_layers_together_leave_room_below_lambdas_limit(layer: Path, evaluation_layer: Path) -> None:
    files = [path for folder in (layer, evaluation_layer) for path in folder.rglob("*") if path.is_file()]
    assert {"errors.cpython-313.pyc", "inference.cpython-313.pyc"} <= {path.name for path in files}
    assert sum(path.stat().st_size for path in files) < LARGEST_OF_BOTH


def test_the_evaluation_layer_holds_what_a_model_needs_and_no_tests(checkout: Path, evaluation_layer: Path) -> None:
    assert [path.name for path in evaluation_layer.iterdir()] == ["python"]
    packages = {path.name for path in (evaluation_layer / "python").iterdir()}
    assert packages >= {path.name for path in (checkout / "layers/evaluation").glob("sagescene_*")}
    assert packages >= {"onnxruntime", "onnx", "numpy", "PIL"}
    assert not [path for path in evaluation_layer.rglob("*") if path.is_dir() and path.name in {"tests", "bin"}]
    assert not (evaluation_layer / "python/onnx/backend").exists()


def test_another_checkout_builds_the_same_evaluation_layer(
    checkout: Path, evaluation_layer: Path, tmp_path: Path
) -> None:
    other = copy_checkout(checkout, tmp_path / "another place", modified=1_700_000_000)
    assert hash_files(build_layer(other, layer=EVALUATION_LAYER)) == hash_files(evaluation_layer)
