"""What the `sagescene` command says to options that it cannot take."""

import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import click
import pytest
from click.testing import CliRunner

from sagescene_command import cli, local_stack, stack_options
from sagescene_command.cli import commands
from sagescene_command.following import stacks
from sagescene_command.following.stacks import NoStackError
from sagescene_command.region import heed_aws_region
from sagescene_standin.errors import TemplateRejectedError

CONTEXT = click.Context(commands)
COMMANDS = {
    name: command
    for name in commands.list_commands(CONTEXT)
    if (command := commands.get_command(CONTEXT, name)) is not None
}


def test_the_local_stack_knows_nothing_of_the_person_s_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nonsense")
    monkeypatch.setenv("AWS_RETRY_MODE", "nix")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setattr(local_stack, "require_environment", lambda: None)
    stack_options.require_setup()
    left = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    regions = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}
    assert left == {**regions, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


@pytest.mark.parametrize("command", ["run", "up"])
@pytest.mark.parametrize("number", ["abc", "-1", "", "1.5", "1_0"])
def test_a_quota_that_is_no_number_of_instances_is_refused_by_its_option(command: str, number: str) -> None:
    done = CliRunner().invoke(commands, [command, "--quota", f"ml.g4dn.xlarge={number}"])
    assert done.exit_code == 2
    assert "Invalid value for '--quota'" in done.output
    sentence = f"ml.g4dn.xlarge={number} is not TYPE=NUMBER: give a whole number from 0 on."
    assert sentence in " ".join(done.output.split())


@pytest.mark.parametrize("command", ["run", "up"])
@pytest.mark.parametrize(
    ("misspelt", "remedy"),
    [
        ("ml.g4dn.xlage", "did you mean ml.g4dn.xlarge?"),
        ("g5.2xlarge", "did you mean ml.g5.2xlarge?"),
        ("ml.bogus", "those are ml.g4dn.xlarge, "),
    ],
)
def test_a_quota_of_a_misspelt_type_is_refused_before_anything_stands(command: str, misspelt: str, remedy: str) -> None:
    done = CliRunner().invoke(commands, [command, "--quota", f"{misspelt}=1"])
    assert done.exit_code == 2
    told = "".join(done.output.replace("│", " ").split())
    assert f"{misspelt} is no instance type that the algorithm trains on: {remedy}".replace(" ", "") in told


def test_a_misspelt_command_is_told_with_the_nearest() -> None:
    assert "No such command 'dorp'. Did you mean drop?" in CliRunner().invoke(commands, ["dorp"]).output
    assert CliRunner().invoke(commands, ["xyz"]).output.endswith("No such command 'xyz'.\n")


@pytest.mark.parametrize("default", [None, "us-east-2"])
def test_the_region_is_that_of_aws_region_as_the_advice_and_the_aws_cli_have_it(
    default: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(*_arguments: object) -> None:
        asked.append(boto3.Session().client("cloudformation").meta.region_name)
        raise NoStackError(asked[-1])

    monkeypatch.setattr(stacks, "find", ask)
    told = CliRunner(env={"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": default}).invoke(commands, ["status"])
    assert (asked, "There is no stack of Sagescene in eu-west-1" in told.output) == (["eu-west-1"], True)


@pytest.mark.parametrize("given", [{}, {"AWS_REGION": ""}])
def test_without_aws_region_the_default_region_stays(given: dict[str, str]) -> None:
    environment = {**given, "AWS_DEFAULT_REGION": "us-east-2"}
    heed_aws_region(environment)
    assert environment["AWS_DEFAULT_REGION"] == "us-east-2"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize(
    "endpoint", ["localhost:4566", "http://", "http://127.0.0.1:99999", "http://a:b", "ftp://aws", "http://[::1"]
)
def test_an_endpoint_that_is_no_url_is_refused_in_a_sentence(name: str, endpoint: str) -> None:
    done = CliRunner(env={name: endpoint}).invoke(commands, ["status"])
    assert (done.exit_code, f"{name} is {endpoint}, which is no URL" in done.output) == (2, True)


def test_an_endpoint_by_its_address_is_none_to_refuse() -> None:
    assert cli._is_endpoint("http://127.0.0.1:4566")
    assert cli._is_endpoint("https://[::1]:4566/")


def test_a_misspelt_parameter_of_the_local_stack_is_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    def reject(parameters: dict[str, str], **_: object) -> None:
        raise TemplateRejectedError(f"Parameters: [{next(iter(parameters))}] do not exist in the template")

    monkeypatch.setattr(local_stack, "prepare", reject)
    with pytest.raises(click.ClickException, match=r"exist in the template\. Did you mean MaxJobsPerDay\?"):
        stack_options.prepare(
            lambda _: None,
            build=Path(),
            parameters={"MaxJobPerDay": "0"},
            quotas={},
            not_offered=(),
            trainer="scikit-learn",
        )


@pytest.mark.parametrize("seconds", ["-5", "0"])
def test_a_time_that_is_over_before_it_begins_is_refused(seconds: str) -> None:
    done = CliRunner().invoke(commands, ["run", "--timeout", seconds])
    assert done.exit_code == 2
    assert f"Invalid value for '--timeout': {float(seconds)} is not in the range x>0." in " ".join(done.output.split())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_has_an_example_and_its_exit_statuses_in_its_help(command: str) -> None:
    told = CliRunner().invoke(commands, [command, "--help"]).output
    assert f"For example:\n      sagescene {command}" in told
    assert "exit status is 0" in " ".join(told.split())


def test_no_line_of_the_list_of_commands_is_cut() -> None:
    told = CliRunner().invoke(commands, ["--help"]).output
    assert all(f"  {command} " in told for command in COMMANDS)
    assert "..." not in told.partition("Commands:")[2]


def test_the_list_says_of_each_command_what_the_command_does() -> None:
    told = " ".join(CliRunner().invoke(commands, ["--help"]).output.split())
    for name, command in COMMANDS.items():
        assert f" {name} {command.get_short_help_str(limit=1000)}" in told


def test_the_list_of_commands_imports_none_of_theirs() -> None:
    script = (
        "import sys\nfrom sagescene_command.cli import commands\n"
        "commands(['--help'], standalone_mode=False)\n"
        "print([name for name in ('rich', 'boto3', 'PIL', 'numpy', 'moto') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    done = CliRunner().invoke(commands, ["up", "--port", port])
    assert done.exit_code == 2
    assert "Invalid value for '--port'" in done.output


def begin(first: str) -> subprocess.CompletedProcess[str]:
    """Run `sagescene --version` as its script does, after this first line."""
    code = f"""
import atexit, gc, signal, sys
from importlib.metadata import entry_points
{first}
sys.argv = ["sagescene", "--version"]
(script,) = entry_points(group="console_scripts", name="sagescene")
script.load()()
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


def test_the_command_starts_without_a_look_for_garbage() -> None:
    script = """
import gc, sys
from sagescene_command.__main__ import main
sys.argv = ["sagescene", "check", "--help"]
gc.callbacks.append(lambda phase, found: print(f"looked for garbage: {phase}"))
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "looked for garbage" not in done.stdout.partition("For example")[0]


def test_the_command_ends_without_a_last_look_for_garbage() -> None:
    done = begin("atexit.register(lambda: print(len(gc.get_objects()) < gc.get_freeze_count()))")
    assert done.stdout.splitlines()[-1] == "True"


@pytest.mark.parametrize(
    "imported", ["click", "sagescene_command.cli", "sagescene_command.streams", "sagescene_command.lazy_group"]
)
def test_an_interrupt_of_the_start_shows_no_traceback(imported: str) -> None:
    done = begin(f"""
class Interrupting:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == {imported!r}:
            signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting)
""")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


STACK_HELP = "Name of the stack; without it, the only one there is in the Region."
PRINTS_NO_RESULT = {"up"}  # it stands until it is ended


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - PRINTS_NO_RESULT))
def test_each_command_that_prints_a_result_prints_it_as_json(command: str) -> None:
    assert "--json" in [option for parameter in COMMANDS[command].params for option in parameter.opts]


FOLLOWING = ("costs", "doctor", "drop", "logs", "models", "redrive", "start", "status", "stop", "watch")


@pytest.mark.parametrize("command", FOLLOWING)
def test_each_command_that_follows_a_stack_shows_an_example_its_exit_statuses_and_json(command: str) -> None:
    shown = CliRunner().invoke(commands, [command, "--help"]).output
    assert f"For example:\n\n      sagescene {command}" in shown or f"For example:\n      sagescene {command}" in shown
    assert re.search(r"exit status is 0.* 3 .*Options:", " ".join(shown.split())), "AWS may not answer"
    assert "--json" in shown


def test_every_command_finds_the_stack_in_the_same_way() -> None:
    options = [option for command in COMMANDS.values() for option in command.params if "--stack-name" in option.opts]
    assert len(options) > len(FOLLOWING)
    assert {(option.default, getattr(option, "help", "")) for option in options} == {(None, STACK_HELP)}


@pytest.mark.parametrize(
    "arguments",
    [
        ["watch", "pets", "--timeout", "0"],
        ["drop", "no-such-folder"],
        ["logs", "--since", "-1"],
        ["stop"],
        ["status", "--stack"],
    ],
)
def test_what_cannot_be_meant_is_refused_before_aws_is_asked(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert CliRunner().invoke(commands, arguments).exit_code == 2


def test_a_shell_completes_the_commands() -> None:
    asked = {"_SAGESCENE_COMPLETE": "bash_complete", "COMP_WORDS": "sagescene st", "COMP_CWORD": "1"}
    done = CliRunner().invoke(commands, prog_name="sagescene", env=asked)
    assert done.output.split() == ["plain,start", "plain,status", "plain,stop"]
