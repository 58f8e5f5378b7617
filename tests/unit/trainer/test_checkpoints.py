"""A training whose container was taken away goes on where it was, and comes to the same model."""

import shutil
from pathlib import Path

import pytest

from sagescene_trainer.training import train
from tests.unit.standin.record_files import opt_ml, two_halves
from tests.unit.trainer.test_algorithm_training import HALVES, list_stored

CHANGES = {
    # The best epoch is an early one, so that its file has to come through the checkpoint.
    "best epoch early": {"learning_rate": "0", "epochs": "6"},
    "rate that changes": {"learning_rate": "0.001", "lr_scheduler_step": "2,4", "lr_scheduler_factor": "0.5"},
    "adam": {"optimizer": "adam", "learning_rate": "0.001"},
    "each epoch stored": {"checkpoint_frequency": "1"},
    "patience": {"learning_rate": "0", "epochs": "20", "early_stopping": "True", "early_stopping_min_epochs": "1"},
}


class Reclaimed(Exception):
    """The instance is gone."""


def begin(root: Path, changes: dict[str, str]) -> Path:
    opt_ml(root, HALVES | {"epochs": "6"} | changes, two_halves(40), two_halves(10))
    (root / "checkpoints").mkdir()
    return root


def run(root: Path, until: str = "never") -> list[str]:
    lines: list[str] = []

    def log(line: str) -> None:
        lines.append(line)
        if line.startswith(until):
            raise Reclaimed

    train(root, log)
    return lines


def accuracies(lines: list[str]) -> list[str]:
    return [line for line in lines if "-accuracy=" in line]


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_an_interrupted_training_comes_to_the_same_model(tmp_path: Path, changes: dict[str, str]) -> None:
    whole = run(begin(tmp_path / "whole", changes))
    with pytest.raises(Reclaimed):
        run(begin(tmp_path / "first", changes), until="Epoch[3] Validation-accuracy")
    (checkpoint,) = (tmp_path / "first/checkpoints").iterdir()
    assert checkpoint.name == "epoch-0003.checkpoint"

    second = begin(tmp_path / "second", changes)
    shutil.copytree(tmp_path / "first/checkpoints", second / "checkpoints", dirs_exist_ok=True)
    resumed = run(second)
    assert 'Resuming from "/opt/ml/checkpoints/epoch-0003.checkpoint": epoch 3 is next' in resumed
    assert accuracies(resumed) == [line for line in accuracies(whole) if int(line[6:].partition("]")[0]) >= 3]
    stored = list_stored(second)
    assert stored == list_stored(tmp_path / "whole")
    for name in stored:
        assert (second / "model" / name).read_bytes() == (tmp_path / "whole/model" / name).read_bytes()


def test_a_job_without_checkpoints_leaves_none(tmp_path: Path) -> None:
    root = begin(tmp_path / "opt-ml", {})
    (root / "checkpoints").rmdir()
    assert not any("/opt/ml/checkpoints" in line for line in run(root))
    assert not (root / "checkpoints").exists()


def test_a_checkpoint_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, written = begin(tmp_path / "opt-ml", {}), Path.write_bytes

    def write(path: Path, content: bytes) -> int:
        assert path.parent.name != "checkpoints"
        return written(path, content)

    monkeypatch.setattr(Path, "write_bytes", write)
    run(root)
    assert [path.name for path in (root / "checkpoints").iterdir()] == ["epoch-0006.checkpoint"]
