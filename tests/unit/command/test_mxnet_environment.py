"""MXNet's environment is made once, and where it cannot be, one sentence says why."""

from pathlib import Path
from typing import Any

import pytest
from click import ClickException

from sagescene_command import local_stack, mxnet_environment
from sagescene_command.mxnet_environment import UnavailableError, find_python
from sagescene_command.stack_options import prepare
from sagescene_standin.sagemaker import SageMakerOptions, TrainingProgram


def write_makefile(checkout: Path, *recipe: str) -> None:
    (checkout / "Makefile").write_text("mxnet:\n" + "".join(f"\t@{line}\n" for line in recipe))


def test_it_is_made_where_it_is_missing_and_then_used_again(tmp_path: Path) -> None:
    write_makefile(tmp_path, "mkdir -p .venv/mxnet", "touch .venv/mxnet/stamp", "echo made >> times")
    assert find_python(tmp_path) == find_python(tmp_path) == tmp_path / ".venv/mxnet/bin/python"
    assert (tmp_path / "times").read_text() == "made\n"


def test_one_that_was_begun_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / ".venv/mxnet/bin").mkdir(parents=True)
    (tmp_path / ".venv/mxnet/bin/python").touch()
    write_makefile(tmp_path, "touch made")
    find_python(tmp_path)
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        (["echo MXNet 1.9.1 needs Python 3.8 to 3.11. >&2; exit 1"], "MXNet 1.9.1 needs Python 3.8 to 3.11."),
        (["echo 'ERROR: none first' >&2; echo 'ERROR: No matching wheel' >&2; exit 1"], "No matching wheel"),
        (["exit 3"], "make ended with status 2."),
    ],
)
def test_what_cannot_be_made_is_told_in_one_sentence(tmp_path: Path, recipe: list[str], says: str) -> None:
    write_makefile(tmp_path, *recipe)
    with pytest.raises(UnavailableError) as refused:
        find_python(tmp_path)
    assert str(refused.value) == f"MXNet's environment cannot be made: {says}"


def test_without_make_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        UnavailableError, match=r"^MXNet's environment cannot be made: No such file or directory: make\.$"
    ):
        find_python(tmp_path)


def test_where_it_cannot_be_made_the_command_ends_with_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Path:
        raise UnavailableError("MXNet's environment cannot be made: no Python fits.")

    monkeypatch.setattr(mxnet_environment, "find_python", refuse)
    with pytest.raises(ClickException, match="no Python fits"):
        prepare(print, build=Path(), parameters={}, quotas={}, not_offered=(), trainer="mxnet")


@pytest.mark.parametrize("spot", [{"no_spot_capacity": ("ml.g4dn.xlarge",)}, {"spot_interruptions": 1}])
def test_spot_instances_that_nobody_asks_for_cannot_fail(monkeypatch: pytest.MonkeyPatch, spot: dict[str, Any]) -> None:
    taken: list[SageMakerOptions] = []
    monkeypatch.setattr(local_stack, "prepare", lambda *_, sagemaker, **__: taken.append(sagemaker))
    choices: dict[str, Any] = {"build": Path(), "quotas": {}, "not_offered": (), "trainer": "scikit-learn", **spot}
    with pytest.raises(ClickException, match="add --parameter ManagedSpotTraining=yes"):
        prepare(print, parameters={}, **choices)
    prepare(print, parameters={"ManagedSpotTraining": "yes"}, **choices)
    (options,) = taken
    assert {name: getattr(options, name) for name in spot} == spot


def test_the_chosen_trainer_is_what_containers_run(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[TrainingProgram] = []
    monkeypatch.setattr(mxnet_environment, "find_python", lambda: Path("/mxnet/python"))
    monkeypatch.setattr(local_stack, "prepare", lambda *_, sagemaker, **__: taken.append(sagemaker.program))
    for trainer in ("scikit-learn", "mxnet"):
        prepare(print, build=Path(), parameters={}, quotas={}, not_offered=(), trainer=trainer)
    assert taken == [TrainingProgram(), TrainingProgram(python="/mxnet/python", module="sagescene_trainer.mxnet")]
