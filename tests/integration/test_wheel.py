"""The installable package: what a wheel holds, and what it can do where nothing but its dependencies is installed."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

from tests.checkout import ROOT, list_files

SOURCES = {
    "layers/core/sagescene": "sagescene",
    **{f"layers/evaluation/{name}": name for name in ("sagescene_evaluation", "sagescene_model")},
    **{name: name for name in ("sagescene_command", "sagescene_standin", "sagescene_trainer")},
}
NO_PART = {Path("sagescene_standin/ruff.toml")}  # of use to the checkout alone
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy: what setuptools leaves beside the source would find its way into the next one."""
    folder = tmp_path_factory.mktemp("wheel")
    for path in list_files():
        (folder / "checkout" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / "checkout" / path, follow_symlinks=False)
    subprocess.run(
        [*PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, folder / "checkout"],
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the `sagescene` of an environment that holds the wheel and what it asks for, and nothing else."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=True)
    python = environment / "bin/python"
    subprocess.run([*PIP, "--python", python, "install", "--no-index", "--no-deps", "--no-compile", wheel], check=True)
    packages = find_packages(environment)
    for needed in list_needed(read_own(environment)):
        for file in needed.files or []:
            link = packages / file.parts[0]
            if file.parts[0] != ".." and not link.exists():
                link.symlink_to(str(needed.locate_file(file.parts[0])))
    return environment / "bin/sagescene"


def find_packages(environment: Path) -> Path:
    (packages,) = environment.glob("lib/python3*/site-packages")
    return packages


def read_own(environment: Path) -> Distribution:
    """Read what the installed wheel says of itself."""
    (own,) = Distribution.discover(name="sagescene", path=[str(find_packages(environment))])
    return own


def list_needed(of: Distribution) -> list[Distribution]:
    """List what a distribution asks for, and what that asks for, as installed here."""
    found: dict[str, Distribution] = {}
    asking = [of]
    while asking:
        for wanted in map(Requirement, asking.pop().requires or []):
            name = canonicalize_name(wanted.name)
            if name not in found and (not wanted.marker or wanted.marker.evaluate({"extra": ""})):
                found[name] = distribution(name)
                asking.append(found[name])
    return list(found.values())


def sagescene(command: Path, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, *map(str, arguments)],
        cwd=folder,
        env={
            "PATH": os.defpath,
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",  # the dependencies are links to those of the checkout's own environment
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_wheel_holds_every_file_of_its_packages_and_the_template(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        template = archive.read("sagescene_command/template.yaml")
    wanted = {
        f"{package}/{path.relative_to(source)}"
        for source, package in SOURCES.items()
        for path in list_files()
        if path.is_relative_to(source) and path not in NO_PART
    }
    assert held == wanted
    assert template == (ROOT / "template.yaml").read_bytes()


def test_it_asks_for_nothing_that_only_the_local_stack_needs(installed: Path) -> None:
    needed = {canonicalize_name(one.name) for one in list_needed(read_own(installed.parents[1]))}
    assert {"boto3", "click", "pillow", "rich"} <= needed
    assert not needed & {"aws-sam-cli", "aws-sam-translator", "moto", "numpy", "scikit-learn", "setuptools"}


def test_images_are_packed_and_checked_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    for name, shade in itertools.product(("cat", "dog"), range(10)):
        (tmp_path / "pets" / name).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), (shade * 20, ord(name[0]), 0)).save(tmp_path / f"pets/{name}/{shade}.png")
    packed = sagescene(installed, tmp_path, "pack", "pets", "packed/pets")
    assert (packed.returncode, packed.stderr) == (0, "")
    checked = sagescene(
        installed, tmp_path, "check", "packed", "--json", "--html", "page.html", "--parameter", "Epochs=3"
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    epochs = {"value": "3", "origin": "stack", "detail": "Epochs"}
    assert json.loads(checked.stdout)["hyperparameters"]["epochs"] == epochs
    page = (tmp_path / "page.html").read_text()
    assert (ROOT / "layers/core/sagescene/messages/page.css").read_text() in page
    assert ".dkr.ecr.us-east-1.amazonaws.com/image-classification" in page
    refused = sagescene(installed, tmp_path, "check", "packed", "--parameter", "Epochs=0")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "a whole number from 1 to 9999" in refused.stderr


def test_it_answers_for_itself(installed: Path, tmp_path: Path) -> None:
    assert "check" in sagescene(installed, tmp_path, "--help").stdout
    assert sagescene(installed, tmp_path, "--version").stdout == "sagescene, version 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run"], "The local stack needs a checkout of Sagescene: run `make build` there"),
        (["run", "."], "The local stack needs a checkout of Sagescene: run `make build` there"),
        (["up"], "The local stack needs a checkout of Sagescene: run `make build` there"),
        (["check", "s3://bucket/datasets/pets/"], "There are no AWS credentials"),
        (["start", "pets"], "No AWS Region is chosen: set AWS_REGION to that of the stack"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_it_lacks_is_told_in_one_sentence(
    installed: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    done = sagescene(installed, tmp_path, *arguments)
    assert done.returncode == (3 if arguments[0] in {"check", "start"} else 1)
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1
