"""Proves that Sagescene answers as MXNet 1.9.1 does, at every depth; its argument is MXNet's Python.

Further arguments are `-symbol.json` files that real jobs wrote: they are filled with random weights.
"""

import argparse
import json
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from sagescene_model import artifact
from sagescene_model.inference import Classifier

ROOT = Path(__file__).parents[1]
LARGEST_DIFFERENCE = 1e-5  # of a probability
LARGEST_RELATIVE_DIFFERENCE = 1e-4  # of a logit, to the largest one
LARGEST_LOGIT = 20
SMALLEST_SPREAD = 0.01  # of the logits over the images: else the network would not look at them
THREADS = 2


def describe(name: str, shape: tuple[int, int, int], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - becomes JSON
    """Describe an artifact for MXNet to build."""
    return {
        "name": name,
        "shape": shape,
        "dtype": "float32",
        "head": "SoftmaxOutput",
        "classes": 5,
        "images": 2,
        **more,
    }


def list_networks(symbols: Iterable[Path]) -> list[dict[str, Any]]:
    """Describe every depth of the algorithm, in its form for 224 pixels and for small images, and each trait."""
    return [
        *(describe(f"depth {depth} at 28", (3, 28, 28), depth=depth) for depth in (20, 32, 44, 56, 110)),
        describe("depth 18 at 32", (3, 32, 32), depth=18),
        *(describe(f"depth {depth} at 224", (3, 224, 224), depth=depth) for depth in (18, 50)),
        *(describe(f"depth {depth} at 64", (3, 64, 64), depth=depth) for depth in (34, 101, 152, 200)),
        describe("one class of two", (3, 28, 28), depth=20, classes=2),
        describe("gray", (1, 28, 28), depth=20),
        describe("oblong", (3, 40, 56), depth=18),
        describe("several labels", (3, 28, 28), depth=20, head="LogisticRegressionOutput"),
        describe("float16 at 28", (3, 28, 28), depth=20, dtype="float16"),
        describe("float16 at 64", (3, 64, 64), depth=50, dtype="float16"),
        *(describe(f"symbol {path.name}", (3, 224, 224), symbol=str(path.resolve())) for path in symbols),
    ]


def compare(folder: Path) -> None:
    """Hold our answers to a folder's images against MXNet's.

    Raises:
        SystemExit: if they differ, or if the logits are too large or too much alike to tell anything.
    """
    classifier = Classifier(artifact.read(folder), threads=THREADS)
    images = np.load(folder / "images.npy")
    logits, probabilities = np.load(folder / "logits.npy"), np.load(folder / "probabilities.npy")
    largest = float(np.abs(logits).max())
    difference = float(np.abs(classifier.probabilities(images) - probabilities).max())
    relative = float(np.abs(classifier.logits(images) - logits).max()) / largest
    spread = float(np.ptp(logits, axis=0).max()) / largest
    line = f"{folder.name}: probabilities differ by {difference:.1e}, logits by {relative:.1e} of {largest:.2f}"
    line += f" (spread {spread:.2f})"
    is_telling = largest < LARGEST_LOGIT and spread > SMALLEST_SPREAD
    if not (is_telling and difference <= LARGEST_DIFFERENCE and relative <= LARGEST_RELATIVE_DIFFERENCE):
        sys.exit(line)
    print(f"  agrees: {line}")


def check_golden(python: str, folder: Path) -> None:
    """Hold what the unit tests take for MXNet's answers against MXNet, which reads the artifacts that they write.

    Raises:
        SystemExit: if MXNet answers otherwise.
    """
    folder.mkdir()
    networks: Any = runpy.run_path(str(ROOT / "tests/unit/model/networks.py"))
    golden = json.loads((ROOT / "tests/golden/model/logits.json").read_text())
    for case, network in networks["CASES"].items():
        files = network.files(half=case in networks["HALVES"])
        images = networks["draw_images"](networks["IMAGES"], network.shape)
        np.save(networks["write_folder"](folder / case, files) / "images.npy", images)
    ask_mxnet(python, "answer", str(folder))
    for case in networks["CASES"]:
        logits = np.load(folder / case / "logits.npy")
        expected = np.array(golden.get(case, np.inf))
        if expected.shape != logits.shape or np.abs(logits - expected).max() > 1e-5 * np.abs(logits).max():
            sys.exit(f"tests/golden/model/logits.json: MXNet answers {case!r} by {np.round(logits, 6).tolist()}")
        print(f"  agrees: the unit tests' answers, {case}")


def measure(folder: Path) -> None:
    """Hold the memory that reading and loading a model, and its first answer, take against its weights.

    That of the libraries themselves is left out.

    Raises:
        SystemExit: if it is too much.
    """
    command = [sys.executable, __file__, "--measure", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # nosec B603 # noqa: S603 - our own words
    before, after, weights = map(int, done.stdout.split())
    line = f"{folder.name}: {(after - before) / weights:.2f} times its weights of {weights >> 20} MB in memory at most"
    if after - before > 2 * weights:
        sys.exit(line)
    print(f"  fits: {line}")


def read_highest_memory() -> int:
    """Return the most bytes that this process has held in memory."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def take_memory(folder: Path) -> None:
    """Print the most memory before and after a model is loaded, and the size of its weights, in bytes."""
    before = read_highest_memory()
    found = artifact.read(folder)
    weights = sum(array.nbytes for array in found.weights.values())
    Classifier(found, threads=1)
    print(before, read_highest_memory(), weights)


def ask_mxnet(python: str, *arguments: str) -> None:
    """Run MXNet's side.

    Raises:
        SystemExit: if it fails.
    """
    command = [python, "-W", "ignore", "-m", "scripts.mxnet_models", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603 # noqa: S603 - our own words
    if done.returncode:
        sys.exit(f"MXNet failed: {' '.join(command)}\n{done.stderr}")


def main(python: str, symbols: list[Path]) -> None:
    """Have MXNet build network after network, and compare."""
    print("Models that the unit tests write, MXNet reads:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_golden(python, folder / "golden")
        print("Models that MXNet builds, Sagescene reads, and both answer:")
        for network in list_networks(symbols):
            description = folder / "networks.json"
            description.write_text(json.dumps([network]))
            ask_mxnet(python, "build", str(folder), str(description))
            compare(folder / network["name"])
            if network.get("depth") == 152 and Path("/proc/self/status").exists():
                measure(folder / network["name"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("python")
    parser.add_argument("symbols", nargs="*", type=Path)
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    if given.measure:
        take_memory(Path(given.python))
    else:
        main(given.python, given.symbols)
