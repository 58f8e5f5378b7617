"""What the `sagescene` command says in its help, and to options that it cannot take."""

import re

import pytest
from click.testing import CliRunner

from sagescene_command.cli import main
from tests.stack_template import transform

# Written as the names of parameters are, but none of them.
FIELDS_OF_JOBS = {"FailureReason"}


def test_every_parameter_that_a_help_names_is_one_of_the_template() -> None:
    pages = [CliRunner().invoke(main, [command, "--help"], terminal_width=1000).output for command in main.commands]
    named = {name for page in pages for name in re.findall(r"\b(?:[A-Z][a-z]+){2,}\w*", page)} - FIELDS_OF_JOBS
    assert named
    assert named <= transform().parameters.keys()


@pytest.mark.parametrize("command", ["run", "up"])
@pytest.mark.parametrize("number", ["abc", "-1", "", "1.5", "1_0"])
def test_a_quota_that_is_no_number_of_instances_is_refused_by_its_option(command: str, number: str) -> None:
    done = CliRunner().invoke(main, [command, "--quota", f"ml.g4dn.xlarge={number}"])
    assert done.exit_code == 2
    assert "Invalid value for '--quota'" in done.output
    sentence = f"ml.g4dn.xlarge={number} is not TYPE=NUMBER: give a whole number from 0 on."
    assert sentence in " ".join(done.output.split())
