"""What a training leaves in `checkpoints/` so that another container can go on where this one was ended.

That the algorithm has checkpoints is documented (https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html),
what is in them is not: these are our own. One lies there at a time, of the last whole epoch, with the model of then.
"""

from __future__ import annotations

import pickle  # nosec B403
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagescene_trainer.termination import defer_termination

_NAME = re.compile(r"epoch-\d{4,}\.checkpoint")


@dataclass
class TrainingProgress:
    """How far a training has come: the epochs behind it, the best accuracy so far, its epoch, and that one's file.

    Patience counts since `patience_since`, the last epoch that was better than all before it beyond the tolerance of
    early stopping; the best epoch may be a later one.
    """

    epochs: int = 0
    best: float = -1.0
    best_epoch: int = 0
    patience_since: int = 0
    best_file: Path | None = None


class Checkpoints:
    """The folder, which is there only for a job that has checkpoints; `root` stands for /opt/ml."""

    def __init__(self, root: Path) -> None:
        """Look for nothing yet."""
        self._root, self._folder, self._model = root, root / "checkpoints", root / "model"

    def store(self, progress: TrainingProgress, capture: Callable[[], object], log: Callable[[str], None]) -> None:
        """Store how far the training has come and what `capture` gives, in the place of the checkpoint before."""
        if not self._folder.is_dir():
            return
        path = self._folder / f"epoch-{progress.epochs:04d}.checkpoint"
        content = {
            "progress": progress,
            "model": {file.name: file.read_bytes() for file in self._model.iterdir()},
            "state": capture(),
        }
        with defer_termination():
            # Written elsewhere first: what lies in the folder is copied to S3 at any time.
            unfinished = self._root / path.name
            unfinished.write_bytes(pickle.dumps(content))
            unfinished.replace(path)
            for earlier in self._list():
                if earlier != path:
                    earlier.unlink()
        log(f'Saved checkpoint to "/opt/ml/checkpoints/{path.name}"')

    def resume(self, restore: Callable[[Any], None], log: Callable[[str], None]) -> TrainingProgress:
        """Put the newest checkpoint's model back, give its state to `restore`, and say how far it had come."""
        found = self._list()
        if not found:
            return TrainingProgress()
        # The job's own container wrote it.
        content = pickle.loads(found[-1].read_bytes())  # noqa: S301  # nosec B301
        for name, file in content["model"].items():
            (self._model / name).write_bytes(file)
        restore(content["state"])
        progress: TrainingProgress = content["progress"]
        if progress.best_file is not None:
            progress.best_file = self._model / progress.best_file.name
        log(f'Resuming from "/opt/ml/checkpoints/{found[-1].name}": epoch {progress.epochs} is next')
        return progress

    def _list(self) -> list[Path]:
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        return sorted(path for path in files if _NAME.fullmatch(path.name))
