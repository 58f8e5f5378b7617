"""How packages are installed: by uv, and by pip where uv cannot."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/install_packages"
ASKED = ["--require-hashes", "-r", "requirements/run.txt"]


def write_program(path: Path, *lines: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def install(folder: Path) -> list[str]:
    """Run the script with the programs of a folder, and give what they were asked."""
    asked = folder / "asked"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    path = f"{folder / 'path'}:{os.defpath}"
    python = str(folder / "bin/python")
    done = subprocess.run([SCRIPT, python, *ASKED], env=environment | {"PATH": path, "ASKED": str(asked)}, check=False)
    assert done.returncode == 0
    return asked.read_text().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an environment that has no uv, and whose pip installs none."""
    config = """echo "global.extra-index-url='more'"; echo "global.index-url='mirror'\""""
    write_program(
        tmp_path / "bin/python",
        f'case "$*" in *" config list") {config};; *uv.txt) exit 1;; *) echo "python $*" >> "$ASKED";; esac',
    )
    return tmp_path


def test_pip_installs_where_no_uv_can_be_had(folder: Path) -> None:
    (line,) = install(folder)
    assert line.startswith("python -m pip ")
    assert line.endswith(f" install --no-compile {' '.join(ASKED)}")


@pytest.mark.parametrize("place", ["path", "bin"])
def test_uv_installs_from_the_mirror_that_pip_is_set_to(folder: Path, place: str) -> None:
    write_program(folder / place / "uv", '[ "$1" = --version ] || echo "uv $* $UV_DEFAULT_INDEX" >> "$ASKED"')
    assert install(folder) == [f"uv pip install --quiet --python {folder}/bin/python {' '.join(ASKED)} mirror"]


def test_pip_installs_what_uv_does_not(folder: Path) -> None:
    write_program(folder / "path/uv", '[ "$1" = --version ] || { echo uv >> "$ASKED"; exit 1; }')
    *uv, line = install(folder)
    assert (uv, line.split()[-1]) == (["uv", "uv"], ASKED[-1])


def test_a_cache_that_uv_cannot_write_is_done_without(folder: Path) -> None:
    refuse = 'case "$*" in --version) ;; *--no-cache*) echo "$*" >> "$ASKED";; *) exit 2;; esac'
    write_program(folder / "path/uv", refuse)
    assert install(folder) == [f"pip install --quiet --no-cache --python {folder}/bin/python {' '.join(ASKED)}"]


def test_a_uv_whose_installation_was_broken_off_is_installed_anew(folder: Path) -> None:
    (folder / "bin/uv").write_bytes(b"\x7fELF cut short")
    whole = f'printf \'#!/bin/sh\\necho "$*" >> "$ASKED"\' > {folder}/bin/uv; chmod +x {folder}/bin/uv'
    write_program(folder / "bin/python", f'case "$*" in *uv.txt) {whole};; esac')
    assert install(folder)[-1] == f"pip install --quiet --python {folder}/bin/python {' '.join(ASKED)}"
