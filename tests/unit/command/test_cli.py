"""What the `sagescene` command says to options that it cannot take."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sagescene_command.cli import commands


@pytest.mark.parametrize("command", ["run", "up"])
@pytest.mark.parametrize("number", ["abc", "-1", "", "1.5", "1_0"])
def test_a_quota_that_is_no_number_of_instances_is_refused_by_its_option(command: str, number: str) -> None:
    done = CliRunner().invoke(commands, [command, "--quota", f"ml.g4dn.xlarge={number}"])
    assert done.exit_code == 2
    assert "Invalid value for '--quota'" in done.output
    sentence = f"ml.g4dn.xlarge={number} is not TYPE=NUMBER: give a whole number from 0 on."
    assert sentence in " ".join(done.output.split())


def test_a_prefix_that_is_a_folder_is_refused_before_files_lie_about(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["pack", str(tmp_path), f"{tmp_path}/pets/"])
    assert done.exit_code == 2
    told = "".join(done.output.split())
    assert f"{tmp_path}/pets/isafolder" in told
    assert f"suchas{tmp_path}/pets/pets." in told


def test_the_command_ends_without_a_last_look_for_garbage() -> None:
    code = """
import atexit, gc, sys
from sagescene_command.cli import main
atexit.register(lambda: print(len(gc.get_objects()) < gc.get_freeze_count()))
sys.argv = ["sagescene", "--version"]
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "True"
